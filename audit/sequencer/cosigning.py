"""Asking witnesses to cosign the meta-log's checkpoints (C2SP tlog-witness), beside the sequencer's own work.

A witness that is slow, silent or against it never holds up the log: it is asked again, and auditors see that it is
missing.
"""

import base64
import http.client
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import structlog

from audit import merkle
from audit.notes import Checkpoint
from audit.sequencer.store import Store
from audit.verifier import COSIGNATURE, Finding, Key, Note, Policy

EVERY = 1.0
PATIENCE = 5.0
_MOST = 64 * 1024
log = structlog.get_logger("sequencer")

type Prove = Callable[[int], list[bytes]]


class NotCosigned(Exception):
    """The witness did not cosign. The text says why; `refused` that it answered, and does not want to."""

    def __init__(self, why: str, *, refused: bool = False) -> None:
        super().__init__(why)
        self.refused = refused


class Remote:
    """A witness somewhere else, and the size that it cosigned last as far as we know."""

    def __init__(self, vkey: str, url: str) -> None:
        """Raises ValueError."""
        self.key = Key.parse(vkey, COSIGNATURE)
        self._url = urlsplit(url)
        if self._url.scheme not in ("http", "https") or not self._url.hostname or self._url.query:
            raise ValueError(f"the address of witness {self.key.name} is not one of HTTP")
        self._size = 0

    def cosign(self, note: bytes, prove: Prove) -> str:
        """The cosignature's line. Raises NotCosigned, also for a cosignature that is none."""
        head = Checkpoint.parse(Note(note, "it").text)
        status, body = self._post(note, head, prove)
        if status == 409 and body.strip().isdigit() and int(body) <= head.size and int(body) != self._size:
            self._size = int(body)
            status, body = self._post(note, head, prove)
        if status != 200:
            # 5xx: it cannot, for now. Anything else: it has seen another history, or does not know this log.
            raise NotCosigned(f"it answered {status}", refused=status < 500)
        for line in body.decode("utf-8", "replace").splitlines(keepends=True):
            try:
                if self.key in Note(note.rpartition(b"\n\n")[0] + b"\n\n" + line.encode(), "it").signers([self.key]):
                    self._size = head.size
                    return line
            except Finding:
                continue
        raise NotCosigned("its answer is no cosignature by its key", refused=True)

    def _post(self, note: bytes, head: Checkpoint, prove: Prove) -> tuple[int, bytes]:
        proof = prove(self._size) if 0 < self._size < head.size else []
        lines = [f"old {self._size}", *(base64.b64encode(each).decode() for each in proof), "", ""]
        kind = http.client.HTTPSConnection if self._url.scheme == "https" else http.client.HTTPConnection
        connection = kind(self._url.hostname or "", self._url.port, timeout=PATIENCE)
        try:
            path = f"{self._url.path.rstrip('/')}/add-checkpoint"
            connection.request("POST", path, "\n".join(lines).encode() + note)
            answer = connection.getresponse()
            return answer.status, answer.read(_MOST)
        except (OSError, http.client.HTTPException) as fault:
            raise NotCosigned(type(fault).__name__) from None
        finally:
            connection.close()


@dataclass(frozen=True)
class Witnesses:
    """A witness policy: whom to ask, and whose cosignatures are enough."""

    policy: Policy = field(default_factory=Policy)
    remotes: Sequence[Remote] = ()

    @classmethod
    def read(cls, path: Path) -> "Witnesses":
        """From a C2SP tlog-policy; its witnesses that have an address are asked. Raises OSError or ValueError."""
        text = path.read_text("utf-8")
        words = [line.split() for line in text.splitlines()]
        asked = [Remote(each[2], each[3]) for each in words if len(each) == 4 and each[0] == "witness"]
        return cls(Policy.parse(text), asked)

    def enough(self, names: Collection[str]) -> bool:
        """Whether the cosignatures of the witnesses of these names are."""
        return self.policy.met_by([each.key for each in self.remotes if each.key.name in names])


_LATEST = """
SELECT c.id, c.note, c.size FROM audit_checkpoint c JOIN audit_log l ON l.id = c.log
WHERE l.kind = 'meta' ORDER BY c.size DESC LIMIT 1
"""
_ADD = "INSERT INTO audit_cosignature (checkpoint, witness, line) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"
_DONE = "SELECT witness FROM audit_cosignature WHERE checkpoint = %s"
_ENOUGH = "INSERT INTO audit_cosigned (checkpoint) VALUES (%s) ON CONFLICT DO NOTHING"
_ASKED = "INSERT INTO audit_witness (name) VALUES (%s) ON CONFLICT (name) DO UPDATE SET configured = true"
_NOT_ASKED = "UPDATE audit_witness SET configured = false WHERE configured AND NOT name = ANY(%s)"
_STANDS = """
UPDATE audit_witness
SET since = CASE WHEN state = %(state)s THEN since ELSE now() END, state = %(state)s, reason = %(why)s
WHERE name = %(name)s AND (state, reason) <> (%(state)s, %(why)s)
"""


class Cosigning:
    """Asks each witness for the newest checkpoint of the meta-log, over a connection of its own."""

    def __init__(self, conninfo: dict[str, str | int], base: str, witnesses: Witnesses) -> None:
        self._conninfo = conninfo
        self._base = base
        self._witnesses = witnesses
        self._said: dict[str, str] = {}

    def work(self, stopping: threading.Event) -> None:
        """Ask until told to stop, whatever goes wrong on the way."""
        while not stopping.is_set():
            try:
                with psycopg.connect(**self._conninfo, autocommit=True) as connection:  # type: ignore[arg-type]
                    store = Store(connection, self._base)
                    self.begin(store)
                    while not stopping.wait(EVERY):
                        self.ask(store)
            except psycopg.Error as fault:
                log.error("cosigning_interrupted", kind=type(fault).__name__)
                stopping.wait(EVERY)

    def begin(self, store: Store) -> None:
        """Show who is asked, and that nobody else is."""
        for each in self._witnesses.remotes:
            store.connection.execute(_ASKED, [each.key.name])
        store.connection.execute(_NOT_ASKED, [[each.key.name for each in self._witnesses.remotes]])

    def ask(self, store: Store) -> None:
        """Have the newest checkpoint cosigned by those who have not."""
        row = store.connection.execute(_LATEST).fetchone() if self._witnesses.remotes else None
        if row is None:
            return
        identity, note, size = row
        done = {str(name) for (name,) in store.connection.execute(_DONE, [identity])}
        meta = store.log_of("meta")

        def prove(old: int) -> list[bytes]:
            return merkle.consistency_proof(old, size, store.subtrees(meta.id))  # type: ignore[arg-type]

        for witness in self._witnesses.remotes:
            if witness.key.name in done:
                continue
            try:
                line = witness.cosign(bytes(note), prove)  # type: ignore[call-overload]
            except NotCosigned as reason:
                self._show(store, witness, "refusing" if reason.refused else "silent", str(reason))
                continue
            store.connection.execute(_ADD, [identity, witness.key.name, line])
            done.add(witness.key.name)
            self._show(store, witness, "ok", "")
        if self._witnesses.enough(done):
            store.connection.execute(_ENOUGH, [identity])

    def _show(self, store: Store, witness: Remote, state: str, why: str) -> None:
        name = witness.key.name
        store.connection.execute(_STANDS, {"name": name, "state": state, "why": why})
        if self._said.get(name, "") != why:
            log.info("cosigning", witness=name, state=state, refused=why)
        self._said[name] = why
