"""What a run may ask for, and what is left of what the platform has."""

from collections.abc import Iterator
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

import policy.queries
from config.environment import settings
from doors.authentication import caller
from runs import quotas, rules
from runs.api import filters
from runs.limits import DESCRIBED, Unit
from runs.serializers import LimitField


class LimitSerializer(serializers.Serializer[Any]):
    """One limit of a run by the active policy."""

    name = serializers.CharField()
    unit = serializers.ChoiceField([unit.value for unit in Unit])
    title = serializers.CharField()
    floor = LimitField()
    default = LimitField()
    ceiling = LimitField()
    model_ceiling = LimitField(help_text="The ceiling for a model.")


class LimitsSerializer(serializers.Serializer[Any]):
    """Every limit of a run."""

    limits = LimitSerializer(many=True)


class QuotaSerializer(serializers.Serializer[Any]):
    """One thing that is used up."""

    name = serializers.CharField()
    scope = serializers.ChoiceField([quotas.PERSON, quotas.PLATFORM])
    title = serializers.CharField()
    used = serializers.IntegerField()
    limit = serializers.IntegerField(allow_null=True, help_text="Null where none is set, or nobody can tell it now.")
    left = serializers.IntegerField(allow_null=True)


class QuotasSerializer(serializers.Serializer[Any]):
    """What is used and what is left."""

    quotas = QuotaSerializer(many=True)
    file_max_bytes = serializers.IntegerField(help_text="The largest file that can be uploaded.")


class Limits(APIView):
    """The limits of runs."""

    @extend_schema(operation_id="limits_retrieve", responses=LimitsSerializer)
    def get(self, request: Request) -> Response:
        """Every limit with its default and what it lies between. 403 `policy_denied` while policy cannot be read."""
        caller(request)
        return Response(LimitsSerializer({"limits": list(_limits())}).data)


def _limits() -> Iterator[dict[str, Any]]:
    known = policy.queries.limits()
    # One that policy has and we have no words for comes last, by its name.
    for name in [*(name for name in DESCRIBED if name in known), *sorted(set(known) - set(DESCRIBED))]:
        unit, title = DESCRIBED.get(name, (Unit.COUNT, name))
        bounds = {bound: rules.whole(value) for bound, value in vars(known[name]).items()}
        yield {"name": name, "unit": unit, "title": title, **bounds}


class Quota(APIView):
    """What the caller and the platform have in use."""

    @extend_schema(operation_id="quota_retrieve", parameters=[filters.PROJECT], responses=QuotasSerializer)
    def get(self, request: Request) -> Response:
        """What is used and what is left: of the caller in one project or in all, and of the platform."""
        found = quotas.of(caller(request), filters.identity(request, "project"))
        rows = [{**vars(each), "left": each.left} for each in found]
        return Response(QuotasSerializer({"quotas": rows, "file_max_bytes": settings().upload_max_bytes}).data)
