"""Who sees and does what with one analyst's run, through every door: the whole table, and nothing beside it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from tests.integration.api.refusals import NOWHERE, refused, same_but_for_ids
from tests.integration.runs.cast import Cast
from tests.stack import Stack
from tests.work import Work, entries, ok

SECRET = "isolated-0451"


@dataclass(frozen=True)
class Things:
    """What the analyst made: a run that is ready, its cell with outputs and an artifact, its file, its records."""

    run: str
    file: str
    project: str
    decision: str
    entry: str


@pytest.fixture(scope="module")
def things(_whole_stack: Stack) -> Iterator[Things]:
    with Work(_whole_stack) as work:
        file = work.upload(f"{SECRET}.csv", b"a\n1\n")["id"]
        run = work.ready(files=[file], purpose=SECRET)
        cell = work.done(run["id"], f"print('{SECRET}')\nopen('outputs/table.csv', 'w').write('{SECRET}')")
        assert [artifact["name"] for artifact in cell["artifacts"]] == ["table.csv"]
        entry = entries(_whole_stack, f"run:{run['id']}")[0]["id"]
        yield Things(run["id"], file, run["project"], run["decision"]["id"], entry)
        work.cancel(run["id"])


def reads(things: Things) -> dict[str, tuple[str, dict[str, str]]]:
    """Every door that shows something of the run, with the address and its parameters."""
    run = f"runs/{things.run}"
    return {
        "run": (run, {}),
        "execution": (f"{run}/executions/1", {}),
        "events": (f"{run}/events", {}),
        "usage": (f"{run}/usage", {}),
        "artifact": (f"{run}/artifacts/table.csv", {}),
        "notebook": (f"{run}/notebook", {}),
        "decision": (f"decisions/{things.decision}", {}),
        "entries": ("audit/entries", {"subject": f"run:{things.run}"}),
        "entry": (f"audit/entries/{things.entry}", {}),
    }


# person: run, execution, events, usage, artifact, notebook, decision, entries, entry
READS = {
    "analyst": (200, 200, 200, 200, 200, 200, 200, 403, 403),
    "analyst_model": (200, 200, 200, 200, 200, 403, 404, 403, 403),
    "colleague": (200, 200, 200, 200, 200, 200, 200, 403, 403),
    "colleague_model": (404, 404, 404, 404, 404, 404, 404, 403, 403),
    "reviewer": (200, 200, 200, 200, 403, 403, 200, 403, 403),
    "auditor": (200, 200, 200, 200, 403, 403, 200, 200, 200),
    "platform_admin": (200, 200, 200, 200, 403, 403, 200, 200, 200),
    "policy_admin": (404, 404, 404, 404, 404, 404, 200, 403, 403),
    "jack": (200, 200, 200, 200, 200, 200, 200, 200, 200),
    "jack_model": (404, 404, 404, 404, 404, 404, 404, 403, 403),
    "outsider": (404, 404, 404, 404, 404, 404, 404, 403, 403),
    "keeper": (404, 404, 404, 404, 404, 404, 404, 403, 403),
    "keeper_model": (404, 404, 404, 404, 404, 404, 404, 403, 403),
}


def status(api: httpx.Client, address: str, params: dict[str, str]) -> int:
    with api.stream("GET", address, params=params) as answer:
        if answer.status_code >= 400:
            # No refusal tells anything of what is inside.
            assert SECRET not in answer.read().decode()
        return answer.status_code


def test_who_reads_what(cast: Cast, things: Things):
    """Taken out for a try: the filter of runs_visible_to; then every 404 of the first five becomes something else."""
    seen = {}
    for person in READS:
        with cast.work(person) as work:
            seen[person] = tuple(status(work.api, *door) for door in reads(things).values())
    assert seen == READS


# person: add a cell, interrupt, close, cancel, start a run on the file. The owner's own are in other tests.
WRITES = {
    "colleague": (403, 403, 403, 403, 201),
    "colleague_model": (404, 404, 404, 404, 404),
    "reviewer": (403, 403, 403, 403, 403),
    "auditor": (403, 403, 403, 403, 403),
    "platform_admin": (403, 403, 403, 200, 403),
    "policy_admin": (404, 404, 404, 404, 403),
    "jack_model": (404, 404, 404, 404, 404),
    "outsider": (404, 404, 404, 404, 404),
    "keeper": (404, 404, 404, 404, 404),
    "keeper_model": (404, 404, 404, 404, 404),
}


def test_who_does_what(cast: Cast, things: Things):
    """Taken out for a try: the comparison with owner_id in may_execute; then the colleague adds cells."""
    done = {}
    with cast.work("analyst") as owner:
        mine = owner.ready()["id"]
        for person in WRITES:
            with cast.work(person) as work:
                code = {"code": "1", "origin": {"model": "assistant-1"}}
                answers = [work.api.post(f"runs/{mine}/executions", json=code)]
                answers += [work.api.post(f"runs/{mine}/{verb}") for verb in ("interrupt", "close", "cancel")]
                wish = {"project": things.project, "purpose": "a test", "files": [things.file]}
                answers.append(work.api.post("runs", json=wish))
                done[person] = tuple(answer.status_code for answer in answers)
                if answers[3].status_code == 200:
                    mine = owner.ready()["id"]
                if answers[4].status_code == 201:
                    work.cancel(answers[4].json()["id"])
        assert done == WRITES
        assert owner.get(mine)["executions"] == []
        owner.cancel(mine)


def test_what_is_hidden_looks_like_what_is_not(cast: Cast, things: Things):
    """Bytes and headers are the same for a run of others and for one that never was."""
    for person in ("outsider", "policy_admin", "colleague_model"):
        with cast.work(person) as work:
            for tail in ("", "/executions/1", "/events", "/artifacts/table.csv", "/notebook"):
                answers = [work.api.get(f"runs/{run}{tail}") for run in (things.run, NOWHERE)]
                refused(answers[0], 404, "not_found")
                assert same_but_for_ids(answers[0], answers[1], things.run, NOWHERE)
            for tail in ("interrupt", "close", "cancel", "executions"):
                body = {"code": "1", "origin": {"model": "assistant-1"}} if tail == "executions" else None
                answers = [work.api.post(f"runs/{run}/{tail}", json=body) for run in (things.run, NOWHERE)]
                refused(answers[0], 404, "not_found")
                assert same_but_for_ids(answers[0], answers[1], things.run, NOWHERE)


def test_lists_hold_only_what_may_be_seen(cast: Cast, things: Things):
    for person, (run, *_, decision, _, _) in READS.items():
        with cast.work(person) as work:
            about = {"subject": f"run:{things.run}", "point": "run"}
            runs = ok(work.api.get("runs", params={"state": "ready", "limit": 200}))["results"]
            decisions = ok(work.api.get("decisions", params=about))["results"]
            assert (things.run in {one["id"] for one in runs}) is (run == 200), person
            assert (things.decision in {one["id"] for one in decisions}) is (decision == 200), person


def test_the_log_has_no_contents(cast: Cast, things: Things):
    """Neither code, output, file name nor purpose, and no person's name: pseudonyms and commitments alone.

    What is sealed beside an entry is opened to the project's auditors, and stands apart from it.
    """
    with cast.work("auditor") as auditor:
        for subject in (f"run:{things.run}", f"run:{things.run}/execution:1", f"file:{things.file}"):
            answer = auditor.api.get("audit/entries", params={"subject": subject})
            entries = [{**entry, "payload": None} for entry in ok(answer)["results"]]
            assert entries
            assert SECRET not in json.dumps(entries)
            assert '"analyst"' not in answer.text


def test_a_key_of_others_opens_nothing(cast: Cast, things: Things):
    """A replay is authorised like any request: the key and the body of the owner's request give others nothing."""
    key = {"Idempotency-Key": f"isolated-{things.run}"}
    wish = {"project": things.project, "purpose": SECRET}
    with cast.work("analyst") as owner:
        run = ok(owner.api.post("runs", json=wish, headers=key), 201)["id"]
        for person in ("outsider", "keeper_model"):
            with cast.work(person) as work:
                refused(work.api.post("runs", json=wish, headers=key), 404, "not_found")
        token = {"kind": "person", "name": "t", "expires_in_seconds": 600}
        issued = ok(owner.api.post("tokens", json=token, headers=key), 201)
        with cast.work("analyst_model") as model:
            refused(model.api.post("tokens", json=token, headers=key), 403, "model_may_not_manage_tokens")
        ok(owner.api.post(f"tokens/{issued['id']}/revoke"))
        owner.cancel(run)


