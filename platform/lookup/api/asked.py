"""What is searched for, read from the address."""

import re
from collections.abc import Collection, Sequence
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from packaging.utils import canonicalize_name
from rest_framework.request import Request

from audit import Event
from config.errors import Invalid
from doors import filters
from identity.callers import Caller, pseudonym_of
from lookup import queries, terms, versions, words
from lookup.search import MOST_TERMS, Part, Search, Wanted
from runs.lists import files_of_content

MOST_WORDS = 10
_SUBJECT_MAX = 300
_PSEUDONYM = re.compile(r"[0-9a-f]{64}")
_OUTCOME = re.compile(r"[a-z0-9_]{1,60}")
DIGEST = re.compile(r"(?:sha256:)?([0-9a-f]{12,64})")
NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?")

PROJECT = OpenApiParameter("project", OpenApiTypes.UUID, description="Of this project only.")
PARAMETERS = [
    PROJECT,
    OpenApiParameter("subject", str, description="About this subject only, for example `run:<id>`."),
    OpenApiParameter("event", str, enum=[event.value for event in Event], description="Of this kind only."),
    OpenApiParameter("actor", str, description="Done by this person: their pseudonym, or their id."),
    OpenApiParameter("run", OpenApiTypes.UUID, description="About this run and its executions."),
    OpenApiParameter("outcome", str, description="With this outcome, for example `ok`, `deny` or `failed`."),
    OpenApiParameter("since", OpenApiTypes.DATETIME, description="Recorded then or later."),
    OpenApiParameter("until", OpenApiTypes.DATETIME, description="Recorded before then."),
    OpenApiParameter(
        "digest", str, description="Naming this digest or commitment: 64 hex digits, or the first of them, at least 12."
    ),
    OpenApiParameter("package", str, description="Naming this package, `name` or `name==version`."),
    OpenApiParameter("dataset", str, description="About this file: its id, or the SHA-256 of its content."),
    OpenApiParameter(
        "text",
        str,
        description="With all these words in the sealed fields that the caller may read. Whole words; case does not "
        "count.",
    ),
]
# The log itself is in order by these; everything else is looked up in what is laid out.
_BY_THE_LOG = frozenset({"project", "subject", "cursor", "limit"})


def by_the_log(request: Request) -> bool:
    """Whether the log answers by itself, up to this moment."""
    return not set(request.query_params) - _BY_THE_LOG


def subject(request: Request) -> str | None:
    """Raises Invalid."""
    given = request.query_params.get("subject")
    if given is not None and (len(given) > _SUBJECT_MAX or "\x00" in given):
        raise Invalid("invalid_subject", f"subject: `noun:id`, at most {_SUBJECT_MAX} characters.")
    return given


def search(request: Request, by: Caller, projects: Collection[UUID]) -> Search:
    """The search that the address asks for. Raises Invalid."""
    asked = _words(request)
    wanted = Wanted(
        event=_event(request),
        subject=subject(request),
        outcome=_matching(request, "outcome", _OUTCOME, "lower-case letters, digits and _, at most 60"),
        actor=_actor(request),
        run=filters.identity(request, "run"),
        since=filters.moment(request, "since"),
        until=filters.moment(request, "until"),
        terms=tuple(_terms(request, by, projects)),
        words=len(asked),
    )
    parts: Sequence[Part] = queries.parts(by, projects, asked)
    return Search(parts, wanted)


def _event(request: Request) -> str | None:
    event = request.query_params.get("event")
    if event is not None and event not in set(Event):
        raise Invalid("unknown_event", "event: not one that the log knows.")
    return event


def _matching(request: Request, name: str, form: re.Pattern[str], said: str) -> str | None:
    given = request.query_params.get(name)
    if given is not None and form.fullmatch(given) is None:
        raise Invalid(f"invalid_{name}", f"{name}: must be {said}.")
    return given


def _actor(request: Request) -> bytes | None:
    given = request.query_params.get("actor")
    if given is None:
        return None
    if _PSEUDONYM.fullmatch(given):
        return bytes.fromhex(given)
    try:
        return bytes.fromhex(pseudonym_of(UUID(given)))
    except ValueError:
        raise Invalid("invalid_actor", "actor: must be a person's pseudonym (64 hex digits) or id.") from None


def _terms(request: Request, by: Caller, projects: Collection[UUID]) -> list[tuple[bytes, ...]]:
    found = []
    if begins := digest(request, "digest"):
        some = queries.digests(projects, begins)
        if some is None:
            raise Invalid("invalid_digest", f"digest: more than {MOST_TERMS} begin so.", remedy="Give more digits.")
        found.append(some)
    if (package := request.query_params.get("package")) is not None:
        name, equals, version = package.partition("==")
        if NAME.fullmatch(name) is None or (equals and versions.parsed(version) is None):
            raise Invalid("invalid_package", "package: must be a name, or name==version.")
        found.append((terms.package(canonicalize_name(name), version or None),))
    if (given := file(request, "dataset")) is not None:
        files = files_of_content(by, bytes.fromhex(given)) if len(given) == 64 else [UUID(given)]
        found.append(tuple(terms.file(each) for each in files))
    return found


def digest(request: Request, name: str) -> str | None:
    """The first digits of a digest, without what names the function. Raises Invalid."""
    given = request.query_params.get(name)
    if given is None:
        return None
    if (match := DIGEST.fullmatch(given)) is None:
        raise Invalid(
            f"invalid_{name}", f"{name}: must be 64 hex digits in lower case, or the first of them (12 at least)."
        )
    return match[1]


def file(request: Request, name: str) -> str | None:
    """A file's id or its content's SHA-256 (64 hex digits). Raises Invalid."""
    given = request.query_params.get(name)
    if given is None or _PSEUDONYM.fullmatch(given):
        return given
    try:
        return str(UUID(given))
    except ValueError:
        raise Invalid(
            f"invalid_{name}", f"{name}: must be a file's id, or the SHA-256 of its content in hex."
        ) from None


def _words(request: Request) -> list[str]:
    given = request.query_params.get("text")
    if given is None:
        return []
    found = sorted(words.words(filters.text(request, "text") or ""))
    if not 1 <= len(found) <= MOST_WORDS:
        raise Invalid("invalid_text", f"text: must have 1 to {MOST_WORDS} words.")
    return found
