"""Every action that writes appends to the log, and every action that a person can be refused records the refusal."""

import ast

import pytest

from tests.architecture.source import PLATFORM, ROOMS, ROOT, calls, decorators, functions

Function = ast.FunctionDef | ast.AsyncFunctionDef

APPENDS = {"audit.append", "audit.append_or_journal"}
WRITES = {"save", "create", "get_or_create", "update_or_create", "bulk_create", "update", "bulk_update", "delete"}

# Writes that are no deeds. Each needs a reason that an auditor would take.
BOOKKEEPING = {
    "evidence.begin": "which checkpoint an export that is on record is made against",
    "evidence.claim": "which worker makes an export that is on record",
    "evidence.forget_files": "parts of an export that is on record, which the whole takes the place of",
    "evidence.give_back": "that another worker will make an export that is on record",
    "evidence.keep_files": "parts of an export that is on record, and of no use to anybody before the whole is",
    "evidence.narrow": "which range an export that is on record comes to",
    "evidence.show_progress": "how far a worker is with an export that is on record",
    "identity.forget_used": "removes digests of codes that have expired by themselves",
    "identity.forget_ended": "removes what is left of sessions whose end is on record",
    "identity.keep_session": "what a visit remembers between requests; its sign-in and its end are on record",
    "identity.use_once": "that a code was used is part of the sign-in, which is on record",
    "lookup.empty": "forgets what is made anew from the log itself",
    "lookup.lay_out": "what the log's own entries say, laid out to be found",
    "policy.erase_inputs": "a part of an erasure, in its transaction; that appends",
    "policy.dispose_inputs": "a part of the disposal, in its transaction; that appends",
    "retention.begin_pass": "when the disposal set out; what it disposes of is on record",
    "retention.end_pass": "when the disposal was through; what it disposes of is on record",
    "runs.destroy": "a part of erasures and of the disposal, in their transactions; those append",
    "runs.dispose_contents": "a part of the disposal, in its transaction; that appends",
    "runs.dispose_texts": "a part of the disposal, in its transaction; that appends",
    "runs.kept": "a part of the actions that store content, in their transactions; those append",
    "runs.add_part": "a piece of an upload that is on record, and of no use to anybody before the whole is",
    "runs.prolong": "a sign of life of the worker that moves the run on; that it does is on record",
    "runs.hinted": "when a lost hint was last sent again; nothing of the run changes",
}


def actions(room: str) -> dict[str, Function]:
    """The functions of a room's actions, by name."""
    files = [*PLATFORM.glob(f"{room}/actions.py"), *PLATFORM.glob(f"{room}/actions/*.py")]
    return {function.name: function for file in files for function in functions(ast.parse(file.read_text()))}


def writes(function: Function) -> bool:
    """Whether it changes tables by itself."""
    return "transaction.atomic" in decorators(function) or any(
        (name.rpartition(".")[2] in WRITES and ".objects" in name) or name.endswith(".save") for name in calls(function)
    )


def appends(function: Function, room: dict[str, Function], seen: frozenset[str] = frozenset()) -> bool:
    """Whether it, or an action that it calls, appends to the log."""
    called = calls(function)
    if called & APPENDS or "policy.actions.record" in called:
        return True
    inner = {name.rpartition(".")[2] for name in called} & set(room) - seen - {function.name}
    return any(appends(room[name], room, seen | {function.name}) for name in inner)


def public_writes() -> list[tuple[str, str]]:
    return [
        (room, name)
        for room in ROOMS
        for name, function in actions(room).items()
        if not name.startswith("_") and writes(function)
    ]


def test_there_are_actions() -> None:
    assert {("identity", "issue_token"), ("runs", "request_run"), ("runs", "cancel")} <= set(public_writes())


@pytest.mark.parametrize(("room", "name"), public_writes())
def test_every_action_appends_to_the_log(room: str, name: str) -> None:
    if f"{room}.{name}" not in BOOKKEEPING:
        assert appends(actions(room)[name], actions(room)), f"{room}.actions.{name} leaves no trace"


@pytest.mark.parametrize(("room", "name"), public_writes())
def test_every_action_of_a_person_records_its_refusals(room: str, name: str) -> None:
    function = actions(room)[name]
    taken = {argument.arg for argument in (*function.args.args, *function.args.kwonlyargs)}
    # An action inside another's transaction is recorded by the outer one.
    if "by" in taken and "transaction.atomic" in decorators(function):
        assert decorators(function)[:2] == ["audit.refusals", "transaction.atomic"]


def test_an_exemption_that_nobody_needs_is_removed() -> None:
    for exempt in BOOKKEEPING:
        room, name = exempt.split(".")
        assert not appends(actions(room)[name], actions(room))


def test_only_actions_write() -> None:
    """Doors, queries and tasks change no table; the doors' own keys and a token's last use are no deeds."""
    allowed = {"platform/doors/idempotency.py", "platform/identity/queries.py"}
    found = set()
    for path in sorted(PLATFORM.rglob("*.py")):
        place = path.relative_to(ROOT).as_posix()
        if "migrations" in path.parts or "actions" in place or "/management/" in place or place in allowed:
            continue
        called = calls(ast.parse(path.read_text()))
        found |= {(place, name) for name in called if ".objects." in name and name.rpartition(".")[2] in WRITES}
    assert found == set()
