"""A log in memory and exports of it, laid out as docs/audit.md says, with the platform's own code for what it has."""

import base64
import hashlib
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5
from zipfile import ZipFile, ZipInfo

from audit import merkle, tiles
from audit.canonical import canonical
from audit.commitments import commit_to
from audit.notes import Checkpoint, VerifierKey, proof_file
from audit.sealing import open_sealed, seal
from audit.signing import LocalSigner, signed_note

BASE = "log.example.org/bailiwick"
SPACE = UUID(int=5)
PROJECT = uuid5(SPACE, "project")
ORIGIN = f"{BASE}/project/{PROJECT}"
SIGNER = LocalSigner(bytes(range(32)))
EXPORTER = LocalSigner(bytes(range(1, 33)))


def key_lines(*names: str) -> str:
    """The key file of an auditor of these logs."""
    keys = [VerifierKey(f"{BASE}/exports", EXPORTER.public), VerifierKey(f"{BASE}/meta", SIGNER.public)]
    keys += [VerifierKey(name, SIGNER.public) for name in names or (ORIGIN,)]
    return "# the log of the tests\n\n" + "".join(f"{key}\n" for key in keys)


@dataclass
class Log:
    """A log whose entries are added and never changed, but by tests that play the platform gone wrong."""

    origin: str = ORIGIN
    entries: list[bytes] = field(default_factory=list)
    # (index, field) → sealed bytes, id of the data key.
    sealed: dict[tuple[int, str], tuple[bytes, UUID]] = field(default_factory=dict)
    data_keys: dict[UUID, bytes] = field(default_factory=dict)

    @property
    def tenant(self) -> str | None:
        _, project, found = self.origin.partition("/project/")
        return found if project else None

    def add(
        self,
        event: str = "runs:run:requested",
        *,
        personal: Mapping[str, str] | None = None,
        about: UUID | None = None,
        **told: Any,
    ) -> int:
        """Add an entry; its index."""
        index = len(self.entries)
        entry_id = uuid5(SPACE, f"{self.origin} {index}")
        header: dict[str, Any] = {
            "id": str(entry_id), "event": event, "version": 1, "tenant": self.tenant, "outcome": "ok",
            "recorded_at": f"2026-11-24T12:00:00.{index % 1000000:06d}Z", "actor": f"{index % 7:064x}",
            "subject": f"run:{uuid5(SPACE, str(index))}", "facts": {"number": index, "image": f"{index:064x}"},
            "commitments": {}, "sealed": {},
        } | told  # fmt: skip
        for name, text in (personal or {}).items():
            assert about is not None
            key = self.data_keys.setdefault(about, hashlib.sha256(about.bytes).digest())
            sealed, commitment = seal(text.encode(), entry=entry_id, field=name, data_key=key)
            self.sealed[index, name] = (sealed, about)
            digest = hashlib.sha256(sealed).hexdigest()
            header["sealed"][name] = {"commitment": commitment, "digest": digest, "key": str(about)}
        self.entries.append(canonical(header))
        return index

    def erase(self, about: UUID) -> int:
        """Destroy a person's key, and record it."""
        del self.data_keys[about]
        return self.add("audit:subject:erased", facts={"keys": [str(about)]})

    def subtrees(self) -> merkle.Subtree:
        """The tree as its tiles."""
        found: dict[tuple[int, int], bytes] = {}
        hashes = [merkle.leaf_hash(entry) for entry in self.entries]
        for level, number, tile in tiles.grow(0, hashes, lambda *at: found.get(at, b"")):
            found[level, number] = tile
        return tiles.subtrees(lambda *at: found.get(at, b""))

    def head(self, size: int | None = None) -> Checkpoint:
        """The head at a size, or now."""
        size = len(self.entries) if size is None else size
        return Checkpoint(self.origin, size, merkle.root(size, self.subtrees()))

    def checkpoint(self, size: int | None = None, signer: LocalSigner = SIGNER) -> bytes:
        """The signed head."""
        head = self.head(size)
        return signed_note(head.text, head.origin, signer)


