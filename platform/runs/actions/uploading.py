"""Uploading: a file comes in pieces, each kept before it is acknowledged; the last one is kept as the whole."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from uuid import UUID

from django.db import DatabaseError, connection, transaction
from django.utils import timezone

import audit
import identity.queries
from config.environment import settings
from config.errors import Conflict, concerning
from config.verdicts import require
from gateways import blobs
from gateways.blobs import Sealed
from identity.callers import Caller
from runs import queries, rules
from runs.actions.keeping import add_file, kept, require_of_a_file
from runs.errors import file_too_large
from runs.models import Blob, Upload, UploadPart

LIFE = timedelta(hours=24)


@audit.refusals
@transaction.atomic
def begin_upload(*, project_id: UUID, name: str, size: int, upload_id: UUID, by: Caller) -> Upload:
    """Let a file come in pieces. Raises NotFound, Invalid for its name, TooLarge or Refused, as `store_file` would."""
    project = identity.queries.project(by, project_id)
    with concerning(project.id):
        require(rules.may_request(project.id, by))
        require_of_a_file(name, size)
        if size > (most := settings().upload_max_bytes):
            raise file_too_large(most)
        require(rules.may_begin_upload(queries.unfinished_uploads(by)))
    upload = Upload.objects.create(
        id=upload_id,
        project=project,
        owner_id=by.user_id,
        name=name,
        size=size,
        expires_at=timezone.now() + LIFE,
    )
    audit.append(
        audit.Event.RUNS_UPLOAD_BEGUN,
        tenant=project.id,
        actor=by.pseudonym,
        subject=f"upload:{upload.id}",
        facts={"size": size},
    )
    return upload


@contextmanager
def alone_at(upload: Upload) -> Iterator[None]:
    """Let one request at a time bring pieces of an upload. Raises Conflict(`upload_busy`).

    It spares the work of joining the pieces twice at once; that none is kept twice is seen to under the row's lock. The
    database lets go when this process dies.
    """
    key = int.from_bytes(upload.id.bytes[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        if not cursor.fetchone()[0]:
            raise Conflict(
                "upload_busy",
                "Another request brings a piece of this upload now.",
                remedy="Ask where it stands with HEAD, and go on from there.",
            )
    try:
        yield
    finally:
        # A connection that broke holds no lock any more.
        with suppress(DatabaseError), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [key])


def _locked(upload_id: UUID, offset: int, by: Caller) -> Upload:
    upload = queries.upload(by, upload_id, lock=True)
    with concerning(upload.project_id, f"upload:{upload.id}"):
        require(rules.may_request(upload.project_id, by))
        require(rules.may_continue_upload(upload, offset))
    return upload


@audit.refusals
@transaction.atomic
def add_part(upload_id: UUID, offset: int, piece: Sealed, *, by: Caller) -> Upload:
    """Keep a piece that is not the last. Raises NotFound, or Conflict where the upload stands elsewhere by now."""
    upload = _locked(upload_id, offset, by)
    UploadPart.objects.create(upload=upload, start=offset, blob=kept(piece))
    upload.received += piece.size
    upload.pieces += 1
    upload.save(update_fields=["received", "pieces"])
    return upload


@audit.refusals
@transaction.atomic
def finish_upload(upload_id: UUID, offset: int, whole: Sealed, *, by: Caller) -> Upload:
    """Record the whole as a file, in the place of its pieces. Raises as `add_part` does."""
    upload = _locked(upload_id, offset, by)
    add_file(whole, project_id=upload.project_id, name=upload.name, file_id=upload.id, by=by)
    _remove_parts(upload)
    upload.received, upload.pieces = upload.size, 0
    upload.save(update_fields=["received", "pieces"])
    return upload


@audit.refusals
@transaction.atomic
def end_upload(upload_id: UUID, *, by: Caller) -> None:
    """Give an unfinished upload up, with all that came of it. Raises NotFound or Conflict."""
    upload = queries.upload(by, upload_id, lock=True)
    with concerning(upload.project_id, f"upload:{upload.id}"):
        require(rules.may_end_upload(upload))
    _end(upload, "given_up", by)


def expire_uploads(now: datetime, most: int) -> int:
    """Forget uploads whose time is over, at most so many; how many. Files that came of them stay."""
    done = 0
    for upload_id in queries.expired_uploads(now, most):
        with transaction.atomic():
            upload = Upload.objects.select_for_update(skip_locked=True).filter(pk=upload_id).first()
            if upload is not None:
                _end(upload, "finished" if upload.finished else "expired", None)
                done += 1
    return done


def end_uploads_of(user_id: UUID, *, by: Caller | None) -> None:
    """Give up what a person is uploading, in the caller's own transaction; files that came of it stay."""
    for upload in Upload.objects.select_for_update().filter(owner_id=user_id):
        _end(upload, "finished" if upload.finished else "given_up", by)


def _end(upload: Upload, outcome: str, by: Caller | None) -> None:
    _remove_parts(upload)
    Upload.objects.filter(pk=upload.pk).delete()
    audit.append(
        audit.Event.RUNS_UPLOAD_ENDED,
        tenant=upload.project_id,
        actor=by.pseudonym if by else None,
        subject=f"upload:{upload.id}",
        outcome=outcome,
        facts={"received": upload.received},
    )


def _remove_parts(upload: Upload) -> None:
    names = dict(upload.parts.values_list("blob_id", "blob__name"))
    upload.parts.all().delete()
    Blob.objects.filter(pk__in=list(names)).delete()

    def remove() -> None:
        for name in names.values():
            blobs.delete(name)

    # Should this process die first, the sweep finds contents that no row names.
    transaction.on_commit(remove, robust=True)
