"""What the commitments of a bundle's entries are of, and what of it policy lets go with the evidence."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

import audit
import policy.queries
import runs.contents
from audit import Event
from audit.archive import LIMIT, Measured
from audit.bundle import Headers, Opening, Openings
from evidence import queries
from evidence.actions.making import Made, Refusal
from evidence.models import Export
from gateways import blobs
from gateways.blobs import BlobDamaged, BlobErased
from identity.callers import Caller
from runs.actions.releasing import Release, release_from
from runs.contents import Content
from runs.questions import Audience

# So many that the manifest stays readable; what is more is left out, and said to be.
MOST_BLOBS = 20_000


@dataclass
class Committed:
    """Opens the commitments of entries, and remembers the contents of one piece of the bundle."""

    contents: dict[str, Content] = field(default_factory=dict)
    inputs: dict[str, bytes] = field(default_factory=dict)

    def __call__(self, headers: Headers) -> Openings:
        """What opens the entries' commitments, as far as their contents are there."""
        opened: dict[tuple[int, str], Opening] = {}
        for place, content in runs.contents.committed(headers).items():
            digest = bytes(content.blob.sha256)
            opened[place] = Opening(bytes(content.blob.salt), digest)
            self.contents[digest.hex()] = content
        return opened | dict(self._inputs(headers))

    def _inputs(self, headers: Headers) -> Iterator[tuple[tuple[int, str], Opening]]:
        """The questions that policy decided."""
        decided = {
            index: (UUID(header["facts"]["decision"]), header["commitments"]["input"])
            for index, header in headers
            if header["event"] == Event.POLICY_DECISION_RECORDED
        }
        known = policy.queries.inputs_of(decision for decision, _ in decided.values())
        for index, (decision, commitment) in decided.items():
            written, salt = known.get(decision, (b"", b""))
            digest = hashlib.sha256(written).digest()
            # The database keeps the question, not its bytes: only what is the same to the last byte opens.
            if salt and audit.commit_to(digest, salt) == commitment:
                self.inputs[digest.hex()] = written
                yield (index, "input"), Opening(salt, digest)


def released(export: Export, found: Committed, by: Caller) -> tuple[list[Made], list[Refusal]]:
    """The contents that go with the bundle, and those that do not. Policy is asked for each run and kind of content."""
    have = queries.names_made(export, [f"blobs/{digest}" for digest in [*found.contents, *found.inputs]])
    room = MOST_BLOBS - queries.blobs_made(export)
    made: list[Made] = []
    refused: list[Refusal] = []
    for digest, written in found.inputs.items():
        if f"blobs/{digest}" not in have and len(made) < room:
            measured = Measured([written])
            sealed = blobs.write(measured)
            made.append(Made(f"blobs/{digest}", measured.crc, sealed))
    for (subject, what), group in _grouped(found, have).items():
        reasons = _reasons(export, subject, what, group, by)
        if reasons:
            refused.append(Refusal(subject, what, reasons, len(group)))
            continue
        for digest, content in group.items():
            reason = _unfit(content) or ("" if len(made) < room else "too_many")
            try:
                made += [] if reason else [_measured(digest, content)]
            except (BlobDamaged, BlobErased) as gone:
                reason = gone.code
            refused += [Refusal(subject, what, (reason,), 1)] if reason else []
    return made, refused


type _Groups = dict[tuple[str, str], dict[str, Content]]


def _grouped(found: Committed, have: set[str]) -> _Groups:
    groups: _Groups = defaultdict(dict)
    for digest, content in found.contents.items():
        if f"blobs/{digest}" not in have:
            groups[content.subject, content.what][digest] = content
    return groups


def _reasons(export: Export, subject: str, what: str, group: dict[str, Content], by: Caller) -> tuple[str, ...]:
    """Why these contents do not leave; none if they do."""
    answer: Release = release_from(
        export.project,
        subject,
        next(iter(group.values())).run_id,
        what=what,
        audience=Audience.DOWNLOAD,
        media_types={kind for content in group.values() for kind in content.media_types},
        size=sum(content.blob.size for content in group.values()),
        by=by,
    )
    if answer.allowed and not answer.obligations:
        return ()
    # A content that leaves in part is not what the entry commits to.
    return tuple(sorted({reason.code for reason in answer.reasons})) or tuple(sorted(answer.obligations))


def _unfit(content: Content) -> str:
    return "too_large" if content.blob.size > LIMIT else ""


def _measured(digest: str, content: Content) -> Made:
    measured = Measured(blobs.read(content.blob.name, bytes(content.blob.wrapped_key or b"")))
    for _ in measured:
        pass
    return Made(f"blobs/{digest}", measured.crc, content.blob)
