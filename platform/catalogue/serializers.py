"""Environments as the doors show them."""

from typing import Any

from rest_framework import serializers

from catalogue.models import Environment


class MaterialSerializer(serializers.Serializer[Any]):
    """One package of an image."""

    package = serializers.CharField()
    version = serializers.CharField()
    hash = serializers.CharField()
    kind = serializers.ChoiceField(choices=["deb", "wheel"])


class EnvironmentSummarySerializer(serializers.ModelSerializer[Environment]):
    """An environment without its bill of materials."""

    languages = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = Environment
        fields: tuple[str, ...] = ("name", "digest", "python_version", "platform", "languages", "registered_at")
        read_only_fields = fields


class EnvironmentSerializer(EnvironmentSummarySerializer):
    """An environment with every package of its image."""

    sbom = MaterialSerializer(many=True)

    class Meta(EnvironmentSummarySerializer.Meta):
        fields: tuple[str, ...] = (*EnvironmentSummarySerializer.Meta.fields, "sbom")
        read_only_fields = fields
