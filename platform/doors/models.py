"""The table of idempotency keys."""

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone


class IdempotencyKey(models.Model):
    """A promise that one POST happens once. Holds the resource's id, never a body: no refusal, no secret."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.UUIDField()
    route = models.CharField(max_length=500)
    project = models.CharField(max_length=64, blank=True)
    key = models.CharField(max_length=255)
    fingerprint = models.BinaryField(max_length=32)
    # Chosen before the action runs; after a crash the second try finds what the first one made under this id.
    reserved = models.UUIDField()
    # Empty while the first request is under way.
    resource = models.CharField(max_length=200, blank=True)
    status = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="idempotency_key_once", fields=["person", "route", "project", "key"])
        ]
        indexes: ClassVar = [models.Index(fields=["created_at"], name="idempotency_key_age")]
