"""One rich output as a document of its own, for a frame that runs nothing and reaches nothing."""

from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from config.errors import Invalid, NotFound, Refused
from doors.authentication import caller
from runs import queries, shown
from runs.api.results import released
from runs.errors import policy_denied
from runs.models import Execution
from runs.outputs import RICH

FRAMED = ("text/html", "image/svg+xml")
# In an origin of its own, without scripts, forms, plug-ins or anything from elsewhere: its own styles and pictures.
_SEALED = {
    "Content-Security-Policy": (
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Looking up a name is a message to whoever answers for it, and no content policy covers it.
    "X-DNS-Prefetch-Control": "off",
}


class OutputFrame(APIView):
    """One rich output of a cell."""

    @extend_schema(
        operation_id="outputs_frame",
        parameters=[OpenApiParameter("type", str, enum=FRAMED, required=True, description="Which of its forms.")],
        responses={(200, kind): OpenApiTypes.STR for kind in FRAMED},
    )
    def get(self, request: Request, run_id: UUID, number: int, index: int) -> HttpResponse:
        """The output at that place (from 0) as a document for a sandboxed frame, as far as policy lets it."""
        by = caller(request)
        kind = request.query_params.get("type")
        if kind not in FRAMED:
            raise Invalid("invalid_type", f"type: one of {', '.join(FRAMED)}.")
        found = queries.execution(by, run_id, number)
        if found.outputs is None:
            raise NotFound("output")
        # The same question as for all outputs together: none leaves alone that would not leave with the others.
        release = released(found, by)
        if release is None or not release.allowed:
            raise policy_denied(release.reasons if release else (), subject=f"run:{run_id}")
        document = _document(found, index, kind)
        if kind in release.obligations.get(shown.WITHHELD, []):
            raise Refused("output_withheld", f"Policy does not let {kind} reach this reader.", remedy="Read its text.")
        return HttpResponse(document, content_type=f"{kind}; charset=utf-8", headers=_SEALED)


def _document(found: Execution, index: int, kind: str) -> str:
    stored = shown.stored_outputs(found)
    output = stored[index] if index < len(stored) else None
    data = output["data"].get(kind) if output is not None and output["output_type"] in RICH else None
    if data is None:
        raise NotFound("output")
    return data if isinstance(data, str) else "".join(map(str, data))
