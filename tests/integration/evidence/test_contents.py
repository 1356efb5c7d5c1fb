"""Contents and policies that go with an export: what entries commit to and name, and only what policy lets this person
have."""

import hashlib
import uuid
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

import evidence.actions
import policy.actions
import runs.actions
from audit.models import Entry
from evidence import tasks
from evidence.models import ExportFile, KeptPolicy
from gateways import blobs
from gateways.opa import Answer
from identity.models import Project
from identity.states import Role
from runs.models import Blob, File
from tests.environment import STATE
from tests.integration.audit.exported import Unpacked
from tests.integration.audit.sequencing import run_once
from tests.integration.evidence.test_exports import ask, auditor, kept_blobs, made, project
from tests.integration.evidence.test_filters import taken
from tests.people import Person, give, make_person
from tools.launch.opa import bundle

__all__ = ["auditor", "project"]

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.usefixtures("redis_server", "opa_server"),
]
CONTENT = b"name,amount\nada,3\n"
NAME = f"blobs/{hashlib.sha256(CONTENT).hexdigest()}"


@pytest.fixture
def file(project: Project) -> File:
    """A file of the project, with the entry that commits to it."""
    analyst = make_person((project, Role.ANALYST))
    sealed = blobs.write([CONTENT])
    return runs.actions.store_file(
        sealed, project_id=project.pk, name="data.csv", file_id=uuid.uuid4(), by=analyst.caller
    )


def withheld(told: dict[str, Any]) -> list[tuple[str, list[str]]]:
    return [(each["what"], each["reasons"]) for each in told["export"]["about"]["withheld"]]


def test_a_content_goes_with_the_entry_that_commits_to_it(
    project: Project, auditor: Person, file: File, tmp_path: Path
) -> None:
    give(auditor.user, project, Role.ANALYST)
    bundle, told = taken(auditor, made(auditor, project, tmp_path, blobs=True), tmp_path)
    assert bundle[NAME] == CONTENT
    assert withheld(told) == []
    assert told["commitments_opened"] == told["export"]["about"]["counts"]["commitments_opened"] == 2
    # The other one is the question whether to open anything.
    question = next(content for name, content in bundle.files if name.startswith("blobs/") and name != NAME)
    assert b'"what":"audit_payload"' in question
    released = Entry.objects.using("reader").filter(tenant=project.pk, event="runs:content:released")
    assert [each.subject for each in released] == [f"file:{file.pk}"]


def test_what_policy_refuses_is_left_out_and_listed(
    project: Project, auditor: Person, file: File, tmp_path: Path
) -> None:
    """Taken out: the question to policy."""
    bundle, told = taken(auditor, made(auditor, project, tmp_path, blobs=True), tmp_path)
    assert NAME not in bundle.names
    assert CONTENT not in (tmp_path / "bundle.zip").read_bytes()
    assert withheld(told) == [("file", ["role_not_allowed"])]
    assert told["export"]["about"]["counts"]["withheld"] == 1
    on_record = Entry.objects.using("reader").filter(tenant=project.pk, event="runs:content:withheld")
    assert [each.subject for each in on_record] == [f"file:{file.pk}"]


def test_without_blobs_commitments_are_opened_and_nobody_is_asked_for_contents(
    project: Project, auditor: Person, file: File, tmp_path: Path
) -> None:
    bundle, told = taken(auditor, made(auditor, project, tmp_path), tmp_path)
    assert told["commitments_opened"] == 2
    assert not [name for name in bundle.names if name.startswith("blobs/")]
    assert not Entry.objects.using("reader").filter(event__startswith="runs:content:").exists()


def test_what_was_erased_is_not_opened(project: Project, auditor: Person, file: File, tmp_path: Path) -> None:
    """A digest and a salt tell whether a content is the one that somebody guesses."""
    Blob.objects.filter(pk=file.blob_id).update(wrapped_key=None)
    give(auditor.user, project, Role.ANALYST)
    bundle, told = taken(auditor, made(auditor, project, tmp_path, blobs=True), tmp_path)
    assert NAME not in bundle.names and told["commitments_opened"] == 1


def test_a_damaged_content_is_left_out_and_listed(
    project: Project, auditor: Person, file: File, tmp_path: Path
) -> None:
    blobs.delete(file.blob.name)
    give(auditor.user, project, Role.ANALYST)
    _, told = taken(auditor, made(auditor, project, tmp_path, blobs=True), tmp_path)
    assert withheld(told) == [("file", ["blob_damaged"])]


def test_what_is_made_of_a_bundle_is_destroyed_with_what_it_holds(
    project: Project, auditor: Person, file: File, tmp_path: Path
) -> None:
    """The parts hold what was opened for them. Taken out: their end; the next worker then went on with them."""
    before = kept_blobs()
    run_once(tmp_path / "kept")
    asked = ask(auditor, project).json()
    run_once(tmp_path / "kept")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("evidence.making._Work.counts", Mock(side_effect=SystemError))
        patch.setattr("evidence.actions.fail", lambda *_: None)
        tasks.make(asked["id"])
    assert ExportFile.objects.exists()
    with transaction.atomic():
        evidence.actions.destroy_bundles([project.pk])
    assert not ExportFile.objects.exists() and kept_blobs() == before
    tasks.make(asked["id"])
    _, told = taken(auditor, auditor.client().get(f"/api/v1/audit/exports/{asked['id']}").json(), tmp_path)
    assert told["result"] == "verified"
    with transaction.atomic():
        evidence.actions.destroy_bundles([project.pk])
    gone = auditor.client().get(f"/api/v1/audit/exports/{asked['id']}/download")
    assert (gone.status_code, gone.json()["code"]) == (409, "export_erased")


def test_a_policy_that_decided_goes_with_its_decisions(project: Project, auditor: Person, tmp_path: Path) -> None:
    """The revision that an entry names is in the bundle's content: the verifier finds it there."""
    call_command("keep_policy", "--bundle", str(bundle(STATE)))
    call_command("keep_policy", "--bundle", str(bundle(STATE)))
    kept = KeptPolicy.objects.get()
    entry = Entry.objects.using("reader").get(event="audit:policy:kept")
    assert entry.subject == f"policy:{kept.revision}"
    unpacked, told = taken(auditor, made(auditor, project, tmp_path), tmp_path)
    digest = hashlib.sha256(bundle(STATE).read_bytes()).hexdigest()
    assert told["export"]["about"]["policies"] == {kept.revision: digest}
    assert unpacked[f"blobs/{digest}"] == bundle(STATE).read_bytes()


def test_a_policy_that_was_never_kept_is_said_to_be_missing(project: Project, auditor: Person, tmp_path: Path) -> None:
    answer, revision = Answer("allow", revision=f"sha256:{'7' * 64}", data_digest="8" * 64), f"sha256:{'7' * 64}"
    with transaction.atomic():
        policy.actions.record(answer, point="run", input={}, project_id=project.pk, subject="run:1", by=None)
    unpacked, told = taken(auditor, made(auditor, project, tmp_path), tmp_path)
    assert told["export"]["about"]["policies"][revision] is None
    assert not [name for name in Unpacked.of(tmp_path / "bundle.zip").names if name.startswith("blobs/")]
    assert unpacked.names


def test_only_a_bundle_is_kept(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"no bundle")
    for path in (tmp_path / "x", tmp_path / "absent"):
        with pytest.raises(CommandError, match=r"policies/build\.sh"):
            call_command("keep_policy", "--bundle", str(path))
    assert not KeptPolicy.objects.exists()
