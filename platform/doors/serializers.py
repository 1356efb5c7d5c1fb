"""What several doors show in the same form."""

from typing import Any

from rest_framework import serializers


class ReasonSerializer(serializers.Serializer[Any]):
    """One reason: a stable code, a sentence, and the smallest change or exception that would pass."""

    code = serializers.CharField()
    message = serializers.CharField()
    remedy = serializers.CharField(allow_blank=True)
