import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

PROTECT = django.db.models.deletion.PROTECT


class Migration(migrations.Migration):
    dependencies = [
        ("evidence", "0001_initial"),
        ("runs", "0004_waiting"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField("export", "since", models.DateTimeField(null=True)),
        migrations.AddField("export", "until", models.DateTimeField(null=True)),
        migrations.AddField("export", "events", models.JSONField(default=list)),
        migrations.AddField("export", "with_blobs", models.BooleanField(default=False)),
        migrations.AddField("export", "views", models.JSONField(default=list)),
        migrations.AddField("export", "payload_decision", models.UUIDField(null=True)),
        migrations.AddField(
            "export", "payload_outcome", models.CharField(default="allow", max_length=10), preserve_default=False
        ),
        migrations.AddField("export", "steps", models.BigIntegerField(null=True)),
        migrations.CreateModel(
            name="ExportFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200)),
                ("crc", models.BigIntegerField()),
                ("own", models.BooleanField(default=True)),
                ("blob", models.ForeignKey(on_delete=PROTECT, related_name="+", to="runs.blob")),
                ("export", models.ForeignKey(on_delete=PROTECT, related_name="files", to="evidence.export")),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("export", "name"), name="export_file_once")],
            },
        ),
        migrations.CreateModel(
            name="Withheld",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subject", models.CharField(max_length=200)),
                ("what", models.CharField(max_length=32)),
                ("reasons", models.JSONField(default=list)),
                ("contents", models.PositiveIntegerField()),
                ("export", models.ForeignKey(on_delete=PROTECT, related_name="withheld", to="evidence.export")),
            ],
        ),
        migrations.CreateModel(
            name="Download",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("begun_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("export", models.ForeignKey(on_delete=PROTECT, related_name="downloads", to="evidence.export")),
                ("person", models.ForeignKey(on_delete=PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name="KeptPolicy",
            fields=[
                ("revision", models.CharField(max_length=80, primary_key=True, serialize=False)),
                ("kept_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("blob", models.OneToOneField(on_delete=PROTECT, related_name="+", to="runs.blob")),
            ],
        ),
    ]
