"""A client of resumable uploads, as tests write it: each request of the protocol by itself."""

import base64
from collections.abc import Iterable
from typing import Any

VERSION = {"Tus-Resumable": "1.0.0"}
PIECE = "application/offset+octet-stream"


def metadata(**values: str) -> str:
    """The header that names project and file."""
    return ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in values.items())


def creation(project: object, name: str, size: int) -> dict[str, str]:
    """The headers of a creation."""
    return {**VERSION, "Upload-Length": str(size), "Upload-Metadata": metadata(project=str(project), filename=name)}


def begin(api: Any, project: object, name: str, size: int) -> Any:
    """Begin an upload by an httpx client of the API."""
    return api.post("uploads", headers=creation(project, name, size))


def proceed(api: Any, upload: str, offset: int, content: bytes | Iterable[bytes]) -> Any:
    """Bring a piece."""
    headers = {**VERSION, "Upload-Offset": str(offset), "Content-Type": PIECE}
    return api.patch(f"uploads/{upload}", content=content, headers=headers)


def standing(api: Any, upload: str) -> int:
    """Where the upload stands."""
    return int(api.head(f"uploads/{upload}", headers=VERSION).headers["upload-offset"])
