"""Who may do what to which table, and the table that nobody may change.

Runs before every other migration, so that the default privileges cover the tables of later apps.
"""

import uuid
from typing import ClassVar

from django.db import migrations, models

RIGHTS = """
ALTER DEFAULT PRIVILEGES FOR ROLE bailiwick_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO bailiwick_app;
ALTER DEFAULT PRIVILEGES FOR ROLE bailiwick_owner IN SCHEMA public
    GRANT USAGE, SELECT ON SEQUENCES TO bailiwick_app;
GRANT USAGE ON SCHEMA public TO bailiwick_app, bailiwick_reader, bailiwick_sequencer;
-- Made by Django before the first migration; the application may see which migrations ran.
GRANT SELECT ON django_migrations TO bailiwick_app;
"""

NO_RIGHTS = """
ALTER DEFAULT PRIVILEGES FOR ROLE bailiwick_owner IN SCHEMA public
    REVOKE SELECT, INSERT, UPDATE, DELETE ON TABLES FROM bailiwick_app;
ALTER DEFAULT PRIVILEGES FOR ROLE bailiwick_owner IN SCHEMA public
    REVOKE USAGE, SELECT ON SEQUENCES FROM bailiwick_app;
"""

ENTRY = """
CREATE TABLE audit_entry (
    id uuid PRIMARY KEY,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    n bigint NOT NULL GENERATED ALWAYS AS IDENTITY UNIQUE,
    tenant uuid,
    event text NOT NULL,
    subject text NOT NULL,
    header bytea NOT NULL,
    CONSTRAINT audit_entry_event_named CHECK (event ~ '^[a-z_]+:[a-z_]+:[a-z_]+$'),
    CONSTRAINT audit_entry_header_fits CHECK (octet_length(header) BETWEEN 2 AND 65535),
    -- The columns are an index into the header; one that disagrees with it would hide the entry.
    CONSTRAINT audit_entry_columns_match CHECK (
        (convert_from(header, 'UTF8')::json ->> 'id') = id::text
        AND (convert_from(header, 'UTF8')::json ->> 'event') = event
        AND (convert_from(header, 'UTF8')::json ->> 'subject') = subject
        AND (convert_from(header, 'UTF8')::json ->> 'tenant') IS NOT DISTINCT FROM tenant::text
    )
);
-- Commit order, for whoever integrates: read below pg_snapshot_xmin(pg_current_snapshot()).
CREATE INDEX audit_entry_commit_order ON audit_entry (xid, n);
CREATE INDEX audit_entry_of_tenant ON audit_entry (tenant, n DESC);
CREATE INDEX audit_entry_of_subject ON audit_entry (tenant, subject, n DESC);
REVOKE ALL ON audit_entry FROM PUBLIC, bailiwick_app;
REVOKE ALL ON SEQUENCE audit_entry_n_seq FROM PUBLIC, bailiwick_app;
GRANT INSERT (id, tenant, event, subject, header) ON audit_entry TO bailiwick_app;
GRANT SELECT ON audit_entry TO bailiwick_reader, bailiwick_sequencer;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies: ClassVar = []
    run_before: ClassVar = [("contenttypes", "0001_initial")]
    operations: ClassVar = [
        migrations.RunSQL(RIGHTS, NO_RIGHTS),
        migrations.RunSQL(
            ENTRY,
            "DROP TABLE audit_entry",
            state_operations=[
                migrations.CreateModel(
                    name="Entry",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ("n", models.BigIntegerField(editable=False)),
                        ("tenant", models.UUIDField(null=True)),
                        ("event", models.TextField()),
                        ("subject", models.TextField()),
                        ("header", models.BinaryField()),
                    ],
                    options={"db_table": "audit_entry", "managed": False, "ordering": ["-n"]},
                )
            ],
        ),
    ]
