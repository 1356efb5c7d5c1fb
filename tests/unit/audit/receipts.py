"""Receipts made by hand, as docs/audit.md says, so that tests can make them wrong before they are signed."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import uuid5

from audit import merkle
from audit.canonical import canonical
from audit.notes import proof_file
from audit.receipt import DOES_NOT_PROVE, PROVES
from audit.signing import LocalSigner, signed_note
from tests.unit.audit.bundles import BASE, EXPORTER, SPACE, Log, a_commitment, a_salt

RUN = str(uuid5(SPACE, "a run"))
CODE, INPUT, OUTPUTS, ARTIFACT = b"print(1)", b"a,b\n1,2\n", b'[{"name":"stdout"}]', b"made"
CONTENTS = {
    ("run", "file:0"): INPUT,
    ("request", "code"): CODE,
    ("start", "code"): CODE,
    ("outcome", "outputs"): OUTPUTS,
    ("outcome", "artifact:0"): ARTIFACT,
}


def story(number: int = 1, code: bytes = CODE) -> dict[str, dict[str, Any]]:
    """What the log says of an execution, by part, in the order in which it was written."""
    run, execution = f"run:{RUN}", f"run:{RUN}/execution:{number}"
    salted = a_commitment(code, "code")
    return {
        "run": {
            "event": "runs:run:requested",
            "subject": run,
            "outcome": "allow",
            "commitments": {"file:0": a_commitment(INPUT, "file:0")},
        },
        "sandbox": {"event": "runs:run:started", "subject": run, "facts": {"image": "sha256:00"}},
        "decision": {
            "event": "policy:decision:recorded",
            "subject": run,
            "outcome": "allow",
            "facts": {"decision": "d1", "point": "execution"},
            "commitments": {"input": a_commitment(b"asked", "input")},
        },
        "request": {
            "event": "runs:execution:requested",
            "subject": execution,
            "facts": {"decision": "d1"},
            "commitments": {"code": salted},
        },
        "start": {
            "event": "runs:execution:started",
            "subject": execution,
            "facts": {"decision": "d1"},
            "commitments": {"code": salted},
        },
        "outcome": {
            "event": "runs:execution:finished",
            "subject": execution,
            "outcome": "succeeded",
            "facts": {"wall_milliseconds": 12},
            "commitments": {
                "outputs": a_commitment(OUTPUTS, "outputs"),
                "artifact:0": a_commitment(ARTIFACT, "artifact:0"),
            },
        },
    }


@dataclass(frozen=True)
class Made:
    """A receipt to be made. What tests change, they change here, before it is signed."""

    told: Mapping[str, Mapping[str, Any]] = field(default_factory=story)
    closed: frozenset[tuple[str, str]] = frozenset()
    meta: Callable[[Log], str | None] = lambda log: None
    exporter: LocalSigner = EXPORTER
    exporter_name: str = f"{BASE}/exports"
    log: Log = field(default_factory=Log)
    envelope: Callable[[dict[str, Any]], dict[str, Any]] = lambda envelope: envelope
    text: Callable[[str], str] = lambda text: text

    def make(self) -> bytes:
        """The receipt's bytes."""
        self.log.add()
        places = {name: self.log.add(**entry) for name, entry in self.told.items()}
        self.log.add()
        head, subtrees = self.log.head(), self.log.subtrees()

        def proof(index: int) -> str:
            path = merkle.inclusion_proof(index, head.size, subtrees)
            return proof_file(self.log.entries[index], index, path, self.log.checkpoint()).decode()

        envelope = {
            "does_not_prove": list(DOES_NOT_PROVE),
            "execution": 1,
            "meta": self.meta(self.log),
            "openings": [
                {
                    "commitment": name,
                    "part": part,
                    "salt": a_salt(name).hex(),
                    "sha256": sha256(CONTENTS[part, name]).hexdigest(),
                }
                for part, name in sorted(CONTENTS.keys() - self.closed)
                if part in self.told
            ],
            "proofs": {name: proof(index) for name, index in places.items()},
            "proves": list(PROVES),
            "run": RUN,
        }
        text = self.text(f"bailiwick-receipt/v1\n{canonical(self.envelope(envelope)).decode()}\n")
        return signed_note(text, self.exporter_name, self.exporter)


def envelope_of(receipt: bytes) -> dict[str, Any]:
    """What a receipt says."""
    told: dict[str, Any] = json.loads(receipt.split(b"\n")[1])
    return told
