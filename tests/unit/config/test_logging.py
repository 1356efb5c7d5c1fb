"""Log lines: types and places of exceptions, never their text; libraries' templates, never their arguments."""

import json
import logging
from typing import Any

import pytest
import structlog

from config import logging as our_logging

SECRET = "bwk_0123_do-not-log-this"


def raised() -> Exception:
    try:
        try:
            raise ValueError(SECRET)
        except ValueError as error:
            raise RuntimeError(f"again {SECRET}") from error
    except RuntimeError as error:
        return error


def line(capsys: pytest.CaptureFixture[str]) -> tuple[str, dict[str, Any]]:
    text = capsys.readouterr().err
    found: dict[str, Any] = json.loads(text.splitlines()[-1])
    return text, found


@pytest.fixture(autouse=True)
def configured(capsys: pytest.CaptureFixture[str]) -> None:
    our_logging.configure({"level": "INFO"})


def test_our_own_line_keeps_an_exceptions_types_and_places(capsys: pytest.CaptureFixture[str]) -> None:
    structlog.get_logger("ours").error("broke", exc_info=raised())
    text, found = line(capsys)
    assert SECRET not in text
    assert [step["type"] for step in found["exception"]] == ["builtins.RuntimeError", "builtins.ValueError"]
    assert found["exception"][0]["frames"][0].endswith("raised")
    assert (found["event"], found["level"], found["logger"]) == ("broke", "error", "ours")


def test_a_librarys_exception_is_kept_the_same_way(capsys: pytest.CaptureFixture[str]) -> None:
    logging.getLogger("uvicorn.error").error("Exception in ASGI application", exc_info=raised())
    text, found = line(capsys)
    assert SECRET not in text
    assert found["exception"][0]["type"] == "builtins.RuntimeError"


@pytest.mark.parametrize("name", ["httpx", "django.db.backends", "psycopg.pool", "asyncio"])
def test_a_librarys_arguments_are_left_out(capsys: pytest.CaptureFixture[str], name: str) -> None:
    logging.getLogger(name).warning("could not do %s", SECRET)
    text, found = line(capsys)
    assert SECRET not in text
    assert found["event"] == "could not do %s"


def test_a_failed_task_is_told_by_name_and_id(capsys: pytest.CaptureFixture[str]) -> None:
    # As celery.app.trace does it.
    context = {"name": "runs.tasks.execute", "id": "7", "exc": SECRET, "args": SECRET}
    logging.getLogger("celery.app.trace").error("Task %(name)s raised: %(exc)s", context, exc_info=raised())
    text, found = line(capsys)
    assert SECRET not in text
    assert (found["event"], found["name"], found["id"]) == ("task_failed", "runs.tasks.execute", "7")


@pytest.mark.parametrize("name", ["uvicorn.access", "django.request"])
def test_lines_that_tell_a_path_are_off(capsys: pytest.CaptureFixture[str], name: str) -> None:
    logging.getLogger(name).error("GET /api/v1/runs/1/artifacts/%s", SECRET)
    assert capsys.readouterr().err == ""


def test_the_contexts_ids_are_in_every_line(capsys: pytest.CaptureFixture[str]) -> None:
    with structlog.contextvars.bound_contextvars(request_id="r-1", run_id="run-1"):
        logging.getLogger("anything").warning("seen")
    _, found = line(capsys)
    assert (found["request_id"], found["run_id"]) == ("r-1", "run-1")
