"""Tries to get out, before any user code runs: each check says what it reached, and the verdict is made outside.

No check sends a packet where there is no route: a UDP connect asks the network stack for a route and sends nothing.
Where there are routes by design, connections are tried, and nobody may take one.
"""

from __future__ import annotations

import ctypes
import errno
import os
import selectors
import socket
import stat
import time
from collections.abc import Iterator
from typing import Any

Check = tuple[str, str, bool, str]
DEVICES = frozenset(
    [
        "null",
        "zero",
        "full",
        "random",
        "urandom",
        "tty",
        "console",
        "ptmx",
        "pts",
        "fd",
        "stdin",
        "stdout",
        "stderr",
        "shm",
        "net",
        "fuse",
        "mqueue",
        "termination-log",
    ]
)
SOCKET_SEARCH = ("/", "/run", "/var/run", "/tmp", "/mnt", "/packages", "/workspace", "/opt")
AF_PACKET = 17
# Whoever would answer is in the same cluster; a packet that is lost on the way is sent again after a second.
SILENCE_SECONDS = 1.5


def run(plan: dict[str, Any]) -> list[Check]:
    """Each check as (name, target, blocked, detail)."""
    found = list(brief(plan))
    if plan["kind"] == "full":
        found += full(plan)
    return found


def brief(plan: dict[str, Any]) -> Iterator[Check]:
    yield interfaces(plan["interfaces"])
    if not plan["network"]:
        for address in plan["addresses"]:
            yield route(address)
    for port in plan["ports"]:
        yield loopback(port)
    for path in plan["paths"]:
        yield ("host_path", path, not os.path.lexists(path), "exists")
    yield mounts(plan["mounts"])
    yield identity(plan["uid"])
    yield kernel()


def full(plan: dict[str, Any]) -> Iterator[Check]:
    for name in plan["names"]:
        yield resolve(name)
    if plan["network"]:
        yield from answers(plan["targets"])
    else:
        for address, port in plan["targets"]:
            yield connect(address, port)
    yield raw_socket()
    yield read_only(plan["read_only"])
    yield devices()
    yield unix_sockets()
    yield mount_call()
    yield processes(plan["processes"])


def interfaces(expected: list[str]) -> Check:
    names = sorted(name for _, name in socket.if_nameindex())
    try:
        with open("/proc/net/dev") as file:
            names += [line.split(":")[0].strip() for line in file if ":" in line]
    except OSError:
        pass
    others = sorted(set(names) - {"lo", *expected})
    return ("interfaces", "all", not others, ", ".join(others))


def route(address: str) -> Check:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            sock.connect((address, 53))
    except OSError as error:
        unreachable = (errno.ENETUNREACH, errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL, errno.EHOSTUNREACH)
        return ("route", address, error.errno in unreachable, str(error))
    return ("route", address, False, "there is a route")


def loopback(port: int) -> Check:
    return _connect("loopback", "127.0.0.1", port, (errno.ECONNREFUSED,))


def connect(address: str, port: int) -> Check:
    return _connect(
        "connect", address, port, (errno.ENETUNREACH, errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL, errno.EHOSTUNREACH)
    )


def _connect(check: str, address: str, port: int, blocked: tuple[int, ...]) -> Check:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    target = f"{address}:{port}"
    try:
        with socket.socket(family, socket.SOCK_STREAM) as sock:
            sock.settimeout(0.5)
            sock.connect((address, port))
    except OSError as error:
        return (check, target, error.errno in blocked, str(error))
    return (check, target, False, "connected")


def answers(targets: list[list[Any]]) -> Iterator[Check]:
    """Whether anybody takes a connection: all are tried at once, as silence takes the whole of the time to be heard.

    A refusal is a filter's word or that of a machine on which nothing listens, and carries nothing.
    """
    tried: dict[socket.socket, str] = {}
    for address, port in targets:
        sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
        sock.setblocking(False)
        sock.connect_ex((address, port))
        tried[sock] = f"{address}:{port}"
    with selectors.DefaultSelector() as waiting:
        for sock in tried:
            waiting.register(sock, selectors.EVENT_WRITE)
        until = time.monotonic() + SILENCE_SECONDS
        while waiting.get_map() and (left := until - time.monotonic()) > 0:
            for key, _ in waiting.select(left):
                waiting.unregister(key.fileobj)
    for sock, target in tried.items():
        with sock:
            try:
                sock.getpeername()
            except OSError as error:
                yield ("connect", target, True, str(error))
            else:
                yield ("connect", target, False, "connected")


