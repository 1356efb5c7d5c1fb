"""What a sandbox says lies in its outputs, made anew: names checked, limits held, all else left out and named."""

from __future__ import annotations

from typing import Any

from sandbox_operator import outputs
from sandbox_operator.agent.frames import ChannelError
from sandbox_operator.agent.names import name_fault
from sandbox_operator.protocol import ArtifactInfo, ArtifactList, ArtifactSkipped
from sandbox_operator.spec import Limits

MAX_SIZE = 1 << 50


def size_in(value: dict[str, Any], limit: int = MAX_SIZE) -> int:
    """Raises ChannelError for a size that is none, or larger than was asked for."""
    size = value.get("size")
    if isinstance(size, bool) or not isinstance(size, int) or not 0 <= size <= limit:
        raise ChannelError("a size that is none")
    return size


def make_listing(value: dict[str, Any], limits: Limits) -> ArtifactList:
    """Raises ChannelError for anything that is not a listing."""
    items, skipped = value.get("items"), value.get("skipped")
    if not isinstance(items, list) or not isinstance(skipped, list):
        raise ChannelError("a listing that is none")
    left_out = [_skipped(one) for one in skipped]
    found: dict[str, ArtifactInfo] = {}
    for item in sorted(map(_item, items), key=lambda item: item.name):
        if reason := _fault(item, len(found), limits):
            left_out.append(ArtifactSkipped(printable(item.name), reason))
        else:
            found[item.name] = item
    return ArtifactList(tuple(found.values()), tuple(left_out))


def printable(name: str) -> str:
    return ascii(name)[1:-1][:300]


def _item(item: object) -> ArtifactInfo:
    if not isinstance(item, dict) or not isinstance(name := item.get("name"), str):
        raise ChannelError("a listing that is none")
    media_type = outputs.media_type(item.get("media_type"))
    return ArtifactInfo(name, size_in(item), media_type, item.get("changed") is not False)


def _fault(item: ArtifactInfo, count: int, limits: Limits) -> str | None:
    if fault := name_fault(item.name):
        return f"the name {fault}"
    for name in ("artifact_count", "artifact_bytes"):
        if not getattr(limits, name):
            return f"no files are kept of this run: {name} is 0"
    if item.size > limits.artifact_bytes:
        return f"{item.size:,} bytes are over artifact_bytes, which is {limits.artifact_bytes:,}"
    if count >= limits.artifact_count:
        return f"is one more than artifact_count, which is {limits.artifact_count}"
    return None


def _skipped(item: object) -> ArtifactSkipped:
    if not isinstance(item, dict):
        raise ChannelError("a listing that is none")
    name, reason = item.get("name"), outputs.clean(item.get("reason"))
    return ArtifactSkipped(printable(name if isinstance(name, str) else "?"), reason[:100])
