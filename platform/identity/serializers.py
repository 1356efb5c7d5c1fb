"""What identity's doors take and give."""

from rest_framework import serializers

from doors.parsing import StrictSerializer
from identity.states import Role, TokenKind


class ProjectSerializer(serializers.Serializer):  # type: ignore[type-arg]
    """A project of the caller's."""

    id = serializers.UUIDField()
    slug = serializers.CharField()
    name = serializers.CharField()
    classification = serializers.CharField()
    roles = serializers.ListField(child=serializers.ChoiceField([role.value for role in Role]))


class NewMemberSerializer(StrictSerializer):
    """A role for a person."""

    username = serializers.CharField(max_length=150)
    role = serializers.ChoiceField([role.value for role in Role])


class MemberSerializer(serializers.Serializer):  # type: ignore[type-arg]
    """One role of one person in a project."""

    id = serializers.UUIDField()
    username = serializers.CharField(source="user.username")
    display_name = serializers.CharField(source="user.display_name")
    role = serializers.ChoiceField([role.value for role in Role])
    created_at = serializers.DateTimeField()


class NewTokenSerializer(StrictSerializer):
    """A wish for a token."""

    kind = serializers.ChoiceField([kind.value for kind in TokenKind], default=TokenKind.PERSON.value)
    name = serializers.CharField(max_length=100, default="", allow_blank=True)
    model_name = serializers.CharField(max_length=100, default=None, allow_null=True)
    expires_in_seconds = serializers.IntegerField(min_value=1, max_value=366 * 86_400)


class TokenSerializer(serializers.Serializer):  # type: ignore[type-arg]
    """A token, without its secret."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField([kind.value for kind in TokenKind])
    name = serializers.CharField()
    model_name = serializers.CharField(allow_blank=True)
    prefix = serializers.CharField(help_text="The secret's first characters, to tell tokens apart.")
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    revoked_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True)


class IssuedTokenSerializer(TokenSerializer):
    """A new token with its secret: shown in the first answer and never again."""

    token = serializers.CharField(required=False, help_text="The bearer token; absent when the request is replayed.")


class MembershipSerializer(serializers.Serializer):  # type: ignore[type-arg]
    """A project of the person's, and what they may come for."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    roles = serializers.ListField(child=serializers.ChoiceField([role.value for role in Role]))


class SessionEndsSerializer(serializers.Serializer):  # type: ignore[type-arg]
    """When the session that asks ends: if nothing more is asked, and whatever is asked."""

    idle_expires_at = serializers.DateTimeField()
    absolute_expires_at = serializers.DateTimeField()


class FactorsSerializer(serializers.Serializer):  # type: ignore[type-arg]
    """What stands beside or instead of the person's password."""

    totp = serializers.BooleanField(help_text="An authenticator app.")
    passkeys = serializers.IntegerField(help_text="Passkeys and security keys.")


class MeSerializer(serializers.Serializer):  # type: ignore[type-arg]
    """Who asks."""

    id = serializers.UUIDField()
    username = serializers.CharField()
    display_name = serializers.CharField(allow_blank=True)
    projects = MembershipSerializer(many=True)
    platform_admin = serializers.BooleanField(help_text="In one project at least.")
    session = SessionEndsSerializer(allow_null=True, help_text="Null for a bearer token.")
    mfa = FactorsSerializer()


class SessionSerializer(serializers.Serializer):  # type: ignore[type-arg]
    """A browser in which the person is signed in."""

    id = serializers.UUIDField()
    created_at = serializers.DateTimeField(help_text="When the person signed in.")
    last_seen_at = serializers.DateTimeField(help_text="To the minute.")
    address = serializers.CharField(allow_null=True)
    user_agent = serializers.CharField(allow_blank=True, help_text="As the browser names itself; not to be believed.")
    current = serializers.BooleanField(help_text="Whether it is the session that asks.")
    ended_at = serializers.DateTimeField(allow_null=True)
