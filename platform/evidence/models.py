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
    # Of the entries, from `first` to before `end`; an open end is the log's when the bundle is made.
    first = models.BigIntegerField()
    end = models.BigIntegerField(null=True)
    done = models.BigIntegerField(default=0)
    # Who makes it: a worker that was given up for dead and comes back has an older number.
    attempt = models.PositiveIntegerField(default=0)
    touched_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=64, blank=True)
    # The checkpoint that it was made against.
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
    def progress(self) -> float:
        """From 0 to 1."""
        if self.state == ExportState.READY:
            return 1.0
        return 0.0 if not self.end else min(1.0, self.done / max(1, self.end - self.first))