def test_each_look_is_decided_and_on_record(cast: Cast, things: Things):
    """Taken out for a try: the call of release in the door of executions."""
    looks = {
        "execution": ("outputs", "console"),
        "events": ("events", "console"),
        "artifact": ("artifact", "download"),
        "notebook": ("notebook", "download"),
    }
    for person, expected in (("colleague", "allow"), ("analyst_model", None)):
        with cast.work(person) as work, cast.work("auditor") as auditor:
            for door, (what, audience) in looks.items():
                before = _looks(cast, things.run)
                answer = status(work.api, *reads(things)[door])
                new = _looks(cast, things.run)[: -len(before) or None]
                assert new, (person, door)
                last = new[-1]
                assert last["facts"]["what"] == what
                assert last["facts"]["audience"] == ("model" if person.endswith("_model") else audience)
                assert (last["outcome"] == "allow") is (answer == 200)
                assert expected is None or last["outcome"] == expected
                decision = ok(auditor.api.get(f"decisions/{last['facts']['decision']}"))
                assert (decision["point"], decision["outcome"]) == ("release", last["outcome"])


def _looks(cast: Cast, run: str) -> list[dict]:  # type: ignore[type-arg]
    """The entries on contents that left or were kept back, newest first."""
    return [one for one in entries(cast.stack, f"run:{run}") if one["event"].startswith("runs:content")]


def test_nobody_reads_code_unrecorded_before_it_ends(cast: Cast):
    """A platform admin who looks at a cell that still waits or runs leaves a trace; its author need not."""
    with cast.work("analyst") as owner, cast.work("platform_admin") as admin:
        run = owner.ready()["id"]
        number = owner.cell(run, f"import time  # {SECRET}\ntime.sleep(30)")
        assert SECRET in ok(owner.api.get(f"runs/{run}/executions/{number}"))["code"]
        assert _looks(cast, run) == []
        assert SECRET in ok(admin.api.get(f"runs/{run}/executions/{number}"))["code"]
        assert [look["outcome"] for look in _looks(cast, run)] == ["allow"]
        owner.cancel(run)
