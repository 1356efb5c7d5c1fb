"""Decisions as they were made, and the revisions that were active.

Rows are written once: the application's role may neither change nor delete them.
"""

import uuid

from django.db import models

from policy.states import Outcome, Point


class Decision(models.Model):
    """One question to policy with its answer: the input, the result, and the revision that gave it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project_id = models.UUIDField()
    point = models.CharField(max_length=32, choices=[(point.value, point.value) for point in Point])
    subject = models.CharField(max_length=200)
    actor = models.CharField(max_length=64, blank=True)
    caller_kind = models.CharField(max_length=16, blank=True)
    input = models.JSONField()
    # Blinds the commitment to the input that the audit log holds.
    salt = models.BinaryField(max_length=32)
    outcome = models.CharField(max_length=16, choices=[(outcome.value, outcome.value) for outcome in Outcome])
    reasons = models.JSONField()
    obligations = models.JSONField()
    revision = models.CharField(max_length=80, blank=True)
    data_digest = models.CharField(max_length=64, blank=True)
    duration_ms = models.FloatField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created_at", "-id")
        indexes = (
            models.Index(fields=("project_id", "-created_at", "-id"), name="decision_by_project"),
            models.Index(fields=("subject",), name="decision_by_subject"),
        )
        constraints = (
            models.CheckConstraint(
                name="decision_outcome_known", condition=models.Q(outcome__in=[outcome.value for outcome in Outcome])
            ),
            models.CheckConstraint(
                name="decision_allow_has_revision",
                condition=~models.Q(outcome=Outcome.ALLOW.value) | ~models.Q(revision=""),
            ),
        )

    def __str__(self) -> str:
        return f"{self.point} {self.subject}: {self.outcome}"


class Activation(models.Model):
    """A revision of the policy that the engine was found to decide by, after another one or as the first."""

    number = models.PositiveIntegerField(primary_key=True)
    revision = models.CharField(max_length=80)
    seen_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.number}: {self.revision}"
