"""Bundles for tests, and the verifier as an auditor runs it."""

import contextlib
import io
import json
import uuid
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from audit import bundle, tree, verifier
from audit.archive import stored
from audit.bundle import Contents, Earlier
from audit.exportkey import export_key


def export(
    path: Path, project: UUID, first: int = 0, end: int | None = None, earlier: Earlier | None = None, **more: Any
) -> Path:
    """A bundle of the project's log as it is signed now."""
    head = tree.head_of(project)
    assert head is not None
    contents = Contents(uuid.uuid4(), head, first, head.size if end is None else end, earlier, **more)
    made: dict[str, bytes] = {}
    for piece in bundle.chunks(contents):
        made |= {name: b"".join(chunks) for name, chunks in bundle.files(contents, *piece)}
    made |= dict(bundle.proofs(head))
    files = [stored(name, content) for name, content in made.items()]
    path.write_bytes(b"".join(bundle.assembled(contents, files, lambda file: [made[file.name]], {})))
    return path


def write_keys(path: Path, *projects: UUID) -> Path:
    """The key file that an auditor of these projects gets."""
    path.write_text("# trusted\n\n" + "".join(f"{key}\n" for key in tree.verifier_keys(projects, export_key)))
    return path


def verify(*words: Any) -> tuple[int, dict[str, Any]]:
    """Exit code and report of the verifier."""
    with contextlib.redirect_stdout(io.StringIO()) as said:
        code = verifier.main([*map(str, words), "--json"])
    return code, json.loads(said.getvalue())


@dataclass
class Unpacked:
    """An archive's files, to be changed and packed again."""

    files: list[tuple[str, bytes]]

    @classmethod
    def of(cls, path: Path) -> "Unpacked":
        with zipfile.ZipFile(path) as packed:
            return cls([(name, packed.read(name)) for name in packed.namelist()])

    def __getitem__(self, name: str) -> bytes:
        return dict(self.files)[name]

    def __setitem__(self, name: str, content: bytes) -> None:
        self.files = [(each, content if each == name else there) for each, there in self.files]

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.files]

    def pack(self, path: Path) -> Path:
        """Write the archive."""
        with zipfile.ZipFile(path, "w") as packed:
            for name, content in self.files:
                packed.writestr(zipfile.ZipInfo(name), content)
        return path
