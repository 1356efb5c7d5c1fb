"""What others may hear of: the log imports no other app."""

from django.dispatch import Signal

# Sent for each entry that the database took, with `seconds`, the time that this needed. Its transaction may still fail.
appended = Signal()
