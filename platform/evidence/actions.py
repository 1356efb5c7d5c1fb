"""The only writes of this room."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

import audit
import identity.queries
from audit import Event, tree
from config.errors import Conflict, Invalid, concerning
from config.verdicts import Denied, require
from evidence import hints, queries, rules
from evidence.errors import Overtaken
from evidence.models import Export
from evidence.states import ExportState
from gateways.blobs import Sealed
from identity.callers import Caller
from runs.actions import Destroyed, destroy
from runs.actions.keeping import kept
from runs.models import Blob


@audit.refusals
@transaction.atomic
def request_export(project_id: UUID, *, first: int, end: int | None, export_id: UUID, by: Caller) -> Export:
    """Record that part of a project's log is to leave. Raises NotFound, Refused, Invalid, or Conflict."""
    project = identity.queries.project(by, project_id)
    with concerning(project.id):
        require(rules.may_export(project.id, by))
        head = tree.head_of(project.id)
        _require_range(first, end, head)
        entry = audit.append(
            Event.AUDIT_EXPORT_REQUESTED,
            tenant=project.id,
            actor=by.pseudonym,
            subject=f"export:{export_id}",
            facts={"from": first, "to": end},
        )
        try:
            with transaction.atomic():
                export = Export.objects.create(
                    id=export_id,
                    project_id=project.id,
                    owner_id=by.user_id,
                    entry=entry,
                    state=ExportState.QUEUED,
                    first=first,
                    end=end,
                )
        except IntegrityError:
            raise Conflict(
                "export_under_way",
                "Another export of this project is being made.",
                remedy="Wait until it is ready, and take that one or ask again.",
            ) from None
    transaction.on_commit(lambda: hints.make(export_id))
    return export


def _require_range(first: int, end: int | None, head: tree.Head | None) -> None:
    verdict = rules.may_be_exported(first, end, head.size if head else 0)
    if isinstance(verdict, Denied):
        raise Invalid(verdict.code, verdict.message, remedy=verdict.remedy)


@transaction.atomic
def claim(export_id: UUID, now: datetime) -> Export | None:
    """Take a queued export on; None if somebody else has it."""
    export = Export.objects.select_for_update().filter(pk=export_id, state=ExportState.QUEUED).first()
    if export is None:
        return None
    export.state, export.attempt, export.touched_at, export.done = ExportState.MAKING, export.attempt + 1, now, 0
    export.save()
    return export


@transaction.atomic
def give_back(export_id: UUID) -> None:
    """Queue an export again, whose worker is dead or cannot go on yet."""
    Export.objects.filter(pk=export_id, state=ExportState.MAKING).update(
        state=ExportState.QUEUED, touched_at=timezone.now()
    )


def show_progress(export: Export, done: int) -> None:
    """Show how many entries are in the bundle, and that its worker lives. Raises Overtaken."""
    _still_ours(export, done=done, end=export.end)


def _still_ours(export: Export, **changed: object) -> None:
    ours = Export.objects.filter(pk=export.pk, state=ExportState.MAKING, attempt=export.attempt)
    if not ours.update(touched_at=timezone.now(), **changed):
        raise Overtaken(str(export.pk))


@transaction.atomic
def finish(export: Export, sealed: Sealed, head: tree.Head) -> None:
    """Record the bundle. Raises Overtaken."""
    _still_ours(
        export,
        state=ExportState.READY,
        blob=kept(sealed),
        log_size=head.size,
        log_root=head.root,
        end=export.end,
        finished_at=timezone.now(),
    )
    facts = {"from": export.first, "to": export.end, "size": sealed.size, "sha256": sealed.sha256.hex()}
    _append(Event.AUDIT_EXPORT_FINISHED, export, facts | {"checkpoint": head.size, "root": head.root.hex()})


@transaction.atomic
def fail(export: Export, code: str) -> None:
    """Record that there will be no bundle. Raises Overtaken."""
    _still_ours(export, state=ExportState.FAILED, failure=code, finished_at=timezone.now())
    _append(Event.AUDIT_EXPORT_FAILED, export, {"code": code}, outcome="failed")


def _append(event: Event, export: Export, facts: dict[str, str | int | None], outcome: str = "ok") -> None:
    subject = f"export:{export.pk}"
    audit.append(event, tenant=export.project_id, actor=None, subject=subject, outcome=outcome, facts=facts)


@audit.refusals
@transaction.atomic
def take_away(export_id: UUID, *, by: Caller) -> Export:
    """Record that the bundle leaves with this person. Raises NotFound, or Conflict `export_not_ready`."""
    export = queries.export(by, export_id)
    with concerning(export.project_id, f"export:{export.pk}"):
        if export.state != ExportState.READY:
            raise Conflict("export_not_ready", "The bundle is not made yet.", remedy="Ask for its state first.")
        if export.blob is None or export.blob.wrapped_key is None:
            raise Conflict("export_erased", "What the bundle holds was erased since.", remedy="Ask for a new export.")
    audit.append(
        Event.AUDIT_EXPORT_DOWNLOADED,
        tenant=export.project_id,
        actor=by.pseudonym,
        subject=f"export:{export.pk}",
    )
    return export


def destroy_bundles(project_ids: Iterable[UUID], before: datetime | None = None) -> Destroyed:
    """Destroy the bundles of these projects that were made before then (or now: all), in the caller's own transaction.

    They hold what was opened for them. One that is being made is begun anew.
    """
    chosen = Export.objects.filter(project_id__in=list(project_ids))
    if before is None:
        chosen.filter(state=ExportState.MAKING).update(state=ExportState.QUEUED, touched_at=timezone.now())
    ready = chosen.filter(state=ExportState.READY, blob__wrapped_key__isnull=False)
    old = ready if before is None else ready.filter(finished_at__lt=before)
    exports = list(old)
    done = destroy(Blob.objects.filter(pk__in=[export.blob_id for export in exports]))
    for export in exports:
        _append(Event.AUDIT_EXPORT_ERASED, export, {})
    return done
