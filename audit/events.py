"""The one catalogue of what can be recorded. A name is `room:noun:verb` and is never reused for another meaning."""

from collections.abc import Mapping
from enum import StrEnum


class Event(StrEnum):
    """Everything that the log can say has happened. Each room keeps its own block."""

    # any action
    REQUEST_REFUSED = "audit:request:refused"

    # the log itself
    AUDIT_LOGS_CHECKED = "audit:logs:checked"

    # evidence
    AUDIT_EXPORT_REQUESTED = "audit:export:requested"
    AUDIT_EXPORT_FINISHED = "audit:export:finished"
    AUDIT_EXPORT_FAILED = "audit:export:failed"
    AUDIT_EXPORT_DOWNLOADED = "audit:export:downloaded"
    AUDIT_EXPORT_ERASED = "audit:export:erased"
    AUDIT_POLICY_KEPT = "audit:policy:kept"

    # retention
    SUBJECT_ERASED = "audit:subject:erased"
    RETENTION_ERASURE_REQUESTED = "retention:erasure:requested"
    RETENTION_ERASURE_FINISHED = "retention:erasure:finished"
    RETENTION_HOLD_PLACED = "retention:hold:placed"
    RETENTION_HOLD_LIFTED = "retention:hold:lifted"
    RETENTION_CONTENTS_DISPOSED = "retention:contents:disposed"

    # lookup
    AUDIT_RECALL_ASKED = "audit:recall:asked"

    # identity
    USER_CREATED = "identity:user:created"
    PROJECT_CREATED = "identity:project:created"
    MEMBER_CHANGE_REQUESTED = "identity:member:change_requested"
    MEMBER_ADDED = "identity:member:added"
    MEMBER_REMOVED = "identity:member:removed"
    TOKEN_ISSUED = "identity:token:issued"
    TOKEN_REVOKED = "identity:token:revoked"
    SIGN_IN_REFUSED = "identity:sign_in:refused"
    SIGN_IN_THROTTLED = "identity:sign_in:throttled"
    SESSION_STARTED = "identity:session:started"
    SESSION_ENDED = "identity:session:ended"
    PASSWORD_CHANGED = "identity:password:changed"
    FACTOR_ADDED = "identity:factor:added"
    FACTOR_REMOVED = "identity:factor:removed"

    # catalogue
    CATALOGUE_ENVIRONMENT_REGISTERED = "catalogue:environment:registered"
    CATALOGUE_ENVIRONMENT_RETIRED = "catalogue:environment:retired"
    CATALOGUE_CLOSURE_RESOLVED = "catalogue:closure:resolved"
    CATALOGUE_CLOSURE_INSTALLED = "catalogue:closure:installed"

    # policy
    POLICY_DECISION_RECORDED = "policy:decision:recorded"
    POLICY_REVISION_ACTIVATED = "policy:revision:activated"

    # runs
    RUNS_UPLOAD_BEGUN = "runs:upload:begun"
    RUNS_UPLOAD_ENDED = "runs:upload:ended"
    RUNS_FILE_STORED = "runs:file:stored"
    RUNS_RUN_REQUESTED = "runs:run:requested"
    RUNS_RUN_DENIED = "runs:run:denied"
    RUNS_RUN_PARKED = "runs:run:parked"
    RUNS_RUN_STARTING = "runs:run:starting"
    RUNS_RUN_REQUEUED = "runs:run:requeued"
    RUNS_RUN_STARTED = "runs:run:started"
    RUNS_RUN_CLOSED = "runs:run:closed"
    RUNS_RUN_CANCELLED = "runs:run:cancelled"
    RUNS_RUN_EXPIRED = "runs:run:expired"
    RUNS_RUN_FAILED = "runs:run:failed"
    RUNS_RUN_LOST = "runs:run:lost"
    RUNS_CONTAINMENT_FAILED = "runs:containment:failed"
    RUNS_EXECUTION_REQUESTED = "runs:execution:requested"
    RUNS_EXECUTION_DENIED = "runs:execution:denied"
    RUNS_EXECUTION_STARTED = "runs:execution:started"
    RUNS_EXECUTION_FINISHED = "runs:execution:finished"
    RUNS_EXECUTION_ENDED = "runs:execution:ended"
    RUNS_EXECUTION_INTERRUPT_ASKED = "runs:execution:interrupt_asked"
    RUNS_CONTENT_RELEASED = "runs:content:released"
    RUNS_CONTENT_WITHHELD = "runs:content:withheld"


# Written into each entry: 1, or for these what their latest change made it. One more when an event's facts,
# commitments or sealed fields change their meaning.
_CHANGED: Mapping[Event, int] = {
    Event.AUDIT_EXPORT_REQUESTED: 2,  # says what is opened, and what goes with it
    Event.USER_CREATED: 2,  # seals username and display_name
    Event.MEMBER_ADDED: 2,  # names the entry that asked for it
    Event.MEMBER_REMOVED: 2,  # names the entry that asked for it
    Event.RUNS_RUN_REQUESTED: 2,  # seals purpose
    Event.RUNS_RUN_DENIED: 2,  # seals purpose
    Event.RUNS_FILE_STORED: 2,  # seals name
}


def version_of(event: Event) -> int:
    """The version of this kind of event that is written now."""
    return _CHANGED.get(event, 1)
