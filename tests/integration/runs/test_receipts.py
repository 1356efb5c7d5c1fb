"""Receipts of the running platform: checked by who has nothing but the verifier, the keys and the files."""

import hashlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from audit import verifier
from audit.verifier import Contents, Finding, Located, read_keys, verify_receipt
from tests.integration.runs.cast import Cast
from tests.stack import Stack, eventually
from tests.work import Work, ok, problem

CODE = (
    "import pathlib, shutil\nprint(len(pathlib.Path('in.csv').read_text()))\nshutil.copy('in.csv', 'outputs/out.csv')"
)
INPUT = b"name,n\nada,1\n"


def _address(run: str, number: int) -> str:
    return f"runs/{run}/executions/{number}/receipt"


def _receipt(work: Work, run: str, number: int = 1) -> bytes:
    """The receipt, once the execution's own answer says that it is there."""
    offered = eventually(lambda: (its := _offered(work, run, number))["state"] == "available" and its)
    answer = work.api.get(offered["href"].removeprefix("/api/v1/"))
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"].startswith("attachment; ")
    assert answer.headers["cache-control"] == "no-store"
    return answer.content


def _offered(work: Work, run: str, number: int) -> dict[str, Any]:
    offered: dict[str, Any] = ok(work.api.get(f"runs/{run}/executions/{number}"))["receipt"]
    assert offered["href"] == f"/api/v1/{_address(run, number)}"
    return offered


@pytest.fixture
def place(tmp_path: Path, work: Work) -> Path:
    """A folder with the verifier's one file and the keys."""
    (tmp_path / "verifier.py").write_bytes(Path(verifier.__file__).read_bytes())
    (tmp_path / "keys").write_bytes(work.api.get("audit/keys").content)
    return tmp_path


def _verified(place: Path, receipt: bytes, *words: str) -> dict[str, Any]:
    """What the verifier says, run alone in that folder."""
    (place / "receipt").write_bytes(receipt)
    command = [sys.executable, "-I", "verifier.py", "receipt", "receipt", "--key", "keys", "--json", *words]
    found = subprocess.run(command, cwd=place, env={}, capture_output=True, text=True, check=False)
    assert not found.stderr, found
    told: dict[str, Any] = orjson.loads(found.stdout)
    assert told["exit"] == found.returncode
    return told


def test_a_receipt_shows_what_ran_on_what_and_what_came_of_it(work: Work, place: Path) -> None:
    file = work.upload("in.csv", INPUT)
    run = work.ready(files=[file["id"]])
    cell = work.done(run["id"], CODE)
    work.done(run["id"], "1 + 1")
    receipt, other = _receipt(work, run["id"]), _receipt(work, run["id"], 2)
    (place / "code.py").write_text(CODE)
    (place / "in.csv").write_bytes(INPUT)
    (place / "out.csv").write_bytes(work.api.get(f"runs/{run['id']}/artifacts/out.csv").content)
    (place / "outputs.json").write_bytes(orjson.dumps(cell["outputs"]))
    (place / "stranger").write_bytes(b"something else")
    told = _verified(place, receipt, "--code", "code.py", "--input", "in.csv", "--output", "out.csv", "outputs.json")
    assert told["result"] == "verified", told
    its = told["receipt"]
    assert (its["run"], its["execution"], its["closed"]) == (run["id"], 1, 1)
    assert [each["is"] for each in its["files"]] == ["code", "file:0", "artifact:0", "outputs"]
    entries = its["entries"]
    assert entries["outcome"]["event"] == "runs:execution:finished"
    assert entries["outcome"]["facts"]["peak_memory_bytes"] == cell["usage"]["peak_memory_bytes"]
    assert entries["sandbox"]["facts"]["image"] == run["sandbox"]["image_digest"]
    assert entries["decision"]["outcome"] == "allow"
    assert entries["decision"]["facts"]["decision"] == entries["start"]["facts"]["decision"]
    # What stands there in words is what the verifier says too.
    assert told["not_proved"] == orjson.loads(receipt.split(b"\n")[1])["does_not_prove"]
    # Another cell's receipt is one, but not of this code; and this one is of no other file.
    assert _verified(place, other)["result"] == "verified"
    assert _verified(place, other, "--code", "code.py")["result"] == "tampered"
    for kind in ("--code", "--input", "--output"):
        found = _verified(place, receipt, kind, "stranger")
        assert (found["result"], found["file"]) == ("tampered", "stranger")
    work.cancel(run["id"])


