"""The config app: management commands and what processes share."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Settings, health, metrics."""

    name = "config"
