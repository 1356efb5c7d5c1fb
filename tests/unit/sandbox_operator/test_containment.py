"""The verdict over a probe: only a whole report of plain `blocked` is good."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from sandbox_operator import containment
from sandbox_operator.agent.probe import answers
from sandbox_operator.containment import FULL_PREFIXES, Kind, expected_checks, judge, machine_addresses


def make_plan(kind: Kind, *, network: bool = False) -> dict[str, Any]:
    return containment.make_plan(
        kind,
        machine=["10.1.2.3"],
        ports=[7000],
        paths=[Path("/state")],
        mounts=["/"],
        read_only=["/", "/etc"],
        network=network,
    )


PLAN = make_plan("full")


def honest(plan: dict[str, Any] = PLAN) -> list[list[Any]]:
    return [[check, target, True, ""] for check, target in sorted(expected_checks(plan))]


def test_an_honest_report_is_contained() -> None:
    report = judge(PLAN, {"checks": honest()}, 1.0)
    assert report.contained and report.checks == len(expected_checks(PLAN))


@pytest.mark.parametrize("index", range(len(expected_checks(PLAN))))
def test_each_missing_check_fails_the_report(index: int) -> None:
    checks = honest()
    del checks[index]
    assert not judge(PLAN, {"checks": checks}, 1.0).contained


@pytest.mark.parametrize("blocked", [False, None, 1, "true", "yes", []])
def test_anything_but_true_is_a_hole(blocked: object) -> None:
    checks = honest()
    checks[0][2] = blocked
    report = judge(PLAN, {"checks": checks}, 1.0)
    assert report.complete and not report.contained and len(report.holes) == 1


@pytest.mark.parametrize("answer", [{}, {"checks": None}, {"checks": "ok"}, {"checks": [1, "x", [], ["route"]]}])
def test_nonsense_is_incomplete(answer: dict[str, Any]) -> None:
    report = judge(PLAN, answer, 1.0)
    assert not report.complete and not report.contained


def test_a_brief_plan_asks_less_and_still_every_address() -> None:
    brief = make_plan("brief")
    wanted = expected_checks(brief)
    assert wanted < expected_checks(PLAN)
    assert {("route", "10.1.2.3"), ("route", "169.254.169.254"), ("host_path", "/state")} <= wanted
    assert ("loopback", "127.0.0.1:7000") in wanted
    assert not wanted & {(name, "*") for name in FULL_PREFIXES}


def test_with_a_network_nobody_may_answer_on_the_machine_and_beyond_it() -> None:
    plan = make_plan("full", network=True)
    wanted = expected_checks(plan)
    assert ("connect", "10.1.2.3:7000") in wanted
    assert {("connect", f"{address}:443") for address in (*containment.METADATA, *containment.OUTSIDE)} <= wanted
    assert not [check for check, _ in wanted if check == "route"]
    assert judge(plan, {"checks": honest(plan)}, 1.0).contained
    assert not judge(plan, {"checks": honest()}, 1.0).contained


def test_a_sandbox_is_told_exactly_whom_to_try() -> None:
    for network in (False, True):
        plan = make_plan("full", network=network)
        told = {f"{address}:{port}" for address, port in plan["targets"]}
        assert told == {target for check, target in expected_checks(plan) if check == "connect"}


def test_whoever_takes_a_connection_is_found_and_whoever_refuses_is_not() -> None:
    """The agent's own check, here without a sandbox."""
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_server(("127.0.0.1", 0)) as gone:
        open_port, closed_port = listener.getsockname()[1], gone.getsockname()[1]
        gone.close()
        found = {target: blocked for _, target, blocked, _ in answers([["127.0.0.1", open_port], ["::1", closed_port]])}
    assert found == {f"127.0.0.1:{open_port}": False, f"::1:{closed_port}": True}


def test_addresses_are_read_from_the_kernels_tables(tmp_path: Path) -> None:
    (tmp_path / "fib_trie").write_text(
        "Main:\n  +-- 0.0.0.0/0\n     |-- 10.1.2.3\n        /32 host LOCAL\n"
        "     |-- 127.0.0.1\n        /32 host LOCAL\n     |-- 10.1.2.255\n        /32 link BROADCAST\n"
    )
    (tmp_path / "if_inet6").write_text(
        "fe800000000000000000000000000001 02 40 20 80 eth0\n00000000000000000000000000000001 01 80 10 80 lo\n"
    )
    assert machine_addresses(tmp_path) == ["10.1.2.3", "fe80::1"]