def test_asked_again_it_has_the_same_entries_below_the_same_checkpoint(work: Work) -> None:
    run = work.ready()["id"]
    work.done(run, "1")
    first = orjson.loads(_receipt(work, run).split(b"\n")[1])
    work.done(run, "2")
    _receipt(work, run, 2)
    again = orjson.loads(_receipt(work, run).split(b"\n")[1])
    assert again["proofs"] == first["proofs"]
    assert again["openings"] == first["openings"]
    work.cancel(run)


def test_no_byte_of_it_can_be_changed_dropped_or_added(work: Work, place: Path) -> None:
    """Not those of signatures either that the verifier has no key for."""
    run = work.ready()["id"]
    work.done(run, "1")
    receipt = _receipt(work, run)
    keys = read_keys(place / "keys")
    assert verify_receipt(receipt, keys, None, Contents())["result"] == "verified"
    for at in range(len(receipt)):
        bit = 1 << at % 8
        changed = bytearray(receipt)
        changed[at] ^= bit
        for bad in (bytes(changed), receipt[:at] + receipt[at + 1 :], receipt[:at] + b"0" + receipt[at:]):
            if bad != receipt:
                with pytest.raises((Finding, Located)):
                    verify_receipt(bad, keys, None, Contents())
    with pytest.raises((Finding, Located)):
        verify_receipt(receipt + b"\n", keys, None, Contents())
    work.cancel(run)


def test_who_may_not_see_the_contents_gets_no_salts(cast: Cast, place: Path) -> None:
    """A restricted project's results are for no model, and so are the digests of what made them."""
    with cast.work("keeper") as keeper, cast.work("keeper_model") as model:
        (place / "keys").write_bytes(keeper.api.get("audit/keys").content)
        run = keeper.ready()["id"]
        keeper.done(run, CODE.partition("\n")[0])
        (place / "code.py").write_text(CODE.partition("\n")[0])
        assert _verified(place, _receipt(keeper, run), "--code", "code.py")["result"] == "verified"
        assert ok(model.api.get(f"runs/{run}/executions/1"))["code"] is None
        receipt = _receipt(model, run)
        assert orjson.loads(receipt.split(b"\n")[1])["openings"] == []
        assert hashlib.sha256((place / "code.py").read_bytes()).hexdigest().encode() not in receipt
        assert _verified(place, receipt)["result"] == "verified"
        assert _verified(place, receipt, "--code", "code.py")["result"] == "incomplete"
        keeper.cancel(run)


def test_strangers_hear_of_no_receipt(work: Work, cast: Cast) -> None:
    run = work.ready()["id"]
    work.done(run, "1")
    _receipt(work, run)
    for name in ("outsider", "keeper", "colleague_model"):
        with cast.work(name) as stranger:
            problem(stranger.api.get(_address(run, 1)), 404, "not_found")
    with cast.stack.api(None) as nobody:
        problem(nobody.get(_address(run, 1)), 401, "token_missing")
    with cast.work("auditor") as auditor:
        assert orjson.loads(_receipt(auditor, run).split(b"\n")[1])["openings"]
    problem(work.api.get(_address(run, 2)), 404, "not_found")
    work.cancel(run)


def test_a_cell_that_was_ended_has_a_receipt_of_that(work: Work, place: Path) -> None:
    run = work.ready()["id"]
    running, waiting = work.cell(run, "import time; time.sleep(60)"), work.cell(run, "2")
    eventually(lambda: ok(work.api.get(f"runs/{run}/executions/{running}"))["state"] == "running")
    early = work.api.get(_address(run, running))
    problem(early, 409, "not_done_yet")
    assert early.headers["retry-after"] == "2"
    assert ok(work.api.get(f"runs/{run}/executions/{running}"))["receipt"] is None
    work.cancel(run)
    told = _verified(place, _receipt(work, run, running))["receipt"]["entries"]
    assert (told["outcome"]["event"], told["outcome"]["outcome"]) == ("runs:execution:ended", "interrupted")
    told = _verified(place, _receipt(work, run, waiting))["receipt"]["entries"]
    assert told.keys() == {"run", "request", "decision", "outcome"}


@pytest.mark.faults
def test_before_it_is_signed_it_says_when_to_ask_again(stack: Stack, work: Work) -> None:
    run = work.ready()["id"]
    stack.kill("sequencer")
    work.done(run, "1")
    answer = work.api.get(_address(run, 1))
    assert problem(answer, 409, "not_signed_yet")["remedy"]
    assert answer.headers["retry-after"] == "1"
    assert _offered(work, run, 1)["state"] == "waiting"
    stack.start("sequencer")
    _receipt(work, run)
    work.cancel(run)
