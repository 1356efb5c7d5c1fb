"""Role changes on the running platform, with and without somebody who signs."""

import pytest

from tests.stack import Stack
from tests.work import Work, ok

pytestmark = pytest.mark.faults


def test_without_a_sequencer_nobody_gets_a_role(faulty: Stack) -> None:
    with Work(faulty, "platform_admin") as admin, Work(faulty, "outsider") as outsider:
        project = admin.project
        before = ok(outsider.api.get("projects"))["results"]
        wish = {"username": "outsider", "role": "reviewer"}
        faulty.stop("sequencer")
        refused = admin.api.post(f"projects/{project}/members", json=wish)
        assert (refused.status_code, refused.json()["code"]) == (503, "request_not_signed")
        assert ok(outsider.api.get("projects"))["results"] == before
        faulty.start("sequencer")
        member = ok(admin.api.post(f"projects/{project}/members", json=wish), 201)
        assert len(ok(outsider.api.get("projects"))["results"]) == len(before) + 1
        assert admin.api.delete(f"projects/{project}/members/{member['id']}").status_code == 204
        assert ok(outsider.api.get("projects"))["results"] == before