def resolve(name: str) -> Check:
    try:
        answer = socket.getaddrinfo(name, 443)
    except OSError:
        return ("dns", name, True, "")
    return ("dns", name, False, f"resolved to {answer[0][4][0]}")


def raw_socket() -> Check:
    for family, kind in ((socket.AF_INET, socket.SOCK_RAW), (AF_PACKET, socket.SOCK_RAW)):
        try:
            socket.socket(family, kind, socket.IPPROTO_ICMP if family == socket.AF_INET else 3).close()
        except OSError:
            continue
        return ("raw_socket", str(family), False, "opened")
    return ("raw_socket", "all", True, "")


def mounts(expected: list[str]) -> Check:
    with open("/proc/self/mountinfo") as file:
        present = {line.split()[4] for line in file}
    others = sorted(present - set(expected))
    return ("mounts", "all", not others, "unexpected: " + ", ".join(others)[:500])


def identity(uid: int) -> Check:
    """An ordinary user, no capability in any set, and no way to gain one."""
    with open("/proc/self/status") as file:
        status = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
    faults = [
        f"{key}={status[key]}" for key in ("CapInh", "CapPrm", "CapEff", "CapBnd") if int(status.get(key, "1"), 16)
    ]
    if os.getresuid() != (uid,) * 3 or os.getresgid() != (uid,) * 3:
        faults.append(f"uid={os.getresuid()} gid={os.getresgid()}")
    no_new_privileges = ctypes.CDLL(None).prctl(39, 0, 0, 0, 0)  # PR_GET_NO_NEW_PRIVS
    if no_new_privileges != 1:
        faults.append("privileges can be gained")
    return ("identity", "self", not faults, "; ".join(faults))


def kernel() -> Check:
    """gVisor answers with a version of its own; a shared host kernel would not."""
    with open("/proc/version") as file:
        version = file.read()
    release = os.uname().release
    return ("kernel", "gvisor", "gvisor" in release or release.startswith("4.4.0"), f"{release} {version[:80]}")


def read_only(directories: list[str]) -> Check:
    for directory in directories:
        try:
            os.close(os.open(f"{directory}/.probe", os.O_WRONLY | os.O_CREAT, 0o600))
        except OSError:
            continue
        return ("read_only", directory, False, "is writable")
    return ("read_only", "root", True, "")


def devices() -> Check:
    others = sorted(set(os.listdir("/dev")) - DEVICES)
    return ("devices", "/dev", not others, "unexpected: " + ", ".join(others)[:200])


def unix_sockets() -> Check:
    """No socket file but our kernels' own may exist: any other leads out."""
    found = []
    for top in SOCKET_SEARCH:
        try:
            entries = list(os.scandir(top))
        except OSError:
            continue
        for entry in entries:
            try:
                is_socket = stat.S_ISSOCK(entry.stat(follow_symlinks=False).st_mode)
            except OSError:
                continue
            if is_socket:
                found.append(entry.path)
    return ("unix_sockets", "all", not found, "found: " + ", ".join(found)[:500])


def mount_call() -> Check:
    libc = ctypes.CDLL(None, use_errno=True)
    done = libc.mount(b"none", b"/tmp", b"tmpfs", 0, None) == 0
    return ("mount_call", "/tmp", not done, "mounted a file system")


def processes(most: int) -> Check:
    """Every process that can be seen belongs to this sandbox: its user, and no more of them than we started."""
    others = []
    pids = [name for name in os.listdir("/proc") if name.isdigit()]
    for pid in pids:
        try:
            if os.stat(f"/proc/{pid}").st_uid != os.getuid():
                others.append(pid)
        except OSError:
            continue
    return (
        "processes",
        "all",
        not others and len(pids) <= most,
        f"{len(pids)} seen, foreign: {', '.join(others)[:100]}",
    )
