import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    # The privileges of the application on tables come from there.
    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Decision",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("project_id", models.UUIDField()),
                (
                    "point",
                    models.CharField(
                        choices=[("run", "run"), ("execution", "execution"), ("release", "release")], max_length=32
                    ),
                ),
                ("subject", models.CharField(max_length=200)),
                ("actor", models.CharField(blank=True, max_length=64)),
                ("caller_kind", models.CharField(blank=True, max_length=16)),
                ("input", models.JSONField()),
                ("salt", models.BinaryField(max_length=32)),
                (
                    "outcome",
                    models.CharField(
                        choices=[("allow", "allow"), ("review", "review"), ("deny", "deny")], max_length=16
                    ),
                ),
                ("reasons", models.JSONField()),
                ("obligations", models.JSONField()),
                ("revision", models.CharField(blank=True, max_length=80)),
                ("data_digest", models.CharField(blank=True, max_length=64)),
                ("duration_ms", models.FloatField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ("-created_at", "-id"),
                "indexes": [
                    models.Index(fields=["project_id", "-created_at", "-id"], name="decision_by_project"),
                    models.Index(fields=["subject"], name="decision_by_subject"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("outcome__in", ["allow", "review", "deny"])), name="decision_outcome_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", "allow"), _negated=True),
                            models.Q(("revision", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="decision_allow_has_revision",
                    ),
                ],
            },
        ),
        # What was decided is not changed afterwards, and not by the application whatever it is made to do.
        migrations.RunSQL(
            "REVOKE UPDATE, DELETE, TRUNCATE ON policy_decision FROM bailiwick_app",
            "GRANT UPDATE, DELETE ON policy_decision TO bailiwick_app",
        ),
    ]
