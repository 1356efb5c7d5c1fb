"""The one family of errors that a door renders. A refusal is an answer; a fault is not."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Reason:
    """One reason of a refusal: a stable code, a sentence, and the smallest change or exception that would pass."""

    code: str
    message: str
    remedy: str = ""


class BailiwickError(Exception):
    """An error with a stable code and an HTTP status."""

    status = 500

    def __init__(self, code: str, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.remedy = remedy


class Refused(BailiwickError):
    """Bailiwick understood the request and says no, with every reason and what would pass."""

    status = 403

    def __init__(
        self,
        code: str,
        message: str,
        *,
        remedy: str = "",
        reasons: tuple[Reason, ...] = (),
        tenant: UUID | None = None,
        subject: str = "",
    ) -> None:
        super().__init__(code, message, remedy=remedy)
        self.reasons = reasons
        self.tenant = tenant
        self.subject = subject


class Unauthenticated(Refused):
    """Who asks is not established."""

    status = 401


class Invalid(Refused):
    """The request is not of the documented form."""

    status = 400


class Conflict(Refused):
    """The thing is not in a state that allows it."""

    status = 409


class NotYet(Conflict):
    """The thing will soon be in the state that allows it; `retry_after` is in seconds."""

    def __init__(self, code: str, message: str, *, retry_after: int, remedy: str = "") -> None:
        super().__init__(code, message, remedy=remedy)
        self.retry_after = retry_after


class TooLarge(Refused):
    """A documented size limit was passed."""

    status = 413


class TooMany(Refused):
    """A rate, quota or queue is full; `retry_after` is in seconds."""

    status = 429

    def __init__(self, code: str, message: str, *, retry_after: int, remedy: str = "") -> None:
        super().__init__(code, message, remedy=remedy)
        self.retry_after = retry_after


class NotFound(BailiwickError):
    """Absent, or not for this person to know of: the two look the same."""

    status = 404

    def __init__(self, noun: str) -> None:
        super().__init__("not_found", f"There is no such {noun}, or it is not yours to see.")


class Unavailable(BailiwickError):
    """A part that the request needs does not answer; nothing was done."""

    status = 503


class NotSignedInTime(Refused):
    """The log did not sign the request for a high-stakes action in time: nothing was done, and the log says so."""

    status = 503

    def __init__(self, message: str, *, tenant: UUID | None, subject: str) -> None:
        super().__init__(
            "request_not_signed",
            message,
            remedy="Ask again when the health page shows the log's sequencer well.",
            tenant=tenant,
            subject=subject,
        )


@contextmanager
def concerning(tenant: UUID, subject: str = "") -> Iterator[None]:
    """Say of every refusal inside which project and thing it concerns, for the project's auditors."""
    try:
        yield
    except Refused as refusal:
        refusal.tenant = refusal.tenant or tenant
        refusal.subject = refusal.subject or subject
        raise
