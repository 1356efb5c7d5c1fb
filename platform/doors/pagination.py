"""Pages by cursor: nothing is skipped or shown twice when rows are added meanwhile."""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from rest_framework import pagination
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from config.errors import Invalid

MAX_LIMIT = 200


class CursorPagination(pagination.CursorPagination):
    """`?cursor=` and `?limit=` (at most 200); the answer is {results, next, previous}, cursors being opaque."""

    page_size = 50
    max_page_size = MAX_LIMIT
    page_size_query_param = "limit"
    cursor_query_param = "cursor"
    ordering: Any = ("-created_at", "-id")

    def get_page_size(self, request: Request) -> int:
        """The page's size. Raises Invalid invalid_limit."""
        given = request.query_params.get("limit")
        if given is None:
            return self.page_size
        if not re.fullmatch(r"[0-9]{1,4}", given) or not 1 <= int(given) <= MAX_LIMIT:
            raise Invalid("invalid_limit", f"limit: must be a whole number from 1 to {MAX_LIMIT}.")
        return int(given)

    def decode_cursor(self, request: Request) -> Any:
        """The position. Raises Invalid invalid_cursor."""
        try:
            return super().decode_cursor(request)
        except NotFound:
            raise self._bad_cursor() from None

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        """One page. Raises Invalid for a cursor or limit that is not ours."""
        from django.core.exceptions import ValidationError
        from django.db import DataError

        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValidationError, ValueError, DataError):
            # A cursor that decodes but holds no position of this list.
            raise self._bad_cursor() from None

    def _bad_cursor(self) -> Invalid:
        return Invalid("invalid_cursor", "cursor: not one that this list gave.", remedy="Begin without a cursor.")

    def get_paginated_response(self, data: Sequence[Any]) -> Response:
        """The page with the cursors of its neighbours."""
        return Response(
            {"results": data, "next": _cursor(self.get_next_link()), "previous": _cursor(self.get_previous_link())}
        )

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The page in the OpenAPI document."""
        cursor = {"type": ["string", "null"], "description": "Opaque; give it back as ?cursor=.", "example": None}
        return {
            "type": "object",
            "required": ["results", "next", "previous"],
            "properties": {"results": schema, "next": cursor, "previous": cursor},
        }


def _cursor(link: str | None) -> str | None:
    return None if link is None else parse_qs(urlsplit(link).query)["cursor"][0]
