"""The identity app."""

from typing import Any

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    """Users, projects, memberships, tokens, sessions, and the ways in."""

    name = "identity"

    def ready(self) -> None:
        """Have every second factor that comes or goes recorded where it is written."""
        from allauth.mfa.models import Authenticator
        from django.db.models.signals import post_delete, post_save

        post_save.connect(_saved, sender=Authenticator, weak=False)
        post_delete.connect(_deleted, sender=Authenticator, weak=False)


def _saved(instance: Any, created: bool, **kwargs: Any) -> None:
    from audit import Event
    from identity import actions

    if created:
        actions.record_factor(Event.FACTOR_ADDED, instance.user_id, instance.type)


def _deleted(instance: Any, **kwargs: Any) -> None:
    from audit import Event
    from identity import actions

    actions.record_factor(Event.FACTOR_REMOVED, instance.user_id, instance.type)
