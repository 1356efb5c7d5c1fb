"""What a list is cut down to, read from the address: a sentence for every value that means nothing."""

from collections.abc import Collection
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from config.errors import Invalid
from doors.filters import identity as identity
from doors.filters import moment as moment
from doors.filters import text as text
from identity.callers import Caller

MOST_WORDS = 10

PROJECT = OpenApiParameter("project", OpenApiTypes.UUID, description="Of this project only.")
OWNER = OpenApiParameter("owner", str, description="`me`, or a person's id: what this person asked for only.")


def words(request: Request, name: str) -> tuple[str, ...]:
    """The words of a search. Raises Invalid."""
    found = tuple((text(request, name) or "").split())
    if len(found) > MOST_WORDS:
        raise Invalid(f"invalid_{name}", f"{name}: at most {MOST_WORDS} words.", remedy="Search for fewer words.")
    return found


def owner(request: Request, by: Caller) -> UUID | None:
    """Whose things are wanted: `me` or a person's id. Raises Invalid."""
    if request.query_params.get("owner") == "me":
        return by.user_id
    try:
        return identity(request, "owner")
    except Invalid:
        raise Invalid("invalid_owner", "owner: must be `me` or a person's id.") from None


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
