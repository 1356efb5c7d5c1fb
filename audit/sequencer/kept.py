"""The last checkpoint that was signed for each log, in files: what a restored database cannot make forgotten."""

import os
from pathlib import Path
from urllib.parse import quote, unquote


class Kept:
    """One file a log. A checkpoint is on the disk, synced, before anybody else hears of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def origins(self) -> list[str]:
        """The logs that were ever signed."""
        return sorted(unquote(path.stem) for path in self._folder.glob("*.checkpoint"))

    def read(self, origin: str) -> bytes | None:
        """The note that was signed last, or None if there never was one."""
        try:
            return self._path(origin).read_bytes()
        except FileNotFoundError:
            return None

    def write(self, origin: str, note: bytes) -> None:
        """Keep the note in the place of the one before it. Raises OSError, and then that one is still there."""
        path = self._path(origin)
        part = path.with_suffix(".part")
        with part.open("wb") as file:
            file.write(note)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _path(self, origin: str) -> Path:
        return self._folder / f"{quote(origin, safe='')}.checkpoint"
