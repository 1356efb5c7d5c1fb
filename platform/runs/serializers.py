"""What the doors of the runs room take and give."""

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from doors.parsing import StrictSerializer
from doors.serializers import ReasonSerializer
from identity.states import TokenKind
from runs.states import ExecutionState, RunState


class OriginSerializer(StrictSerializer):
    """Who wrote the code: absent for a person, else the model's name, its prompt, and the attempt it corrects."""

    model = serializers.CharField(max_length=200)
    prompt = serializers.CharField(required=False, allow_blank=True, max_length=262_144, trim_whitespace=False)
    corrects = serializers.IntegerField(required=False, min_value=1, max_value=(1 << 31) - 1)


class LimitField(serializers.FloatField):
    """A number as JSON has it, neither a text nor a truth value, that every reader of it still holds exactly."""

    most = 1 << 53
    default_error_messages = {"invalid": f"A number of at most {most} is required."}

    def to_internal_value(self, data: Any) -> float:
        """The number; whether it is too small or too large is policy's to say."""
        if isinstance(data, bool) or not isinstance(data, int | float) or not -self.most <= data <= self.most:
            self.fail("invalid")
        return float(data)

    def to_representation(self, value: float) -> float:  # type: ignore[override]
        """The number as it is kept: bytes and counts are whole."""
        return value


class RunRequestSerializer(StrictSerializer):
    """A wish for a run. With `code` it is a one-shot: it runs that and closes itself."""

    project = serializers.UUIDField()
    environment = serializers.CharField(max_length=63, default="python")
    purpose = serializers.CharField(max_length=1000)
    packages = serializers.ListField(child=serializers.CharField(max_length=200), max_length=100, default=list)
    connectors = serializers.ListField(child=serializers.CharField(max_length=100), max_length=50, default=list)
    limits = serializers.DictField(child=LimitField(), default=dict)
    files = serializers.ListField(child=serializers.UUIDField(), max_length=200, default=list)
    language = serializers.CharField(required=False, max_length=30)
    code = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)
    origin = OriginSerializer(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Language and origin belong to code."""
        if "code" not in attrs and ("language" in attrs or "origin" in attrs):
            raise serializers.ValidationError({"code": "language and origin are given with code."})
        return attrs


class ExecutionRequestSerializer(StrictSerializer):
    """A cell of code for a run."""

    language = serializers.CharField(default="python", max_length=30)
    code = serializers.CharField(allow_blank=True, trim_whitespace=False)
    origin = OriginSerializer(required=False)


@extend_schema_serializer(component_name="RunDecision")
class DecisionSerializer(serializers.Serializer[Any]):
    """What policy decided, by which revision."""

    id = serializers.UUIDField(allow_null=True)
    outcome = serializers.CharField()
    revision = serializers.CharField()
    reasons = ReasonSerializer(many=True)


class EndingSerializer(serializers.Serializer[Any]):
    """Why it ended, and the way on."""

    code = serializers.CharField()
    message = serializers.CharField(allow_blank=True)
    remedy = serializers.CharField(allow_blank=True)


class FileSerializer(serializers.Serializer[Any]):
    """A file of a project."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes.")
    sha256 = serializers.CharField()
    created_at = serializers.DateTimeField()


class RunEnvironmentSerializer(serializers.Serializer[Any]):
    """The image that a run uses."""

    name = serializers.CharField()
    digest = serializers.CharField()


class ExecutionSummarySerializer(serializers.Serializer[Any]):
    """Where one execution stands."""

    number = serializers.IntegerField()
    language = serializers.CharField()
    state = serializers.ChoiceField([state.value for state in ExecutionState])


class OwnerSerializer(serializers.Serializer[Any]):
    """The person who asked."""

    id = serializers.UUIDField()
    name = serializers.CharField()


class UsageSerializer(serializers.Serializer[Any]):
    """Measured outside the sandbox."""

    wall_seconds = serializers.FloatField(allow_null=True)
    cpu_seconds = serializers.FloatField(allow_null=True)
    peak_memory_bytes = serializers.IntegerField(allow_null=True)


