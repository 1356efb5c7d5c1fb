"""Erasures and holds, whose past the application cannot change; and the end of what policy was asked."""

import uuid
from typing import Any, ClassVar

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

RIGHTS = """
REVOKE ALL ON retention_erasure, retention_erasure_projects, retention_hold FROM PUBLIC, bailiwick_app;
GRANT SELECT, INSERT, UPDATE (state, keys, logs, contents, finished_at) ON retention_erasure TO bailiwick_app;
GRANT SELECT, INSERT ON retention_erasure_projects TO bailiwick_app;
GRANT SELECT, INSERT, UPDATE (lifted_at, lifted_by_id, lift_reason) ON retention_hold TO bailiwick_app;

CREATE FUNCTION retention_done_is_done() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    RAISE insufficient_privilege USING MESSAGE = 'what is over stays as it is on record';
END $$;
CREATE TRIGGER retention_erasure_done BEFORE UPDATE ON retention_erasure
    FOR EACH ROW WHEN (OLD.state = 'done') EXECUTE FUNCTION retention_done_is_done();
CREATE TRIGGER retention_hold_lifted BEFORE UPDATE ON retention_hold
    FOR EACH ROW WHEN (OLD.lifted_at IS NOT NULL) EXECUTE FUNCTION retention_done_is_done();

-- A decision's input is emptied or left alone: when its person is being erased, or after six months.
GRANT UPDATE (input, salt) ON policy_decision TO bailiwick_app;
CREATE FUNCTION policy_decision_input_ends() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    IF NEW.input <> '{}'::jsonb OR NEW.salt <> ''::bytea OR NOT (
        OLD.created_at < now() - interval '6 months'
        OR EXISTS (
            SELECT FROM retention_erasure e
            WHERE e.state = 'erasing' AND e.person = OLD.input #>> '{person,pseudonym}'
        )
    ) THEN
        RAISE insufficient_privilege USING MESSAGE = 'what policy was asked is not changed';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER policy_decision_input_ends BEFORE UPDATE ON policy_decision
    FOR EACH ROW EXECUTE FUNCTION policy_decision_input_ends();
"""

NO_RIGHTS = """
DROP TRIGGER policy_decision_input_ends ON policy_decision;
DROP FUNCTION policy_decision_input_ends;
REVOKE UPDATE (input, salt) ON policy_decision FROM bailiwick_app;
DROP TRIGGER retention_hold_lifted ON retention_hold;
DROP TRIGGER retention_erasure_done ON retention_erasure;
DROP FUNCTION retention_done_is_done;
"""
_PERSON: dict[str, Any] = {
    "on_delete": django.db.models.deletion.PROTECT,
    "related_name": "+",
    "to": settings.AUTH_USER_MODEL,
}


class Migration(migrations.Migration):
    initial = True
    dependencies: ClassVar = [
        ("audit", "0005_erasure"),
        ("evidence", "0001_initial"),
        ("identity", "0003_used_once"),
        ("policy", "0001_initial"),
        ("runs", "0004_waiting"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations: ClassVar = [
        migrations.CreateModel(
            name="Pass",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("started_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Erasure",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("person", models.CharField(max_length=64, unique=True)),
                ("reason", models.CharField(max_length=500)),
                ("state", models.CharField(choices=[("erasing", "erasing"), ("done", "done")], max_length=16)),
                ("keys", models.JSONField(default=list)),
                ("logs", models.JSONField(default=list)),
                ("contents", models.BigIntegerField(default=0)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("finished_at", models.DateTimeField(null=True)),
                ("projects", models.ManyToManyField(related_name="+", to="identity.project")),
                ("requested_by", models.ForeignKey(null=True, **_PERSON)),
                ("user", models.OneToOneField(**_PERSON)),
            ],
            options={
                "indexes": [models.Index(fields=["-created_at", "-id"], name="erasures_newest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(state="done", finished_at__isnull=False)
                        | Q(state="erasing", finished_at__isnull=True),
                        name="erasure_finished_iff_done",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Hold",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("person", models.CharField(blank=True, max_length=64)),
                ("reason", models.CharField(max_length=500)),
                ("placed_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("lifted_at", models.DateTimeField(null=True)),
                ("lift_reason", models.CharField(blank=True, max_length=500)),
                ("lifted_by", models.ForeignKey(null=True, **_PERSON)),
                ("placed_by", models.ForeignKey(**_PERSON)),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="identity.project"
                    ),
                ),
                ("user", models.ForeignKey(null=True, **_PERSON)),
            ],
            options={
                "indexes": [models.Index(fields=["project", "-placed_at", "-id"], name="holds_of_project")],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(lifted_at__isnull=True, lifted_by__isnull=True)
                        | Q(lifted_at__isnull=False, lifted_by__isnull=False),
                        name="hold_lifted_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=Q(user__isnull=True, person="") | (Q(user__isnull=False) & ~Q(person="")),
                        name="hold_person_is_user",
                    ),
                ],
            },
        ),
        migrations.RunSQL(RIGHTS, NO_RIGHTS),
    ]
