"""What a list is cut down to, read from the address: a sentence for every value that means nothing."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.utils.dateparse import parse_datetime
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from config.errors import Invalid

MOST_CHARS = 200
_OF_PAGES = ("cursor", "limit")


def only(request: Request, known: Sequence[OpenApiParameter]) -> None:
    """Refuse what the list does not know, and what is given twice. Raises Invalid."""
    names = [*(each.name for each in known), *_OF_PAGES]
    for name in request.query_params:
        if name not in names:
            raise Invalid(
                "unknown_parameter",
                f"{name[:100]}: not a parameter of this request.",
                remedy=f"Known parameters: {', '.join(names)}.",
            )
        if len(request.query_params.getlist(name)) != 1:
            raise Invalid(f"invalid_{name}", f"{name}: comes more than once.")


def text(request: Request, name: str) -> str | None:
    """A short text, or None where it is not given. Raises Invalid."""
    given = request.query_params.get(name)
    if given is None or given == "":
        return None
    if "\x00" in given:
        raise Invalid("nul_character", f"{name}: has a NUL character.")
    if len(given) > MOST_CHARS:
        raise Invalid(f"invalid_{name}", f"{name}: at most {MOST_CHARS} characters.")
    return given


def identity(request: Request, name: str) -> UUID | None:
    """An id. Raises Invalid."""
    given = request.query_params.get(name)
    if given is None:
        return None
    try:
        return UUID(given)
    except ValueError:
        raise Invalid(f"invalid_{name}", f"{name}: must be a {name}'s id.") from None


def moment(request: Request, name: str) -> datetime | None:
    """A moment in time. Raises Invalid."""
    given = request.query_params.get(name)
    if given is None:
        return None
    try:
        found = parse_datetime(given)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise Invalid(
            f"invalid_{name}",
            f"{name}: must be a date and time with its offset from UTC.",
            remedy="Write it as in 2026-01-31T09:30:00Z; in an address a plus sign is written %2B.",
        )
    return found
