"""The log over HTTP: what another party's tools need, for whom the project's log is, and for nobody else."""

import base64
import uuid
from pathlib import Path

import orjson
import pytest
from django.db import transaction

import audit
from audit import Event, merkle, tiles
from audit.notes import Checkpoint, VerifierKey
from identity.models import Project
from identity.states import Role
from tests.integration.audit.sequencing import run_once
from tests.people import Person, make_person, make_project, model_of

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def add(project: Project, count: int, actor: str | None = None) -> list[uuid.UUID]:
    with transaction.atomic():
        return [
            audit.append(Event.MEMBER_ADDED, tenant=project.pk, actor=actor, subject=f"person:{number}")
            for number in range(count)
        ]


def keys(person: Person) -> list[VerifierKey]:
    return [VerifierKey.parse(line) for line in person.client().get("/api/v1/audit/keys").content.decode().splitlines()]


def test_another_tool_follows_a_log_from_its_prefix_alone(tmp_path: Path) -> None:
    project = make_project()
    auditor = make_person((project, Role.AUDITOR))
    add(project, 600)
    run_once(tmp_path)
    client, prefix = auditor.client(), f"/api/v1/audit/logs/{project.pk}"
    answer = client.get(f"{prefix}/checkpoint")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    head = Checkpoint.open(answer.content, keys(auditor))
    assert head.origin.endswith(f"/project/{project.pk}")
    assert head.size == 602

    def tile(level: int, number: int) -> bytes:
        width = min(256, (head.size >> 8 * level) - 256 * number)
        path = tiles.Tile(level, number, width).path
        return bytes(client.get(f"{prefix}/tile/{path}").content)

    assert merkle.root(head.size, tiles.subtrees(tile)) == head.root
    bundles = [client.get(f"{prefix}/tile/entries/{name}") for name in ("000", "001", "002.p/90")]
    assert {bundle["Content-Type"] for bundle in bundles} == {"application/octet-stream"}
    assert "immutable" in bundles[0]["Cache-Control"]
    whole, entries = b"".join(bundle.content for bundle in bundles), []
    while whole:
        length = int.from_bytes(whole[:2], "big")
        entries.append(whole[2 : 2 + length])
        whole = whole[2 + length :]
    hashes = [merkle.leaf_hash(entry) for entry in entries]
    assert b"".join(hashes) == tile(0, 0) + tile(0, 1) + tile(0, 2)
    # The other way to name the same.
    assert client.get("/api/v1/audit/checkpoint", {"project": str(project.pk)}).content == answer.content
    assert client.get("/api/v1/audit/tile/0/000", {"project": str(project.pk)}).content == tile(0, 0)
    for absent in ("0/003", "0/002", "0/002.p/91", "1/001", "entries/002", "nonsense", "0/0", "2/000"):
        assert client.get(f"{prefix}/tile/{absent}").status_code == 404, absent


def test_a_log_is_for_its_projects_auditors_and_platform_admins(tmp_path: Path) -> None:
    mine, others = make_project(), make_project()
    people = {role: make_person((mine, role), (others, Role.ANALYST)) for role in Role}
    auditor = people[Role.AUDITOR]
    outsider = make_person((others, Role.AUDITOR))
    add(mine, 1)
    run_once(tmp_path)
    for door in ("checkpoint", "tile/0/000.p/1", "tile/entries/000.p/1"):
        path = f"/api/v1/audit/logs/{mine.pk}/{door}"
        allowed = {role for role, person in people.items() if person.client().get(path).status_code == 200}
        assert allowed == {Role.AUDITOR, Role.PLATFORM_ADMIN}
        assert people[Role.ANALYST].client().get(path).status_code == 403
        absent = outsider.client().get(f"/api/v1/audit/logs/{uuid.uuid4()}/{door}")
        hidden = outsider.client().get(path)
        assert (hidden.status_code, hidden.json()["detail"]) == (404, absent.json()["detail"])
        assert model_of(auditor).client().get(path).status_code in (403, 404)
    # The meta-log's head tells a size and a root.
    assert auditor.client().get("/api/v1/audit/checkpoint").content.split(b"\n")[0].endswith(b"/meta")
    assert people[Role.ANALYST].client().get("/api/v1/audit/checkpoint").status_code == 403


def test_everybody_gets_the_keys_of_the_logs_that_they_are_part_of(tmp_path: Path) -> None:
    mine, others = make_project(), make_project()
    analyst = make_person((mine, Role.ANALYST))
    add(others, 1)
    run_once(tmp_path)
    run_once(tmp_path, seed=bytes(32))
    names = [key.name.removeprefix("log.example/tests") for key in keys(analyst)]
    expected = {f"/project/{mine.pk}", "/platform", "/meta", "/exports"}
    assert set(names) == expected
    # After a rotation both keys are listed; the exports' key is another.
    assert len(names) == 7
    assert len({key.public for key in keys(analyst)}) == 3


def test_a_proof_holds_by_itself(tmp_path: Path) -> None:
    project = make_project()
    auditor = make_person((project, Role.AUDITOR))
    entry = add(project, 5)[3]
    client = auditor.client()
    early = client.get(f"/api/v1/audit/entries/{entry}/proof")
    assert (early.status_code, early.json()["code"]) == (409, "not_signed_yet")
    assert client.get(f"/api/v1/audit/entries/{entry}").json()["index"] is None
    run_once(tmp_path)
    shown = client.get(f"/api/v1/audit/entries/{entry}").json()
    answer = client.get(f"/api/v1/audit/entries/{entry}/proof")
    above, _, note = answer.content.partition(b"\n\n")
    first, extra, index, *path = above.decode().split("\n")
    assert first == "c2sp.org/tlog-proof@v1"
    body = base64.b64decode(extra.removeprefix("extra "))
    assert orjson.loads(body)["id"] == str(entry)
    assert shown["index"] == int(index.removeprefix("index ")) == 5
    assert shown["leaf_hash"] == merkle.leaf_hash(body).hex()
    head = Checkpoint.open(note, keys(auditor))
    proof = [base64.b64decode(line) for line in path]
    assert merkle.root_from_inclusion(5, head.size, merkle.leaf_hash(body), proof) == head.root


def test_whoever_did_it_gets_the_proof_and_their_colleagues_do_not(tmp_path: Path) -> None:
    project = make_project()
    ada, bob = make_person((project, Role.ANALYST)), make_person((project, Role.ANALYST))
    stranger = make_person((make_project(), Role.AUDITOR))
    (entry,) = add(project, 1, actor=ada.caller.pseudonym)
    run_once(tmp_path)
    path = f"/api/v1/audit/entries/{entry}/proof"
    answers = {who: person.client().get(path) for who, person in (("ada", ada), ("bob", bob), ("stranger", stranger))}
    assert {who: answer.status_code for who, answer in answers.items()} == {"ada": 200, "bob": 404, "stranger": 404}
    absent = bob.client().get(f"/api/v1/audit/entries/{uuid.uuid4()}/proof")
    assert answers["bob"].json()["detail"] == absent.json()["detail"]


def test_a_tile_without_its_project_is_nobodys() -> None:
    answer = make_person((make_project(), Role.AUDITOR)).client().get("/api/v1/audit/tile/0/000")
    assert (answer.status_code, answer.json()["code"]) == (400, "project_missing")
