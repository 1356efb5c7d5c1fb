"""Runs, their executions, their files, and where their contents lie."""

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from runs.errors import WrongTurn
from runs.states import DONE, ENDED_BADLY, EXECUTION_STATIONS, FINISHED, RUN_STATIONS, ExecutionState, RunState

# What a turn of a run's state changes.
TURN = ("state", "state_since", "deadline_at", "ended_at")
# How long the name of an artifact may be, folders included.
NAME_CHARS = 500


def _values(states: frozenset[RunState] | frozenset[ExecutionState]) -> list[str]:
    return sorted(str(state) for state in states)


class Blob(models.Model):
    """A sealed content: where it lies, how it opens, and the salt under which the log commits to it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=64, unique=True)
    wrapped_key = models.BinaryField(null=True, help_text="Null once erased.")
    size = models.BigIntegerField()
    sha256 = models.BinaryField(max_length=32)
    salt = models.BinaryField(max_length=32)
    created_at = models.DateTimeField(default=timezone.now)


class File(models.Model):
    """What a person uploaded to a project."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey("identity.Project", on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=255)
    blob = models.OneToOneField(Blob, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = (models.Index(fields=["project", "-created_at", "-id"], name="files_by_project"),)


class Upload(models.Model):
    """A file on its way in, piece by piece. The file that comes of it bears its id."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey("identity.Project", on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=255)
    size = models.BigIntegerField()
    received = models.BigIntegerField(default=0)
    pieces = models.PositiveIntegerField(default=0, help_text="In how many parts it lies.")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    class Meta:
        indexes = (
            models.Index(fields=["owner", "-created_at", "-id"], name="uploads_by_owner"),
            models.Index(fields=["expires_at"], name="uploads_by_expiry"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(size__gt=0, received__gte=0, received__lte=F("size")),
                name="upload_received_no_more_than_all",
            ),
        )

    @property
    def finished(self) -> bool:
        """Whether all of it is here, as a file."""
        return self.received == self.size


class UploadPart(models.Model):
    """One piece of an upload, sealed by itself; they are joined into one content when the last has come."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    upload = models.ForeignKey(Upload, on_delete=models.PROTECT, related_name="parts")
    start = models.BigIntegerField()
    blob = models.OneToOneField(Blob, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["upload", "start"], name="upload_part_once"),)


class Run(models.Model):
    """One request to run code, and the one sandbox that serves it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey("identity.Project", on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    caller_kind = models.CharField(max_length=16)
    caller_model = models.CharField(max_length=200, blank=True)
    purpose = models.CharField(max_length=1000)
    environment = models.CharField(max_length=100)
    image_digest = models.CharField(max_length=80)
    packages = models.JSONField(default=list)
    closure_id = models.CharField(max_length=64, blank=True)
    closure_pins = models.JSONField(default=list)
    connectors = models.JSONField(default=list)
    limits = models.JSONField(default=dict)
    files = models.ManyToManyField(File, related_name="runs")
    one_shot = models.BooleanField(default=False)

    state = models.CharField(max_length=20, default=RunState.REQUESTED)
    state_since = models.DateTimeField(default=timezone.now)
    deadline_at = models.DateTimeField(null=True)
    hinted_at = models.DateTimeField(null=True)
    epoch = models.BigIntegerField(default=0, help_text="Fencing token: grows with each worker that takes the run on.")

    decision_id = models.UUIDField(null=True)
    decision_outcome = models.CharField(max_length=10, blank=True)
    decision_reasons = models.JSONField(default=list)
    decision_revision = models.CharField(max_length=100, blank=True)
    decided_at = models.DateTimeField(null=True)

    handle = models.CharField(max_length=200, null=True, unique=True)
    sandbox = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_code = models.CharField(max_length=60, blank=True)
    ended_message = models.TextField(blank=True)
    ended_remedy = models.TextField(blank=True)

    class Meta:
        indexes = (
            models.Index(fields=["project", "-created_at", "-id"], name="runs_by_project"),
            models.Index(fields=["owner", "-created_at", "-id"], name="runs_by_owner"),
            models.Index(fields=["owner"], condition=Q(ended_at__isnull=True), name="runs_alive"),
            models.Index(
                fields=["project", "-ended_at"],
                condition=Q(state__in=_values(ENDED_BADLY)),
                name="runs_ended_badly",
            ),
            models.Index(fields=["deadline_at"], condition=Q(deadline_at__isnull=False), name="runs_by_deadline"),
            models.Index(fields=["created_at"], condition=Q(state="queued"), name="runs_queue"),
        )
        constraints = (
            models.CheckConstraint(condition=Q(state__in=[str(state) for state in RunState]), name="run_state_known"),
            models.CheckConstraint(
                condition=Q(state__in=_values(FINISHED), ended_at__isnull=False)
                | (~Q(state__in=_values(FINISHED)) & Q(ended_at__isnull=True)),
                name="run_ended_iff_finished",
            ),
            models.CheckConstraint(
                condition=Q(state__in=_values(FINISHED)) | Q(deadline_at__isnull=False),
                name="run_live_has_deadline",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["queued", "starting", "ready", "executing"]) | Q(decision_outcome="allow"),
                name="run_goes_on_only_when_allowed",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["ready", "executing"]) | Q(handle__isnull=False), name="run_works_in_a_sandbox"
            ),
        )

    @property
    def finished(self) -> bool:
        """Whether the run can change no more."""
        return self.state in FINISHED

    def move_to(self, state: RunState, *, deadline: datetime | None = None) -> None:
        """Take a turn that the table allows; the deadline is the state's own where none is given. Raises WrongTurn."""
        station = RUN_STATIONS[RunState(self.state)]
        if state not in station.after:
            raise WrongTurn(self.state, state)
        self.state = state
        self.state_since = now = timezone.now()
        limit = RUN_STATIONS[state].deadline
        self.deadline_at = deadline or (now + limit if limit else None)
        if state in FINISHED:
            self.deadline_at = None
            self.ended_at = now

    def turn(self) -> dict[str, Any]:
        """What `move_to` changed, by the names of the fields."""
        return {name: getattr(self, name) for name in TURN}


