"""What witnesses made of the meta-log's checkpoints."""

from typing import ClassVar

from django.db import migrations

COSIGNATURES = """
CREATE TABLE audit_cosignature (
    checkpoint bigint NOT NULL REFERENCES audit_checkpoint (id),
    witness text NOT NULL,
    line text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (checkpoint, witness)
);
REVOKE ALL ON audit_cosignature FROM PUBLIC, bailiwick_app;
GRANT SELECT ON audit_cosignature TO bailiwick_reader, bailiwick_sequencer;
GRANT INSERT (checkpoint, witness, line) ON audit_cosignature TO bailiwick_sequencer;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("audit", "0002_tree")]
    operations: ClassVar = [migrations.RunSQL(COSIGNATURES, "DROP TABLE audit_cosignature")]
