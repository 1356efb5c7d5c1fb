"""A witness (C2SP tlog-witness): it cosigns a log's checkpoint only if that continues the one it cosigned before.

    python -m audit.witness --name NAME --key SEED-FILE --logs VKEY-FILE --state FOLDER [--listen HOST:PORT] [--init]

To be run by somebody other than the log's operator, on a machine that the operator does not reach. It needs Python 3.11
or later, `cryptography`, this file and audit/verifier.py: put both in a folder `audit` and start it from beside that.

SEED-FILE has 64 hex digits and is readable by its owner alone; VKEY-FILE lists the logs' verifier keys, one a line,
each under its log's origin. FOLDER holds the last checkpoint of each log. `--init` makes it, once; a witness whose
folder was lost must not be started again under its key, because it would cosign what it has refused: make another key.
"""

import argparse
import base64
import fcntl
import hashlib
import json
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.verifier import COSIGNATURE, Checkpoint, Finding, Key, Note, is_prefix, read_keys

MOST_BYTES = 256 * 1024
MOST_HASHES = 63
SLOW = 10.0
TEXT, SIZE = "text/plain; charset=utf-8", "text/x.tlog.size"
_OLD = re.compile(rb"old (0|[1-9][0-9]{0,17})")
EMPTY = hashlib.sha256().digest()


class Answer(NamedTuple):
    """What a client gets."""

    status: int
    body: str
    kind: str = TEXT


class Refusal(Exception):
    """Why a checkpoint is not cosigned."""

    def __init__(self, status: int, body: str, kind: str = TEXT) -> None:
        super().__init__(body)
        self.answer = Answer(status, body, kind)


