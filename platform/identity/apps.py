"""The identity app."""

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    """Users, projects, memberships, tokens."""

    name = "identity"
