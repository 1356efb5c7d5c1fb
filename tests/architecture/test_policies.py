"""Every policy has a caller, every caller a policy, and every event somebody who appends it."""

import ast

from audit import Event
from tests.architecture.source import PLATFORM, ROOT, trees


def points() -> set[str]:
    """The decision points: packages bailiwick.<point> with an entrypoint."""
    return {
        path.parent.name
        for path in (ROOT / "policies").glob("*/*.rego")
        if f"package bailiwick.{path.parent.name}\n" in path.read_text() and path.stem == path.parent.name
    }


def asked() -> set[str]:
    """The decision points that the platform asks, by name, in the code."""
    found = set()
    for _, tree in trees(PLATFORM):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "policy.actions.evaluate":
                (point, *_) = node.args
                assert isinstance(point, ast.Constant), "a point is named where it is asked"
                found.add(str(point.value))
    return found


def test_every_policy_has_a_caller() -> None:
    assert {"run", "execution", "release"} <= points()
    assert points() - {"lib", "system"} == asked()


def test_nobody_asks_opa_but_policys_action() -> None:
    askers = {
        path.as_posix()
        for path, tree in trees(PLATFORM)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "engine().evaluate"
    }
    assert askers == {"platform/policy/actions/deciding.py"}


def test_every_event_is_appended_somewhere() -> None:
    """An event that nothing appends is a promise to auditors that nothing keeps."""
    named = {
        node.attr
        for path, tree in trees(PLATFORM, ROOT / "audit")
        if path.as_posix() != "audit/events.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) in ("Event", "audit.Event")
    }
    assert {event.name for event in Event} - named == set()


def test_an_events_name_begins_with_its_room() -> None:
    rooms = {path.parent.name for path in PLATFORM.glob("*/apps.py")} | {"audit"}
    assert {event.value.partition(":")[0] for event in Event} <= rooms