class Cosigner:
    """The witness's key, under its name."""

    def __init__(self, name: str, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.key = Key(name, COSIGNATURE, self._private.public_key().public_bytes_raw())
        if not re.fullmatch(r"[^\s+]+", name):
            raise ValueError("a witness's name has no spaces and no plus signs")

    @property
    def vkey(self) -> str:
        """The verifier key that log operators and auditors are given."""
        material = base64.b64encode(bytes([COSIGNATURE]) + self.key.public).decode()
        return f"{self.key.name}+{self.key.key_id.hex()}+{material}"

    def line(self, text: str, at: int) -> str:
        """The cosignature of a checkpoint's text (tlog-cosignature, Ed25519)."""
        signature = self._private.sign(f"cosignature/v1\ntime {at}\n{text}".encode())
        told = base64.b64encode(self.key.key_id + at.to_bytes(8, "big") + signature).decode()
        return f"— {self.key.name} {told}\n"


class State:
    """The last checkpoint of each log, in files; one witness at a time."""

    def __init__(self, folder: Path, vkey: str, *, init: bool) -> None:
        """Raises OSError or ValueError for a folder that is not this witness's, or that another one works in."""
        self._folder = folder
        mark = folder / "witness"
        if init:
            folder.mkdir(mode=0o700, parents=True)
            self._write(mark, f"{vkey}\n".encode())
        if mark.read_text("utf-8") != f"{vkey}\n":
            raise ValueError(f"{folder} is the folder of another witness, or of another key")
        self._lock = mark.open("rb")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            raise ValueError(f"another witness works in {folder}") from None

    def close(self) -> None:
        """Let another process have the folder."""
        self._lock.close()

    def last(self, origin: str) -> Checkpoint:
        """What was cosigned last; of size 0 if nothing was. Raises OSError or Finding if that cannot be told."""
        try:
            data = self._path(origin).read_bytes()
        except FileNotFoundError:
            return Checkpoint(origin, 0, EMPTY)
        found = Checkpoint.parse(Note(data, "the kept checkpoint"), extended=True)
        if found.origin != origin:
            raise Finding(10, "the kept checkpoint is of another log")
        return found

    def keep(self, origin: str, note: bytes) -> None:
        """Remember this one; on the disk, synced, when this returns."""
        self._write(self._path(origin), note)

    def keep_evidence(self, note: bytes) -> None:
        """Keep a checkpoint that contradicts the last one: with that one it proves that the log forked."""
        self._write(self._folder / f"fork-{hashlib.sha256(note).hexdigest()}", note)

    def _path(self, origin: str) -> Path:
        return self._folder / f"log-{hashlib.sha256(origin.encode()).hexdigest()}"

    def _write(self, path: Path, data: bytes) -> None:
        part = path.with_name(f"{path.name}.part")
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


class Request(NamedTuple):
    """The body of add-checkpoint."""

    old: int
    proof: tuple[bytes, ...]
    checkpoint: bytes

    @classmethod
    def parse(cls, body: bytes) -> "Request":
        """Raises Refusal."""
        head, blank, checkpoint = body.partition(b"\n\n")
        first, *lines = head.split(b"\n")
        old = _OLD.fullmatch(first)
        if not blank or old is None or len(lines) > MOST_HASHES:
            raise Refusal(400, "The body is not that of add-checkpoint.\n")
        try:
            hashes = tuple(base64.b64decode(line, validate=True) for line in lines)
        except ValueError:
            raise Refusal(400, "A line of the proof is not base64.\n") from None
        if any(len(each) != 32 for each in hashes):
            raise Refusal(400, "A line of the proof is no hash.\n")
        return cls(int(old[1]), hashes, checkpoint)


class Witness:
    """Checks, remembers, then cosigns; one request after another."""

    def __init__(self, cosigner: Cosigner, logs: Sequence[Key], state: State, now: Callable[[], float]) -> None:
        self._cosigner = cosigner
        self._logs = logs
        self._state = state
        self._now = now
        self._one = threading.Lock()

    def add_checkpoint(self, body: bytes) -> Answer:
        """The answer to add-checkpoint."""
        try:
            asked = Request.parse(body)
            note, head = self._opened(asked.checkpoint)
            # Between the look at the last checkpoint and the end of its replacement nobody else looks.
            with self._one:
                self._require_continuation(asked, head)
                if head.size != asked.old or head.size == 0:
                    self._state.keep(head.origin, asked.checkpoint)
                return Answer(200, self._cosigner.line(note.text, int(self._now())))
        except Refusal as refusal:
            return refusal.answer

    def _opened(self, checkpoint: bytes) -> tuple[Note, Checkpoint]:
        try:
            note = Note(checkpoint, "The checkpoint")
            head = Checkpoint.parse(note, extended=True)
        except Finding as finding:
            raise Refusal(400, f"{finding.message}\n") from None
        keys = [key for key in self._logs if key.name == head.origin]
        if not keys:
            raise Refusal(404, "This witness does not know the log.\n")
        try:
            note.require(keys)
        except Finding:
            raise Refusal(403, "No key of the log that this witness knows signed the checkpoint.\n") from None
        return note, head

    def _require_continuation(self, asked: Request, head: Checkpoint) -> None:
        if asked.old > head.size:
            raise Refusal(400, "The old size is larger than the checkpoint's.\n")
        last = self._state.last(head.origin)
        if asked.old != last.size:
            raise Refusal(409, f"{last.size}\n", SIZE)
        if head.size == last.size:
            if asked.proof:
                raise Refusal(422, "Trees of one size need no proof.\n")
            if head.root != last.root:
                if last.size == 0:
                    raise Refusal(422, "The root is not that of an empty tree.\n")
                self._state.keep_evidence(asked.checkpoint)
                raise Refusal(409, f"{last.size}\n", SIZE)
        elif last.size == 0:
            if asked.proof:
                raise Refusal(422, "From size 0 there is no proof.\n")
        elif not is_prefix(last.size, head.size, last.root, head.root, asked.proof):
            raise Refusal(422, "The proof does not show that the checkpoint continues the last one.\n")


class Handler(BaseHTTPRequestHandler):
    """HTTP in front of a witness."""

    protocol_version = "HTTP/1.1"
    server_version = "bailiwick-witness"
    sys_version = ""
    timeout = SLOW
    witness: Witness

    def do_POST(self) -> None:
        """Answer add-checkpoint, and nothing else."""
        length = self.headers.get("Content-Length", "")
        if not re.fullmatch("[0-9]{1,9}", length):
            return self._answer(Answer(411, "Say how long the body is.\n"), close=True)
        if int(length) > MOST_BYTES:
            return self._answer(Answer(413, "The body is too long.\n"), close=True)
        body = self.rfile.read(int(length))
        if self.path != "/add-checkpoint":
            return self._answer(Answer(404, "There is only add-checkpoint.\n"))
        try:
            self._answer(self.witness.add_checkpoint(body))
        except (OSError, Finding) as fault:
            # What was cosigned cannot be told, or not be kept: then nothing is cosigned.
            say("fault", kind=type(fault).__name__)
            self._answer(Answer(500, "The witness cannot keep its state.\n"), close=True)

    def _answer(self, answer: Answer, *, close: bool = False) -> None:
        body = answer.body.encode()
        say("answered", status=answer.status)
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(body)))
        if close:
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: `say` does."""


def say(event: str, **more: Any) -> None:
    """A line of the witness's own log."""
    print(json.dumps({"event": event, "at": int(time.time()), **more}), file=sys.stderr, flush=True)


def server(witness: Witness, host: str, port: int) -> ThreadingHTTPServer:
    """A server of the witness; port 0 takes a free one."""
    return ThreadingHTTPServer((host, port), type("Its", (Handler,), {"witness": witness}))


def main(words: Sequence[str] | None = None) -> int:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(prog="witness", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--name", required=True)
    for name in ("--key", "--logs", "--state"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument("--listen", default="127.0.0.1:7380")
    parser.add_argument("--init", action="store_true")
    asked = parser.parse_args(words)
    try:
        if asked.key.stat().st_mode & 0o077:
            raise ValueError(f"{asked.key} must be readable by its owner alone")
        cosigner = Cosigner(asked.name, bytes.fromhex(asked.key.read_text().strip()))
        state = State(asked.state, cosigner.vkey, init=asked.init)
        host, _, port = asked.listen.rpartition(":")
        serving = server(Witness(cosigner, read_keys(asked.logs), state, time.time), host, int(port))
    except (OSError, ValueError) as fault:
        print(f"witness: {fault}", file=sys.stderr)
        return 78
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=serving.shutdown).start())
    print(cosigner.vkey, flush=True)
    say("serving", port=serving.server_port)
    serving.serve_forever()
    serving.server_close()
    state.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
