from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    # The roles and their default rights, and the tables that are read.
    dependencies = [("audit", "0003_cosignatures")]

    operations = [
        migrations.CreateModel(
            name="Content",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant", "commitment", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("tenant", models.UUIDField()),
                ("commitment", models.BinaryField()),
                ("file", models.UUIDField()),
            ],
            options={
                "db_table": "lookup_content",
            },
        ),
        migrations.CreateModel(
            name="Position",
            fields=[
                ("log", models.IntegerField(primary_key=True, serialize=False)),
                ("tenant", models.UUIDField(null=True)),
                ("next", models.BigIntegerField(default=0)),
            ],
            options={
                "db_table": "lookup_position",
            },
        ),
        migrations.CreateModel(
            name="Sealing",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant", "key", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("tenant", models.UUIDField()),
                ("key", models.UUIDField()),
            ],
            options={
                "db_table": "lookup_sealing",
            },
        ),
        migrations.CreateModel(
            name="Term",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant", "term", "at", "n", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("tenant", models.UUIDField()),
                ("term", models.BinaryField()),
                ("at", models.DateTimeField()),
                ("n", models.BigIntegerField()),
            ],
            options={
                "db_table": "lookup_term",
            },
        ),
        migrations.CreateModel(
            name="Row",
            fields=[
                ("n", models.BigIntegerField(primary_key=True, serialize=False)),
                ("tenant", models.UUIDField()),
                ("at", models.DateTimeField()),
                ("event", models.TextField()),
                ("outcome", models.TextField()),
                ("subject", models.TextField()),
                ("actor", models.BinaryField(null=True)),
                ("run", models.UUIDField(null=True)),
                ("execution", models.IntegerField(null=True)),
            ],
            options={
                "db_table": "lookup_row",
                "indexes": [
                    models.Index(fields=["tenant", "at", "n"], include=("event", "outcome"), name="lookup_row_by_time"),
                    models.Index(
                        fields=["tenant", "event", "at", "n"], include=("outcome", "actor"), name="lookup_row_by_event"
                    ),
                    models.Index(
                        fields=["tenant", "outcome", "at", "n"],
                        include=("event", "actor"),
                        name="lookup_row_by_outcome",
                    ),
                    models.Index(fields=["tenant", "subject", "at", "n"], name="lookup_row_by_subject"),
                    models.Index(
                        condition=models.Q(("actor__isnull", False)),
                        fields=["tenant", "actor", "at", "n"],
                        include=("event", "outcome"),
                        name="lookup_row_by_actor",
                    ),
                    models.Index(
                        condition=models.Q(("run__isnull", False)),
                        fields=["tenant", "run", "at", "n"],
                        include=("event", "outcome", "execution"),
                        name="lookup_row_by_run",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Seen",
            fields=[
                ("run", models.UUIDField(primary_key=True, serialize=False)),
                ("tenant", models.UUIDField()),
                ("at", models.DateTimeField()),
                ("n", models.BigIntegerField()),
                ("started", models.BooleanField(default=False)),
            ],
            options={
                "db_table": "lookup_seen",
                "indexes": [models.Index(fields=["tenant", "at", "n"], name="lookup_seen_by_time")],
            },
        ),
        migrations.CreateModel(
            name="Use",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant",
                        "what",
                        "run",
                        "execution",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("tenant", models.UUIDField()),
                ("what", models.BinaryField()),
                ("run", models.UUIDField()),
                ("execution", models.IntegerField()),
            ],
            options={
                "db_table": "lookup_use",
                "indexes": [models.Index(fields=["run"], name="lookup_use_of_run")],
            },
        ),
        migrations.CreateModel(
            name="Word",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant", "word", "at", "n", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("tenant", models.UUIDField()),
                ("word", models.BinaryField()),
                ("at", models.DateTimeField()),
                ("n", models.BigIntegerField()),
                ("key", models.UUIDField()),
                ("event", models.TextField()),
                ("outcome", models.TextField()),
                ("actor", models.BinaryField(null=True)),
            ],
            options={
                "db_table": "lookup_word",
                "indexes": [
                    models.Index(fields=["key"], name="lookup_word_of_key"),
                    models.Index(
                        fields=["tenant", "word", "at", "n"],
                        include=("event", "outcome", "actor"),
                        name="lookup_word_found",
                    ),
                ],
            },
        ),
        # To be emptied at once, and made anew; the application has the other rights by default.
        migrations.RunSQL(
            "GRANT TRUNCATE ON lookup_position, lookup_row, lookup_term, lookup_word, lookup_sealing, lookup_content,"
            " lookup_seen, lookup_use TO bailiwick_app",
            migrations.RunSQL.noop,
        ),
    ]
