"""Pages by cursor: nothing is skipped or shown twice when rows are added meanwhile."""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.core.exceptions import ValidationError
from django.db import DataError
from django.db.models import Q, QuerySet
from rest_framework import pagination
from rest_framework.request import Request
from rest_framework.response import Response

from config.errors import Invalid

MAX_LIMIT = 200


@dataclass(frozen=True)
class _Place:
    """Between two rows: beyond the row with these values, in the list's direction or against it."""

    values: tuple[Any, ...]
    backwards: bool = False


class CursorPagination(pagination.CursorPagination):
    """`?cursor=` and `?limit=` (at most 200); the answer is {results, next, previous}, cursors being opaque.

    Rows are ordered by fields that together are unique, all of them upwards or all downwards: a cursor holds the values
    of a whole row, so that rows of one moment keep their places.
    """

    page_size = 50
    max_page_size = MAX_LIMIT
    page_size_query_param = "limit"
    cursor_query_param = "cursor"
    ordering: tuple[str, ...] = ("-created_at", "-id")

    next_cursor: str | None = None
    previous_cursor: str | None = None

    def get_page_size(self, request: Request) -> int:
        """The page's size. Raises Invalid invalid_limit."""
        given = request.query_params.get("limit")
        if given is None:
            return self.page_size
        if not re.fullmatch(r"[0-9]{1,4}", given) or not 1 <= int(given) <= MAX_LIMIT:
            raise Invalid("invalid_limit", f"limit: must be a whole number from 1 to {MAX_LIMIT}.")
        return int(given)

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """One page. Raises Invalid for a cursor or limit that is not ours."""
        size = self.get_page_size(request)
        place = self._place(queryset, request.query_params.get("cursor"))
        backwards = place is not None and place.backwards
        try:
            found = list(self._beyond(queryset, place)[: size + 1])
        except (ValueError, DataError):
            # Values of the right form that no row can have.
            raise self._bad_cursor() from None
        page, more = found[:size], len(found) > size
        if backwards:
            page.reverse()
        if page:
            self.next_cursor = self._cursor(page[-1], backwards=False) if more or backwards else None
            before = more if backwards else place is not None
            self.previous_cursor = self._cursor(page[0], backwards=True) if before else None
        return page

    def _beyond(self, queryset: "QuerySet[Any]", place: _Place | None) -> "QuerySet[Any]":
        if place is None:
            return queryset.order_by(*self.ordering)
        downwards = self.ordering[0].startswith("-") != place.backwards
        first, *_ = names = self._names()
        past, beyond = ("lt" if downwards else "gt"), Q()
        for depth, name in enumerate(names):
            same = dict(zip(names[:depth], place.values, strict=False))
            beyond |= Q(**same, **{f"{name}__{past}": place.values[depth]})
        # Said twice, for an index to begin at the right row.
        limit = {f"{first}__{past}e": place.values[0]}
        return queryset.filter(beyond, **limit).order_by(*(f"-{name}" if downwards else name for name in names))

    def _names(self) -> list[str]:
        return [name.removeprefix("-") for name in self.ordering]

    def _cursor(self, row: Any, *, backwards: bool) -> str:
        values = [str(getattr(row, name)) for name in self._names()]
        return base64.urlsafe_b64encode(orjson.dumps([backwards, *values])).decode().rstrip("=")

    def _place(self, queryset: "QuerySet[Any]", cursor: str | None) -> _Place | None:
        if cursor is None:
            return None
        try:
            backwards, *texts = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
            fields = [queryset.model._meta.get_field(name) for name in self._names()]
            values = tuple(field.to_python(text) for field, text in zip(fields, texts, strict=True))
        except (binascii.Error, TypeError, ValueError, ValidationError):
            raise self._bad_cursor() from None
        # Only what we wrote: one value has one form.
        if not isinstance(backwards, bool) or [str(value) for value in values] != texts:
            raise self._bad_cursor()
        return _Place(values, backwards)

    def _bad_cursor(self) -> Invalid:
        return Invalid("invalid_cursor", "cursor: not one that this list gave.", remedy="Begin without a cursor.")

    def get_paginated_response(self, data: Sequence[Any]) -> Response:
        """The page with the cursors of its neighbours."""
        return Response({"results": data, "next": self.next_cursor, "previous": self.previous_cursor})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The page in the OpenAPI document."""
        cursor = {"type": ["string", "null"], "description": "Opaque; give it back as ?cursor=.", "example": None}
        return {
            "type": "object",
            "required": ["results", "next", "previous"],
            "properties": {"results": schema, "next": cursor, "previous": cursor},
        }
