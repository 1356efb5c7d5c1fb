"""Answers before anything is asked for: what policy would say to a run, and to a package."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from doors.authentication import caller
from doors.parsing import StrictSerializer, validated
from doors.schema import CREATES_NOTHING
from doors.serializers import ReasonSerializer
from gateways.opa import OUTCOMES
from runs import actions, packages, proposals
from runs.api.runs import draft_of
from runs.proposals import RunProposal
from runs.serializers import LimitField, RunRequestSerializer

_OUTCOMES = sorted(OUTCOMES)


class PreviewSerializer(serializers.Serializer[Any]):
    """What policy says to a request now; a moment later the request itself gets the same answer."""

    outcome = serializers.ChoiceField(_OUTCOMES)
    reasons = ReasonSerializer(many=True)
    revision = serializers.CharField(help_text="Of the policy; empty when it could not be asked.")
    limits = serializers.DictField(child=LimitField(), help_text="Those asked for, and the defaults of the others.")
    closure = serializers.ListField(child=serializers.CharField(), help_text="Every package with its exact version.")


class PackagesRequestSerializer(StrictSerializer):
    """Packages to look up for a project."""

    project = serializers.UUIDField()
    environment = serializers.CharField(max_length=63, default="python")
    packages = serializers.ListField(child=serializers.CharField(max_length=200, allow_blank=True), max_length=100)


class CheckedPackageSerializer(serializers.Serializer[Any]):
    """One package, and whether it may be used."""

    asked = serializers.CharField(allow_blank=True)
    name = serializers.CharField(allow_null=True, help_text="Normalised; null where it is no name.")
    version = serializers.CharField(allow_null=True)
    outcome = serializers.ChoiceField(_OUTCOMES)
    reasons = ReasonSerializer(many=True)
    image_version = serializers.CharField(allow_null=True, help_text="The version that the environment has anyway.")


class CheckedPackagesSerializer(serializers.Serializer[Any]):
    """Each package in the order in which it was written."""

    packages = CheckedPackageSerializer(many=True)


class Preview(APIView):
    """A run that nobody asks for yet."""

    @extend_schema(
        operation_id="runs_preview",
        request=RunRequestSerializer,
        responses=PreviewSerializer,
        extensions=CREATES_NOTHING,
    )
    def post(self, request: Request) -> Response:
        """What policy would say to this request. What no policy has to judge is refused as the request would be."""
        by = caller(request)
        proposal = proposals.propose_run(draft_of(validated(RunRequestSerializer(data=request.data))), by=by)
        actions.record_preview(proposal, by=by)
        return Response(PreviewSerializer(_shown(proposal)).data)


def _shown(proposal: RunProposal) -> dict[str, Any]:
    answer = proposal.decisive.answer
    pins = proposal.closure.pins if proposal.closure else []
    return {
        "outcome": answer.outcome,
        "reasons": [vars(reason) for reason in answer.reasons],
        "revision": answer.revision,
        "limits": proposal.limits,
        "closure": [f"{pin['name']}=={pin['version']}" for pin in pins],
    }


class PackagesCheck(APIView):
    """Packages that somebody thinks of using."""

    @extend_schema(
        operation_id="packages_check",
        request=PackagesRequestSerializer,
        responses=CheckedPackagesSerializer,
        extensions=CREATES_NOTHING,
    )
    def post(self, request: Request) -> Response:
        """Whether each package may be used, by itself; what it brings along is seen in a preview of the run."""
        wish = validated(PackagesRequestSerializer(data=request.data))
        found = packages.check(wish["project"], wish["environment"], wish["packages"], by=caller(request))
        rows = [{**vars(each), "reasons": [vars(reason) for reason in each.reasons]} for each in found]
        return Response(CheckedPackagesSerializer({"packages": rows}).data)
