"""django-allauth's account app, without the middleware that it asks of every project."""

from allauth.account import apps
from django.apps import AppConfig


class AccountConfig(apps.AccountConfig):  # type: ignore[misc]
    """Its middleware's work is done around its own views alone (doors.browser): no request of the API pays for it."""

    def ready(self) -> None:
        """Register its checks."""
        AppConfig.ready(self)
        from allauth.account import checks  # noqa: F401