class RunSerializer(serializers.Serializer[Any]):
    """A run, without its contents."""

    id = serializers.UUIDField()
    project = serializers.UUIDField()
    project_name = serializers.CharField()
    owner = OwnerSerializer()
    state = serializers.ChoiceField([state.value for state in RunState])
    state_since = serializers.DateTimeField()
    purpose = serializers.CharField()
    requested_by = serializers.ChoiceField([kind.value for kind in TokenKind])
    environment = RunEnvironmentSerializer()
    packages = serializers.ListField(child=serializers.CharField())
    closure = serializers.ListField(child=serializers.CharField(), help_text="Every package with its exact version.")
    connectors = serializers.ListField(child=serializers.CharField())
    limits = serializers.DictField(child=LimitField())
    files = FileSerializer(many=True)
    decision = DecisionSerializer()
    queue_position = serializers.IntegerField(allow_null=True, help_text="1 is next; null when the run does not wait.")
    executions = ExecutionSummarySerializer(many=True)
    usage = UsageSerializer(help_text="Of all its executions: times in sum, memory at its highest.")
    sandbox = serializers.DictField(help_text="What serves the run: image digest, gVisor version, limits enforced.")
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    deadline_at = serializers.DateTimeField(allow_null=True, help_text="When the present state ends by itself.")
    ended_at = serializers.DateTimeField(allow_null=True)
    ending = EndingSerializer(allow_null=True)


class ArtifactSerializer(serializers.Serializer[Any]):
    """A file that an execution left."""

    name = serializers.CharField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField()
    media_type = serializers.CharField()


class SkippedArtifactSerializer(serializers.Serializer[Any]):
    """Something in the outputs folder that was not taken, and why."""

    name = serializers.CharField()
    reason = serializers.CharField()


class OriginShownSerializer(serializers.Serializer[Any]):
    """Who wrote the code."""

    kind = serializers.ChoiceField([kind.value for kind in TokenKind])
    model = serializers.CharField(allow_blank=True)
    prompt = serializers.CharField(allow_null=True)
    corrects = serializers.IntegerField(allow_null=True)


class ReleaseSerializer(serializers.Serializer[Any]):
    """Policy's word on showing these outputs to whoever asks."""

    outcome = serializers.CharField()
    decision = serializers.UUIDField()
    revision = serializers.CharField()
    reasons = ReasonSerializer(many=True)


@extend_schema_serializer(component_name="OfferedReceipt")
class OfferedReceiptSerializer(serializers.Serializer[Any]):
    """Where an execution's receipt is, and whether a checkpoint has all of its entries yet."""

    href = serializers.CharField()
    state = serializers.ChoiceField(["available", "waiting"])


class ExecutionSerializer(serializers.Serializer[Any]):
    """An execution with its outputs as nbformat 4 objects; withheld ones are absent, and `release` says why."""

    number = serializers.IntegerField()
    language = serializers.CharField()
    code = serializers.CharField(allow_null=True)
    origin = OriginShownSerializer()
    state = serializers.ChoiceField([state.value for state in ExecutionState])
    outputs = serializers.ListField(child=serializers.DictField())
    truncated = serializers.BooleanField()
    artifacts = ArtifactSerializer(many=True)
    skipped_artifacts = SkippedArtifactSerializer(many=True)
    usage = UsageSerializer()
    ending = EndingSerializer(allow_null=True)
    release = ReleaseSerializer(allow_null=True)
    receipt = OfferedReceiptSerializer(allow_null=True, help_text="Null while the execution is not done.")
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)


class ExecutionCreatedSerializer(serializers.Serializer[Any]):
    """A cell that waits for its turn."""

    number = serializers.IntegerField()
    state = serializers.ChoiceField([state.value for state in ExecutionState])


class _PartsSerializer(serializers.Serializer[Any]):
    """Of all fields, only those that `always` names are always there."""

    always: tuple[str, ...] = ()

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """The fields, the others not required."""
        fields = super().get_fields()
        for name, field in fields.items():
            field.required = name in self.always
        return fields


class ExecutionAddedSerializer(_PartsSerializer, ExecutionSerializer):
    """A cell that waits for its turn: number and state. With `wait`, all that GET shows."""

    always = ("number", "state")


class RunAddedSerializer(_PartsSerializer, RunSerializer):
    """A run as it was accepted. With `wait`, and code to run: its id, its state, and what came of the code."""

    always = ("id", "state")
    result = ExecutionSerializer(help_text="What came of the code.")
