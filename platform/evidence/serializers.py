"""Exports as the doors take and show them."""

from typing import Any

from rest_framework import serializers

from doors.parsing import StrictSerializer
from evidence.models import Export


class ExportRequestSerializer(StrictSerializer):
    """Which part of a project's log is to leave."""

    project = serializers.UUIDField()

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """`from` is no name that Python lets a class give."""
        least: dict[str, Any] = {"min_value": 0, "max_value": 2**53 - 1, "required": False}
        return super().get_fields() | {
            "from": serializers.IntegerField(default=0, help_text="The first entry's index.", **least),
            "to": serializers.IntegerField(
                default=None, allow_null=True, help_text="The index after the last; null: all that is signed.", **least
            ),
        }


class ExportSerializer(serializers.ModelSerializer[Export]):
    """An export and how far it is."""

    project = serializers.UUIDField(source="project_id")
    progress = serializers.FloatField(min_value=0, max_value=1)
    size = serializers.IntegerField(source="blob.size", default=None, allow_null=True, help_text="Bytes of the bundle.")
    sha256 = serializers.SerializerMethodField(help_text="Of the bundle, in hex.")
    failure = serializers.CharField(help_text="Why there is no bundle; empty unless it failed.")

    class Meta:
        model = Export
        fields: tuple[str, ...] = (
            *("id", "project", "state", "progress", "size", "sha256", "log_size", "failure"),
            *("created_at", "finished_at"),
        )
        read_only_fields = fields

    def get_sha256(self, export: Export) -> str | None:
        """Null until it is ready, and once it is erased."""
        return (bytes(export.blob.sha256).hex() or None) if export.blob else None

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """`from` is no name that Python lets a class give."""
        return super().get_fields() | {
            "from": serializers.IntegerField(source="first"),
            "to": serializers.IntegerField(source="end", allow_null=True, help_text="Null until it is being made."),
        }
