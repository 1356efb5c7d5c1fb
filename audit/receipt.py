"""Write a receipt: what the log says of one execution, each entry proved to one signed checkpoint (docs/audit.md)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from django.db import connections

from audit import merkle, tree
from audit.canonical import JSON, canonical
from audit.events import Event
from audit.exportkey import export_signer
from audit.notes import proof_file
from audit.queries import READER
from audit.signing import signed_note
from audit.tree import EXPORTS, Head

FORMAT = "bailiwick-receipt/v1"
# Both are part of the form: a verifier takes no other words.
PROVES = (
    "that the platform had recorded these entries, in this order, when the log's key signed the checkpoint",
    "that the code that was started is the code that was asked for, under the decision named, recorded before",
    "that a content which opens a commitment is, to the byte, the one that was recorded",
)
DOES_NOT_PROVE = (
    "that what the sandbox reported is true, or that the code was right",
    "that usage was measured rightly, or that the image named is the one that ran: both are the platform's word",
    "that whoever is behind a pseudonym is the person one thinks",
    "that nothing happened which nobody recorded",
    "that the log shows everybody the same, unless witnesses cosigned it",
)
# An event's part in a receipt. The latest of those before the outcome is taken, where there can be several.
_OF_RUN = {
    Event.RUNS_RUN_REQUESTED: "run",
    Event.RUNS_RUN_STARTED: "sandbox",
    Event.RUNS_RUN_DENIED: "outcome",
}
_OF_EXECUTION = {
    Event.RUNS_EXECUTION_REQUESTED: "request",
    Event.RUNS_EXECUTION_STARTED: "start",
    Event.RUNS_EXECUTION_FINISHED: "outcome",
    Event.RUNS_EXECUTION_ENDED: "outcome",
    Event.RUNS_EXECUTION_DENIED: "outcome",
}
_OUTCOMES = [event.value for event, part in (_OF_RUN | _OF_EXECUTION).items() if part == "outcome"]


@dataclass(frozen=True)
class Subject:
    """The execution that a receipt is of."""

    project: UUID
    run: UUID
    number: int

    @property
    def of_run(self) -> str:
        """What entries about the run name."""
        return f"run:{self.run}"

    @property
    def of_execution(self) -> str:
        """What entries about the execution name."""
        return f"run:{self.run}/execution:{self.number}"


@dataclass(frozen=True)
class Part:
    """One entry of a receipt; `index` is None while no tree has it."""

    name: str
    header: bytes
    log: int | None
    index: int | None

    @property
    def told(self) -> dict[str, Any]:
        """What the entry says."""
        found: dict[str, Any] = orjson.loads(self.header)
        return found


@dataclass(frozen=True)
class Opening:
    """What opens a commitment of a part to whoever has the content, or tells the content's digest to who has not."""

    part: str
    commitment: str
    salt: bytes
    sha256: bytes


class NotSigned(Exception):
    """No checkpoint has all the entries yet."""


_SIGNED = """
SELECT EXISTS (
    SELECT FROM audit_entry e JOIN audit_leaf l ON l.entry = e.id
    JOIN audit_checkpoint c ON c.log = l.log AND c.size > l.index
    WHERE e.tenant = %s AND e.subject IN (%s, %s) AND e.event = ANY(%s)
)
"""
_ENTRIES = """
SELECT e.event, e.header, l.log, l.index FROM audit_entry e LEFT JOIN audit_leaf l ON l.entry = e.id
WHERE e.tenant = %s AND e.subject = %s AND e.event = ANY(%s) ORDER BY e.n
"""
_DECISION = """
SELECT e.event, e.header, l.log, l.index FROM audit_entry e LEFT JOIN audit_leaf l ON l.entry = e.id
WHERE e.tenant = %s AND e.subject = %s AND e.event = %s
  AND convert_from(e.header, 'UTF8')::json #>> '{facts,decision}' = %s ORDER BY e.n LIMIT 1
"""
_COVERING = """
SELECT l.id, l.origin, c.size, c.root, c.note FROM audit_log l JOIN audit_checkpoint c ON c.log = l.id
WHERE l.id = %s AND c.size > %s ORDER BY c.size LIMIT 1
"""


def _rows(query: str, *values: Any) -> list[tuple[Any, ...]]:
    with connections[READER].cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())


def signed(subject: Subject) -> bool:
    """Whether a checkpoint has what became of the execution; all else that a receipt shows comes before."""
    return bool(_rows(_SIGNED, subject.project, subject.of_execution, subject.of_run, _OUTCOMES)[0][0])


def parts(subject: Subject) -> dict[str, Part]:
    """The entries of an execution that is done, by their part. Raises NotSigned while there is none of its outcome."""
    found: dict[str, Part] = {}
    for about, events in ((subject.of_run, _OF_RUN), (subject.of_execution, _OF_EXECUTION)):
        rows = _rows(_ENTRIES, subject.project, about, [event.value for event in events])
        found |= {part.name: part for part in (_part(events[Event(row[0])], row) for row in rows)}
    if "outcome" not in found:
        raise NotSigned
    if "start" not in found:
        # It never reached the sandbox, whether there was one or not.
        found.pop("sandbox", None)
    found["decision"] = _decision(subject, found)
    return found


def _part(name: str, row: Sequence[Any]) -> Part:
    return Part(name, bytes(row[1]), row[2], row[3])


def _decision(subject: Subject, found: Mapping[str, Part]) -> Part:
    named = [found[name].told["facts"].get("decision") for name in ("outcome", "start", "request") if name in found]
    wanted = next(decision for decision in named if decision)
    event = Event.POLICY_DECISION_RECORDED.value
    return _part("decision", _rows(_DECISION, subject.project, subject.of_run, event, wanted)[0])


def covering(found: Iterable[Part]) -> Head:
    """The first checkpoint that has all of these entries: asked again, it is the same. Raises NotSigned."""
    log, last = 0, 0
    for part in found:
        if part.log is None or part.index is None:
            raise NotSigned
        log, last = part.log, max(last, part.index)
    for identity, origin, size, root, note in _rows(_COVERING, log, last):
        return Head(identity, origin, size, bytes(root), bytes(note))
    raise NotSigned


def write(subject: Subject, found: Mapping[str, Part], head: Head, openings: Iterable[Opening]) -> bytes:
    """The receipt. Whoever calls has checked that the asker may have these openings."""
    subtrees = tree.subtrees(head)
    meta = tree.proof_of_head(head)
    told: dict[str, JSON] = {
        "does_not_prove": list(DOES_NOT_PROVE),
        "execution": subject.number,
        "meta": meta.decode() if meta is not None else None,
        "openings": [
            {"commitment": each.commitment, "part": each.part, "salt": each.salt.hex(), "sha256": each.sha256.hex()}
            for each in sorted(openings, key=lambda each: (each.part, each.commitment))
        ],
        "proofs": {name: _proof(part, head, subtrees) for name, part in found.items()},
        "proves": list(PROVES),
        "run": str(subject.run),
    }
    text = f"{FORMAT}\n{canonical(told).decode()}\n"
    return signed_note(text, f"{head.base}/{EXPORTS}", export_signer())


def _proof(part: Part, head: Head, subtrees: merkle.Subtree) -> str:
    assert part.index is not None
    path = merkle.inclusion_proof(part.index, head.size, subtrees)
    return proof_file(part.header, part.index, path, head.note).decode()
