"""The lookup room."""

from django.apps import AppConfig


class LookupConfig(AppConfig):
    """What of the log is found again: search, and recall of what was used where."""

    name = "lookup"
