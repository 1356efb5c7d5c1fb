"""What the application's role cannot do, whatever it is made to do: bring a key back, or change what is over."""

import uuid

import psycopg
import pytest

from audit import datakeys
from identity.models import Project
from identity.states import Role
from retention import actions, tasks
from tests.integration.audit.roles import as_role, refused
from tests.integration.retention import traces
from tests.people import make_person

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.usefixtures("redis_server"),
]

KEPT_KEY = "'\\x00'"
FORBIDDEN = [
    "UPDATE audit_data_key SET wrapped = {key}, destroyed_at = NULL WHERE wrapped IS NULL",
    "UPDATE audit_data_key SET wrapped = {key} WHERE wrapped IS NOT NULL",
    "UPDATE audit_data_key SET destroyed_at = '2000-01-01' WHERE wrapped IS NULL",
    # Of somebody who is not erased, and of this month.
    "UPDATE audit_data_key SET wrapped = NULL, destroyed_at = now() WHERE wrapped IS NOT NULL",
    "INSERT INTO audit_data_key (id, person, wrapped) VALUES (gen_random_uuid(), '{erased}', {key})",
    "INSERT INTO audit_data_key (id, person, wrapped, period) VALUES (gen_random_uuid(), 'x', {key}, '2000-01-01')",
    "DELETE FROM audit_data_key",
    "DELETE FROM audit_erased_person",
    "UPDATE audit_erased_person SET person = 'x'",
    "TRUNCATE audit_erased_person",
    "UPDATE retention_erasure SET state = 'erasing', finished_at = NULL",
    "UPDATE retention_erasure SET contents = 0",
    "UPDATE retention_erasure SET reason = 'another'",
    "UPDATE retention_erasure SET person = 'x'",
    "DELETE FROM retention_erasure",
    "DELETE FROM retention_erasure_projects",
    "UPDATE retention_erasure_projects SET project_id = project_id",
    "UPDATE retention_hold SET reason = 'another'",
    "UPDATE retention_hold SET lifted_at = NULL, lifted_by_id = NULL",
    "DELETE FROM retention_hold",
    "UPDATE policy_decision SET outcome = 'allow'",
    "UPDATE policy_decision SET input = jsonb_build_object('purpose', 'another')",
    # Of somebody who is not being erased.
    "UPDATE policy_decision SET input = '{{}}', salt = ''",
    "ALTER TABLE audit_data_key DISABLE TRIGGER ALL",
    "DROP TRIGGER audit_data_key_ends ON audit_data_key",
]


def passes(statement: str) -> bool:
    """Whether the application has the right to it; that a constraint stops it all the same is another defence."""
    try:
        return not refused("app", statement)
    except psycopg.errors.IntegrityError:
        return True


def test_the_application_brings_nothing_back_and_rewrites_nothing(project: Project) -> None:
    """Taken out: the triggers of the two migrations, then their REVOKEs; the statements that each is there for were
    then named."""
    admin = make_person((project, Role.PLATFORM_ADMIN))
    auditor = make_person((project, Role.AUDITOR))
    erased, other = traces.traced(project), traces.traced(project)
    hold = actions.place_hold(project.pk, other.pseudonym, "case 1", hold_id=uuid.uuid4(), by=auditor.caller)
    actions.lift_hold(hold.pk, "case 1 is over", by=auditor.caller)
    erasure = actions.request_erasure(
        actions.Wanted(erased.pseudonym, "case 17"), erasure_id=uuid.uuid4(), by=admin.caller
    )
    tasks.finish(str(erasure.pk))
    wanted = [statement.format(key=KEPT_KEY, erased=erased.pseudonym) for statement in FORBIDDEN]
    assert [statement for statement in wanted if passes(statement)] == []
    assert len(datakeys.keys_by_id(datakeys.ids_of([other.pseudonym]))) == 1


def test_a_key_goes_after_its_months_and_not_a_day_before(project: Project) -> None:
    """Taken out: the six months of the trigger; the key then went when it was six months old."""
    found = traces.traced(project)
    statement = b"UPDATE audit_data_key SET wrapped = NULL, destroyed_at = now() WHERE person = %s"
    with as_role("owner") as owner, as_role("app") as app:
        owner.execute("UPDATE audit_data_key SET period = date_trunc('month', now() - interval '6 months')")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="six months"):
            app.execute(statement, [found.pseudonym])
        owner.execute("UPDATE audit_data_key SET period = date_trunc('month', now() - interval '7 months')")
        app.execute(statement, [found.pseudonym])
    assert datakeys.keys_by_id(datakeys.ids_of([found.pseudonym])) == {}
