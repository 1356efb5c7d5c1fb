"""Sends a directory of packages over a channel, as one archive that is never on a disk of ours."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path
from typing import Any

from sandbox_operator.agent.frames import DATA_BYTES, ChannelError, Kind
from sandbox_operator.outer_channel import OuterChannel
from sandbox_operator.session import refusal

FILL_SECONDS = 60.0


def fill(channel: OuterChannel, source: Path) -> None:
    """Raises RequestRefused when it does not fit, ChannelError or TimeoutError when the channel breaks."""
    channel.ask(Kind.FILL, {}, Kind.OK, FILL_SECONDS)
    sink = _Sink(channel)
    with tarfile.open(mode="w|", fileobj=sink, bufsize=DATA_BYTES, format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(source.iterdir()):
            archive.add(path, path.name, filter=_plain)
    channel.send(Kind.END, b"{}")
    answer = channel.receive(FILL_SECONDS)
    if answer.kind is Kind.REFUSED:
        raise refusal(answer)
    if answer.kind is not Kind.OK:
        raise ChannelError(f"{answer.kind.name} where OK was due")


class _Sink(io.RawIOBase):
    def __init__(self, channel: OuterChannel) -> None:
        self._channel = channel

    def writable(self) -> bool:
        return True

    def write(self, raw: Any) -> int:
        for start in range(0, len(raw), DATA_BYTES):
            self._channel.send(Kind.DATA, bytes(raw[start : start + DATA_BYTES]))
        return len(raw)


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Nobody's on this machine; readable by whoever runs inside."""
    if not (member.isreg() or member.isdir() or member.issym()):
        return None
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
    return member
