"""Stored updates belong for a while to the process that carries them out; what a dead one left is another's."""

from peewee import Database, SqliteDatabase
from playhouse.migrate import SchemaMigrator


def up(migrator: SchemaMigrator, db: Database) -> None:
    utc = "TEXT" if isinstance(db, SqliteDatabase) else "TIMESTAMPTZ"
    db.execute_sql(f"ALTER TABLE chat_update ADD COLUMN claimed_until {utc}")
