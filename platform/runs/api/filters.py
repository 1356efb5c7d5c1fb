"""What a list is cut down to, read from the address: a sentence for every value that means nothing."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.utils.dateparse import parse_datetime
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from config.errors import Invalid
from identity.callers import Caller

MOST_CHARS = 200
MOST_WORDS = 10

PROJECT = OpenApiParameter("project", OpenApiTypes.UUID, description="Of this project only.")
OWNER = OpenApiParameter("owner", str, description="`me`, or a person's id: what this person asked for only.")


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


def words(request: Request, name: str) -> tuple[str, ...]:
    """The words of a search. Raises Invalid."""
    found = tuple((text(request, name) or "").split())
    if len(found) > MOST_WORDS:
        raise Invalid(f"invalid_{name}", f"{name}: at most {MOST_WORDS} words.", remedy="Search for fewer words.")
    return found


def identity(request: Request, name: str) -> UUID | None:
    """An id. Raises Invalid."""
    given = request.query_params.get(name)
    if given is None:
        return None
    try:
        return UUID(given)
    except ValueError:
        raise Invalid(f"invalid_{name}", f"{name}: must be a {name}'s id.") from None


def owner(request: Request, by: Caller) -> UUID | None:
    """Whose things are wanted: `me` or a person's id. Raises Invalid."""
    if request.query_params.get("owner") == "me":
        return by.user_id
    try:
        return identity(request, "owner")
    except Invalid:
        raise Invalid("invalid_owner", "owner: must be `me` or a person's id.") from None


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


def several[T: str](request: Request, name: str, known: Collection[T]) -> frozenset[T]:
    """Words of a fixed list, separated by commas or given one by one. Raises Invalid."""
    by_name = {str(word): word for word in known}
    given = {part for text in request.query_params.getlist(name) for part in text.split(",")}
    if unknown := sorted(given - set(by_name)):
        raise Invalid(
            f"unknown_{name}",
            f"{name}: {unknown[0][:40]!r} is none.",
            remedy=f"Those that there are: {', '.join(by_name)}.",
        )
    return frozenset(by_name[word] for word in given)
