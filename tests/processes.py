"""Processes that tests start and that are no part of a stack."""

# Before a command: it ends with the process that started it, even where that is killed and can end nothing itself.
MORTAL = ("/usr/bin/setpriv", "--pdeathsig", "TERM", "--")