@dataclass(frozen=True)
class Export:
    """An export to be made. What tests change, they change here, before it is signed."""

    log: Log
    first: int = 0
    end: int | None = None
    size: int | None = None
    step: int = 65_536
    previous: int | None = None
    meta: bytes | None = None
    cosigned: Sequence[Callable[[str], str]] = ()
    signer: LocalSigner = SIGNER
    exporter: LocalSigner = EXPORTER
    more: Mapping[str, bytes] = field(default_factory=dict)
    # entry index → {commitment: (salt, digest)}
    openings: Mapping[int, Mapping[str, tuple[bytes, bytes]]] = field(default_factory=dict)
    # Applied to what is signed: the exporter gone wrong.
    files: Callable[[dict[str, bytes]], dict[str, bytes]] = lambda files: files
    manifest: Callable[[dict[str, Any]], dict[str, Any]] = lambda manifest: manifest

    def make(self) -> bytes:
        """The bundle's bytes."""
        return archive(self.contents())

    def contents(self) -> dict[str, bytes]:
        """Its files, in their order."""
        size = len(self.log.entries) if self.size is None else self.size
        end = size if self.end is None else self.end
        subtree, head = self.log.subtrees(), self.log.head(size)
        files: dict[str, bytes] = {}
        for first in range(self.first, end, self.step):
            files |= self._chunk(first, min(first + self.step, end))
        files["checkpoint"] = self.log.checkpoint(size, self.signer)
        files["checkpoint"] += "".join(each(head.text) for each in self.cosigned).encode()
        files |= {"meta.tlog-proof": self.meta} if self.meta else {}
        files = self.files(files | dict(self.more))
        manifest = {
            "format": "bailiwick-export/v1", "origin": self.log.origin, "id": str(uuid5(SPACE, "export")),
            "made_at": "2026-11-24T13:00:00.000000Z", "about": {"filter": None}, "range": [self.first, end],
            "size": size, "root": head.root.hex(), "left": roots(subtree, 0, self.first),
            "right": roots(subtree, end, size), "previous": None,
            "files": [
                {"name": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
                for name, data in files.items()
            ],
        }  # fmt: skip
        if self.previous is not None:
            proof = merkle.consistency_proof(self.previous, size, subtree)
            before = {"size": self.previous, "root": self.log.head(self.previous).root.hex()}
            manifest["previous"] = before | {"proof": [each.hex() for each in proof]}
        data = canonical(self.manifest(manifest))
        return files | signed_manifest(data, self.log.origin, self.exporter)

    def _chunk(self, first: int, end: int) -> dict[str, bytes]:
        entries = self.log.entries[first:end]
        lines = [line for index in range(first, end) for line in self._lines(index)]
        return {
            f"entries/{first}-{end}": tiles.bundle(entries),
            f"hashes/{first}-{end}": b"".join(map(merkle.leaf_hash, entries)),
            f"payloads/{first}-{end}": b"".join(json.dumps(line).encode() + b"\n" for line in lines),
        }

    def _lines(self, index: int) -> list[dict[str, Any]]:
        header = json.loads(self.log.entries[index]) if b'"sealed":{"' in self.log.entries[index] else {}
        lines: list[dict[str, Any]] = []
        for name in sorted(header.get("sealed", {})):
            sealed, about = self.log.sealed[index, name]
            opened = None
            if key := self.log.data_keys.get(about):
                found = open_sealed(sealed, entry=UUID(header["id"]), field=name, data_key=key)
                opened = {"salt": found.salt.hex(), "content": base64.b64encode(found.content).decode()}
            lines.append({"index": index, "field": name, "sealed": base64.b64encode(sealed).decode(), "opened": opened})
        for name, (salt, digest) in sorted(self.openings.get(index, {}).items()):
            lines.append({"index": index, "commitment": name, "salt": salt.hex(), "sha256": digest.hex()})
        return lines


def signed_manifest(data: bytes, origin: str, exporter: LocalSigner = EXPORTER) -> dict[str, bytes]:
    """The manifest and its signature."""
    digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
    name = f"{origin.rpartition('/meta')[0] or BASE}/exports"
    return {"manifest.json": data, "manifest.sig": signed_note(f"bailiwick-export/v1\n{digest}\n", name, exporter)}


def roots(subtree: merkle.Subtree, first: int, end: int) -> list[str]:
    """Of the largest complete subtrees that cover [first, end)."""
    return [subtree(*each).hex() for each in merkle.complete_subtrees(first, end)]


def archive(files: Mapping[str, bytes]) -> bytes:
    """The files in a zip archive, as an export is laid out."""
    buffer = io.BytesIO()
    with ZipFile(buffer, "w") as made:
        for name, data in files.items():
            with made.open(ZipInfo(name), "w") as file:
                file.write(data)
    return buffer.getvalue()


def unpacked(bundle: bytes) -> dict[str, bytes]:
    """The files of an archive, in its order."""
    with ZipFile(io.BytesIO(bundle)) as made:
        return {name: made.read(name) for name in made.namelist()}


def meta_proof(log: Log, meta: Log, cosign: Sequence[Callable[[str], str]] = (), size: int | None = None) -> bytes:
    """A proof that the log's checkpoint is in the meta-log, whose own is cosigned."""
    note = log.checkpoint(size)
    meta.entries.append(note)
    index, head = len(meta.entries) - 1, meta.head()
    signed = meta.checkpoint() + "".join(each(head.text) for each in cosign).encode()
    return proof_file(note, index, merkle.inclusion_proof(index, head.size, meta.subtrees()), signed)


def a_salt(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()


def a_commitment(content: bytes, name: str) -> str:
    return commit_to(hashlib.sha256(content).digest(), a_salt(name))


PERSON, OTHER = uuid5(SPACE, "a person"), uuid5(SPACE, "another")


def a_log(count: int = 20) -> Log:
    """A log with sealed fields of two people, of whom one was erased, and with a commitment."""
    log = Log()
    for number in range(count - 1):
        personal = {"purpose": f"why {number}"} if number % 3 == 0 else {}
        personal |= {"name": "data.csv"} if number % 6 == 0 else {}
        about = PERSON if number % 2 else OTHER
        log.add(personal=personal, about=about, commitments={"code": a_commitment(b"1 + 1", str(number))})
    log.erase(PERSON)
    return log
