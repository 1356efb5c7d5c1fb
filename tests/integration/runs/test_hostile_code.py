"""Code that attacks from inside its sandbox, sent through the API as any analyst could send it.

It reaches nothing: no network, no host, no other run, no secret. And whatever it does to its own agent, the run ends as
lost or failed, or goes on unharmed; never as a success that was not.
"""

import json
import os
from typing import Any

import pytest

from tests.stack import Stack, eventually, secret_of
from tests.work import Work, entries, ok, text


def answers(work: Work, code: str, **fields: Any) -> dict[str, Any]:
    """What code found out in a run of its own; it leaves it in `found`."""
    cell = work.one_shot(f"found = {{}}\n{code}\nimport json\nprint(json.dumps(found, default=str))", **fields)
    assert cell["state"] == "succeeded", text(cell)
    result: dict[str, Any] = json.loads(text(cell).splitlines()[-1])
    return result


def test_no_network(work: Work, stack: Stack):
    """Taken out for a try: `--network=none` and the namespace; then the machine's interfaces show."""
    ports = stack.state.ports
    code = f"""
import socket, struct, errno
def attempt(name, work):
    try:
        work()
        found[name] = 'REACHED'
    except OSError as error:
        found[name] = type(error).__name__
def tcp(host, port, family=socket.AF_INET):
    def work():
        with socket.socket(family, socket.SOCK_STREAM) as talk:
            talk.settimeout(1)
            talk.connect((host, port))
    return work
def udp(host, port):
    def work():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as talk:
            talk.settimeout(1)
            talk.sendto(bytes(12), (host, port))
            talk.recv(100)
    return work
for host in ('169.254.169.254', '1.1.1.1', '10.0.0.1', '172.17.0.1', '192.168.0.1', '100.64.0.1', '0.0.0.0'):
    attempt('tcp ' + host, tcp(host, 80))
    attempt('udp ' + host, udp(host, 53))
for port in ({ports.web}, {ports.redis}, {ports.opa}, 5432, 22, 53):
    attempt(f'loopback {{port}}', tcp('127.0.0.1', port))
attempt('ipv6', tcp('2606:4700:4700::1111', 80, socket.AF_INET6))
attempt('ipv6 loopback', tcp('::1', {ports.web}, socket.AF_INET6))
attempt('ipv6 mapped', tcp('::ffff:169.254.169.254', 80, socket.AF_INET6))
attempt('dns', lambda: socket.getaddrinfo('example.com', 80))
attempt('raw', lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP))
attempt('packet', lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW))
attempt('vsock', lambda: socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM).connect((2, 1024)))
import os
for path in ({str(stack.state.sandbox_socket)!r}, {str(stack.state.sockets / ".s.PGSQL.5432")!r}, '/run/docker.sock',
             '/var/run/docker.sock', '/run/containerd/containerd.sock', '/run/dbus/system_bus_socket'):
    attempt('unix ' + path, lambda: socket.socket(socket.AF_UNIX).connect(path))
for name in ('/containerd-shim/x', '/tmp/.X11-unix/X0', 'dbus'):
    attempt('abstract ' + name, lambda: socket.socket(socket.AF_UNIX).connect('\\0' + name))
found['interfaces'] = sorted(name for _, name in socket.if_nameindex())
"""
    found = answers(work, code)
    assert set(found.pop("interfaces")) <= {"lo"}
    assert "REACHED" not in found.values(), found
    assert len(found) > 30


