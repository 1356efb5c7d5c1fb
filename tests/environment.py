"""A pytest plugin that is loaded first: a state directory for this session, and Django's settings made from it.

Nothing is started here. What a session leaves behind when it is killed, the next one removes.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

from tools.launch.state import State

PREFIX = "bailiwick-tests-"
# What Django tests use inside pytest's own process, apart from what the stack's processes use.
DATABASE = "bailiwick_tests"
TEMPLATE = "bailiwick_template"


def _prepare() -> State:
    for old in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        owner = old.name.removeprefix(PREFIX).partition("-")[0]
        if not Path(f"/proc/{owner}").exists():
            shutil.rmtree(old, ignore_errors=True)
    state = State.prepare(Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-")))
    state.choose_ports({})
    for name, value in {"BAILIWICK_WARM": "2", "BAILIWICK_MAX_SANDBOXES": "8"}.items():
        os.environ.setdefault(name, value)
    return state


def _settings(state: State) -> dict[str, str]:
    """Django's settings in this process: its own database, its own Redis number, its own folder."""
    chosen = {name: value for name, value in state.environment(owner=True).items() if name.startswith("BAILIWICK_")}
    inside = state.var / "in-process"
    inside.mkdir(mode=0o700)
    redis, _, _ = chosen["BAILIWICK_REDIS_URL"].rpartition("/")
    return {
        **chosen,
        "BAILIWICK_DATABASE_NAME": DATABASE,
        "BAILIWICK_REDIS_URL": f"{redis}/1",
        "BAILIWICK_VAR": str(inside),
    }


# Even where Python keeps no bytecode: else every process of every session rewrites the assertions of all files anew.
sys.dont_write_bytecode = False
STATE = _prepare()
os.environ.update(_settings(STATE))


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Remove the session's files; its processes have ended by now."""
    shutil.rmtree(STATE.var, ignore_errors=True)