class Execution(models.Model):
    """One cell of code, run in the run's sandbox."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="executions")
    number = models.PositiveIntegerField()
    language = models.CharField(max_length=30)
    code = models.OneToOneField(Blob, on_delete=models.PROTECT, related_name="+")
    analysis = models.JSONField(default=dict)
    origin_kind = models.CharField(max_length=16)
    origin_model = models.CharField(max_length=200, blank=True)
    prompt = models.OneToOneField(Blob, on_delete=models.PROTECT, related_name="+", null=True)
    corrects = models.PositiveIntegerField(null=True)

    state = models.CharField(max_length=20, default=ExecutionState.QUEUED)
    epoch = models.BigIntegerField(null=True, help_text="The fencing token of the worker that ran it.")
    interrupt_asked = models.BooleanField(default=False)
    decision_id = models.UUIDField(null=True)
    decision_revision = models.CharField(max_length=100, blank=True)
    decided_at = models.DateTimeField(null=True)

    outputs = models.OneToOneField(Blob, on_delete=models.PROTECT, related_name="+", null=True)
    output_media_types = models.JSONField(default=list)
    truncated = models.BooleanField(default=False)
    skipped_artifacts = models.JSONField(default=list)
    wall_seconds = models.FloatField(null=True)
    cpu_seconds = models.FloatField(null=True)
    peak_memory_bytes = models.BigIntegerField(null=True)
    ended_code = models.CharField(max_length=60, blank=True)
    ended_message = models.TextField(blank=True)
    ended_remedy = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["run", "number"], name="execution_number_once"),
            models.UniqueConstraint(fields=["run"], condition=Q(state="running"), name="execution_one_at_a_time"),
            models.CheckConstraint(
                condition=Q(state__in=[str(state) for state in ExecutionState]), name="execution_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="queued") | Q(epoch__isnull=False) | Q(started_at__isnull=True),
                name="execution_started_with_a_token",
            ),
            models.CheckConstraint(
                condition=Q(state__in=_values(DONE), ended_at__isnull=False)
                | (~Q(state__in=_values(DONE)) & Q(ended_at__isnull=True)),
                name="execution_ended_iff_done",
            ),
        )

    @property
    def done(self) -> bool:
        """Whether the execution can change no more."""
        return self.state in DONE

    def move_to(self, state: ExecutionState) -> None:
        """Take a turn that the table allows. Raises WrongTurn."""
        if state not in EXECUTION_STATIONS[ExecutionState(self.state)].after:
            raise WrongTurn(self.state, state)
        self.state = state
        if state is ExecutionState.RUNNING:
            self.started_at = timezone.now()
        if state in DONE:
            self.ended_at = timezone.now()


class Artifact(models.Model):
    """A file that an execution left in its outputs folder."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="artifacts")
    execution = models.ForeignKey(Execution, on_delete=models.PROTECT, related_name="artifacts")
    name = models.CharField(max_length=NAME_CHARS)
    media_type = models.CharField(max_length=100)
    blob = models.OneToOneField(Blob, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["execution", "name"], name="artifact_name_once"),)
