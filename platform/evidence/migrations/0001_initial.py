import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

STATES = ("queued", "making", "ready", "failed")


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("identity", "0003_used_once"),
        ("runs", "0004_waiting"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Export",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("entry", models.UUIDField()),
                ("state", models.CharField(choices=[(state, state) for state in STATES], max_length=16)),
                ("first", models.BigIntegerField()),
                ("end", models.BigIntegerField(null=True)),
                ("done", models.BigIntegerField(default=0)),
                ("attempt", models.PositiveIntegerField(default=0)),
                ("touched_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("finished_at", models.DateTimeField(null=True)),
                ("failure", models.CharField(blank=True, max_length=64)),
                ("log_size", models.BigIntegerField(null=True)),
                ("log_root", models.BinaryField(max_length=32, null=True)),
                (
                    "blob",
                    models.OneToOneField(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="runs.blob"
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="identity.project"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["project", "-created_at", "-id"], name="exports_of_project")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=Q(state__in=["queued", "making"]), fields=("project",), name="export_one_at_a_time"
                    ),
                    models.CheckConstraint(
                        condition=~Q(state="ready") | Q(blob__isnull=False, log_size__isnull=False),
                        name="export_ready_is_there",
                    ),
                ],
            },
        ),
    ]
