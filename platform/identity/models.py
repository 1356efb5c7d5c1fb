"""Tables of identity."""

import uuid
from typing import ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.utils import timezone

from identity.states import Classification, Role, TokenKind


def _choices(enum: type[Role] | type[TokenKind] | type[Classification]) -> list[tuple[str, str]]:
    return [(member.value, member.value) for member in enum]


class User(AbstractBaseUser):
    """A person. Never deleted: the log speaks of them by pseudonym; `is_active` ends their access."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    username = models.CharField(max_length=150, unique=True)
    display_name = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[BaseUserManager[Self]] = BaseUserManager()


class Project(models.Model):
    """The tenant: everything that runs belongs to one project."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.SlugField(max_length=63, unique=True)
    name = models.CharField(max_length=200)
    classification = models.CharField(
        max_length=20, choices=_choices(Classification), default=Classification.INTERNAL.value
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints: ClassVar = [
            CheckConstraint(
                name="project_classification_known",
                condition=Q(classification__in=[member.value for member in Classification]),
            )
        ]


class Membership(models.Model):
    """One role of one person in one project."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    project = models.ForeignKey(Project, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=_choices(Role))
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(name="membership_once", fields=["user", "project", "role"]),
            CheckConstraint(name="membership_role_known", condition=Q(role__in=[member.value for member in Role])),
        ]


class Token(models.Model):
    """A bearer token. Its secret is shown once and kept only as a digest."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="tokens")
    kind = models.CharField(max_length=10, choices=_choices(TokenKind))
    name = models.CharField(max_length=100, blank=True)
    model_name = models.CharField(max_length=100, blank=True)
    digest = models.BinaryField(max_length=32)
    prefix = models.CharField(max_length=16)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            CheckConstraint(name="token_kind_known", condition=Q(kind__in=[member.value for member in TokenKind])),
            CheckConstraint(
                name="token_model_named",
                condition=Q(kind=TokenKind.MODEL.value) ^ Q(model_name=""),
            ),
            CheckConstraint(name="token_expires_later", condition=Q(expires_at__gt=F("created_at"))),
        ]
        indexes: ClassVar = [models.Index(fields=["user", "-created_at"], name="token_of_user")]


class Session(models.Model):
    """A browser's visit. Its cookie is kept as a digest; what it remembers is sealed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    digest = models.BinaryField(max_length=32, unique=True, null=True)
    # Nobody, until somebody signs in.
    user = models.ForeignKey(User, models.PROTECT, related_name="sessions", null=True)
    # Made from the password that the person has: another password, and the session does not open.
    password_mark = models.CharField(max_length=64, blank=True)
    data = models.BinaryField(default=b"")
    address = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_seen_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            CheckConstraint(name="session_ended_holds_nothing", condition=Q(ended_at=None) | Q(digest=None, data=b"")),
        ]
        indexes: ClassVar = [
            models.Index(fields=["user", "-created_at"], name="session_of_user"),
            models.Index(fields=["last_seen_at"], name="session_open", condition=Q(ended_at=None)),
        ]


class UsedOnce(models.Model):
    """What opened something and must not a second time: the digest of its name."""

    digest = models.BinaryField(max_length=32, primary_key=True)
    until = models.DateTimeField(db_index=True)
