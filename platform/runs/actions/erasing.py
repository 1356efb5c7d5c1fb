"""The end of contents: their keys are destroyed with the transaction, and the sealed bytes are removed after it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from itertools import batched
from uuid import UUID

from django.db import transaction
from django.db.models import CharField, F, Max, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce, Concat, Greatest

from gateways import blobs
from identity.callers import Caller
from runs import limits
from runs.actions.ending import end_run
from runs.actions.uploading import end_uploads_of
from runs.models import Artifact, Blob, Execution, File, Run
from runs.states import FINISHED, LIVE, RunState

_BATCH = 5_000


@dataclass(frozen=True)
class Destroyed:
    """How many contents are gone, and how many bytes they had."""

    contents: int = 0
    size: int = 0

    def __add__(self, other: "Destroyed") -> "Destroyed":
        return Destroyed(self.contents + other.contents, self.size + other.size)


@dataclass(frozen=True)
class Old:
    """Contents and texts of a project from before a moment, but for those of people whose are held."""

    project_id: UUID
    before: datetime
    exempt: Collection[UUID] = ()


def destroy(found: "QuerySet[Blob]") -> Destroyed:
    """Destroy the keys of these contents, in the caller's own transaction, with what the log's commitments open by."""
    there = found.filter(wrapped_key__isnull=False)
    rows = dict(there.values_list("name", "size"))
    # A statement takes so many values at most.
    for names in batched(rows, _BATCH):
        Blob.objects.filter(name__in=names).update(wrapped_key=None, sha256=b"", salt=b"")

    def remove() -> None:
        for name in rows:
            blobs.delete(name)

    # Should this process die first, the sweep removes what no key opens.
    transaction.on_commit(remove, robust=True)
    return Destroyed(len(rows), sum(rows.values()))


def erase_work_of(user_id: UUID, *, by: Caller | None) -> Destroyed:
    """End a person's live runs, and destroy what they brought in and got out, in the caller's own transaction."""
    runs = Run.objects.filter(owner_id=user_id)
    for run in runs.filter(state__in=LIVE - {RunState.REQUESTED}).select_for_update():
        end_run(run, RunState.CANCELLED, limits.CANCELLED, by=by)
    end_uploads_of(user_id, by=by)
    _forget_texts(runs)
    files = File.objects.filter(owner_id=user_id)
    files.update(name="erased")
    return destroy(_contents_of(runs)) + destroy(Blob.objects.filter(pk__in=files.values("blob_id")))


def dispose_contents(old: Old, most: int) -> Destroyed:
    """Destroy the contents of runs that ended, and of files last used, before then; about so many at once."""
    runs = _ended(old)
    done = destroy(Blob.objects.filter(pk__in=_contents_of(runs).filter(wrapped_key__isnull=False).values("pk")[:most]))
    used = Greatest(F("created_at"), Coalesce(Max("runs__created_at"), F("created_at")))
    files = File.objects.filter(project_id=old.project_id).exclude(owner_id__in=list(old.exempt))
    unused = files.annotate(used=used).filter(used__lt=old.before).exclude(runs__state__in=LIVE)
    there = unused.filter(blob__wrapped_key__isnull=False).values_list("blob_id", flat=True)[:most]
    return done + destroy(Blob.objects.filter(pk__in=list(there)))


def dispose_texts(old: Old) -> int:
    """Remove what people wrote about runs that ended, and the names of files that are gone, before then; how many."""
    runs = _ended(old).exclude(purpose="")
    gone = File.objects.filter(
        project_id=old.project_id, created_at__lt=old.before, blob__wrapped_key__isnull=True
    ).exclude(Q(name="erased") | Q(owner_id__in=list(old.exempt)))
    return gone.update(name="erased") + _forget_texts(runs)


def _ended(old: Old) -> "QuerySet[Run]":
    runs = Run.objects.filter(project_id=old.project_id, state__in=FINISHED, ended_at__lt=old.before)
    return runs.exclude(owner_id__in=list(old.exempt))


def _contents_of(runs: "QuerySet[Run]") -> "QuerySet[Blob]":
    cells = Execution.objects.filter(run__in=runs)
    named = Q(pk__in=Artifact.objects.filter(run__in=runs).values("blob_id"))
    for part in ("code_id", "prompt_id", "outputs_id"):
        named |= Q(pk__in=cells.filter(**{f"{part}__isnull": False}).values(part))
    return Blob.objects.filter(named)


def _forget_texts(runs: "QuerySet[Run]") -> int:
    cells = Execution.objects.filter(run__in=runs)
    cells.update(analysis={}, skipped_artifacts=[], ended_message="", ended_remedy="")
    # A name of its own all the same: an execution has each once.
    named = Concat(Value("erased-"), Cast("id", CharField()), output_field=CharField())
    Artifact.objects.filter(run__in=runs).update(name=named)
    # Last: it may be by its purpose that a run was found.
    return runs.update(purpose="", ended_message="", ended_remedy="", decision_reasons=[])
