"""Erasures, holds and periods as the doors take and show them."""

from typing import Any

from rest_framework import serializers

from doors.parsing import StrictSerializer
from identity.callers import pseudonym_of
from retention.models import Erasure, Hold
from retention.states import ErasureState

_WHY = "Kept for good, so it must not name the person: give the number of the case."


class ErasureRequestSerializer(StrictSerializer):
    """Whom to erase, and why."""

    subject = serializers.CharField(max_length=150, help_text="A username, or the pseudonym that the log knows.")
    reason = serializers.CharField(min_length=3, max_length=500, help_text=_WHY)


class ErasedLogSerializer(serializers.Serializer):  # type: ignore[type-arg]
    """A log that says which keys are gone."""

    project = serializers.UUIDField(allow_null=True, help_text="Null: the platform's log.")
    entry = serializers.UUIDField()


class ErasureSerializer(serializers.ModelSerializer[Erasure]):
    """An erasure and how far it is."""

    subject = serializers.CharField(source="person", help_text="The person's pseudonym.")
    state = serializers.ChoiceField([state.value for state in ErasureState])
    erased_keys = serializers.ListField(
        source="keys", child=serializers.UUIDField(), help_text="Data keys that are destroyed."
    )
    logs = serializers.SerializerMethodField(help_text="Those of your projects, and the platform's.")
    contents = serializers.IntegerField(help_text="Files, code, prompts, outputs and bundles that are destroyed.")
    requested_by = serializers.SerializerMethodField(help_text="A pseudonym; null: the machine's operator.")

    class Meta:
        model = Erasure
        fields = (
            *("id", "subject", "state", "reason", "erased_keys", "logs", "contents"),
            *("requested_by", "created_at", "finished_at"),
        )
        read_only_fields = fields

    def get_logs(self, erasure: Erasure) -> list[dict[str, Any]]:
        """Without those of projects that the viewer has nothing to do with."""
        visible = {str(project) for project in self.context["visible"]} | {None}
        return [log for log in erasure.logs if log["project"] in visible]

    def get_requested_by(self, erasure: Erasure) -> str | None:
        """As the log names them."""
        return pseudonym_of(erasure.requested_by_id) if erasure.requested_by_id else None


class HoldRequestSerializer(StrictSerializer):
    """What to hold, and why."""

    project = serializers.UUIDField()
    subject = serializers.CharField(
        max_length=150, default=None, allow_null=True, help_text="A username or pseudonym; null: all of the project."
    )
    reason = serializers.CharField(min_length=3, max_length=500, help_text=_WHY)


class LiftSerializer(StrictSerializer):
    """Why a hold is lifted."""

    reason = serializers.CharField(min_length=3, max_length=500, help_text=_WHY)


class HoldSerializer(serializers.ModelSerializer[Hold]):
    """A legal hold."""

    project = serializers.UUIDField(source="project_id")
    subject = serializers.SerializerMethodField(help_text="The person's pseudonym; null: all of the project.")
    subject_name = serializers.SerializerMethodField(help_text="The person's name now; null: all of the project.")
    placed_by = serializers.SerializerMethodField(help_text="A pseudonym.")
    placed_by_name = serializers.SerializerMethodField()
    lifted_by = serializers.SerializerMethodField(help_text="A pseudonym; null while the hold stands.")

    class Meta:
        model = Hold
        fields = (
            *("id", "project", "subject", "subject_name", "reason", "placed_at", "placed_by", "placed_by_name"),
            *("lifted_at", "lifted_by", "lift_reason"),
        )
        read_only_fields = fields

    def get_subject(self, hold: Hold) -> str | None:
        """As the log names them."""
        return hold.person or None

    def get_subject_name(self, hold: Hold) -> str | None:
        """As people know them."""
        return (hold.user.display_name or hold.user.username) if hold.user else None

    def get_placed_by(self, hold: Hold) -> str:
        """As the log names them."""
        return pseudonym_of(hold.placed_by_id)

    def get_placed_by_name(self, hold: Hold) -> str:
        """As people know them."""
        return hold.placed_by.display_name or hold.placed_by.username

    def get_lifted_by(self, hold: Hold) -> str | None:
        """As the log names them."""
        return pseudonym_of(hold.lifted_by_id) if hold.lifted_by_id else None


class RetentionSerializer(serializers.Serializer):  # type: ignore[type-arg]
    """How long things are kept, and when what is past its period was and will be disposed of."""

    audit_months = serializers.IntegerField(help_text="For personal fields of the log, purposes and policy's inputs.")
    content_months = serializers.IntegerField(help_text="For files, code, prompts, outputs and bundles.")
    last_run_at = serializers.DateTimeField(allow_null=True)
    last_run_finished_at = serializers.DateTimeField(allow_null=True)
    next_run_at = serializers.DateTimeField(allow_null=True, help_text="Null before the first.")
