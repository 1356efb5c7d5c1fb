"""Record an action's refusal. The action's transaction rolled back, so the record has one of its own."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol, runtime_checkable
from uuid import UUID

from django.db import transaction

from audit.canonical import JSON
from audit.events import Event
from audit.log import append


@runtime_checkable
class Refusal(Protocol):
    """What the log needs of an exception that says no. Matches config.errors.Refused without importing it."""

    code: str
    reasons: Any
    tenant: UUID | None
    subject: str


class _Actor(Protocol):
    @property
    def pseudonym(self) -> str: ...


def refusals[**P, R](action: Callable[P, R]) -> Callable[P, R]:
    """Decorate an action, outside `transaction.atomic`: what it refuses is on record before the caller hears of it."""

    @wraps(action)
    def recorded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return action(*args, **kwargs)
        except Exception as error:
            if isinstance(error, Refusal) and not getattr(error, "recorded", False):
                _record(f"{action.__module__}.{action.__qualname__}", error, kwargs.get("by"))
                error.recorded = True  # type: ignore[attr-defined]
            raise

    return recorded


def _record(action: str, error: Refusal, by: object) -> None:
    reasons: list[JSON] = [reason.code for reason in error.reasons][:100]
    facts: dict[str, JSON] = {"action": action, "code": error.code}
    if reasons:
        facts["reasons"] = reasons
    actor: str | None = getattr(by, "pseudonym", None)
    if (model := getattr(by, "model_name", None)) is not None:
        facts["model"] = model
    with transaction.atomic():
        append(
            Event.REQUEST_REFUSED,
            tenant=error.tenant,
            actor=actor,
            subject=error.subject or f"action:{action}",
            outcome="refused",
            facts=facts,
        )
