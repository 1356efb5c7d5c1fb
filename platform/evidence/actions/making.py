"""Making an export: which worker does, how far it is, and what is made already, so that another goes on from there."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

import audit
from audit import Event, tree
from audit.canonical import JSON
from evidence import queries
from evidence.errors import Overtaken
from evidence.models import Export, ExportFile, Withheld
from evidence.states import ExportState
from gateways import blobs
from gateways.blobs import Sealed
from runs.actions.keeping import kept
from runs.models import Blob


@dataclass(frozen=True)
class Made:
    """A file of a bundle: sealed for it, or a content that has its place elsewhere."""

    name: str
    crc: int
    content: Sealed | Blob


@dataclass(frozen=True)
class Refusal:
    """Contents that policy does not let go."""

    subject: str
    what: str
    reasons: tuple[str, ...]
    contents: int


@transaction.atomic
def claim(export_id: UUID, now: datetime) -> Export | None:
    """Take a queued export on; None if somebody else has it."""
    export = Export.objects.select_for_update().filter(pk=export_id, state=ExportState.QUEUED).first()
    if export is None:
        return None
    export.state, export.attempt, export.touched_at = ExportState.MAKING, export.attempt + 1, now
    export.save()
    return export


@transaction.atomic
def give_back(export_id: UUID) -> None:
    """Queue an export again, whose worker is dead or cannot go on yet. What it made is kept."""
    Export.objects.filter(pk=export_id, state=ExportState.MAKING).update(
        state=ExportState.QUEUED, touched_at=timezone.now()
    )


def begin(export: Export, head: tree.Head, end: int) -> None:
    """Fix the checkpoint that everything is made against, whoever goes on. Raises Overtaken."""
    export.log_size, export.log_root, export.end = head.size, head.root, end
    _still_ours(export, log_size=head.size, log_root=head.root, end=end)


def narrow(export: Export, first: int, end: int, steps: int) -> None:
    """Fix the range, and how many steps it takes to make the bundle of it. Raises Overtaken."""
    export.first, export.end, export.steps = first, end, steps
    _still_ours(export, first=first, end=end, steps=steps)


def show_progress(export: Export, done: int) -> None:
    """Show how many steps are done, and that the worker lives. Raises Overtaken."""
    _still_ours(export, done=done)


def _still_ours(export: Export, **changed: object) -> None:
    ours = Export.objects.filter(pk=export.pk, state=ExportState.MAKING, attempt=export.attempt)
    if not ours.update(touched_at=timezone.now(), **changed):
        raise Overtaken(str(export.pk))


@transaction.atomic
def keep_files(export: Export, made: Iterable[Made], refused: Iterable[Refusal], done: int) -> None:
    """Keep files of the bundle, all or none; whoever goes on need not make them again. Raises Overtaken."""
    _still_ours(export, done=done)
    for file in made:
        own = isinstance(file.content, Sealed)
        blob = kept(file.content) if isinstance(file.content, Sealed) else file.content
        ExportFile.objects.create(export=export, name=file.name, crc=file.crc, blob=blob, own=own)
    Withheld.objects.bulk_create(
        Withheld(
            export=export,
            subject=each.subject,
            what=each.what,
            reasons=list(each.reasons),
            contents=each.contents,
        )
        for each in refused
    )


@transaction.atomic
def finish(export: Export, sealed: Sealed) -> None:
    """Record the bundle, and let go of the files that it was made from. Raises Overtaken."""
    _still_ours(export, state=ExportState.READY, blob=kept(sealed), finished_at=timezone.now())
    forget_files(export)
    facts: dict[str, JSON] = {"from": export.first, "to": export.end, "size": sealed.size}
    facts |= {"sha256": sealed.sha256.hex(), "checkpoint": export.log_size, "root": bytes(export.log_root or b"").hex()}
    _append(Event.AUDIT_EXPORT_FINISHED, export, facts)


@transaction.atomic
def fail(export: Export, code: str) -> None:
    """Record that there will be no bundle. Raises Overtaken."""
    _still_ours(export, state=ExportState.FAILED, failure=code, finished_at=timezone.now())
    forget_files(export)
    _append(Event.AUDIT_EXPORT_FAILED, export, {"code": code}, outcome="failed")


def forget_files(export: Export) -> None:
    """Let go of what was made of the bundle, in the caller's own transaction."""
    own = queries.own_blobs(export)
    ExportFile.objects.filter(export=export).delete()
    Withheld.objects.filter(export=export).delete()
    Blob.objects.filter(pk__in=list(own)).delete()

    def remove() -> None:
        for name in own.values():
            blobs.delete(name)

    # Should this process die first, the sweep finds contents that no row names.
    transaction.on_commit(remove, robust=True)


def _append(event: Event, export: Export, facts: dict[str, JSON], outcome: str = "ok") -> None:
    subject = f"export:{export.pk}"
    audit.append(event, tenant=export.project_id, actor=None, subject=subject, outcome=outcome, facts=facts)
