"""One piece of an upload: sealed and kept, or joined with those before it, outside any transaction."""

from collections.abc import Iterator
from uuid import UUID

from config.errors import TooLarge, concerning
from config.verdicts import require
from gateways import blobs
from identity.callers import Caller
from runs import actions, queries, rules
from runs.models import Upload, UploadPart


def receive(upload_id: UUID, offset: int, content: bytes, *, by: Caller) -> Upload:
    """Keep a piece that begins at the offset; the upload as it stands then, which is what was acknowledged.

    The last piece is acknowledged with the file that comes of all. Raises NotFound, Conflict, TooLarge or Unavailable;
    then nothing of the piece is kept.
    """
    # Whoever may not see it does not hear that it is busy either.
    with actions.alone_at(queries.upload(by, upload_id)):
        upload = queries.upload(by, upload_id)
        with concerning(upload.project_id, f"upload:{upload.id}"):
            require(rules.may_continue_upload(upload, offset))
            _require_room(upload, offset + len(content))
        if not content:
            return upload
        return (_finish if offset + len(content) == upload.size else _add)(upload, content, by)


def _require_room(upload: Upload, end: int) -> None:
    if end > upload.size:
        raise TooLarge(
            "upload_too_long",
            f"body: goes to byte {end:,} of an upload that was begun as one of {upload.size:,} bytes.",
            remedy="Begin an upload of the whole length.",
        )


def _add(upload: Upload, content: bytes, by: Caller) -> Upload:
    piece = blobs.write([content])
    try:
        return actions.add_part(upload.id, upload.received, piece, by=by)
    except BaseException:
        actions.discard([piece])
        raise


def _finish(upload: Upload, content: bytes, by: Caller) -> Upload:
    whole = blobs.write(_joined(queries.parts(upload), content), limit=upload.size)
    try:
        return actions.finish_upload(upload.id, upload.received, whole, by=by)
    except BaseException:
        actions.discard([whole])
        raise


def _joined(parts: list[UploadPart], last: bytes) -> Iterator[bytes]:
    for part in parts:
        yield from blobs.read(part.blob.name, bytes(part.blob.wrapped_key or b""))
    yield last
