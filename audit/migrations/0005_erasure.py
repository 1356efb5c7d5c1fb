"""Data keys by the month, whose end is for good; and who was erased."""

from typing import ClassVar

from django.db import migrations

KEYS = """
ALTER TABLE audit_data_key
    ADD COLUMN period date NOT NULL DEFAULT date_trunc('month', now() AT TIME ZONE 'UTC')::date;
DROP INDEX audit_data_key_of_person;
CREATE UNIQUE INDEX audit_data_key_of_person ON audit_data_key (person, period) WHERE wrapped IS NOT NULL;
CREATE INDEX audit_payload_of_key ON audit_payload (key);
CREATE TABLE audit_erased_person (
    person text PRIMARY KEY,
    erased_at timestamptz NOT NULL DEFAULT now()
);
REVOKE ALL ON audit_erased_person FROM PUBLIC, bailiwick_app;
GRANT SELECT, INSERT (person) ON audit_erased_person TO bailiwick_app;

-- Whatever the application is made to do: no key comes back, and none goes before its time unless its person is erased.
CREATE FUNCTION audit_data_key_ends() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    IF OLD.wrapped IS NULL OR NEW.wrapped IS NOT NULL THEN
        RAISE insufficient_privilege USING MESSAGE = 'a data key is destroyed, once and for good, or left alone';
    END IF;
    -- The month that it is of, and six more.
    IF (OLD.period + interval '7 months') AT TIME ZONE 'UTC' > now()
        AND NOT EXISTS (SELECT FROM audit_erased_person e WHERE e.person = OLD.person)
    THEN
        RAISE insufficient_privilege USING MESSAGE = 'a data key of a person who is not erased is kept for six months';
    END IF;
    NEW.destroyed_at := now();
    RETURN NEW;
END $$;
CREATE TRIGGER audit_data_key_ends BEFORE UPDATE OF wrapped, destroyed_at ON audit_data_key
    FOR EACH ROW EXECUTE FUNCTION audit_data_key_ends();

-- After the insertion: by then whoever erases the person at the same moment has committed.
CREATE FUNCTION audit_data_key_begins() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    IF EXISTS (SELECT FROM audit_erased_person e WHERE e.person = NEW.person) THEN
        RAISE insufficient_privilege USING MESSAGE = 'nothing more is sealed about a person who was erased';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER audit_data_key_begins AFTER INSERT ON audit_data_key
    FOR EACH ROW EXECUTE FUNCTION audit_data_key_begins();
"""

NO_KEYS = """
DROP TRIGGER audit_data_key_begins ON audit_data_key;
DROP TRIGGER audit_data_key_ends ON audit_data_key;
DROP FUNCTION audit_data_key_begins;
DROP FUNCTION audit_data_key_ends;
DROP TABLE audit_erased_person;
DROP INDEX audit_payload_of_key, audit_data_key_of_person;
CREATE UNIQUE INDEX audit_data_key_of_person ON audit_data_key (person) WHERE wrapped IS NOT NULL;
ALTER TABLE audit_data_key DROP COLUMN period;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("audit", "0004_witnesses")]
    operations: ClassVar = [migrations.RunSQL(KEYS, NO_KEYS)]
