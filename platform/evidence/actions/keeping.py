"""Keeping policies: entries name revisions for good, and an auditor wants to read what decided."""

from django.db import transaction

import audit
from audit import Event
from evidence.models import KeptPolicy
from gateways.blobs import Sealed
from runs.actions.keeping import kept


@transaction.atomic
def keep_policy(revision: str, sealed: Sealed) -> bool:
    """Keep the bundle of a revision that is put to use; whether it was not kept before."""
    if KeptPolicy.objects.select_for_update().filter(pk=revision).exists():
        return False
    KeptPolicy.objects.create(revision=revision, blob=kept(sealed))
    audit.append(
        Event.AUDIT_POLICY_KEPT,
        tenant=None,
        actor=None,
        subject=f"policy:{revision}",
        facts={"revision": revision, "sha256": sealed.sha256.hex(), "size": sealed.size},
    )
    return True
