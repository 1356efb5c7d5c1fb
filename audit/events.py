"""The one catalogue of what can be recorded. A name is `room:noun:verb` and is never reused for another meaning."""

from enum import StrEnum

# Written into each entry; grows when the meaning of a header's field changes.
VERSION = 1


class Event(StrEnum):
    """Everything that the log can say has happened. Each room keeps its own block."""

    # any action
    REQUEST_REFUSED = "audit:request:refused"

    # identity
    USER_CREATED = "identity:user:created"
    PROJECT_CREATED = "identity:project:created"
    MEMBER_ADDED = "identity:member:added"
    MEMBER_REMOVED = "identity:member:removed"
    TOKEN_ISSUED = "identity:token:issued"
    TOKEN_REVOKED = "identity:token:revoked"

    # catalogue

    # policy
    POLICY_DECISION_RECORDED = "policy:decision:recorded"

    # runs
