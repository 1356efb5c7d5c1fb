"""Environments: registered by the build's metadata, shown with every package of their image."""

import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from audit.models import Entry
from catalogue import actions, queries
from catalogue.models import Environment
from config.errors import Invalid
from tests.integration.catalogue.conftest import MATERIALS, metadata
from tests.people import make_person

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def events() -> list[str]:
    return list(
        Entry.objects.using("reader")
        .filter(event__startswith="catalogue")
        .order_by("n")
        .values_list("event", flat=True)
    )


def test_a_name_means_the_image_registered_last() -> None:
    first, second = metadata(), metadata()
    one = actions.register_environment(first)
    assert actions.register_environment(first).pk == one.pk
    assert events() == ["catalogue:environment:registered"]
    two = actions.register_environment(second)
    assert queries.environment("python").digest == second["digest"] == two.digest
    assert [each.digest for each in queries.environments()] == [second["digest"]]
    # Back to the first image: it is what the name means again.
    assert actions.register_environment(first).pk == one.pk
    assert queries.environment("python").pk == one.pk
    assert events()[1:] == ["catalogue:environment:retired", "catalogue:environment:registered"] * 2


def test_a_digest_stands_for_one_image() -> None:
    known = metadata()
    actions.register_environment(known)
    with pytest.raises(Invalid) as caught:
        actions.register_environment({**known, "sbom": MATERIALS[:1]})
    assert caught.value.code == "environment_changed"


def test_an_unknown_name_says_what_there_is() -> None:
    actions.register_environment(metadata())
    for name in ("fortran", "", "py\x00thon", "x" * 300, "Python"):
        with pytest.raises(Invalid) as caught:
            queries.environment(name)
        assert (caught.value.code, caught.value.status) == ("unknown_environment", 400)
        assert "there is: python" in caught.value.message


def test_the_doors() -> None:
    given = metadata()
    actions.register_environment(given)
    actions.register_environment(metadata(name="aaa"))
    client = make_person().client()
    listed = client.get("/api/v1/environments").json()
    assert [each["name"] for each in listed["results"]] == ["aaa", "python"] and "sbom" not in listed["results"][0]
    page = client.get("/api/v1/environments?limit=1").json()
    rest = client.get(f"/api/v1/environments?limit=1&cursor={page['next']}").json()
    assert [each["name"] for each in page["results"] + rest["results"]] == ["aaa", "python"]
    one: dict[str, Any] = client.get("/api/v1/environments/python").json()
    assert (one["digest"], one["languages"], one["python_version"]) == (given["digest"], given["languages"], "3.11")
    assert one["sbom"] == MATERIALS
    for name in ("fortran", str(uuid.uuid4()), "a" * 300):
        assert client.get(f"/api/v1/environments/{name}").status_code == 404
    from rest_framework.test import APIClient

    assert APIClient().get("/api/v1/environments").status_code == 401
    assert APIClient().get("/api/v1/environments/python").status_code == 401


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "metadata.json"
    given = metadata()
    path.write_text(json.dumps(given))
    call_command("register_environment", metadata=path)
    assert capsys.readouterr().out == f"python {given['digest']}\n"
    assert Environment.objects.get().digest == given["digest"]
    for text, sentence in (("{", "not JSON"), ("[]", "not an image's metadata"), ("{}", "name is missing")):
        path.write_text(text)
        with pytest.raises(CommandError, match=sentence):
            call_command("register_environment", metadata=path)
    with pytest.raises(CommandError, match="build the image first"):
        call_command("register_environment", metadata=tmp_path / "absent")
