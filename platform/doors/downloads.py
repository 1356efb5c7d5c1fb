"""Contents as attachments, streamed."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from urllib.parse import quote

from django.http import StreamingHttpResponse

NOTEBOOK = "application/x-ipynb+json"
ZIP = "application/zip"
# What a browser may be told a download is. Everything else is bytes: nothing of a run may run in our origin.
INERT = frozenset(
    {"text/csv", "text/plain", "application/json", "image/png", "image/jpeg", "image/gif", "image/webp"}
    | {"application/vnd.apache.parquet", "application/pdf", NOTEBOOK, ZIP}
)
BYTES = "application/octet-stream"
_BATCH = 1 << 20


def download(chunks: Iterator[bytes], *, name: str, media_type: str, size: int | None = None) -> StreamingHttpResponse:
    """A content as an attachment that no browser runs or guesses about, streamed."""
    response = StreamingHttpResponse(_batches(chunks), content_type=media_type if media_type in INERT else BYTES)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    if size is not None:
        response["Content-Length"] = str(size)
    return response


async def _batches(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    while batch := await asyncio.to_thread(_batch, chunks):
        yield batch


def _batch(chunks: Iterator[bytes]) -> bytes:
    taken = bytearray()
    for chunk in chunks:
        taken += chunk
        if len(taken) >= _BATCH:
            break
    return bytes(taken)
