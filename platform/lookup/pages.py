"""Pages of what is found, with how complete they are."""

from collections.abc import Sequence
from typing import Any, Protocol

from rest_framework.response import Response

from doors.pagination import CursorPagination
from lookup.queries import Standing
from lookup.search import Place


class Paged(Protocol):
    """What gives rows beyond a place, in order."""

    def page(self, beyond: Place | None, most: int, *, backwards: bool = False) -> list[Any]:
        """At most so many."""


class _Beyond:
    """Rows beyond a place; they are asked for when it is known how many."""

    def __init__(self, found: Paged, place: Any) -> None:
        self._found = found
        self._place = place

    def __getitem__(self, taken: slice) -> list[Any]:
        if self._place is None:
            return self._found.page(None, taken.stop)
        return self._found.page(Place(*self._place.values), taken.stop, backwards=self._place.backwards)


class FoundPages(CursorPagination):
    """By the entries' own time, then their serial number; `projection` says what an answer may lack."""

    ordering = ("-at", "-n")
    standing: Standing | None = None

    def _beyond(self, queryset: Any, place: Any) -> Any:
        return _Beyond(queryset, place)

    def get_paginated_response(self, data: Sequence[Any]) -> Response:
        """The page with its neighbours' cursors, and how far behind the log it is."""
        response = super().get_paginated_response(data)
        response.data["projection"] = None if self.standing is None else vars(self.standing)
        return response

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The page in the OpenAPI document."""
        page = super().get_paginated_response_schema(schema)
        page["required"] = [*page["required"], "projection"]
        page["properties"]["projection"] = {
            "type": ["object", "null"],
            "description": "How far what is searched is behind the log: entries that are not found yet, and the age in "
            "seconds of the first of them. Null where the log itself was read.",
            "required": ["behind", "lag_seconds"],
            "properties": {
                "behind": {"type": "integer", "example": 0},
                "lag_seconds": {"type": "number", "example": 0.0},
            },
        }
        return page
