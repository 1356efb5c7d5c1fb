"""Contents: sealed before the transaction, recorded in it, and committed to in the log."""

from collections.abc import Iterable
from datetime import datetime
from itertools import batched
from uuid import UUID

from django.db import DatabaseError, transaction

import audit
import identity.queries
from config import rows
from config.errors import Invalid, concerning
from config.verdicts import Denied, require
from gateways import blobs
from gateways.blobs import Sealed
from identity.callers import Caller
from runs import rules
from runs.models import Blob, File

_BATCH = 500


def kept(sealed: Sealed) -> Blob:
    """The row of a sealed content, with the salt of its commitment."""
    blob = Blob(
        name=sealed.name,
        wrapped_key=sealed.wrapped_key,
        size=sealed.size,
        sha256=sealed.sha256,
        salt=audit.new_salt(),
    )
    rows.insert(blob)
    return blob


def commitment(blob: Blob) -> str:
    """What the log says of a content: bound to its bytes, and silent about them."""
    return audit.commit_to(bytes(blob.sha256), bytes(blob.salt))


def discard(contents: Iterable[Sealed]) -> None:
    """Remove contents after the transaction that would have named them failed.

    A commit whose answer was lost may have succeeded: what a row names stays, and so does all while nobody can tell.
    """
    names = {sealed.name for sealed in contents}
    try:
        unnamed = _unnamed(names)
    except DatabaseError:
        return
    for name in unnamed:
        blobs.delete(name)


def _unnamed(names: Iterable[str]) -> list[str]:
    wanted = set(names)
    if not wanted:
        return []
    # What no key opens any more is as good as unnamed.
    named = Blob.objects.filter(name__in=wanted, wrapped_key__isnull=False)
    return sorted(wanted - set(named.values_list("name", flat=True)))


def discard_unnamed(before: datetime, most: int) -> int:
    """Remove contents written before then that no row names, because who sealed them died; how many, at most so many.

    `before` must lie further back than any content waits for its row.
    """
    done = 0
    for names in batched(blobs.older_than(before), _BATCH):
        for name in _unnamed(names)[: most - done]:
            blobs.delete(name)
            done += 1
    return done


def require_of_a_file(name: str, size: int) -> None:
    """Raise Invalid unless a file may have that name and size."""
    verdict = rules.may_name_file(name)
    if isinstance(verdict, Denied):
        raise Invalid(verdict.code, verdict.message, remedy=verdict.remedy)
    if size == 0:
        raise Invalid("file_empty", "The file is empty.", remedy="Send a file with content.")


@audit.refusals
@transaction.atomic
def store_file(sealed: Sealed, *, project_id: UUID, name: str, file_id: UUID, by: Caller) -> File:
    """Record an uploaded content as a file of the project. Raises NotFound, Invalid for its name, or Refused."""
    project = identity.queries.project(by, project_id)
    with concerning(project.id):
        require(rules.may_request(project.id, by))
        require_of_a_file(name, sealed.size)
    return add_file(sealed, project_id=project.id, name=name, file_id=file_id, by=by)


def add_file(sealed: Sealed, *, project_id: UUID, name: str, file_id: UUID, by: Caller) -> File:
    """The row and the entry of a file that may be stored, in the caller's own transaction."""
    file = File.objects.create(id=file_id, project_id=project_id, owner_id=by.user_id, name=name, blob=kept(sealed))
    audit.append(
        audit.Event.RUNS_FILE_STORED,
        tenant=project_id,
        actor=by.pseudonym,
        subject=f"file:{file.id}",
        facts={"size": sealed.size},
        commitments={"content": commitment(file.blob)},
        personal={"name": file.name},
        about=by.pseudonym,
    )
    return file
