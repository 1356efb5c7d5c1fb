"""Exports: who asked for which part of a log, how far it is, and where the bundle lies."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from evidence.states import UNFINISHED, ExportState


class Export(models.Model):
    """One bundle of a project's log."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey("identity.Project", on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # The request's own entry in the log: nothing leaves before a checkpoint has it.
    entry = models.UUIDField()
    state = models.CharField(max_length=16, choices=[(state.value, state.value) for state in ExportState])
    # Of the entries, from `first` to before `end`; an open end is the log's when the bundle is made, and dates narrow
    # both then.
    first = models.BigIntegerField()
    end = models.BigIntegerField(null=True)
    # What is opened and shown of them: recorded from `since` to before `until`, of these events (none: all).
    since = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    events = models.JSONField(default=list)
    with_blobs = models.BooleanField(default=False)
    views = models.JSONField(default=list)
    # Whether sealed fields and commitments are opened at all, and by which decision; none was asked for in older ones.
    payload_decision = models.UUIDField(null=True)
    payload_outcome = models.CharField(max_length=10)
    # Steps of making it, of which every entry takes one a pass; null until it is being made.
    done = models.BigIntegerField(default=0)
    steps = models.BigIntegerField(null=True)
    # Who makes it: a worker that was given up for dead and comes back has an older number.
    attempt = models.PositiveIntegerField(default=0)
    touched_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=64, blank=True)
    # The checkpoint that it is made against, whoever goes on with it.
    log_size = models.BigIntegerField(null=True)
    log_root = models.BinaryField(max_length=32, null=True)
    blob = models.OneToOneField("runs.Blob", on_delete=models.PROTECT, related_name="+", null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["project", "-created_at", "-id"], name="exports_of_project")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="export_one_at_a_time",
                fields=["project"],
                condition=Q(state__in=[state.value for state in UNFINISHED]),
            ),
            models.CheckConstraint(
                name="export_ready_is_there",
                condition=~Q(state=ExportState.READY.value) | Q(blob__isnull=False, log_size__isnull=False),
            ),
        ]

    @property
    def opens(self) -> bool:
        """Whether policy lets sealed fields leave opened."""
        return self.payload_outcome == "allow"

    @property
    def erased(self) -> bool:
        """Whether the bundle is gone, since it was made."""
        return self.blob is not None and self.blob.wrapped_key is None

    @property
    def progress(self) -> float:
        """From 0 to 1."""
        if self.state == ExportState.READY:
            return 1.0
        return min(1.0, self.done / self.steps) if self.steps else 0.0


class ExportFile(models.Model):
    """A file of a bundle that is being made, in the bundle's order; gone when the bundle is whole.

    `own` files were made for the bundle and go with it; others are contents that have their place elsewhere.
    """

    export = models.ForeignKey(Export, on_delete=models.PROTECT, related_name="files")
    name = models.CharField(max_length=200)
    crc = models.BigIntegerField()
    blob = models.ForeignKey("runs.Blob", on_delete=models.PROTECT, related_name="+")
    own = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(name="export_file_once", fields=["export", "name"])]


class Withheld(models.Model):
    """Contents that an export leaves out because policy does."""

    export = models.ForeignKey(Export, on_delete=models.PROTECT, related_name="withheld")
    subject = models.CharField(max_length=200)
    what = models.CharField(max_length=32)
    reasons = models.JSONField(default=list)
    contents = models.PositiveIntegerField()


class Download(models.Model):
    """A person's taking a bundle away, which is on record once, in however many pieces it is taken."""

    export = models.ForeignKey(Export, on_delete=models.PROTECT, related_name="downloads")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    begun_at = models.DateTimeField(default=timezone.now)


class KeptPolicy(models.Model):
    """A policy bundle as OPA had it, kept when it was first put to use: entries name its revision for good."""

    revision = models.CharField(primary_key=True, max_length=80)
    blob = models.OneToOneField("runs.Blob", on_delete=models.PROTECT, related_name="+")
    kept_at = models.DateTimeField(default=timezone.now)
