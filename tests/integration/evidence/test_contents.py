"""Contents and policies that go with an export: what entries commit to and name, and only what policy lets this person
have."""

import hashlib
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

import policy.actions
import runs.actions
from audit.models import Entry
from evidence.models import KeptPolicy
from gateways import blobs
from gateways.opa import Answer
from identity import actions as identity_actions
from identity.models import Project
from identity.states import Role
from runs.models import Blob, File
from tests.environment import STATE
from tests.integration.audit.exported import Unpacked
from tests.integration.evidence.test_exports import auditor, made, project
from tests.integration.evidence.test_filters import taken
from tests.people import Person, make_person
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
    identity_actions.add_member(project, auditor.user, Role.ANALYST, by=None)
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
    identity_actions.add_member(project, auditor.user, Role.ANALYST, by=None)
    bundle, told = taken(auditor, made(auditor, project, tmp_path, blobs=True), tmp_path)
    assert NAME not in bundle.names and told["commitments_opened"] == 1


def test_a_damaged_content_is_left_out_and_listed(
    project: Project, auditor: Person, file: File, tmp_path: Path
) -> None:
    blobs.delete(file.blob.name)
    identity_actions.add_member(project, auditor.user, Role.ANALYST, by=None)
    _, told = taken(auditor, made(auditor, project, tmp_path, blobs=True), tmp_path)
    assert withheld(told) == [("file", ["blob_damaged"])]


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
