"""A model's token: never wider than its person's, and kept from what policy keeps from models."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.api.refusals import denied, refused
from tests.integration.runs.cast import MODEL, Cast
from tests.integration.runs.stream import all_of
from tests.stack import Stack
from tests.work import Work, ok, text

ORIGIN = {"model": MODEL, "prompt": "please"}


@pytest.fixture
def model(stack: Stack, cast: Cast) -> Iterator[Work]:
    """The model that acts for the demo's analyst."""
    with cast.work("analyst_model") as work:
        yield work


def test_a_model_works_as_itself(model: Work, work: Work):
    run = model.ready()
    assert run["requested_by"] == "model"
    cell = model.done(run["id"], "print(6 * 7)", origin=ORIGIN)
    assert text(cell) == "42\n"
    assert cell["origin"] == {"kind": "model", "model": MODEL, "prompt": "please", "corrects": None}
    # Its person sees the same run, and ends it.
    assert work.get(run["id"])["state"] == "ready"
    ok(work.api.post(f"runs/{run['id']}/close"))


def test_a_model_says_that_it_is_one(model: Work):
    run = model.ready()["id"]
    code: dict[str, Any] = {"code": "1"}
    refused(model.api.post(f"runs/{run}/executions", json=code), 403, "origin_not_stated")
    other = {**code, "origin": {"model": "another"}}
    assert set(denied(model.api.post(f"runs/{run}/executions", json=other))) == {"origin_not_allowed"}
    refused(model.api.post("runs", json=model.wish(**code)), 403, "origin_not_stated")
    model.cancel(run)


@pytest.mark.parametrize(
    ("code", "language", "reason"),
    [
        ("ls", "bash", "language_not_allowed"),
        ("import subprocess", "python", "import_not_allowed"),
        ("import os; os.system('ls')", "python", "subprocess_not_allowed"),
        ("eval('1')", "python", "dynamic_code_not_allowed"),
        ("!ls", "python", "code_not_parsed"),
        ("import socket", "python", "import_not_allowed"),
        ("from ctypes import CDLL", "python", "import_not_allowed"),
    ],
)
def test_what_a_model_may_not_run(model: Work, work: Work, code: str, language: str, reason: str):
    run = model.ready()["id"]
    wish = {"code": code, "language": language, "origin": ORIGIN}
    assert reason in denied(model.api.post(f"runs/{run}/executions", json=wish))
    # Nor does a person's token launder what a model wrote.
    assert reason in denied(work.api.post(f"runs/{run}/executions", json=wish))
    model.cancel(run)


def test_a_model_manages_nothing(model: Work, work: Work):
    wish = {"kind": "person", "expires_in_seconds": 600}
    refused(model.api.get("tokens"), 403, "model_may_not_manage_tokens")
    refused(model.api.post("tokens", json=wish), 403, "model_may_not_manage_tokens")
    own = ok(work.api.post("tokens", json={**wish, "kind": "model", "model_name": MODEL}), 201)
    refused(model.api.post(f"tokens/{own['id']}/revoke"), 403, "model_may_not_manage_tokens")
    ok(work.api.post(f"tokens/{own['id']}/revoke"))
    refused(model.api.get("audit/entries"), 403, "not_an_auditor")


def test_a_model_has_none_of_its_persons_other_roles(cast: Cast):
    """Jack is analyst, auditor and platform admin; his model is an analyst's. Taken out for a try: MODEL_ROLES."""
    with cast.work("jack") as jack, cast.work("jack_model") as model, cast.work("colleague") as colleague:
        assert jack.api.get("audit/entries").status_code == 200
        refused(model.api.get("audit/entries"), 403, "not_an_auditor")
        assert ok(model.api.get("projects"))["results"][0]["roles"] == ["analyst"]
        run = colleague.ready()["id"]
        refused(model.api.post(f"runs/{run}/cancel"), 404, "not_found")
        assert ok(jack.api.post(f"runs/{run}/cancel"))["state"] == "cancelled"


def test_a_model_reads_no_file_of_another_analyst(cast: Cast, model: Work):
    with cast.work("colleague") as colleague:
        file = colleague.upload("theirs.csv", b"a\n1\n")["id"]
    refused(model.api.post("runs", json=model.wish(files=[file])), 404, "not_found")


HTML = "<script>alert(1)</script>"


def test_kinds_that_are_withheld_from_models(model: Work, work: Work):
    """Outputs leave without their active forms; a file of such a form, a large one or a notebook does not leave."""
    run = work.ready()["id"]
    code = (
        f"from IPython.display import HTML, display\ndisplay(HTML('{HTML}'))\n"
        "open('outputs/page.html', 'w').write('<p>')\nopen('outputs/big.csv', 'w').write('1\\n' * 600_000)\n"
        "open('outputs/small.csv', 'w').write('1\\n')\nopen('outputs/unknown', 'w').write('1')"
    )
    mine = work.done(run, code)
    assert any(HTML in str(output) for output in mine["outputs"])
    its = ok(model.api.get(f"runs/{run}/executions/1"))
    assert "<script" not in str(its["outputs"])
    assert its["release"]["outcome"] == "allow"
    expected = {
        "page.html": "media_type_not_allowed",
        "big.csv": "release_too_large",
        "unknown": "media_type_not_allowed",
    }
    for name, reason in expected.items():
        assert work.api.get(f"runs/{run}/artifacts/{name}").status_code == 200
        assert reason in denied(model.api.get(f"runs/{run}/artifacts/{name}"))
    assert model.api.get(f"runs/{run}/artifacts/small.csv").content == b"1\n"
    assert any("notebook" in reason["message"] for reason in denied(model.api.get(f"runs/{run}/notebook")).values())
    work.cancel(run)


def test_a_restricted_project_and_models(cast: Cast):
    """Nothing of a restricted project reaches a model: neither results nor code, live or later; nor does it run."""
    with cast.work("keeper") as keeper, cast.work("keeper_model") as model:
        assert "classification_not_allowed" in denied(model.api.post("runs", json=model.wish()))
        run = keeper.ready()["id"]
        wish = {"code": "1", "origin": ORIGIN}
        assert "classification_not_allowed" in denied(model.api.post(f"runs/{run}/executions", json=wish))
        number = keeper.cell(run, "import time  # vaulted\ntime.sleep(1)\nprint('vaulted')")
        for state in ("before", "after"):
            answer = model.api.get(f"runs/{run}/executions/{number}")
            cell = ok(answer)
            assert (cell["code"], cell["outputs"], cell["artifacts"]) == (None, [], []), state
            assert cell["release"]["outcome"] == "deny"
            assert "vaulted" not in answer.text
            keeper.result(run, number)
        assert "vaulted" in text(keeper.result(run, number))
        ok(keeper.api.post(f"runs/{run}/close"))
        events = all_of(model, run)
        assert [event.data["reasons"] for event in events if event.kind == "withheld"] == [
            ["classification_not_allowed"]
        ]
        assert "vaulted" not in str(events)


def test_what_is_restricted_is_downloaded_after_people_have_looked(cast: Cast):
    with cast.work("keeper") as keeper:
        run = keeper.ready()["id"]
        cell = keeper.done(run, "open('outputs/a.csv', 'w').write('1')\nprint('shown')")
        assert text(cell) == "shown\n"
        for door in ("artifacts/a.csv", "notebook"):
            assert set(denied(keeper.api.get(f"runs/{run}/{door}"))) == {"release_needs_review"}
        keeper.cancel(run)
