"""The evidence room."""

from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    """What leaves the building to prove what happened: exports of the log."""

    name = "evidence"
