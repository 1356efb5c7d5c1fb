"""The local sandbox daemon: owns every sandbox of this machine, and answers workers on a Unix socket."""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import hashlib
import logging
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from sandbox_operator import containment
from sandbox_operator.local.bundle import MOUNT_POINTS, READ_ONLY, Flags, whole_cpus
from sandbox_operator.local.cgroups import Groups
from sandbox_operator.local.pool import Image, Pool, PoolSettings
from sandbox_operator.local.sandbox import Machine
from sandbox_operator.local.server import Server
from sandbox_operator.local.sweep import sweep
from sandbox_operator.spec import DEFAULT_LIMITS

log = logging.getLogger("bailiwick.sandboxes")


class StartRefused(Exception):
    """One sentence: what is wrong and what to do about it."""


def parse_image(text: str) -> Image:
    match = re.fullmatch(r"([a-z0-9-]{1,64})=(/.*?):((?:[a-z0-9]+:)?[0-9A-Za-z._-]+)", text)
    if match is None:
        raise argparse.ArgumentTypeError("write NAME=/path/to/rootfs:DIGEST")
    return Image(match[1], Path(match[2]), match[3])


def parse_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="sandbox_operator.daemon", description=__doc__)
    parser.add_argument("--socket", type=Path, required=True, help="Unix socket to serve, mode 0600")
    parser.add_argument("--state-dir", type=Path, required=True, help="this daemon's own directory")
    parser.add_argument("--runsc", type=Path, required=True)
    parser.add_argument("--image", type=parse_image, action="append", required=True, metavar="NAME=ROOTFS:DIGEST")
    parser.add_argument("--warm", type=int, default=2, help="sandboxes kept warm for each image")
    parser.add_argument("--max", type=int, default=16, help="sandboxes alive at once, warm ones included")
    parser.add_argument("--processes", type=int, default=DEFAULT_LIMITS.processes, help="process limit of warm ones")
    parser.add_argument("--disk-bytes", type=int, default=DEFAULT_LIMITS.disk_bytes, help="disk limit of warm ones")
    parser.add_argument("--packages-dir", type=Path, action="append", default=[], help="where packages may come from")
    parser.add_argument("--probe-port", type=int, action="append", default=[], help="a control-plane port to try")
    parser.add_argument("--probe-path", type=Path, action="append", default=[], help="a path that must not be seen")
    parser.add_argument("--rootless", action="store_true", help="run as an ordinary user: no CPU and memory limits")
    return parser.parse_args(arguments)


def check(options: argparse.Namespace) -> None:
    """Raises StartRefused."""
    for path in (options.runsc, *(image.rootfs for image in options.image)):
        if not path.exists():
            raise StartRefused(f"{path} does not exist; build it first (make setup)")
    if shutil.which("setpriv") is None:
        raise StartRefused("setpriv is missing; install util-linux")
    if os.geteuid() != 0 and not options.rootless:
        raise StartRefused("without root no limit can be enforced by control groups; pass --rootless to accept that")
    if not 0 <= options.warm <= options.max or options.max < 1:
        raise StartRefused("--warm must lie between 0 and --max, and --max must be positive")


def gvisor_version(runsc: Path) -> str:
    first = subprocess.run([runsc, "--version"], capture_output=True, text=True, check=True).stdout.split("\n")[0]
    version = first.removeprefix("runsc version ").strip()
    if version and version != "VERSION_MISSING":
        return version
    return "sha256:" + hashlib.sha256(runsc.read_bytes()).hexdigest()[:16]


def make_machine(options: argparse.Namespace, state: Path) -> Machine:
    """Raises StartRefused when limits could not be held."""
    parent = "bailiwick-" + hashlib.sha256(str(state).encode()).hexdigest()[:12]
    try:
        groups = Groups(parent, enabled=not options.rootless)
    except OSError as error:
        raise StartRefused(
            f"control groups cannot be used ({error}); give this daemon a writable /sys/fs/cgroup, "
            "or pass --rootless to do without CPU and memory limits"
        ) from error
    return Machine(
        runsc=options.runsc.resolve(),
        state=state,
        groups=groups,
        flags=Flags(rootless=options.rootless),
        cpus=whole_cpus(DEFAULT_LIMITS.cpu_cores),
    )


def make_settings(options: argparse.Namespace, state: Path, canary: Path) -> PoolSettings:
    hidden = [*options.probe_path, state, options.socket, canary, options.runsc, *options.packages_dir]

    def plan(kind: containment.Kind) -> dict[str, Any]:
        return containment.make_plan(
            kind,
            machine=containment.machine_addresses(),
            ports=options.probe_port,
            paths=hidden,
            mounts=MOUNT_POINTS,
            read_only=READ_ONLY,
        )

    return PoolSettings(
        images=options.image,
        warm=options.warm,
        max=options.max,
        processes=options.processes,
        disk_bytes=options.disk_bytes,
        packages_dirs=options.packages_dir,
        gvisor_version=gvisor_version(options.runsc),
        plan=plan,
    )


async def serve(machine: Machine, settings: PoolSettings, path: Path) -> None:
    """Until SIGTERM or SIGINT; then every sandbox ends before this returns."""
    pool = Pool(machine, settings)
    tasks = asyncio.gather(pool.run(), Server(pool, path).serve())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, tasks.cancel)
    with suppress(asyncio.CancelledError):
        await tasks
    await pool.end_all()


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse_arguments(sys.argv[1:] if arguments is None else arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    try:
        check(options)
        options.state_dir.mkdir(mode=0o711, parents=True, exist_ok=True)
        state = options.state_dir.resolve()
        with (state / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise StartRefused(f"another daemon uses {state}; stop it first") from error
            run(options, state)
    except StartRefused as error:
        print(f"sandbox daemon: {error}", file=sys.stderr)
        return 2
    return 0


def run(options: argparse.Namespace, state: Path) -> None:
    machine = make_machine(options, state)
    swept = sweep(state, machine.groups)
    if any(swept.values()):
        log.warning("removed what an earlier daemon left: %s", swept)
    canary = state / f"canary-{secrets.token_hex(8)}"
    canary.write_text("no sandbox may see this")
    try:
        asyncio.run(serve(machine, make_settings(options, state, canary), options.socket))
    finally:
        canary.unlink(missing_ok=True)
        options.socket.unlink(missing_ok=True)
        machine.groups.close()


if __name__ == "__main__":
    sys.exit(main())
