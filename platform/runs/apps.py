"""The runs room."""

from django.apps import AppConfig


class RunsConfig(AppConfig):
    """Runs, executions, files, artifacts, and the driver that walks a run's path."""

    name = "runs"
