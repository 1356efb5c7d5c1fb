"""The retention room."""

from django.apps import AppConfig


class RetentionConfig(AppConfig):
    """How long what the platform keeps can be read: erasures, legal holds, and what is past its period."""

    name = "retention"
