"""Outputs as they may leave a backend: every nbformat 4 object is built anew here from what the sandbox sent.

Whatever is not understood is refused, never passed on: a sandbox that sends it is not believed any further.
"""

from __future__ import annotations

import json
import re
from typing import Any

from sandbox_operator.agent.frames import ChannelError

MIME_FORM = re.compile(r"[a-z]+/[a-z0-9][a-z0-9.+-]{0,126}")
MIME_TOP = frozenset(("text", "image", "application", "audio", "video", "model", "font"))
MAX_MIMES = 32
MAX_KEY = 256
MAX_METADATA = 16 << 10
MAX_LINES = 5000
MAX_DEPTH = 64


def rebuild(value: dict[str, Any]) -> dict[str, Any]:
    """A well-formed nbformat output. Raises ChannelError for anything that is not one."""
    kind = value.get("output_type")
    if kind == "stream":
        name = value.get("name")
        if name not in ("stdout", "stderr"):
            raise ChannelError("a stream has another name than stdout or stderr")
        return {"output_type": "stream", "name": name, "text": clean(value.get("text"))}
    if kind == "error":
        return _error(value)
    if kind in ("display_data", "execute_result"):
        output = {"output_type": kind, "data": _bundle(value.get("data")), "metadata": _metadata(value.get("metadata"))}
        if kind == "execute_result":
            output["execution_count"] = count(value.get("execution_count"))
        return output
    raise ChannelError("an output of no known type")


def clean(text: object) -> str:
    """The text without what UTF-8 or PostgreSQL cannot hold (lone surrogates, NUL)."""
    if not isinstance(text, str):
        raise ChannelError("text was due")
    if text.isascii() and "\0" not in text:
        return text
    return text.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")


def count(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << 31:
        raise ChannelError("an execution count that is none")
    return value


def media_type(value: object) -> str:
    """A media type of a plain shape, or the one that says nothing."""
    if isinstance(value, str) and MIME_FORM.fullmatch(value) and value.split("/")[0] in MIME_TOP:
        return value
    return "application/octet-stream"


def size_of(output: dict[str, Any]) -> int:
    """Bytes of what a reader will see."""
    if output["output_type"] == "stream":
        return len(output["text"].encode())
    # Without blanks between its parts, as the agent counts: in a table of small numbers they are a third of it.
    return len(json.dumps(output, ensure_ascii=False, separators=(",", ":")).encode())


def _error(value: dict[str, Any]) -> dict[str, Any]:
    lines = value.get("traceback")
    if not isinstance(lines, list) or len(lines) > MAX_LINES:
        raise ChannelError("a traceback that is none")
    return {
        "output_type": "error",
        "ename": clean(value.get("ename"))[:MAX_KEY],
        "evalue": clean(value.get("evalue")),
        "traceback": [clean(line) for line in lines],
    }


def _bundle(data: object) -> dict[str, Any]:
    if not isinstance(data, dict) or len(data) > MAX_MIMES:
        raise ChannelError("a MIME bundle that is none")
    return {_mime(key): _mime_value(key, value) for key, value in data.items()}


def _mime(key: object) -> str:
    if not isinstance(key, str) or not MIME_FORM.fullmatch(key) or key.split("/")[0] not in MIME_TOP:
        raise ChannelError("a MIME type of a strange shape")
    return key


def _mime_value(key: str, value: object) -> Any:
    if key == "application/json" or key.endswith("+json"):
        return _json(value)
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        value = "".join(value)
    return clean(value)


def _json(value: object, depth: int = 0) -> Any:
    if depth > MAX_DEPTH:
        raise ChannelError("JSON that is nested too deep")
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_json(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {clean(key): _json(item, depth + 1) for key, item in value.items()}
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float) and value - value == 0:  # neither infinite nor NaN: JSON has no such numbers
        return value
    return None


def _metadata(value: object) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ChannelError("metadata that is none")
    clean_value: dict[str, Any] = _json(value)
    return clean_value if len(json.dumps(clean_value)) <= MAX_METADATA else {}
