"""Exports as the doors take and show them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from audit import Event, viewing
from doors.parsing import StrictSerializer
from evidence.models import Export

VIEWS = tuple(viewing.known())


class FilterSerializer(StrictSerializer):
    """Which entries of the range are opened and shown; the headers of all others are in the bundle too."""

    since = serializers.DateTimeField(
        required=False, allow_null=True, default=None, help_text="Recorded at this time or later: narrows the range."
    )
    until = serializers.DateTimeField(
        required=False, allow_null=True, default=None, help_text="Recorded before this time: narrows the range."
    )
    events = serializers.ListField(
        child=serializers.ChoiceField([event.value for event in Event]),
        required=False,
        allow_null=True,
        default=None,
        min_length=1,
        max_length=len(Event),
        help_text="Of these events only; null: of all.",
    )


class ExportRequestSerializer(StrictSerializer):
    """Which part of a project's log is to leave."""

    project = serializers.UUIDField()
    filter = FilterSerializer(required=False)
    blobs = serializers.BooleanField(
        required=False, default=False, help_text="With the contents that opened commitments name, as policy lets go."
    )
    views = serializers.ListField(
        child=serializers.ChoiceField(VIEWS),
        required=False,
        default=list(VIEWS),
        max_length=len(VIEWS),
        help_text="What is derived from the entries for people and for other programs.",
    )

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
    filter = serializers.SerializerMethodField(help_text="Which entries are opened and shown.")
    blobs = serializers.BooleanField(source="with_blobs", help_text="Whether contents go with it.")
    opens = serializers.BooleanField(help_text="Whether policy lets sealed fields leave opened.")
    views = serializers.ListField(child=serializers.ChoiceField(VIEWS))
    failure = serializers.CharField(help_text="Why there is no bundle; empty unless it failed.")

    class Meta:
        model = Export
        fields: tuple[str, ...] = (
            *("id", "project", "state", "progress", "size", "sha256", "log_size", "failure"),
            *("filter", "blobs", "views", "opens"),
            *("created_at", "finished_at"),
        )
        read_only_fields = fields

    @extend_schema_field(FilterSerializer)
    def get_filter(self, export: Export) -> dict[str, Any]:
        """As it was asked for."""
        return {"since": export.since, "until": export.until, "events": export.events or None}

    def get_sha256(self, export: Export) -> str | None:
        """Null until it is ready, and once it is erased."""
        return (bytes(export.blob.sha256).hex() or None) if export.blob else None

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """`from` is no name that Python lets a class give."""
        return super().get_fields() | {
            "from": serializers.IntegerField(source="first"),
            "to": serializers.IntegerField(source="end", allow_null=True, help_text="Null until it is being made."),
        }
