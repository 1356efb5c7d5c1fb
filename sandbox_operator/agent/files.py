"""Files in and out of /workspace, never following a link."""

from __future__ import annotations

import errno
import mimetypes
import os
import stat
from contextlib import suppress
from typing import Any

from .channel import Channel
from .frames import DATA_BYTES, ChannelError, Kind, pack_json
from .names import name_fault

WORKSPACE = "/workspace"
OUTPUTS = "/workspace/outputs"
DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
REFUSALS = {errno.ENOSPC: "disk_full", errno.ENOENT: "artifact_gone"} | dict.fromkeys(
    [errno.ELOOP, errno.ENOTDIR, errno.EISDIR, errno.ENXIO], "not_a_file"
)
MAX_LISTED = 2000
MAX_VISITED = 20_000
LISTING_BYTES = 900 << 10


def open_parent(root: str, parts: list[str], make: bool) -> int:
    """A descriptor of the directory that holds the last part. Raises OSError for a link on the way."""
    at = os.open(root, DIRECTORY)
    for part in parts[:-1]:
        if make:
            with suppress(FileExistsError):
                os.mkdir(part, 0o755, dir_fd=at)
        try:
            below = open_directory(part, at)
        finally:
            os.close(at)
        at = below
    return at


def open_directory(name: str, at: int) -> int:
    """gVisor follows a link in spite of O_NOFOLLOW when O_DIRECTORY is there too, so what was opened is compared."""
    below = os.open(name, DIRECTORY, dir_fd=at)
    seen, opened = os.stat(name, dir_fd=at, follow_symlinks=False), os.fstat(below)
    if (seen.st_dev, seen.st_ino, stat.S_ISDIR(seen.st_mode)) != (opened.st_dev, opened.st_ino, True):
        os.close(below)
        raise NotADirectoryError(errno.ENOTDIR, "a link is on the way")
    return below


async def put(channel: Channel, name: str, size: int) -> None:
    """Receive one file whole; it appears under its name only when it is complete."""
    if bad := name_fault(name):
        return await channel.refuse("bad_name", f"the name {bad}")
    await channel.send(Kind.OK)
    part = name.split("/")
    try:
        parent = open_parent(WORKSPACE, part, make=True)
    except OSError as error:
        return await _drain(channel, error)
    temporary = f".{os.urandom(8).hex()}.part"
    try:
        out = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644, dir_fd=parent)
        try:
            got = await _copy_in(channel, out)
        finally:
            os.close(out)
        if isinstance(got, OSError) or got != size:
            os.unlink(temporary, dir_fd=parent)
            fault = got if isinstance(got, OSError) else OSError(0, f"{got} bytes came, {size} were announced")
            return await refuse_os(channel, fault)
        os.rename(temporary, part[-1], src_dir_fd=parent, dst_dir_fd=parent)
        await channel.send_json(Kind.OK, {"size": got})
    except OSError as error:
        await refuse_os(channel, error)
    finally:
        os.close(parent)


async def _copy_in(channel: Channel, out: int) -> int | OSError:
    """Read DATA up to END, whatever the disk says, so that the channel stays in step."""
    got, failure = 0, None
    while True:
        frame = await channel.receive()
        if frame.kind is Kind.END:
            return failure or got
        if frame.kind is not Kind.DATA:
            raise ChannelError(f"{frame.kind.name} in the middle of a file")
        view = memoryview(frame.payload)
        while view and failure is None:
            try:
                written = os.write(out, view)
            except OSError as error:
                failure = error
                os.ftruncate(out, 0)
            else:
                got += written
                view = view[written:]


async def _drain(channel: Channel, error: OSError) -> None:
    while (await channel.receive()).kind is not Kind.END:
        pass
    await refuse_os(channel, error)


async def refuse_os(channel: Channel, error: OSError) -> None:
    await channel.refuse(REFUSALS.get(error.errno or 0, "file_error"), error.strerror or str(error))


class Artifacts:
    """What lies below /workspace/outputs, and what of it was listed before."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[int, int, int]] = {}

    async def send_listing(self, channel: Channel) -> None:
        found: list[dict[str, Any]] = []
        skipped: list[dict[str, str]] = []
        self._walk(OUTPUTS, "", found, skipped, [MAX_VISITED])
        found.sort(key=lambda item: str(item["name"]))
        while len(pack_json(found)) + len(pack_json(skipped)) > LISTING_BYTES:
            del found[len(found) // 2 :], skipped[len(skipped) // 2 :]
            skipped.append({"name": "…", "reason": "too many to list"})
        await channel.send_json(Kind.LISTING, {"items": found, "skipped": skipped})

    def _walk(
        self, path: str, prefix: str, found: list[dict[str, Any]], skipped: list[dict[str, str]], left: list[int]
    ) -> None:
        try:
            entries = list(os.scandir(path))
        except OSError:
            return
        for entry in entries:
            left[0] -= 1
            if left[0] < 0 or len(found) >= MAX_LISTED or len(skipped) >= MAX_LISTED:
                return
            name = prefix + entry.name
            reason = self._look(entry, name, found)
            if reason == "directory":
                self._walk(entry.path, name + "/", found, skipped, left)
            elif reason:
                skipped.append({"name": name[:300], "reason": reason})

    def _look(self, entry: os.DirEntry[str], name: str, found: list[dict[str, Any]]) -> str | None:
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError:
            return "cannot be read"
        if fault := name_fault(name):
            return f"the name {fault}"
        if stat.S_ISLNK(status.st_mode):
            return "is a symbolic link"
        if stat.S_ISDIR(status.st_mode):
            return "directory" if name.count("/") < 16 else "is nested too deep"
        if not stat.S_ISREG(status.st_mode):
            return "is not a regular file"
        key = (status.st_size, status.st_mtime_ns, status.st_ino)
        changed = self._seen.get(name) != key
        self._seen[name] = key
        media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        found.append({"name": name, "size": status.st_size, "media_type": media_type, "changed": changed})
        return None

    async def send_file(self, channel: Channel, name: str, limit: int) -> None:
        if fault := name_fault(name):
            return await channel.refuse("bad_name", f"the name {fault}")
        parts = name.split("/")
        try:
            parent = open_parent(OUTPUTS, parts, make=False)
            try:
                flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
                source = os.open(parts[-1], flags, dir_fd=parent)
            finally:
                os.close(parent)
        except OSError as error:
            return await refuse_os(channel, error)
        try:
            status = os.fstat(source)
            if not stat.S_ISREG(status.st_mode):
                return await channel.refuse("not_a_file", "is not a regular file")
            if status.st_size > limit:
                return await channel.refuse("artifact_too_large", f"{status.st_size:,} bytes are over {limit:,}")
            await self._copy_out(channel, source, status.st_size)
        finally:
            os.close(source)

    async def _copy_out(self, channel: Channel, source: int, size: int) -> None:
        await channel.send_json(Kind.OK, {"size": size})
        left = size
        while left:
            raw = os.read(source, min(DATA_BYTES, left))
            if not raw:
                return await channel.refuse("artifact_changed", "became shorter while it was read")
            left -= len(raw)
            await channel.send(Kind.DATA, raw)
        await channel.send_json(Kind.END, {"size": size})
