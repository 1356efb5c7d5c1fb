"""The door through which receipts leave."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from doors.authentication import caller
from runs import queries, receipts

_TEXT: Any = {(200, "text/plain"): OpenApiTypes.STR}


class Receipt(APIView):
    """The receipt of an execution."""

    @extend_schema(
        operation_id="executions_receipt",
        responses={**_TEXT, 409: OpenApiResponse(description="Not yet: `not_done_yet` or `not_signed_yet`.")},
    )
    def get(self, request: Request, run_id: UUID, number: int) -> HttpResponse:
        """What the log proves of the execution, as a file that a verifier checks offline (docs/audit.md, Receipts).

        It opens commitments only as far as policy lets the contents reach the caller. Waits up to a second for the
        checkpoint.
        """
        by = caller(request)
        made = receipts.made(queries.execution(by, run_id, number), by)
        response = HttpResponse(made, content_type="text/plain; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="run-{run_id}-{number}.receipt"'
        response["Cache-Control"] = "no-store"
        return response
