"""Recall: which runs used what, and who took what of them."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connections
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit import sheets
from config.errors import Invalid
from doors import filters
from doors.audit_api import tenants
from doors.authentication import caller
from doors.downloads import download
from identity.callers import Caller
from lookup import actions, queries, recalls, versions
from lookup.api import asked
from lookup.pages import FoundPages
from lookup.recalls import Question, Recall, Recalled
from lookup.search import Place
from lookup.serializers import RecalledSerializer

CSV = "text/csv"
COLUMNS = ("project", "run", "state", "requested_at", "executions", "why", "what", "to", "at", "by")
_PAGE = 50
_ALL = 1 << 31
_PARAMETERS = [
    asked.PROJECT,
    OpenApiParameter("package", str, description="Runs whose packages, or whose image's, had this one."),
    OpenApiParameter("below", str, description="With `package`: in a version below this one, as PEP 440 orders them."),
    OpenApiParameter("image", str, description="Runs in this image: its digest, or the first 12 hex digits or more."),
    OpenApiParameter("file", str, description="Runs that took this file: its id, or the SHA-256 of its content."),
    OpenApiParameter(
        "revision",
        str,
        description="Runs of which something was decided under this policy revision: its digest, or the first 12 hex "
        "digits or more.",
    ),
]


class Recalls(APIView):
    """What runs used, and what of them was released."""

    pagination_class = FoundPages

    @extend_schema(
        operation_id="audit_recall_list",
        parameters=_PARAMETERS,
        responses={(200, "application/json"): RecalledSerializer(many=True), (200, CSV): OpenApiTypes.STR},
    )
    def get(self, request: Request) -> Response | StreamingHttpResponse:
        """List the runs of which every condition is true, the last asked for first, with what of them was released.

        For auditors and platform admins of the project; every request is on record. `Accept: text/csv` gives all at
        once, a line for each release.
        """
        filters.only(request, _PARAMETERS)
        by = caller(request)
        question = _question(request, by)
        wants_csv = _wants_csv(request)
        actions.ask_recall(question, form="csv" if wants_csv else "json", by=by)
        recall = recalls.understood(question, by)
        if wants_csv:
            return download(map(sheets.line, _rows(recall, by)), name="recall.csv", media_type=CSV)
        paginator = FoundPages()
        paginator.standing = queries.standing_of(question.projects)
        page: Sequence[Any] = paginator.paginate_queryset(recall, request, self) or []
        told = [RecalledSerializer(each).data for each in recalls.told(recall, page, by)]
        return paginator.get_paginated_response(told)


def _wants_csv(request: Request) -> bool:
    return any(part.partition(";")[0].strip() == CSV for part in request.headers.get("Accept", "").split(","))


def _question(request: Request, by: Caller) -> Question:
    package, below = request.query_params.get("package"), request.query_params.get("below")
    if package is not None and asked.NAME.fullmatch(package) is None:
        raise Invalid("invalid_package", "package: must be a package's name.")
    if below is not None and (package is None or versions.parsed(below) is None):
        raise Invalid("invalid_below", "below: must be a version as PEP 440 writes it, beside a package.")
    question = Question(
        projects=tenants(by, request.query_params.get("project")),
        package=package,
        below=below,
        image=asked.digest(request, "image"),
        file=asked.file(request, "file"),
        revision=asked.digest(request, "revision"),
    )
    if not question.facts:
        raise Invalid("nothing_asked", "package, image, file, revision: at least one must be given.")
    return question


def _rows(recall: Recall, by: Caller) -> Iterator[Sequence[str]]:
    yield COLUMNS
    place: Place | None = None
    while page := recall.page(place, _PAGE):
        told = recalls.told(recall, page, by, most=_ALL)
        place = Place(page[-1].at, page[-1].n)
        # Whoever downloads slowly holds no connection, and the next page may be asked for by another thread.
        connections.close_all()
        for each in told:
            yield from _lines(each)


def _lines(each: Recalled) -> Iterator[Sequence[str]]:
    executions = " ".join(map(str, each.executions))
    run = (str(each.project), str(each.run), each.state or "", each.requested_at.isoformat(), executions)
    why = "; ".join(each.why)
    for released in each.released:
        yield (*run, why, released.what, released.to, released.at.isoformat(), released.by or "")
    if not each.released:
        yield (*run, why, "", "", "", "")
