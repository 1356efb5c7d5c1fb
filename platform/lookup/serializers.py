"""What these doors say."""

from typing import Any

from rest_framework import serializers

from audit import Event


class AuditEntrySerializer(serializers.Serializer[Any]):
    """One entry, as its bytes say."""

    id = serializers.UUIDField()
    event = serializers.ChoiceField([event.value for event in Event])
    project = serializers.UUIDField()
    recorded_at = serializers.DateTimeField()
    actor = serializers.CharField(allow_null=True, help_text="The person's pseudonym.")
    subject = serializers.CharField(help_text="`noun:id`.")
    outcome = serializers.CharField()
    facts = serializers.DictField()
    commitments = serializers.DictField(child=serializers.CharField())
    sealed = serializers.DictField(help_text="Personal fields that are sealed beside the entry: what commits to them.")
    version = serializers.IntegerField()
    header = serializers.CharField(help_text="The entry's exact canonical JSON: these are the bytes that are hashed.")
    leaf_hash = serializers.CharField(help_text="Of these bytes, as RFC 6962 says, in hex.")
    index = serializers.IntegerField(allow_null=True, help_text="In its project's log; null until it is integrated.")
    log_size = serializers.IntegerField(
        allow_null=True, help_text="Of the log under its latest checkpoint; null until one covers the entry."
    )
    payload = serializers.DictField(
        child=serializers.CharField(),
        allow_null=True,
        help_text="Of the sealed fields those that the caller may read: a project's auditors all, others what is "
        "about themselves. Null without any; an erased one is not there.",
    )


class ReleasedSerializer(serializers.Serializer[Any]):
    """That something of a run reached somebody."""

    what = serializers.CharField()
    to = serializers.CharField(help_text="`console`, `download` or `model`.")
    at = serializers.DateTimeField()
    by = serializers.CharField(allow_null=True, help_text="Pseudonym of the person who took it, or whose model did.")


class RecalledSerializer(serializers.Serializer[Any]):
    """A run that the question is about."""

    project = serializers.UUIDField()
    run = serializers.UUIDField()
    executions = serializers.ListField(
        child=serializers.IntegerField(), help_text="Those that began; for a policy revision, that it decided on."
    )
    why = serializers.ListField(child=serializers.CharField(), help_text="What of the question is true of it.")
    state = serializers.CharField(allow_null=True)
    requested_at = serializers.DateTimeField()
    released = ReleasedSerializer(many=True, help_text="The last first, at most 100; all of them are in the CSV.")
    released_more = serializers.BooleanField()
