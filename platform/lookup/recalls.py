"""Recall: which runs used a package below a version, an image, a file, or were decided under a policy revision; and
what of them was released to whom."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import orjson
from django.db import connection

import audit.queries
import catalogue.queries
import runs.lists
from audit.events import Event
from identity.callers import Caller
from lookup import terms, versions
from lookup.models import Row, Seen, Use
from lookup.search import Place

# Of one run's releases a page shows no more; the whole is in the CSV.
MOST_RELEASES = 100


@dataclass(frozen=True)
class Question:
    """What is recalled; each condition that is given must hold. `file` is an id or a SHA-256 of 64 hex digits."""

    projects: frozenset[UUID]
    package: str | None = None
    below: str | None = None
    image: str | None = None
    file: str | None = None
    revision: str | None = None

    @property
    def facts(self) -> dict[str, Any]:
        """The question as the log may keep it: a bare digest of a small file could be guessed."""
        told = {name: getattr(self, name) for name in ("package", "below", "image", "revision", "file")}
        if self.file is not None and len(self.file) == 64:
            told["file"] = "by its SHA-256"
        return {name: value for name, value in told.items() if value is not None}


@dataclass(frozen=True)
class Released:
    """That something of a run reached somebody: what, to which audience, when, and whose request took it."""

    what: str
    to: str
    at: datetime
    by: str | None


@dataclass(frozen=True)
class Recalled:
    """A run that the question is about."""

    project: UUID
    run: UUID
    executions: list[int]
    why: list[str]
    state: str | None
    requested_at: datetime
    released: list[Released]
    released_more: bool = False


@dataclass
class _Condition:
    """What a run must have used: one of these terms, each with the sentence that says so."""

    said: dict[bytes, str] = field(default_factory=dict)
    needs_start: bool = True


@dataclass(frozen=True)
class Recall:
    """An understood question."""

    question: Question
    conditions: Sequence[_Condition]
    # Whose columns a cursor holds.
    model: ClassVar = Seen

    def page(self, beyond: Place | None, most: int, *, backwards: bool = False) -> list[Seen]:
        """The next runs, the last asked for first, beyond a place."""
        if any(not condition.said for condition in self.conditions):
            return []
        where, values = ["s.tenant = ANY(%s)"], [list[Any](self.question.projects)]
        for condition in self.conditions:
            where.append(
                "EXISTS (SELECT FROM lookup_use u WHERE u.tenant = s.tenant AND u.run = s.run AND u.what = ANY(%s))"
            )
            values.append(list(condition.said))
            if condition.needs_start:
                where.append("s.started")
        if beyond is not None:
            where.append(f"(s.at, s.n) {'>' if backwards else '<'} (%s, %s)")
            values += [beyond.at, beyond.n]  # type: ignore[list-item]
        order = "ASC" if backwards else "DESC"
        text = (
            f"SELECT s.run, s.tenant, s.at, s.n FROM lookup_seen s WHERE {' AND '.join(where)}"
            f" ORDER BY s.at {order}, s.n {order} LIMIT %s"
        )
        with connection.cursor() as cursor:
            cursor.execute(text, [*values, most])
            return [Seen(run=run, tenant=tenant, at=at, n=n) for run, tenant, at, n in cursor]


def understood(question: Question, by: Caller) -> Recall:
    """The question with what it asks for looked up, in the projects that are searched alone."""
    conditions = []
    if question.package is not None:
        conditions.append(_of_package(question, question.package))
    if question.image is not None:
        first, last = terms.between(b"i", question.image.removeprefix("sha256:"))
        used = {each: f"image {_image(each)}" for each in _used(question, first, last)}
        conditions.append(_Condition(used))
    if question.file is not None:
        files = _files(question.file, by)
        conditions.append(_Condition({terms.file(each): f"file {each}" for each in files}))
    if question.revision is not None:
        first = terms.revision(f"sha256:{question.revision.removeprefix('sha256:')}")
        used = {each: f"policy revision {each[1:].decode()}" for each in _used(question, first, first + b"\xff")}
        conditions.append(_Condition(used, needs_start=False))
    return Recall(question, conditions)


def _of_package(question: Question, name: str) -> _Condition:
    """In closures that runs were given, and in the images that they ran in."""
    begins = terms.package(name) + b"=="
    condition = _Condition()
    for each in _used(question, begins, begins + b"\xff"):
        version = each.removeprefix(begins).decode()
        if versions.is_meant(version, question.below):
            condition.said[each] = f"package {each[1:].decode()}"
    for digest, version in catalogue.queries.images_with(name).items():
        if versions.is_meant(version, question.below):
            said = f"package {begins[1:].decode()}{version} in image {digest}"
            condition.said[terms.image(digest)] = said
    return condition


def _used(question: Question, first: bytes, last: bytes) -> list[bytes]:
    found = Use.objects.filter(tenant__in=list(question.projects), what__gte=first, what__lte=last)
    return [bytes(what) for what in found.order_by("what").values_list("what", flat=True).distinct()]


def _files(asked: str, by: Caller) -> Iterable[UUID]:
    if len(asked) == 64:
        return runs.lists.files_of_content(by, bytes.fromhex(asked))
    return [UUID(asked)]


def _image(term: bytes) -> str:
    return f"sha256:{term[1:].hex()}"


def told(recall: Recall, page: Sequence[Seen], by: Caller, *, most: int = MOST_RELEASES) -> list[Recalled]:
    """These runs with what was asked about them."""
    ids = [seen.run for seen in page]
    why, under = _why(recall, ids)
    ran, released = _ran(ids), _released(recall, ids, most + 1)
    states = runs.lists.states(by, ids)
    return [
        Recalled(
            project=seen.tenant,
            run=seen.run,
            executions=sorted(ran[seen.run] if under is None else ran[seen.run] & under[seen.run]),
            why=why[seen.run],
            state=states.get(seen.run),
            requested_at=seen.at,
            released=released[seen.run][:most],
            released_more=len(released[seen.run]) > most,
        )
        for seen in page
    ]


def _why(recall: Recall, ids: Sequence[UUID]) -> tuple[Mapping[UUID, list[str]], Mapping[UUID, set[int]] | None]:
    """Why each run is meant; and which of its executions were decided under the revision, where one is asked for."""
    said = {what: text for condition in recall.conditions for what, text in condition.said.items()}
    found: defaultdict[UUID, list[str]] = defaultdict(list)
    under: defaultdict[UUID, set[int]] = defaultdict(set)
    uses = Use.objects.filter(run__in=ids, what__in=list(said)).order_by("what", "execution")
    for what, run, execution in uses.values_list("what", "run", "execution"):
        text = said[bytes(what)]
        if text not in found[run]:
            found[run].append(text)
        if bytes(what).startswith(b"r"):
            under[run].add(execution)
    return found, under if recall.question.revision is not None else None


def _ran(ids: Sequence[UUID]) -> Mapping[UUID, set[int]]:
    """Which executions of each run began."""
    found: defaultdict[UUID, set[int]] = defaultdict(set)
    began = Row.objects.filter(run__in=ids, event=Event.RUNS_EXECUTION_STARTED, execution__isnull=False)
    for run, execution in began.values_list("run", "execution"):
        if run is not None and execution is not None:
            found[run].add(execution)
    return found


_RELEASES = """
SELECT p.run, f.n FROM unnest(%s::uuid[]) AS p (run) CROSS JOIN LATERAL (
    SELECT r.at, r.n FROM lookup_row r WHERE r.tenant = ANY(%s) AND r.run = p.run AND r.event = %s
    ORDER BY r.at DESC, r.n DESC LIMIT %s
) f ORDER BY f.at DESC, f.n DESC
"""


def _released(recall: Recall, ids: Sequence[UUID], most: int) -> Mapping[UUID, list[Released]]:
    """What of each run left, the last first."""
    projects = list(recall.question.projects)
    with connection.cursor() as cursor:
        cursor.execute(_RELEASES, [list(ids), projects, Event.RUNS_CONTENT_RELEASED.value, most])
        rows = cursor.fetchall()
    headers = {
        entry.n: orjson.loads(bytes(entry.header))
        for entry in audit.queries.entries(projects).filter(n__in=[n for _, n in rows])
    }
    found: defaultdict[UUID, list[Released]] = defaultdict(list)
    for run, n in rows:
        if (header := headers.get(n)) is not None:
            found[run].append(_as_released(header))
    return found


def _as_released(header: Mapping[str, Any]) -> Released:
    facts = header["facts"]
    at = datetime.fromisoformat(header["recorded_at"])
    return Released(str(facts.get("what", "")), str(facts.get("audience", "")), at, header["actor"])
