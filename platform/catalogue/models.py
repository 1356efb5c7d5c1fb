"""Environments that runs can name, and the package closures that were resolved for them."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone


class Environment(models.Model):
    """One version of an environment image. The one that is not retired is what its name means."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=63)
    digest = models.CharField(max_length=71)
    python_version = models.CharField(max_length=16)
    platform = models.CharField(max_length=64)
    languages = ArrayField(models.CharField(max_length=32))
    # [{"package", "version", "hash", "kind": "deb" | "wheel"}]
    sbom = models.JSONField()
    registered_at = models.DateTimeField(default=timezone.now, editable=False)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("name", "-registered_at")
        constraints = (
            models.UniqueConstraint(fields=("name", "digest"), name="environment_registered_once"),
            models.UniqueConstraint(
                fields=("name",), condition=models.Q(retired_at=None), name="environment_name_means_one"
            ),
            models.CheckConstraint(
                condition=models.Q(digest__regex=r"^sha256:[0-9a-f]{64}$"), name="environment_digest_is_one"
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.digest}"


class PackageClosure(models.Model):
    """All that a set of pins needs in one environment beyond its image, each with its wheels' hashes."""

    # SHA-256 (hex) of the environment's digest, what was asked and the pins: see rules.closure_id.
    id = models.CharField(primary_key=True, max_length=64)
    environment = models.ForeignKey(Environment, on_delete=models.PROTECT, related_name="closures")
    # ["name==version"], normalised and sorted
    asked = models.JSONField()
    # [{"name", "version", "hashes": ["sha256:…"], "requested": bool}], sorted by name
    pins = models.JSONField()
    resolved_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return self.id
