"""Disposal: what is past its period can be read no more. The log's entries stay."""

from datetime import datetime, timedelta
from itertools import batched
from uuid import UUID

from django.db import transaction

import audit
import evidence.actions
import identity.queries
import policy.actions
import runs.actions
from audit import Event, datakeys
from config.environment import settings
from retention import queries
from retention.models import Pass
from retention.rules import months_before
from runs.actions import Destroyed, Old

# So many at once: the log integrates nothing that was written during a long transaction.
_CONTENTS = 500
_INPUTS = 2_000
_KEYS = 500
# An entry has at most 65,535 bytes.
_KEYS_AN_ENTRY = 1_000


@transaction.atomic
def dispose_project(project_id: UUID, now: datetime) -> bool:
    """Dispose of a project's contents and texts that are past their period, as far as no hold keeps them.

    Whether there was anything: then there may be more.
    """
    identity.queries.lock_projects([project_id])
    held = queries.held_in(project_id)
    if held.everything:
        return False
    contents = months_before(now, settings().retention_content_months)
    texts = months_before(now, settings().retention_audit_months)
    done = runs.actions.dispose_contents(Old(project_id, contents, held.users), _CONTENTS)
    done += _bundles(project_id, max(contents, texts), held)
    written = runs.actions.dispose_texts(Old(project_id, texts, held.users))
    inputs = policy.actions.dispose_inputs(project_id, texts, held.people, _INPUTS)
    if not (done.contents or written or inputs):
        return False
    audit.append(
        Event.RETENTION_CONTENTS_DISPOSED,
        tenant=project_id,
        actor=None,
        subject=f"project:{project_id}",
        facts={
            "contents": done.contents,
            "bytes": done.size,
            "contents_before": contents.isoformat(),
            "texts": written,
            "inputs": inputs,
            "texts_before": texts.isoformat(),
        },
    )
    return True


def _bundles(project_id: UUID, before: datetime, held: queries.Held) -> Destroyed:
    """A bundle holds what was opened of everybody: any hold keeps it."""
    return Destroyed() if held.anything else evidence.actions.destroy_bundles([project_id], before=before)


@transaction.atomic
def dispose_keys(now: datetime) -> bool:
    """Destroy the data keys of months that are past their period, as far as no hold keeps them, and say so in each log.

    Whether there was any: then there may be more.
    """
    # A month's key is of its last day, too; the database refuses one that is younger than six months.
    before = (months_before(now, settings().retention_audit_months + 1) + timedelta(days=1)).date()
    if not datakeys.past(before, 1, queries.held_keys()):
        return False
    identity.queries.lock_projects(identity.queries.every_project())
    ids = datakeys.past(before, _KEYS, queries.held_keys())
    datakeys.destroy(ids)
    for tenant, its in datakeys.tenants_of(ids).items():
        for some in batched(its, _KEYS_AN_ENTRY):
            audit.append(
                Event.SUBJECT_ERASED,
                tenant=tenant,
                actor=None,
                subject=f"month:{before.isoformat()}",
                outcome="disposed",
                facts={"keys": [str(key) for key in some]},
            )
    return bool(ids)


def begin_pass(now: datetime) -> None:
    """Note that the disposal sets out."""
    Pass.objects.update_or_create(pk=1, defaults={"started_at": now, "finished_at": None})


def end_pass(now: datetime) -> None:
    """Note that it has gone over everything."""
    Pass.objects.filter(pk=1).update(finished_at=now)
