import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    # The privileges of the application on tables come from there.
    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Environment",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=63)),
                ("digest", models.CharField(max_length=71)),
                ("python_version", models.CharField(max_length=16)),
                ("platform", models.CharField(max_length=64)),
                (
                    "languages",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=32), size=None),
                ),
                ("sbom", models.JSONField()),
                ("registered_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("retired_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ("name", "-registered_at"),
                "constraints": [
                    models.UniqueConstraint(fields=("name", "digest"), name="environment_registered_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("retired_at", None)), fields=("name",), name="environment_name_means_one"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("digest__regex", "^sha256:[0-9a-f]{64}$")), name="environment_digest_is_one"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PackageClosure",
            fields=[
                ("id", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("asked", models.JSONField()),
                ("pins", models.JSONField()),
                ("resolved_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "environment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="closures", to="catalogue.environment"
                    ),
                ),
            ],
        ),
    ]
