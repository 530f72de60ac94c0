"""Automatic answers are counted, mails know their sender and how long they are held back, addresses may be dead."""

from peewee import Database, SqliteDatabase
from playhouse.migrate import SchemaMigrator

SQLITE = {"utc": "TEXT", "bool": "INTEGER", "no": "0"}
POSTGRESQL = {"utc": "TIMESTAMPTZ", "bool": "BOOLEAN", "no": "FALSE"}

CHANGES = """
ALTER TABLE delivery ADD COLUMN automatic {bool} NOT NULL DEFAULT {no};
CREATE INDEX delivery_automatic ON delivery (created_at) WHERE automatic;
CREATE INDEX delivery_automatic_to ON delivery (channel, created_at) WHERE automatic;
CREATE INDEX delivery_automatic_about ON delivery (ticket_id, created_at) WHERE automatic;
ALTER TABLE mail ADD COLUMN sender TEXT NOT NULL DEFAULT '';
ALTER TABLE mail ADD COLUMN held_until {utc};
CREATE INDEX mail_sender ON mail (sender, finished_at) WHERE sender <> '';
ALTER TABLE contact_address ADD COLUMN failed_at {utc};
ALTER TABLE contact_address ADD COLUMN failure TEXT NOT NULL DEFAULT ''
"""


def up(migrator: SchemaMigrator, db: Database) -> None:
    for statement in CHANGES.format(**(SQLITE if isinstance(db, SqliteDatabase) else POSTGRESQL)).split(";\n"):
        db.execute_sql(statement)