def test_no_host(work: Work, stack: Stack):
    """The root is the image, read-only; what of the host there is to see is a kernel that is not the host's."""
    code = f"""
import os, subprocess
for path in ({str(stack.state.var)!r}, {os.getcwd()!r}, '/root/.ssh', '/root/.cache', '/home',
             '/proc/1/root/root/.cache', '/proc/self/root/../..' + {str(stack.state.var)!r}):
    try:
        found[path] = os.listdir(path)
    except OSError as error:
        found[path] = type(error).__name__
for path in ('/etc/passwd', '/usr/bin/python3', '/opt/bailiwick/agent/__main__.py', '/packages/x.py', '/x', '/dev/x',
             '/proc/sys/kernel/core_pattern', '/proc/sysrq-trigger', '/sys/x'):
    try:
        open(path, 'a').write('x')
        found['write ' + path] = 'WRITTEN'
    except OSError as error:
        found['write ' + path] = type(error).__name__
found['hostname'] = os.uname().nodename
found['ids'] = [os.getuid(), os.geteuid(), os.getgid(), os.getgroups()]
status = dict(line.split(':\\t', 1) for line in open('/proc/self/status').read().splitlines() if ':\\t' in line)
found['capabilities'] = [status.get(key) for key in ('CapInh', 'CapPrm', 'CapEff', 'CapBnd')]
pids = filter(str.isdigit, os.listdir('/proc'))
found['processes'] = sorted({{open(f'/proc/{{pid}}/comm').read().strip() for pid in pids}})
found['devices'] = sorted(os.listdir('/dev'))
found['mounts'] = sorted({{line.split()[1] for line in open('/proc/mounts')}})
"""
    found = answers(work, code)
    for path in (str(stack.state.var), os.getcwd(), "/root/.ssh", "/root/.cache"):
        assert found[path] in ("FileNotFoundError", "PermissionError", "NotADirectoryError"), (path, found[path])
    assert "WRITTEN" not in [value for key, value in found.items() if key.startswith("write")], found
    assert found["ids"] == [1000, 1000, 1000, [1000]] or found["ids"] == [1000, 1000, 1000, []]
    assert {int(mask, 16) for mask in found["capabilities"] if mask} <= {0}
    assert found["hostname"] == "sandbox"
    assert set(found["mounts"]) <= {
        "/",
        "/proc",
        "/dev",
        "/dev/pts",
        "/dev/shm",
        "/sys",
        "/tmp",
        "/workspace",
        "/packages",
    }
    assert not {name for name in found["devices"] if name.startswith(("sd", "vd", "nvme", "kvm", "mem", "kmsg"))}
    assert all(name.startswith(("python", "bash", "sh")) for name in found["processes"]), found["processes"]


def test_no_privilege(work: Work):
    code = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
def call(name, *arguments):
    ctypes.set_errno(0)
    result = getattr(libc, name)(*arguments)
    found[name + str(arguments)[:40]] = 'DONE' if result == 0 else os.strerror(ctypes.get_errno())
call('mount', b'none', b'/mnt', b'tmpfs', 0, None)
call('mount', b'proc', b'/tmp', b'proc', 0, None)
call('umount', b'/workspace')
call('chroot', b'/tmp')
call('setuid', 0)
call('setgid', 0)
call('setns', 3, 0)
call('sethostname', b'x', 1)
call('reboot', 0x1234567)
call('swapon', b'/tmp/x', 0)
call('init_module', None, 0, b'')
call('pivot_root', b'/tmp', b'/tmp')
call('iopl', 3)
call('acct', b'/tmp/x')
call('settimeofday', ctypes.create_string_buffer(16), None)
for setuid in ('/bin/su', '/usr/bin/sudo', '/bin/mount', '/usr/bin/passwd'):
    if os.path.exists(setuid) and os.stat(setuid).st_mode & 0o6000:
        found[setuid] = os.popen(setuid + ' --help; id -u').read().splitlines()[-1]
"""
    found = answers(work, code)
    assert "DONE" not in found.values(), found
    assert "0" not in found.values(), found


def test_nothing_inside_names_anybody(work: Work, stack: Stack):
    """Neither environment, files, memory of the agent nor /proc hold a token, a secret, a person or a project."""
    project = ok(work.api.get("projects"))["results"][0]
    with stack.api("analyst") as api:
        token = api.headers["authorization"].split()[1]
    secrets = [
        stack.state.secret(name) for name in ("secret_key", "master_key", "redis", "opa", "database_app", "metrics")
    ]
    names = [project["id"], project["name"], token, secret_of(token), "fraud-inquiry-0451", *secrets]
    code = """
import os, subprocess
parts = [repr(dict(os.environ))]
for pid in filter(str.isdigit, os.listdir('/proc')):
    for name in ('environ', 'cmdline', 'maps', 'mountinfo'):
        try:
            parts.append(open(f'/proc/{pid}/{name}', 'rb').read().decode('latin-1'))
        except OSError:
            pass
for top in ('/workspace', '/tmp', '/etc', '/opt/bailiwick/agent', '/run', '/var', '/packages'):
    for folder, _, files in os.walk(top):
        for file in files:
            path = os.path.join(folder, file)
            if os.path.isfile(path) and os.path.getsize(path) < 1 << 20:
                try:
                    parts.append(path + open(path, 'rb').read().decode('latin-1'))
                except OSError:
                    pass
