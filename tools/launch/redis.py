"""Redis: the queue and the live events. Loopback, a password, and every write kept in its append-only file."""

import socket

from tools.launch.state import BIN, State, write_private


def configure(state: State) -> None:
    """Write its configuration; the password is in a file, as arguments are for everybody to read."""
    folder = state.var / "redis"
    folder.mkdir(mode=0o700, exist_ok=True)
    lines = {
        "bind": "127.0.0.1",
        "port": str(state.ports.redis),
        "protected-mode": "yes",
        "requirepass": state.secret("redis"),
        "dir": str(folder),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": '""',
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
    }
    write_private(folder / "redis.conf", "".join(f"{name} {value}\n" for name, value in lines.items()))


def command(state: State) -> tuple[str, ...]:
    """How it starts."""
    return (str(BIN / "redis-server"), str(state.var / "redis/redis.conf"))


def ready(state: State) -> bool:
    """Whether it has loaded its file and answers."""
    try:
        with socket.create_connection(("127.0.0.1", state.ports.redis), timeout=1) as talk:
            talk.sendall(f"AUTH {state.secret('redis')}\r\nPING\r\n".encode())
            answer = b""
            while answer.count(b"\r\n") < 2 and (more := talk.recv(256)):
                answer += more
    except OSError:
        return False
    return answer == b"+OK\r\n+PONG\r\n"
