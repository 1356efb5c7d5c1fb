"""Erasures, legal holds, and when what is past its period was last disposed of."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from retention.states import ErasureState


class Erasure(models.Model):
    """One person's erasure. Who they were is not told here: `person` is a pseudonym."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.CharField(max_length=64, unique=True)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # Those that had anything of the person: their auditors and platform admins see the erasure.
    projects = models.ManyToManyField("identity.Project", related_name="+")
    reason = models.CharField(max_length=500)
    # None: the machine's operator.
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    state = models.CharField(max_length=16, choices=[(state.value, state.value) for state in ErasureState])
    keys = models.JSONField(default=list)
    # [{"project": id or null for the platform's log, "entry": id}]
    logs = models.JSONField(default=list)
    contents = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["-created_at", "-id"], name="erasures_newest")]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="erasure_finished_iff_done",
                condition=Q(state=ErasureState.DONE.value, finished_at__isnull=False)
                | Q(state=ErasureState.ERASING.value, finished_at__isnull=True),
            ),
        ]


class Hold(models.Model):
    """A legal hold on all of a project, or on one person in it. A lifted one stays on record."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey("identity.Project", on_delete=models.PROTECT, related_name="+")
    # None: everybody's.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    person = models.CharField(max_length=64, blank=True)
    reason = models.CharField(max_length=500)
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    placed_at = models.DateTimeField(default=timezone.now)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    lifted_at = models.DateTimeField(null=True)
    lift_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["project", "-placed_at", "-id"], name="holds_of_project")]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="hold_lifted_by_somebody",
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False),
            ),
            models.CheckConstraint(
                name="hold_person_is_user",
                condition=Q(user__isnull=True, person="") | (Q(user__isnull=False) & ~Q(person="")),
            ),
        ]


class Pass(models.Model):
    """When the disposal last went over all projects. One row."""

    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
