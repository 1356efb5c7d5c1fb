"""The bundle: named by its content, pure by construction, and open to nobody without the token."""

import os
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from config.environment import settings
from tests.integration.policy.questions import ABOUT_RUN
from tests.stack import Stack
from tools.launch.state import BIN, ROOT


def build(policies: Path, out: Path) -> tuple[str, dict[str, Any], list[str]]:
    """(what the script says, the manifest, the names in the bundle)."""
    done = subprocess.run(
        [policies / "build.sh", out],
        env={**os.environ, "OPA": str(BIN / "opa")},
        capture_output=True,
        text=True,
        check=True,
    )
    with tarfile.open(out) as bundle:
        names = bundle.getnames()
        manifest = bundle.extractfile("/.manifest")
        assert manifest is not None
        return done.stdout.strip(), orjson.loads(manifest.read()), names


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "policies", tmp_path / "somewhere" / "policies"))


def test_the_same_sources_are_the_same_bundle_anywhere(policies: Path, tmp_path: Path) -> None:
    here = build(ROOT / "policies", tmp_path / "a.tar.gz")
    there = build(policies, tmp_path / "b.tar.gz")
    assert here == there
    assert (tmp_path / "a.tar.gz").read_bytes() == (tmp_path / "b.tar.gz").read_bytes()
    said, manifest, names = here
    assert manifest["revision"].startswith(f"{said}+data:")
    assert not [name for name in names if "test" in name or "system" in name or "authz" in name]


def test_each_change_is_another_revision(policies: Path, tmp_path: Path) -> None:
    _, first, _ = build(policies, tmp_path / "a.tar.gz")
    limits = policies / "limits.json"
    limits.write_text(limits.read_text().replace('"ceiling": 900', '"ceiling": 901'))
    _, data_changed, _ = build(policies, tmp_path / "b.tar.gz")
    rule = policies / "run" / "run.rego"
    rule.write_text(rule.read_text().replace("purpose >= 3", "purpose >= 4"))
    _, rule_changed, _ = build(policies, tmp_path / "c.tar.gz")
    revisions = [each["revision"].partition("+data:") for each in (first, data_changed, rule_changed)]
    assert len({revision for revision, _, _ in revisions}) == 3
    assert revisions[0][2] != revisions[1][2] == revisions[2][2]


@pytest.mark.parametrize(
    "call",
    [
        'http.send({"method": "get", "url": "http://127.0.0.1/"})',
        "time.now_ns()",
        'rand.intn("x", 10)',
        'net.lookup_ip_addr("localhost")',
        "opa.runtime()",
        'uuid.rfc4122("x")',
        'io.jwt.decode_verify("x", {})',
    ],
)
def test_a_policy_that_is_not_pure_does_not_build(policies: Path, tmp_path: Path, call: str) -> None:
    """Taken out: `--capabilities` in build.sh; each then built."""
    rule = policies / "run" / "run.rego"
    rule.write_text(f"{rule.read_text()}\nimpure := {call}\n")
    with pytest.raises(subprocess.CalledProcessError) as caught:
        build(policies, tmp_path / "a.tar.gz")
    assert "undefined function" in caught.value.stderr
    assert not (tmp_path / "a.tar.gz").exists()


def test_check_finds_a_rule_that_no_test_reaches(policies: Path) -> None:
    """Taken out: `--threshold 100` in check.sh; the rule then passed."""
    check = [policies / "check.sh"]
    env = {**os.environ, "OPA": str(BIN / "opa")}
    rule = policies / "release" / "release.rego"
    rule.write_text(f'{rule.read_text()}\naudience_known if input.audience == "the moon"\n')
    done = subprocess.run(check, env=env, capture_output=True, text=True, check=False)
    assert done.returncode != 0 and "a line is not reached" in done.stderr


TOKENS = {
    "nobody": None,
    "a stranger": "x" * 43,
    "the digest itself": "digest",
}


@pytest.mark.parametrize("who", TOKENS)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/data/bailiwick/run/decision"),
        ("GET", "/v1/data/limits"),
        ("GET", "/v1/data"),
        ("PUT", "/v1/policies/x"),
        ("PUT", "/v1/data/limits"),
        ("POST", "/v1/query"),
        ("GET", "/v1/config"),
    ],
)
def test_nobody_asks_without_the_token(opa_server: Stack, who: str, method: str, path: str) -> None:
    """Taken out: `--authorization basic` in serve.sh; all of these then answered."""
    token = TOKENS[who]
    if token == "digest":
        access = orjson.loads((opa_server.state.var / "opa" / "access.json").read_bytes())
        token = access["opa_access"]["token_sha256"]
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    answer = httpx.request(method, settings().opa_url + path, headers=headers, json={"input": ABOUT_RUN})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/v1/policies/x"),
        ("GET", "/v1/policies"),
        ("DELETE", "/v1/policies/x"),
        ("PUT", "/v1/data/limits"),
        ("PATCH", "/v1/data/limits"),
        ("GET", "/v1/data"),
        ("GET", "/v1/data/opa_access"),
        ("POST", "/v1/data/opa_access"),
        ("POST", "/v1/data/bailiwick/run"),
        ("POST", "/v1/query"),
        ("GET", "/v1/query?q=data.opa_access"),
        ("POST", "/v1/compile"),
        ("POST", "/"),
        ("GET", "/v1/config"),
    ],
)
def test_the_platform_may_ask_and_nothing_else(opa_server: Stack, method: str, path: str) -> None:
    """Taken out: the method and path in policies/system/authz.rego; policy could then be written over HTTP."""
    headers = {"Authorization": f"Bearer {settings().opa_token.get_secret_value()}"}
    answer = httpx.request(method, settings().opa_url + path, headers=headers, json={"input": ABOUT_RUN})
    assert answer.status_code == 401


def test_whether_it_is_alive_is_no_secret(opa_server: Stack) -> None:
    assert httpx.get(f"{settings().opa_url}/health?bundles").status_code == 200


def test_opa_listens_on_loopback_only(opa_server: Stack) -> None:
    assert settings().opa_url.startswith("http://127.0.0.1:")
    port = int(settings().opa_url.rpartition(":")[2])
    listening = [
        line.split()[1]
        for table in ("/proc/net/tcp", "/proc/net/tcp6")
        for line in Path(table).read_text().splitlines()[1:]
        if line.split()[3] == "0A" and int(line.split()[1].rpartition(":")[2], 16) == port
    ]
    assert listening == [f"0100007F:{port:04X}"]