open('outputs/everything.txt', 'w').write('\\n'.join(parts))
"""
    run = work.ready(purpose="fraud-inquiry-0451")["id"]
    cell = work.done(run, code)
    assert cell["state"] == "succeeded", text(cell)
    everything = work.api.get(f"runs/{run}/artifacts/everything.txt").content.decode(errors="replace")
    assert len(everything) > 10_000
    assert [name for name in names if name in everything] == []
    environment = text(work.done(run, "import os\nfor key in sorted(os.environ): print(key)")).split()
    assert not [key for key in environment if any(word in key for word in ("TOKEN", "SECRET", "PASSWORD", "DATABASE"))]
    work.cancel(run)


def test_no_other_run(work: Work):
    """A second run, warm or cold, finds nothing that the first one left, while it lives and after."""
    first = work.ready()["id"]
    leave = "for folder in ('/workspace', '/tmp', 'outputs'):\n    open(folder + '/left-0451', 'w').write('left')"
    assert work.done(first, leave)["state"] == "succeeded"
    look = "import os\nprint(os.popen('find / -name left-0451 2>/dev/null').read())"
    assert "left-0451" in text(work.done(first, look))
    assert "left-0451" not in text(work.one_shot(look))
    work.cancel(first)
    assert "left-0451" not in text(work.one_shot(look))


AGENT = """
import os, socket, struct, ctypes
agent = os.getppid()
"""


@pytest.mark.parametrize(
    "attack",
    [
        "os.kill(agent, 9)",
        "os.kill(agent, 11)",
        "os.kill(agent, 19)\nimport time; time.sleep(60)",
        "os.kill(-1, 9)",
        "os.kill(os.getpid(), 9)",
        "os._exit(0)",
        "import sys; sys.exit(0)",
        "get_ipython().kernel.do_shutdown(False)",
        "os.abort()",
        "ctypes.string_at(0)",
        "os.system('kill -9 -1')",
    ],
)
def test_killing_what_serves_it(work: Work, attack: str):
    """The agent's death is the run's; the kernel's is a failed cell. Neither is a success, and both come soon."""
    run = work.ready(limits={"wall_seconds": 5})["id"]
    cell = work.done(run, f"{AGENT}print('before', flush=True)\n{attack}\nprint('after')")
    said = text(cell)
    if cell["state"] == "succeeded":
        # The signal was refused or harmless, and the cell went on to its end.
        assert "after" in said
    else:
        assert cell["state"] in {"lost", "failed", "timed_out"}, cell
        assert cell["ending"]["message"]
    after = work.get(run)
    assert after["state"] in {"ready", "lost", "failed"}
    if after["state"] == "ready":
        more = work.done(run, "print('works')")
        if more["state"] == "failed":
            # The kernel took its time to die; the next cell gets a new one.
            assert more["outputs"][-1]["ename"] == "KernelDied"
            more = work.done(run, "print('works')")
        assert text(more) == "works\n"
    work.cancel(run)


FORGE = """
import array, ctypes, glob, json, os, socket, struct, threading
HEADER = struct.Struct('>2sBBI8sI')
def frame(kind, payload, sequence=1, nonce=bytes(8), length=None):
    body = json.dumps(payload).encode() if isinstance(payload, dict) else payload
    return HEADER.pack(b'BW', 1, kind, sequence, nonce, len(body) if length is None else length) + body
FAKES = [
    frame(12, {'status': 'ok', 'execution_count': 1, 'truncated': False, 'text_cut': False}),
    frame(10, {'output_type': 'stream', 'name': 'stdout', 'text': 'FORGED'}),
    frame(17, {'items': [{'name': '../../etc/passwd', 'size': 1}], 'skipped': []}),
    frame(10, b'', length=0xffffffff),
    frame(255, b'x'),
    b'not a frame at all' * 1000,
]
reached = []
def spray(fd):
    for fake in FAKES:
        try:
            os.write(fd, fake)
            reached.append(fd)
        except OSError:
            pass
for pid in filter(str.isdigit, os.listdir('/proc')):
    for path in glob.glob(f'/proc/{pid}/fd/*'):
        try:
            if os.readlink(path).startswith('socket:') and int(pid) != os.getpid():
                spray(os.open(path, os.O_WRONLY | os.O_NONBLOCK))
        except OSError:
            pass
libc = ctypes.CDLL(None, use_errno=True)
agent = os.getppid()
pidfd = libc.syscall(434, agent, 0)
for fd in range(64):
    taken = libc.syscall(438, pidfd, fd, 0)
    if taken >= 0:
        spray(taken)
# ptrace: ATTACH, SEIZE; and its memory
found = {'attach': libc.ptrace(16, agent, 0, 0), 'seize': libc.ptrace(0x4206, agent, 0, 0)}
try:
    open(f'/proc/{agent}/mem', 'r+b')
    found['mem'] = 0
except OSError:
    found['mem'] = -1
remote = (ctypes.c_uint64 * 2)(0x400000, 64)
local = (ctypes.c_uint64 * 2)(ctypes.addressof(ctypes.create_string_buffer(64)), 64)
found['write'] = libc.process_vm_writev(agent, local, 1, remote, 1, 0)
print('REACHED', len(reached), found)
"""


