"""The doors app."""

from django.apps import AppConfig


class DoorsConfig(AppConfig):
    """Shared parts of HTTP doors."""

    name = "doors"

    def ready(self) -> None:
        """Register the description of bearer tokens for the OpenAPI document."""
        from doors import schema  # noqa: F401
