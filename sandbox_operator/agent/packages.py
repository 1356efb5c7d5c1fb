"""Packages that come over the channel: an archive, unpacked as it arrives."""

from __future__ import annotations

import asyncio
import os
import tarfile

from .channel import Channel
from .files import refuse_os
from .frames import ChannelError, Kind

PACKAGES = "/packages"


async def fill(channel: Channel) -> None:
    """Receive a tar archive (DATA up to END) into /packages. Refused when it does not fit."""
    await channel.send(Kind.OK)
    read, write = os.pipe()
    work = asyncio.get_running_loop().run_in_executor(None, unpack, read)
    broken = False
    try:
        while (frame := await channel.receive()).kind is Kind.DATA:
            try:
                # Blocks until the thread has taken it: there is nobody else to serve.
                broken = broken or os.write(write, frame.payload) != len(frame.payload)
            except BrokenPipeError:
                broken = True
    finally:
        os.close(write)
    if frame.kind is not Kind.END:
        raise ChannelError(f"{frame.kind.name} in the middle of an archive")
    try:
        files = await work
    except OSError as error:
        return await refuse_os(channel, error)
    except tarfile.TarError as error:
        return await channel.refuse("file_error", str(error))
    await channel.send_json(Kind.OK, {"files": files})


def unpack(source: int) -> int:
    """The number of members. Raises OSError or TarError."""
    count = 0
    with os.fdopen(source, "rb") as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
        for member in archive:
            archive.extract(member, PACKAGES)
            count += 1
        # Up to its end: the padding of an archive would be refused by a pipe that nobody reads.
        while stream.read(1 << 16):
            pass
    return count