def test_forging_the_channel(work: Work):
    """Frames written to every socket in reach: none of them is believed, and the agent's memory is out of reach."""
    run = work.ready(limits={"wall_seconds": 20})["id"]
    cell = work.done(run, FORGE + "\nraise RuntimeError('the truth')")
    assert cell["state"] in {"lost", "failed"}, cell
    assert "FORGED" not in json.dumps(cell["outputs"])
    assert cell["artifacts"] == []
    if cell["state"] == "failed":
        assert cell["outputs"][-1]["ename"] == "RuntimeError"
        said = text(cell)
        assert "'attach': -1, 'seize': -1, 'mem': -1, 'write': -1" in said
    assert work.get(run)["state"] in {"ready", "lost"}
    work.cancel(run)


def test_a_success_cannot_be_told_from_inside(work: Work):
    """Code that tells its client, over the kernel's own sockets, that all is well, and then runs on, is stopped."""
    run = work.ready(limits={"wall_seconds": 3})["id"]
    code = """
kernel = get_ipython().kernel
parent = kernel.get_parent('shell')
kernel.session.send(kernel.iopub_socket, 'status', {'execution_state': 'idle'}, parent=parent)
import time
while True: time.sleep(0.1)
"""
    cell = work.done(run, code)
    assert cell["state"] in {"timed_out", "lost", "failed"}, cell
    work.cancel(run)


def test_changing_the_agent(work: Work):
    """Its files are read-only, and what a cell loads into its kernel stays in that kernel's process."""
    code = """
import os, subprocess, sys
for folder, _, files in os.walk('/opt/bailiwick'):
    for name in files[:3]:
        path = os.path.join(folder, name)
        for attempt in (lambda: os.chmod(path, 0o777), lambda: os.remove(path), lambda: open(path, 'w'),
                        lambda: os.rename('/tmp/x', path)):
            try:
                attempt()
                found[path] = 'CHANGED'
            except OSError:
                pass
os.environ['LD_PRELOAD'] = '/workspace/evil.so'
os.environ['PYTHONPATH'] = '/workspace'
open('/workspace/sitecustomize.py', 'w').write("raise SystemExit('evil')")
open('/workspace/json.py', 'w').write("raise SystemExit('evil')")
open('/workspace/agent.py', 'w').write("raise SystemExit('evil')")
"""
    assert answers(work, code) == {}
    run = work.ready()["id"]
    work.done(run, f"found = {{}}\n{code}")
    assert text(work.done(run, "print('still works')")) == "still works\n"
    work.cancel(run)


@pytest.mark.parametrize(
    "code",
    [
        "import os\nos.closerange(3, 256)",
        "from threading import Thread\nfor _ in range(20):\n"
        "    Thread(target=lambda: all(True for _ in iter(int, 1))).start()",
        "import sys\nsys.settrace(lambda *a: None)\nsys.stdout = sys.stderr = None",
        "import builtins\nbuiltins.print = None\nbuiltins.len = lambda x: -1",
        "import os\nos.system('rm -rf /workspace/* /tmp/.kernels /tmp/* 2>/dev/null')",
        "import os\nos.system('chmod -R 0 outputs; rm -rf outputs; ln -s /etc outputs')",
    ],
    ids=["closes-everything", "busy-threads", "no-streams", "no-builtins", "removes-everything", "moves-outputs"],
)
def test_wrecking_its_own_house(work: Work, code: str):
    """The run may be spoilt for its analyst, who did it; it ends or goes on, and the platform does not hang on it."""
    run = work.ready(limits={"wall_seconds": 4})["id"]
    cell = work.done(run, code)
    assert cell["state"] in {"succeeded", "failed", "lost", "timed_out"}
    after = work.get(run)
    assert after["state"] in {"ready", "lost", "failed"}
    if after["state"] == "ready":
        more = work.done(run, "1 + 1")
        assert more["state"] in {"succeeded", "failed", "lost", "timed_out"}
        assert not [one for one in more["artifacts"] if "passwd" in one["name"]]
    work.cancel(run)


def test_what_a_cell_leaves_running_ends_with_its_run(work: Work, stack: Stack):
    """A thread and a process go on behind a cell that has ended; they count as idle, and go when the run does."""
    run = work.ready(limits={"idle_seconds": 3})
    code = (
        "import subprocess, threading\nsubprocess.Popen(['sh', '-c', 'while :; do :; done'])\n"
        "threading.Thread(target=lambda: all(True for _ in iter(int, 1)), daemon=True).start()"
    )
    assert work.done(run["id"], code)["state"] == "succeeded"
    events = {entry["event"]: entry for entry in entries(stack, f"run:{run['id']}")}
    sandbox = events["runs:run:started"]["facts"]["sandbox"].split(":")[1]
    folder = stack.state.var / "sandboxes/sandboxes" / sandbox
    assert folder.exists()
    ended = eventually(lambda: work.get(run["id"])["ending"], within=15)
    assert ended["code"] == "idle_exceeded"
    eventually(lambda: not folder.exists())
