"""The steps between the parts' starts, in one process each: migrate and register; seed; and the demo's run."""

import hashlib
import os
import time
from collections.abc import Callable
from typing import Any

from config import processes
from tools.launch import opa, postgres
from tools.launch.state import IMAGES, ROOT, State, write_private

# The demo's tokens live longer than this.
AGAIN_AFTER = 14 * 24 * 3600.0


def prepare(state: State) -> None:
    """Bring the database to the present code, register the image, and keep OPA's policies. May be done again."""
    postgres.create_roles(state)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    processes.migrate([IMAGES / "python/metadata.json"], opa.bundle(state))
    write_private(state.var / "prepared", _inputs(state))


def seed(state: State) -> None:
    """Seed the demo: the sequencer must run, for nobody gets a role that is not on record for good."""
    _django()("seed_demo")
    write_private(state.var / "seeded", _inputs(state))


def prepared(state: State) -> bool:
    """Whether an earlier start prepared this state for the same code, image and address, and lately."""
    return _lately(state, "prepared")


def seeded(state: State) -> bool:
    """Whether an earlier start seeded it likewise."""
    return (state.var / "demo.json").exists() and _lately(state, "seeded")


def _lately(state: State, step: str) -> bool:
    stamp = state.var / step
    if not stamp.exists():
        return False
    return stamp.read_text() == _inputs(state) and time.time() - stamp.stat().st_mtime < AGAIN_AFTER


def _inputs(state: State) -> str:
    """A digest of everything that the steps bring into the database."""
    digest = hashlib.sha256(state.url.encode() + (IMAGES / "python/metadata.json").read_bytes())
    # Packages bring tables of their own.
    digest.update((ROOT / "requirements.lock").read_bytes())
    for path in sorted(opa.POLICIES.rglob("*")):
        digest.update(path.read_bytes() if path.is_file() else b"")
    for room in ("audit", "platform"):
        for path in sorted((ROOT / room).rglob("*.py")):
            if "migrations" in path.parts or "management" in path.parts:
                digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()


def welcome(state: State) -> None:
    """Run the demo's analysis through the API and print what it gave."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import call_command

    from config.management.commands.demo_run import Command

    # It speaks HTTP alone, so none of the apps has to be loaded.
    call_command(Command())


def _django() -> Callable[..., Any]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django
    from django.core.management import call_command

    django.setup()
    return call_command
