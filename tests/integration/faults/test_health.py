"""A part dies and comes back: platform admins see which, since when, and that it was otherwise though nobody looked."""

import re
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.stack import Stack, eventually
from tests.work import Work, ok

pytestmark = pytest.mark.faults
VERSIONS = {
    "web": r"\d+\.\d+\.\d+ \(Django 5\.2\.\d+, Python 3\.\d+\.\d+\)",
    "postgres": r"\d+\.\d+",
    "redis": r"\d+\.\d+\.\d+",
    "opa": r"\d+\.\d+\.\d+",
    "sandboxes": r".*\d+.*",
    "blobs": "",
    "audit": r"\d+\.\d+\.\d+ \(.*\)",
    "worker": r"\d+\.\d+\.\d+ \(.*\)",
    "beat": r"\d+\.\d+\.\d+ \(.*\)",
}
# Longer than the worker's look at the parts is apart.
UNSEEN_SECONDS = 12.0


def parts(stack: Stack) -> dict[str, Any]:
    """Each part as the platform admin sees it."""
    with Work(stack, "platform_admin") as admin:
        return {part["name"]: part for part in ok(admin.api.get("health"))["parts"]}


def since(part: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(part["since"])


def test_a_part_that_dies_is_seen_and_so_is_that_it_was_away(faulty: Stack):
    """Taken out for a try: the task that looks at the parts; what happened unseen then left no trace."""
    found = parts(faulty)
    assert {name: part["state"] for name, part in found.items()} == dict.fromkeys(VERSIONS, "ok")
    for name, form in VERSIONS.items():
        assert re.fullmatch(form, found[name]["version"]), (name, found[name]["version"])
    before = datetime.now(UTC)
    faulty.kill("opa")
    seen = eventually(lambda: (now := parts(faulty)["opa"])["state"] == "down" and now)
    assert before - timedelta(seconds=1) <= since(seen) <= datetime.now(UTC)
    assert parts(faulty)["postgres"]["since"] == found["postgres"]["since"]
    faulty.start("opa")
    back = eventually(lambda: (now := parts(faulty)["opa"])["state"] == "ok" and now)
    assert since(back) > since(seen)
    # And once more while nobody asks.
    faulty.kill("opa")
    time.sleep(UNSEEN_SECONDS)
    faulty.start("opa")
    again = eventually(lambda: (now := parts(faulty)["opa"])["state"] == "ok" and now)
    assert since(again) > since(back)
    # A web process that starts anew knows it from the others.
    faulty.kill("web")
    faulty.up()
    assert since(parts(faulty)["opa"]) == since(again)
    assert since(parts(faulty)["web"]) > since(again)
