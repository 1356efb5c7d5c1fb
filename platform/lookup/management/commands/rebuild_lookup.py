"""`manage.py rebuild_lookup`: forget what is laid out, and lay it out anew from the log."""

import time
from typing import Any

from django.core.management.base import BaseCommand

from lookup import actions


class Command(BaseCommand):
    """May be ended at any moment: the worker goes on where it was. Until it is done, answers say what they lack."""

    help = "Make the projection that the log is searched by anew."

    def handle(self, *args: Any, **options: Any) -> None:
        """Empty it and fill it."""
        begun = time.monotonic()
        actions.empty()
        done = 0
        while taken := actions.keep_up(50_000):
            done += taken
            self.stdout.write(f"{done} entries, {time.monotonic() - begun:.0f} s")
        self.stdout.write("Done.")
