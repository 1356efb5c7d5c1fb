"""SQL and bash cells, run from inside the Python kernel so that they share its files, tables and lifetime."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Any

WORKSPACE = Path("/workspace")
MAX_ROWS = 100_000
# What pandas takes for a missing value (its `na_values`): a file has to be the same table in both languages.
MISSING = [
    "",
    "#N/A",
    "#N/A N/A",
    "#NA",
    "-1.#IND",
    "-1.#QNAN",
    "-NaN",
    "-nan",
    "1.#IND",
    "1.#QNAN",
    "<NA>",
    "N/A",
    "NA",
    "NULL",
    "NaN",
    "None",
    "n/a",
    "nan",
    "null",
]
READERS = {
    ".csv": f"read_csv(%s, nullstr={MISSING})",
    ".tsv": f"read_csv(%s, nullstr={MISSING})",
    ".parquet": "read_parquet(%s)",
    ".json": "read_json_auto(%s)",
    ".ndjson": "read_json_auto(%s)",
}


class CellError(Exception):
    """Shown as one line: the frames of this module would tell the analyst nothing."""

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


def warm() -> None:
    """Pay for first use before the claim: a connection, a figure's machinery, a formatted table."""
    import duckdb
    import pandas
    from matplotlib import pyplot

    duckdb.sql("select 1").fetchall()
    pandas.DataFrame({"a": [1.5]})._repr_html_()
    pyplot.close(pyplot.figure())


def sql_memory() -> int:
    """What DuckDB may take before it spills to disk: it would go by the machine's memory, and end the sandbox."""
    try:
        return int(Path("/tmp/.kernels/memory").read_text()) // 3
    except (OSError, ValueError):
        return 256 << 20


class Sql:
    """One in-memory database for the sandbox's life; the workspace's data files are its tables."""

    def __init__(self) -> None:
        import duckdb

        self.duckdb = duckdb
        spill = WORKSPACE / ".tmp"
        self.connection = duckdb.connect(":memory:")
        for setting in (
            f"temp_directory='{spill}'",
            "autoinstall_known_extensions=false",
            "autoload_known_extensions=false",
            "python_scan_all_frames=true",
            f"threads={os.environ.get('OMP_NUM_THREADS', '1')}",
            f"memory_limit='{sql_memory()}B'",
        ):
            self.connection.execute(f"SET {setting}")
        self._seen: dict[str, tuple[int, int]] = {}

    def run(self, code: str, scope: dict[str, Any]) -> Any:
        self._register_files()
        try:
            return self._interruptible(lambda: self._query(code, scope))
        except self.duckdb.Error as error:
            raise type(type(error).__name__, (CellError,), {})(str(error)) from None

    def _query(self, code: str, scope: dict[str, Any]) -> Any:
        relation = eval("query(code)", scope | {"query": self.connection.sql, "code": code})
        return None if relation is None else self._head(relation)

    def _interruptible(self, work: Callable[[], Any]) -> Any:
        """DuckDB hears no signal while it works, so it works in a thread and this one listens."""
        future: Future[Any] = Future()

        def target() -> None:
            try:
                future.set_result(work())
            except BaseException as error:
                future.set_exception(error)

        thread = threading.Thread(target=target, daemon=True)
        thread.start()
        try:
            thread.join()
        except KeyboardInterrupt:
            self.connection.interrupt()
            thread.join(0.3)
            raise
        return future.result()

    def _head(self, relation: Any) -> Any:
        frame = relation.limit(MAX_ROWS + 1).df()
        if len(frame) > MAX_ROWS:
            print(f"[the first {MAX_ROWS:,} rows; use LIMIT or COPY … TO 'outputs/…' for others]")
            frame = frame.head(MAX_ROWS)
        return frame

    def _register_files(self) -> None:
        for path in sorted(WORKSPACE.iterdir()):
            try:
                stat = path.stat()
            except OSError:
                continue
            if self._seen.get(path.name) == (stat.st_size, stat.st_mtime_ns):
                continue
            self._seen[path.name] = (stat.st_size, stat.st_mtime_ns)
            try:
                self._register(path)
            except Exception as error:  # a file that is no table must not stop the query
                print(f"[{path.name} is not a table: {str(error).splitlines()[0]}]", file=sys.stderr)

    def _register(self, path: Path) -> None:
        suffix = path.suffix.lower()
        if suffix == ".xlsx":
            import pandas

            self.connection.register(path.stem, pandas.read_excel(path))
        elif suffix in READERS:
            table = path.stem.replace('"', '""')
            source = "'" + str(path).replace("'", "''") + "'"
            self.connection.execute(f'CREATE OR REPLACE VIEW "{table}" AS SELECT * FROM {READERS[suffix] % source}')


class Bash:
    """One shell whose variables, functions and directory persist from cell to cell."""

    def __init__(self) -> None:
        status_read, status_write = os.pipe()
        self.status = status_read
        self.process = subprocess.Popen(
            ["bash", "--norc", "--noprofile"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=(status_write,),
            start_new_session=True,
            cwd=WORKSPACE,
        )
        os.close(status_write)
        self.script = Path(f"/tmp/.kernels/cell-{self.process.pid}.sh")
        self._tell(f"exec {200}>&{status_write} {status_write}>&-; trap : INT\n")

    def run(self, code: str) -> int | None:
        """The exit status of the cell's last command, or None when the shell itself ended."""
        self.script.write_text(code + "\n")
        # The redirection keeps the cell from reading the commands that follow it, and from the status pipe.
        self._tell(f". {self.script} </dev/null 200>&-; printf '%s\\n' $? >&200\n")
        return self._pump()

    def stop(self) -> None:
        """End what runs now. Raises nothing; the shell is gone when it would not let go."""
        self._signal(signal.SIGINT)
        if select.select([self.status], [], [], 0.1)[0]:
            os.read(self.status, 64)
        else:
            self._signal(signal.SIGKILL)
            self.process.wait()

    def _pump(self) -> int | None:
        assert self.process.stdout and self.process.stderr
        streams = {self.process.stdout.fileno(): sys.stdout, self.process.stderr.fileno(): sys.stderr}
        status: int | None = None
        while streams:
            ready = select.select([*streams, self.status], [], [], 0 if status is not None else None)[0]
            for fd in [fd for fd in ready if fd in streams]:
                if raw := os.read(fd, 1 << 16):
                    streams[fd].write(raw.decode("utf-8", "replace"))
                else:
                    del streams[fd]
            if self.status in ready:
                raw = os.read(self.status, 64)
                if not raw:
                    break
                status = int(raw)
            elif not ready:
                break
        return status

    def _tell(self, line: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(line.encode())
        self.process.stdin.flush()

    def _signal(self, number: int) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)


class BashError(CellError):
    """A command that failed."""


_sql: Sql | None = None
_bash: Bash | None = None


def sql(code: str, scope: dict[str, Any]) -> Any:
    """Run SQL over the workspace's files and the session's DataFrames; the result as a DataFrame, or None."""
    global _sql
    _sql = _sql or Sql()
    return _sql.run(code, scope)


def bash(code: str, _scope: dict[str, Any]) -> None:
    """Run bash. Raises BashError when the cell's last command fails."""
    global _bash
    if _bash is None or _bash.process.poll() is not None:
        _bash = Bash()
    try:
        status = _bash.run(code)
    except KeyboardInterrupt:
        _bash.stop()
        raise
    if status is None:
        _bash.process.wait()
        status, _bash = _bash.process.returncode, None
        raise BashError(f"the shell ended with status {status}; its variables are gone")
    if status:
        raise BashError(f"exit status {status}")
