"""The first process of a cluster's namespaces; the standard library alone: python -I -S holder.py HOME HOSTNAME

Standard input and output are the caller's end of a conversation, a line each:

    > unshared          the new user namespace waits for its ids
    < mapped
    > <process id>      of the first process, as the caller sees it; the one that forked it ends
    < begin
    > ready             its mounts are made
    < stay              it outlives the caller; until then it ends when its standard input does

Whatever is started in the namespaces ends with this process: the kernel sees to that, and to their mounts, network
devices, routes and packet filters.
"""

import ctypes
import os
import signal
import socket
import sys
from pathlib import Path

INSIDE = Path("/run/cluster")
KUBELET = Path("/var/lib/kubelet")  # gVisor's shim looks for volumes there and nowhere else
MS_BIND, MS_PRIVATE, MS_REC = 4096, 1 << 18, 16384
NAMESPACES = os.CLONE_NEWUSER | os.CLONE_NEWNS | os.CLONE_NEWNET | os.CLONE_NEWUTS | os.CLONE_NEWIPC | os.CLONE_NEWPID


def main(home: str, hostname: str) -> None:
    os.unshare(NAMESPACES)
    say("unshared")
    hear("mapped")
    os.setuid(0)
    os.setgid(0)
    if child := os.fork():
        say(str(child))
        os._exit(0)
    hear("begin")
    os.setsid()
    os.chdir("/")
    make_mounts(home)
    socket.sethostname(hostname)
    # Nobody waits for what is orphaned in here: the kernel takes it away at once.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    say("ready")
    hear("stay")
    while True:
        signal.pause()


def make_mounts(home: str) -> None:
    """Keep the machine's files in sight, and what the cluster writes out of them.

    /var is an overlay because some of its folders cannot be chosen: /var/log/containers, /var/lib/cni.
    """
    mount(None, "/", None, MS_REC | MS_PRIVATE)
    folder = os.open(home, os.O_PATH | os.O_DIRECTORY)  # before it may be hidden by what follows
    mount("proc", "/proc", "proc")
    mount("tmpfs", "/run", "tmpfs", options="mode=0755")
    mount("tmpfs", "/dev/shm", "tmpfs", options="mode=1777")
    INSIDE.mkdir()
    mount(f"/proc/self/fd/{folder}", str(INSIDE), None, MS_BIND | MS_REC)
    os.close(folder)
    for name in ("upper", "work"):
        Path("/run/var", name).mkdir(parents=True)
    mount("overlay", "/var", "overlay", options="lowerdir=/var,upperdir=/run/var/upper,workdir=/run/var/work")
    for folder_inside in (INSIDE / "kubelet", KUBELET):
        folder_inside.mkdir(exist_ok=True)
    mount(str(INSIDE / "kubelet"), str(KUBELET), None, MS_BIND)


def mount(source: str | None, goal: str, kind: str | None, flags: int = 0, options: str | None = None) -> None:
    words = [word.encode() if word else None for word in (source, goal, kind, options)]
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(words[0], words[1], words[2], ctypes.c_ulong(flags), words[3]):
        number = ctypes.get_errno()
        raise OSError(number, f"mount on {goal}: {os.strerror(number)}")


def say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


def hear(line: str) -> None:
    """Go on when the caller says so; end when it has ended."""
    if sys.stdin.readline() != f"{line}\n":
        sys.exit(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
