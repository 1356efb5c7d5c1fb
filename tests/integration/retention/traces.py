"""One person's traces in every place that keeps any, and a look at the database and the store for what is left."""

import base64
import subprocess
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db import connections, transaction

import audit
import policy.actions
from audit import Event
from config.environment import settings
from gateways.opa import Answer
from identity.models import Project, Session, Token
from identity.states import Role
from runs.models import Artifact, Blob, File
from tests import rows
from tests.environment import STATE
from tests.people import Person, make_person
from tools.launch import postgres as postgres_program


@dataclass
class Traced:
    """The person, and the secrets that open what is sealed: wrapped keys, salts and digests."""

    person: Person
    texts: list[str]
    opening: list[bytes] = field(default_factory=list)
    stored: list[str] = field(default_factory=list)

    @property
    def pseudonym(self) -> str:
        return self.person.caller.pseudonym


def traced(project: Project) -> Traced:
    """An analyst of the project who has left something everywhere."""
    person = make_person((project, Role.ANALYST))
    user = person.user
    # Words that stand nowhere but with this person.
    name, words = f"zerlina-{uuid.uuid4().hex[:8]}", f"gnomonic-{uuid.uuid4().hex[:8]}"
    user.username, user.display_name = name, name.title()
    user.save()
    Token.objects.filter(user=user).update(name=f"{name} laptop")
    Session.objects.create(user=user, digest=uuid.uuid4().bytes * 2, user_agent=f"{name} browser", address="192.0.2.77")
    SocialAccount.objects.create(user=user, provider="oidc", uid=f"{name}-uid", extra_data={"name": name})
    EmailAddress.objects.create(user=user, email=f"{name}@example.org")
    Authenticator.objects.create(user=user, type="totp", data={"secret": f"{name} secret"})
    run = rows.make_run(project, user, purpose=f"{words} purpose", ended_message=f"{words} message")
    code, prompt, output = (rows.kept(f"{words} {what}".encode()) for what in ("code", "prompt", "output"))
    cell = rows.make_cell(
        run, 1, code=code, prompt=prompt, outputs=output, analysis={"names": [f"{words} analysis"]},
        skipped_artifacts=[f"{words} skipped"],
    )  # fmt: skip
    artifact = Artifact.objects.create(
        run=run,
        execution=cell,
        name=f"{words}.csv",
        media_type="text/csv",
        blob=rows.kept(f"{words} artifact".encode()),
    )
    file = File.objects.create(
        project=project, owner=user, name=f"{words} file.csv", blob=rows.kept(f"{words} content".encode())
    )
    run.files.add(file)
    with transaction.atomic():
        audit.append(
            Event.RUNS_RUN_REQUESTED, tenant=project.pk, actor=person.caller.pseudonym, subject=f"run:{run.pk}",
            personal={"purpose": run.purpose}, about=person.caller.pseudonym,
        )  # fmt: skip
        policy.actions.record(
            Answer("allow", (), {}, "sha256:1", "", 1.0), point="run", project_id=project.pk, subject=f"run:{run.pk}",
            input={"person": {"pseudonym": person.caller.pseudonym}, "purpose": f"{words} decided"}, by=person.caller,
        )  # fmt: skip
    blobs = [code, prompt, output, artifact.blob, file.blob]
    return Traced(
        person,
        [name, name.title(), words, "192.0.2.77"],
        _opening(person.caller.pseudonym, blobs),
        [b.name for b in blobs],
    )


def _opening(pseudonym: str, blobs: list[Blob]) -> list[bytes]:
    found = [bytes(part) for blob in blobs for part in (blob.wrapped_key or b"", blob.salt, blob.sha256)]
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT wrapped FROM audit_data_key WHERE person = %s", [pseudonym])
        return found + [bytes(wrapped) for (wrapped,) in cursor]


def others(count: int, project: Project) -> list[str]:
    """Entries about so many other people in the project's log; their pseudonyms."""
    people = [uuid.uuid4().hex * 2 for _ in range(count)]
    for number, person in enumerate(people):
        with transaction.atomic():
            audit.append(
                Event.RUNS_RUN_REQUESTED, tenant=project.pk, actor=person, subject=f"run:{uuid.uuid4()}",
                personal={"purpose": f"ordinary purpose {number}"}, about=person,
            )  # fmt: skip
    return people


def dumped() -> bytes:
    """A dump of the tests' database, all tables with all columns, as a backup would hold it."""
    chosen = connections["owner"].settings_dict
    program = postgres_program.programs() / "pg_dump"
    done = subprocess.run(
        [
            program,
            "--host",
            chosen["HOST"],
            "--port",
            str(chosen["PORT"]),
            "--username",
            "bailiwick_owner",
            chosen["NAME"],
        ],
        env={"PGPASSWORD": STATE.secret("database_owner")},
        capture_output=True,
        check=True,
    )
    return done.stdout


def store() -> dict[str, bytes]:
    """Every file of the blob store."""
    folder = settings().var / "blobs"
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def forms(secret: bytes) -> set[bytes]:
    """How bytes may stand in a dump or a file: as they are, in hex, and in base64 at any of three places."""
    found = {secret, secret.hex().encode(), secret.hex().upper().encode()}
    for shift, begin in enumerate((0, 2, 3)):
        # Without the characters that the bytes around have a part in.
        found.add(base64.b64encode(bytes(shift) + secret).rstrip(b"=")[begin:-1])
    return found


def left(found: Traced) -> list[str]:
    """What of the person can still be found in the dump or in the store."""
    haystacks = [dumped(), *store().values()]
    wanted = [text.encode() for text in found.texts] + [secret for secret in found.opening if secret]
    return [repr(each) for each in wanted if any(form in hay for hay in haystacks for form in forms(each))]


def file_path(name: str) -> Path:
    """Where a content lies."""
    return settings().var / "blobs" / name
