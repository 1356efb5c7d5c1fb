"""Decisions as the doors show them."""

from rest_framework import serializers

from doors.serializers import ReasonSerializer
from policy.models import Decision


class DecisionSummarySerializer(serializers.ModelSerializer[Decision]):
    """A decision without its input."""

    project = serializers.UUIDField(source="project_id")
    reasons = ReasonSerializer(many=True)

    class Meta:
        model = Decision
        fields: tuple[str, ...] = (
            "id",
            "project",
            "point",
            "subject",
            "outcome",
            "reasons",
            "revision",
            "data_digest",
            "duration_ms",
            "created_at",
        )
        read_only_fields = fields


class DecisionSerializer(DecisionSummarySerializer):
    """A decision with everything that it was made on."""

    input = serializers.DictField()
    obligations = serializers.DictField()

    class Meta(DecisionSummarySerializer.Meta):
        fields: tuple[str, ...] = (*DecisionSummarySerializer.Meta.fields, "input", "obligations")
        read_only_fields = fields
