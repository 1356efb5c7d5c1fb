"""`ocsf.jsonl`: one event of the Open Cybersecurity Schema Framework a line, for security tools that read it.

Classes: sign-ins are Authentication, what is done to accounts Account Change, to memberships Group Management, to
things that are administered Entity Management; everything else is API Activity. What has no place in a class is in
`unmapped`. An actor is a pseudonym, and no address was ever recorded.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from audit.reading import Seen
from audit.viewing import Told

NAME, FILE, VERSION = "ocsf", "ocsf.jsonl", "1.5.0"
ACCOUNT, AUTHENTICATION, ENTITY, GROUP, API = 3001, 3002, 3004, 3006, 6003
_CLASSES = {
    ACCOUNT: "Account Change",
    AUTHENTICATION: "Authentication",
    ENTITY: "Entity Management",
    GROUP: "Group Management",
    API: "API Activity",
}
CREATE, READ, UPDATE, DELETE, OTHER = 1, 2, 3, 4, 99
_CRUD = {CREATE: "Create", READ: "Read", UPDATE: "Update", DELETE: "Delete", OTHER: "Other"}
_MOST_MESSAGE = 1000


class Kind(NamedTuple):
    """A class and an activity of it."""

    class_uid: int
    activity: int
    caption: str


_KINDS = {
    "identity:user:created": Kind(ACCOUNT, 1, "Create"),
    "identity:password:changed": Kind(ACCOUNT, 3, "Password Change"),
    "identity:factor:added": Kind(ACCOUNT, 10, "MFA Factor Enable"),
    "identity:factor:removed": Kind(ACCOUNT, 11, "MFA Factor Disable"),
    "identity:session:started": Kind(AUTHENTICATION, 1, "Logon"),
    "identity:sign_in:refused": Kind(AUTHENTICATION, 1, "Logon"),
    "identity:sign_in:throttled": Kind(AUTHENTICATION, 1, "Logon"),
    "identity:session:ended": Kind(AUTHENTICATION, 2, "Logoff"),
    "identity:member:added": Kind(GROUP, 3, "Add User"),
    "identity:member:removed": Kind(GROUP, 4, "Remove User"),
}
# Rooms and nouns whose things are administered, not worked with.
_ADMINISTERED = ("identity:", "catalogue:", "retention:", "audit:subject:", "audit:policy:")
_VERBS = {
    CREATE: ("created", "requested", "begun", "stored", "issued", "registered", "added", "placed", "started", "kept"),
    READ: ("released", "downloaded", "exported", "recalled", "resolved"),
    UPDATE: ("changed", "finished", "ended", "closed", "parked", "requeued", "starting", "installed", "recorded"),
    DELETE: ("removed", "revoked", "retired", "erased", "deleted", "lifted"),
}
_BY_VERB = {verb: activity for activity, verbs in _VERBS.items() for verb in verbs}
# Outcomes and last words of events that say that what was tried did not come about.
_FAILED = frozenset({"refused", "denied", "deny", "failed", "throttled", "withheld", "lost", "expired", "timed_out"})
_LOW, _INFORMATIONAL, _MEDIUM = 2, 1, 3
_SEVERITIES = {_INFORMATIONAL: "Informational", _LOW: "Low", _MEDIUM: "Medium"}


def head(told: Told) -> bytes:
    """Nothing: every line is an event."""
    return b""


def records(told: Told, entries: Iterable[Seen]) -> Iterator[bytes]:
    """The events of the entries."""
    for one in entries:
        yield orjson.dumps(event_of(told, one), option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def kind_of(event: str) -> Kind:
    """The class and the activity of an event of ours; of one that nobody thought of, by its name."""
    if event in _KINDS:
        return _KINDS[event]
    activity = _BY_VERB.get(event.rpartition(":")[2], OTHER)
    return Kind(ENTITY if event.startswith(_ADMINISTERED) else API, activity, _CRUD[activity])


def event_of(told: Told, one: Seen) -> dict[str, Any]:
    """The OCSF event of an entry."""
    header, kind = one.header, kind_of(one.header["event"])
    failed = header["outcome"] in _FAILED or header["event"].rpartition(":")[2] in _FAILED
    severity = _LOW if failed else _INFORMATIONAL
    severity = _MEDIUM if header["event"] == "runs:containment:failed" else severity
    found = {
        "activity_id": kind.activity,
        "activity_name": kind.caption,
        "category_name": "Application Activity" if kind.class_uid == API else "Identity & Access Management",
        "category_uid": kind.class_uid // 1000,
        "class_name": _CLASSES[kind.class_uid],
        "class_uid": kind.class_uid,
        "message": f"{header['event']}: {header['subject']}"[:_MOST_MESSAGE],
        "metadata": _metadata(told, one),
        "severity": _SEVERITIES[severity],
        "severity_id": severity,
        "status": "Failure" if failed else "Success",
        "status_code": header["outcome"],
        "status_id": 2 if failed else 1,
        "time": _milliseconds(header["recorded_at"]),
        "type_name": f"{_CLASSES[kind.class_uid]}: {kind.caption}",
        "type_uid": kind.class_uid * 100 + kind.activity,
        "unmapped": _unmapped(one),
    }
    return found | _OF_CLASS[kind.class_uid](told, header)


def _metadata(told: Told, one: Seen) -> dict[str, Any]:
    header = one.header
    return {
        "event_code": header["event"],
        "log_name": told.origin,
        "log_version": str(header["version"]),
        "original_time": header["recorded_at"],
        "product": {"name": "Bailiwick", "vendor_name": "Bailiwick", "uid": told.origin},
        # Whoever has the bundle finds the entry by it, and the proof.
        "sequence": one.index,
        "tenant_uid": told.project,
        "uid": header["id"],
        "version": VERSION,
    }


def _milliseconds(recorded_at: str) -> int:
    return int(datetime.fromisoformat(recorded_at).timestamp() * 1000)


def _unmapped(one: Seen) -> dict[str, Any]:
    return {
        "commitments": one.header["commitments"],
        "facts": one.header["facts"],
        "leaf_hash": one.leaf_hash,
        "sealed": {name: text for name, text in one.fields.items() if text is not None},
        "subject": one.header["subject"],
    }


def _user(pseudonym: str | None) -> dict[str, Any]:
    return {"uid": pseudonym, "type_id": 1} if pseudonym else {"name": "bailiwick", "type_id": 3}


def _actor(header: Mapping[str, Any]) -> dict[str, Any]:
    model = header["facts"].get("model")
    told: dict[str, Any] = {"user": _user(header["actor"])}
    return told | ({"app_name": str(model)} if model else {})


def _named(subject: str) -> dict[str, str]:
    noun, _, identity = subject.partition(":")
    return {"type": noun, "uid": identity or subject}


def _person_of(header: Mapping[str, Any]) -> dict[str, Any]:
    """Whom it was done to, else who did it."""
    noun, _, identity = header["subject"].partition(":")
    return _user(identity if noun == "person" and identity else header["actor"])


def _api(told: Told, header: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "actor": _actor(header),
        "api": {"operation": header["event"], "service": {"name": "Bailiwick"}},
        "resources": [_named(header["subject"])],
        # The log records no addresses.
        "src_endpoint": {"svc_name": "Bailiwick"},
    }


def _account(told: Told, header: Mapping[str, Any]) -> dict[str, Any]:
    return {"actor": _actor(header), "user": _person_of(header)}


def _authentication(told: Told, header: Mapping[str, Any]) -> dict[str, Any]:
    return {"actor": _actor(header), "service": {"name": "Bailiwick"}, "user": _person_of(header)}


def _group(told: Told, header: Mapping[str, Any]) -> dict[str, Any]:
    group: dict[str, Any] = {"type": "project", "uid": header["tenant"] or told.origin}
    role = header["facts"].get("role")
    group |= {"privileges": [str(role)]} if role else {}
    return {"actor": _actor(header), "group": group, "user": _person_of(header)}


def _entity(told: Told, header: Mapping[str, Any]) -> dict[str, Any]:
    return {"actor": _actor(header), "entity": _named(header["subject"])}


_OF_CLASS = {ACCOUNT: _account, AUTHENTICATION: _authentication, ENTITY: _entity, GROUP: _group, API: _api}
