"""Reading decisions, and the numbers that policy gives out."""

import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from config.errors import NotFound, Reason, Refused
from gateways.opa import engine
from identity.callers import Caller
from policy.models import Decision

CACHED_SECONDS: Final = 2.0


@dataclass(frozen=True)
class Limit:
    """One limit of a run: what it is when nobody asks, and what it lies between (for a model up to `model_ceiling`)."""

    default: float
    ceiling: float
    model_ceiling: float
    floor: float


def decisions_visible_to(caller: Caller) -> QuerySet[Decision]:
    """The decisions of the caller's projects; a model sees only those on what models did for its own person."""
    visible = Decision.objects.filter(project_id__in=list(caller.projects))
    if caller.audience_model:
        return visible.filter(actor=caller.pseudonym, caller_kind="model")
    return visible


def decision(caller: Caller, decision_id: UUID | str) -> Decision:
    """One decision, or NotFound when it is absent or not this caller's to see."""
    try:
        return decisions_visible_to(caller).get(pk=decision_id)
    except (Decision.DoesNotExist, ValidationError, ValueError):
        raise NotFound("decision") from None


def inputs_of(decisions: Iterable[UUID]) -> dict[UUID, tuple[bytes, bytes]]:
    """Of these decisions, the input's bytes as they were committed to, and the salt. For exports of the log."""
    found = Decision.objects.filter(pk__in=list(decisions)).values_list("pk", "input", "salt")
    return {pk: (orjson.dumps(given, option=orjson.OPT_SORT_KEYS), bytes(salt)) for pk, given, salt in found}


def limits() -> Mapping[str, Limit]:
    """Every limit's default and ceiling by the active policy. Refused (`policy_denied`) while it cannot be read."""
    value, _ = _facts.read("limits")
    return _parse_limits(value)


def revision() -> str:
    """The revision (`sha256:…`) of the active policy. Empty while it cannot be read: no allow was given by that one."""
    try:
        return _facts.read("limits")[1]
    except Refused:
        return ""


def active() -> str:
    """The revision that the engine decides by now, asked for anew. Empty while it cannot be told."""
    _, found, _ = engine().data("limits")
    return found


def _parse_limits(value: Any) -> Mapping[str, Limit]:
    try:
        found = {
            name: Limit(*(float(each[bound]) for bound in ("default", "ceiling", "model_ceiling", "floor")))
            for name, each in value.items()
        }
    except (AttributeError, KeyError, TypeError, ValueError):
        raise _unreadable(
            Reason("policy_invalid", "The policy's limits are not of the documented form.", _REMEDY)
        ) from None
    return found


_REMEDY: Final = "Ask a policy admin to correct limits.json in the policy bundle."


def _unreadable(reason: Reason) -> Refused:
    return Refused("policy_denied", reason.message, remedy=reason.remedy, reasons=(reason,))


class _Facts:
    """Data of the active bundle, read again when older than CACHED_SECONDS; never served after a failed read."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[str, tuple[float, Any, str]] = {}

    def read(self, path: str) -> tuple[Any, str]:
        with self._lock:
            held = self._held.get(path)
            if held is not None and time.monotonic() - held[0] < CACHED_SECONDS:
                return held[1], held[2]
        value, revision, failure = engine().data(path)
        if failure is not None:
            raise _unreadable(failure)
        with self._lock:
            self._held[path] = (time.monotonic(), value, revision)
        return value, revision

    def forget(self) -> None:
        with self._lock:
            self._held.clear()


_facts: Final = _Facts()
forget: Final = _facts.forget
