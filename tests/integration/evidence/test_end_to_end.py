"""The running platform: what an analyst does is signed within a second, exported, and verified by who has the keys."""

import hashlib
import subprocess
import sys
import time
from pathlib import Path

import orjson
import pytest

from audit import verifier
from tests.integration.audit.exported import Unpacked
from tests.stack import Stack, eventually
from tests.work import Work, ok

pytestmark = pytest.mark.faults


def test_an_auditor_exports_the_project_and_verifies_it_elsewhere(stack: Stack, tmp_path: Path) -> None:
    with Work(stack) as analyst, Work(stack, "auditor") as auditor:
        file = analyst.upload("in.csv", b"a\n1\n")
        run = analyst.ready(purpose="find what is not there", files=[file["id"]])
        analyst.done(run["id"], "1 + 1")
        analyst.done(run["id"], "import shutil; shutil.copyfile('in.csv', 'outputs/out.csv')")
        ok(analyst.api.post(f"runs/{run['id']}/close"))
        project = run["project"]
        began = time.monotonic()
        newest = ok(auditor.api.get("audit/entries", params={"subject": f"run:{run['id']}"}))["results"][0]
        proof = f"audit/entries/{newest['id']}/proof"
        eventually(lambda: auditor.api.get(proof).status_code == 200, within=5)
        assert time.monotonic() - began < 5
        assert auditor.api.get(proof).text.startswith("c2sp.org/tlog-proof@v1\nextra ")
        (tmp_path / "keys").write_bytes(auditor.api.get("audit/keys").content)
        export = ok(auditor.api.post("audit/exports", json={"project": project, "blobs": True}), 201)
        done = eventually(
            lambda: (now := ok(auditor.api.get(f"audit/exports/{export['id']}")))["state"] == "ready" and now, within=30
        )
        answer = auditor.api.get(f"audit/exports/{export['id']}/download")
        assert answer.headers["content-type"] == "application/zip"
        assert hashlib.sha256(answer.content).hexdigest() == done["sha256"]
    (tmp_path / "bundle.zip").write_bytes(answer.content)
    (tmp_path / "verifier.py").write_bytes(Path(verifier.__file__).read_bytes())
    (tmp_path / "policy").write_bytes((stack.state.witness / "policy").read_bytes())
    asked = ("--key", "keys", "--witness-policy", "policy")
    command = [sys.executable, "verifier.py", "bundle.zip", *asked, "--json"]
    found = subprocess.run(command, cwd=tmp_path, env={}, capture_output=True, text=True, check=False)
    told = orjson.loads(found.stdout)
    assert (found.returncode, told["result"], told["range"]) == (0, "verified", [0, done["to"]]), found
    assert told["sealed"]["opened"] >= 1
    assert [each["name"].startswith("witness.localhost/") for each in told["witnesses"]] == [True]
    packed = Unpacked.of(tmp_path / "bundle.zip")
    assert packed[f"blobs/{hashlib.sha256(b'1 + 1').hexdigest()}"] == b"1 + 1"
    about = told["export"]["about"]
    # The policy that decided is there; the results are not an auditor's to take away.
    assert all(f"blobs/{digest}" in packed.names for digest in about["policies"].values()) and about["policies"]
    assert {"artifact", "outputs"} <= {each["what"] for each in about["withheld"]} <= {"artifact", "file", "outputs"}
    changed = bytearray(answer.content)
    # The first file are the entries, the first of them begins within 60 bytes and is longer than that again.
    changed[120] ^= 1
    (tmp_path / "bundle.zip").write_bytes(changed)
    found = subprocess.run(command, cwd=tmp_path, env={}, capture_output=True, text=True, check=False)
    told = orjson.loads(found.stdout)
    assert (found.returncode, told["index"]) == (10, 0), found


def test_how_a_log_stands_is_seen_while_it_grows(stack: Stack) -> None:
    with Work(stack, "auditor") as auditor:
        project = auditor.project

        def looked() -> bool:
            found = ok(auditor.api.get("audit/integrity", params={"project": project}))
            (witness,) = found["meta"]["witnesses"]
            checked = found["last_verification"]
            return (
                witness["state"] == "ok"
                and bool(witness["cosigned_at"])
                and checked
                and checked["result"] == "verified"
            )

        # A worker looks at all of it within a minute of its start.
        assert eventually(looked, within=90)


def test_a_killed_sequencer_costs_nothing_but_time(stack: Stack) -> None:
    with Work(stack) as analyst, Work(stack, "auditor") as auditor:
        stack.kill("sequencer")
        run = analyst.ready()
        entry = ok(auditor.api.get("audit/entries", params={"subject": f"run:{run['id']}"}))["results"][0]
        early = auditor.api.get(f"audit/entries/{entry['id']}/proof")
        assert (early.status_code, early.json()["code"]) == (409, "not_signed_yet")
        stack.start("sequencer")
        eventually(lambda: auditor.api.get(f"audit/entries/{entry['id']}/proof").status_code == 200, within=15)
        ok(analyst.api.post(f"runs/{run['id']}/close"))
