"""How the configured witnesses stand, which checkpoints enough of them cosigned, and what checks of the logs found."""

from typing import ClassVar

from django.db import migrations

WITNESSES = """
CREATE TABLE audit_witness (
    name text PRIMARY KEY,
    configured boolean NOT NULL DEFAULT true,
    state text NOT NULL DEFAULT 'ok' CHECK (state IN ('ok', 'refusing', 'silent')),
    reason text NOT NULL DEFAULT '',
    since timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE audit_cosigned (
    checkpoint bigint PRIMARY KEY REFERENCES audit_checkpoint (id),
    at timestamptz NOT NULL DEFAULT now()
);
REVOKE ALL ON audit_witness, audit_cosigned FROM PUBLIC, bailiwick_app;
GRANT SELECT ON audit_witness, audit_cosigned TO bailiwick_reader, bailiwick_sequencer;
GRANT INSERT (name), UPDATE (configured, state, reason, since) ON audit_witness TO bailiwick_sequencer;
GRANT INSERT (checkpoint) ON audit_cosigned TO bailiwick_sequencer;
"""

CHECKS = """
CREATE TABLE audit_check (
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    log integer NOT NULL,
    size bigint NOT NULL,
    result text NOT NULL CHECK (result IN ('verified', 'tampered', 'untrusted')),
    index bigint,
    at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX audit_check_of_log ON audit_check (log, id DESC);
REVOKE ALL ON audit_check FROM PUBLIC, bailiwick_app;
GRANT SELECT, INSERT (log, size, result, index) ON audit_check TO bailiwick_app;
GRANT SELECT ON audit_check TO bailiwick_reader;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("audit", "0003_cosignatures")]
    operations: ClassVar = [
        migrations.RunSQL(WITNESSES, "DROP TABLE audit_cosigned, audit_witness"),
        migrations.RunSQL(CHECKS, "DROP TABLE audit_check"),
    ]
