"""Each event of ours is an event of OCSF 1.5.0, with everything that its class requires.

The table is kept by hand from the schema's own files (github.com/ocsf/ocsf-schema, tag v1.5.0: events/iam/*.json,
events/application/api_activity.json, objects/*.json), required attributes without profiles.
"""

from typing import Any

import orjson
import pytest

from audit.events import Event
from audit.views import ocsf
from tests.unit.audit.viewed import ADA, entry, told

BASE = {"activity_id", "category_uid", "class_uid", "metadata", "severity_id", "time", "type_uid"}
REQUIRED: dict[int, set[str]] = {
    3001: BASE | {"user"},
    3002: BASE | {"user"},
    3004: BASE | {"entity"},
    3006: BASE | {"group"},
    6003: BASE | {"actor", "api", "src_endpoint"},
}
ACTIVITIES: dict[int, set[int]] = {
    3001: {*range(13), 99},
    3002: {*range(7), 99},
    3004: {*range(14), 99},
    3006: {*range(7), 99},
    6003: {*range(5), 99},
}
# Of each object, what is required, and of what at least one must be there.
OBJECTS: dict[str, tuple[set[str], set[str]]] = {
    "metadata": ({"product", "version"}, set()),
    "product": (set(), {"name", "uid"}),
    "actor": (set(), {"process", "user", "invoked_by", "session", "app_name", "app_uid"}),
    "api": ({"operation"}, set()),
    "src_endpoint": (set(), {"ip", "uid", "name", "hostname", "svc_name", "instance_uid", "interface_uid", "domain"}),
    "user": (set(), {"account", "name", "uid"}),
    "entity": (set(), {"name", "uid", "device", "group", "org", "policy", "user"}),
    "group": (set(), {"name", "uid"}),
    "service": (set(), {"name", "uid"}),
    "resources": (set(), {"name", "uid"}),
}


def sound(name: str, value: Any) -> None:
    """An object of the schema has what it must have, all the way down."""
    if isinstance(value, list):
        for each in value:
            sound(name, each)
    if not isinstance(value, dict) or name == "unmapped":
        return
    required, one_of = OBJECTS.get(name, (set(), set()))
    assert required <= value.keys(), name
    assert not one_of or one_of & value.keys(), name
    for inner, there in value.items():
        assert there is not None, f"{name}.{inner}"
        sound(inner, there)


def valid(found: dict[str, Any]) -> None:
    """An event has what its class requires, and numbers that fit together."""
    kind = found["class_uid"]
    assert REQUIRED[kind] <= found.keys()
    assert found["activity_id"] in ACTIVITIES[kind]
    assert found["category_uid"] == kind // 1000
    assert found["type_uid"] == kind * 100 + found["activity_id"]
    assert found["severity_id"] in {1, 2, 3}
    assert found["metadata"]["version"] == "1.5.0"
    assert kind != 3002 or found.keys() & {"service", "dst_endpoint"}
    sound("", found)


@pytest.mark.parametrize("event", [*(event.value for event in Event), "some:thing:new"])
@pytest.mark.parametrize("actor", [ADA, None])
@pytest.mark.parametrize("subject", [f"person:{ADA}", "run:1/execution:2", "nothing"])
def test_every_event_is_one_of_the_schema(event: str, actor: str | None, subject: str) -> None:
    one = entry(event, actor=actor, subject=subject)
    (line,) = ocsf.records(told(one), [one])
    assert line.endswith(b"\n")
    valid(orjson.loads(line))


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ("identity:session:started", 300201), ("identity:session:ended", 300202), ("identity:user:created", 300101),
        ("identity:password:changed", 300103), ("identity:factor:removed", 300111), ("identity:member:added", 300603),
        ("identity:token:revoked", 300404), ("catalogue:environment:registered", 300401),
        ("runs:run:requested", 600301),
        ("runs:content:released", 600302), ("runs:execution:finished", 600303), ("audit:export:downloaded", 600302),
        ("policy:decision:recorded", 600303), ("some:thing:new", 600399),
    ],
)  # fmt: skip
def test_kinds(event: str, kind: int) -> None:
    found = ocsf.kind_of(event)
    assert found.class_uid * 100 + found.activity == kind


def test_an_entry_is_found_again_by_its_event() -> None:
    one = entry(index=7, facts={"model": "m-1"}, fields={"purpose": "find fraud", "name": None}, outcome="deny")
    found = ocsf.event_of(told(one), one)
    assert (found["metadata"]["uid"], found["metadata"]["sequence"]) == (one.header["id"], 7)
    assert (found["status_id"], found["status"], found["status_code"]) == (2, "Failure", "deny")
    assert found["time"] == 1769851800250
    assert found["actor"] == {"user": {"uid": ADA, "type_id": 1}, "app_name": "m-1"}
    assert found["unmapped"]["sealed"] == {"purpose": "find fraud"}


def test_an_activitys_name_is_the_schemas() -> None:
    """A verb that nobody thought of is something else, and says so."""
    assert ocsf.kind_of("some:thing:new").caption == "Other"
