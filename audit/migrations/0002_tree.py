"""Sealed payloads, their keys, and the tree, each with the rights of whoever writes it.

The default privileges of the first migration would give the application every table: here each right is named.
"""

from typing import ClassVar

from django.db import migrations

PAYLOADS = """
CREATE TABLE audit_data_key (
    id uuid PRIMARY KEY,
    person text NOT NULL,
    wrapped bytea,
    made_at timestamptz NOT NULL DEFAULT now(),
    destroyed_at timestamptz,
    CONSTRAINT audit_data_key_gone_is_gone CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL))
);
CREATE UNIQUE INDEX audit_data_key_of_person ON audit_data_key (person) WHERE wrapped IS NOT NULL;
CREATE TABLE audit_payload (
    entry uuid NOT NULL REFERENCES audit_entry (id),
    field text NOT NULL,
    key uuid NOT NULL REFERENCES audit_data_key (id),
    sealed bytea NOT NULL,
    PRIMARY KEY (entry, field),
    CONSTRAINT audit_payload_fits CHECK (octet_length(sealed) BETWEEN 2 AND 65535)
);
REVOKE ALL ON audit_data_key, audit_payload FROM PUBLIC, bailiwick_app;
GRANT SELECT, INSERT (id, person, wrapped), UPDATE (wrapped, destroyed_at) ON audit_data_key TO bailiwick_app;
GRANT INSERT ON audit_payload TO bailiwick_app;
GRANT SELECT ON audit_payload TO bailiwick_reader;
"""

TREE = """
CREATE TABLE audit_log (
    id integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    origin text NOT NULL UNIQUE,
    kind text NOT NULL CHECK (kind IN ('project', 'platform', 'meta')),
    tenant uuid UNIQUE,
    size bigint NOT NULL DEFAULT 0,
    CONSTRAINT audit_log_of_a_project CHECK ((kind = 'project') = (tenant IS NOT NULL))
);
CREATE UNIQUE INDEX audit_log_one_of_its_kind ON audit_log (kind) WHERE kind <> 'project';
CREATE TABLE audit_checkpoint (
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    log integer NOT NULL REFERENCES audit_log (id),
    size bigint NOT NULL,
    root bytea NOT NULL,
    note bytea NOT NULL,
    signed_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (log, size)
);
CREATE TABLE audit_leaf (
    log integer NOT NULL REFERENCES audit_log (id),
    index bigint NOT NULL,
    entry uuid UNIQUE REFERENCES audit_entry (id),
    checkpoint bigint UNIQUE REFERENCES audit_checkpoint (id),
    PRIMARY KEY (log, index),
    CONSTRAINT audit_leaf_is_of_one CHECK ((entry IS NULL) <> (checkpoint IS NULL))
);
CREATE TABLE audit_tile (
    log integer NOT NULL REFERENCES audit_log (id),
    level smallint NOT NULL,
    number bigint NOT NULL,
    hashes bytea NOT NULL,
    PRIMARY KEY (log, level, number),
    CONSTRAINT audit_tile_is_of_hashes CHECK (octet_length(hashes) BETWEEN 32 AND 8192 AND octet_length(hashes) % 32 = 0)
);
-- Hashes do not compress.
ALTER TABLE audit_tile ALTER COLUMN hashes SET STORAGE EXTERNAL;
CREATE TABLE audit_signing_key (
    public bytea PRIMARY KEY CHECK (octet_length(public) = 32),
    since timestamptz NOT NULL DEFAULT now()
);
-- Where the sequencer is, in commit order; and when it last showed itself, with what it refuses to sign.
CREATE TABLE audit_sequencer (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    xid xid8 NOT NULL DEFAULT '0',
    n bigint NOT NULL DEFAULT 0,
    seen_at timestamptz NOT NULL DEFAULT now(),
    refusals jsonb NOT NULL DEFAULT '{}'
);
INSERT INTO audit_sequencer DEFAULT VALUES;
REVOKE ALL ON audit_log, audit_checkpoint, audit_leaf, audit_tile, audit_signing_key, audit_sequencer
    FROM PUBLIC, bailiwick_app;
GRANT SELECT ON audit_log, audit_checkpoint, audit_leaf, audit_tile, audit_signing_key, audit_sequencer
    TO bailiwick_reader, bailiwick_sequencer;
GRANT INSERT ON audit_log, audit_checkpoint, audit_leaf, audit_tile, audit_signing_key TO bailiwick_sequencer;
GRANT UPDATE (size) ON audit_log TO bailiwick_sequencer;
GRANT UPDATE (hashes) ON audit_tile TO bailiwick_sequencer;
GRANT UPDATE (xid, n, seen_at, refusals) ON audit_sequencer TO bailiwick_sequencer;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("audit", "0001_initial")]
    operations: ClassVar = [
        migrations.RunSQL(PAYLOADS, "DROP TABLE audit_payload, audit_data_key"),
        migrations.RunSQL(
            TREE,
            "DROP TABLE audit_sequencer, audit_signing_key, audit_tile, audit_leaf, audit_checkpoint, audit_log",
        ),
    ]
