"""What the probe must try, and the verdict over what it reports. Made outside: a check that is missing is a failure."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from sandbox_operator.inside import SANDBOX_UID
from sandbox_operator.protocol import Hole, ProbeReport

METADATA = ("169.254.169.254", "169.254.170.2", "100.100.100.200", "fd00:ec2::254")
OUTSIDE = ("192.0.2.1", "2001:db8::1")  # documentation addresses: nobody's, but a default route would lead there
NAMES = ("metadata.google.internal", "example.com")
# The agent, its kernel, and what is on its way to end.
PROCESSES = 8
POD_INTERFACE = "eth0"
WEB_PORTS = (80, 443)
USUAL_PORTS = (22, 53, 80, 443, 2375, 5432, 6379, 8080, 8181, 8200)
BRIEF = (("interfaces", "all"), ("mounts", "all"), ("identity", "self"), ("kernel", "gvisor"))
FULL_PREFIXES = ("raw_socket", "read_only", "devices", "unix_sockets", "mount_call", "processes")

Kind = Literal["full", "brief"]


def make_plan(
    kind: Kind,
    *,
    machine: Iterable[str],
    ports: Iterable[int],
    paths: Iterable[Path],
    mounts: Iterable[str],
    read_only: Iterable[str],
    network: bool = False,
    processes: int = PROCESSES,
) -> dict[str, Any]:
    """The brief one leaves out what only a fault of the image could change: it delays every claim.

    With `network` the sandbox has a stack by design, and what keeps it in is a filter around it. That there are routes
    then says nothing: instead nobody may answer. `machine` and `ports` must hold one who would.
    """
    machine = sorted(machine)
    addresses = sorted({*machine, *METADATA, *OUTSIDE})
    plan = {
        "kind": kind,
        "network": network,
        "processes": processes,
        "interfaces": [POD_INTERFACE] if network else [],
        "addresses": addresses,
        "machine": machine,
        "ports": sorted({*ports, *(USUAL_PORTS if kind == "full" else ())}),
        "paths": sorted(str(path) for path in paths),
        "names": list(NAMES),
        "mounts": list(mounts),
        "read_only": list(read_only),
        "uid": SANDBOX_UID,
    }
    return {**plan, "targets": [[address, port] for address, port in sorted(targets(plan))]}


def expected_checks(plan: dict[str, Any]) -> set[tuple[str, str]]:
    """Every (check, target) that an honest report names; checks with free targets are matched by their name."""
    checks = {*BRIEF}
    if not plan["network"]:
        checks |= {("route", address) for address in plan["addresses"]}
    checks |= {("loopback", f"127.0.0.1:{port}") for port in plan["ports"]}
    checks |= {("host_path", path) for path in plan["paths"]}
    if plan["kind"] == "full":
        checks |= {("dns", name) for name in plan["names"]}
        checks |= {("connect", f"{address}:{port}") for address, port in targets(plan)}
        checks |= {(name, "*") for name in FULL_PREFIXES}
    return checks


def targets(plan: dict[str, Any]) -> set[tuple[str, int]]:
    """Whom a full probe tries to reach. Where there is a network, whoever is beyond the machine, too."""
    found = {(address, port) for address in plan["machine"] for port in plan["ports"]}
    if plan["network"]:
        found |= {(address, port) for address in (*METADATA, *OUTSIDE) for port in WEB_PORTS}
    return found


def judge(plan: dict[str, Any], answer: dict[str, Any], milliseconds: float) -> ProbeReport:
    """Anything that is not a plain `blocked: true` for an expected check is a hole or makes the report incomplete."""
    holes: list[Hole] = []
    seen: set[tuple[str, str]] = set()
    rows = answer.get("checks")
    for row in rows if isinstance(rows, list) else []:
        if not (isinstance(row, list) and len(row) == 4 and isinstance(row[0], str) and isinstance(row[1], str)):
            continue
        check, target, blocked, detail = row
        seen.add((check, "*" if check in FULL_PREFIXES else target))
        if blocked is not True:
            holes.append(Hole(check[:40], target[:200], str(detail)[:500]))
    return ProbeReport(
        kind=plan["kind"],
        checks=len(seen),
        complete=expected_checks(plan) <= seen,
        holes=tuple(holes),
        milliseconds=milliseconds,
    )


def machine_addresses(proc: Path = Path("/proc/net")) -> list[str]:
    """This machine's own addresses, loopback aside."""
    found: set[str] = set()
    lines = (proc / "fib_trie").read_text().splitlines() if (proc / "fib_trie").exists() else []
    for before, line in pairwise(lines):
        if line.strip() == "/32 host LOCAL":
            found.add(before.split()[-1])
    if (proc / "if_inet6").exists():
        for line in (proc / "if_inet6").read_text().splitlines():
            found.add(str(ipaddress.IPv6Address(bytes.fromhex(line.split()[0]))))
    return sorted(text for text in found if not ipaddress.ip_address(text).is_loopback)
