"""Tickets are found by the number in their reference, and those whose clients have long been silent without a search.

The number of a reference made by a mask cannot be told for certain: the last of its numbers is taken.
"""

import re

from peewee import Database, SqliteDatabase
from playhouse.migrate import SchemaMigrator

COLUMNS = """
ALTER TABLE ticket ADD COLUMN number BIGINT;
ALTER TABLE ticket ADD COLUMN reminded_at {utc}
"""
INDEXES = """
CREATE INDEX ticket_number ON ticket (number, reference) WHERE number IS NOT NULL;
CREATE INDEX ticket_unreminded ON ticket (waiting_since)
    WHERE status = 5 AND deleted_at IS NULL AND reminded_at IS NULL;
CREATE INDEX ticket_silent ON ticket (waiting_since) WHERE status = 5 AND deleted_at IS NULL
"""
NUMBER = "([0-9]{3,18})(?:[^0-9]+[0-9]{1,2})*[^0-9]*$"


def up(migrator: SchemaMigrator, db: Database) -> None:
    for statement in COLUMNS.format(utc="TEXT" if isinstance(db, SqliteDatabase) else "TIMESTAMPTZ").split(";\n"):
        db.execute_sql(statement)
    fill(db)
    for statement in INDEXES.split(";\n"):
        db.execute_sql(statement)


def fill(db: Database) -> None:
    """Give every ticket the number that its reference shows."""
    if isinstance(db, SqliteDatabase):
        db.connection().create_function("number_in", 1, _number)
        db.execute_sql("UPDATE ticket SET number = number_in(reference)")
    else:
        db.execute_sql("UPDATE ticket SET number = CAST(substring(reference from %s) AS BIGINT)", (NUMBER,))


def _number(reference: str) -> int | None:
    found = re.search(NUMBER, reference)
    return int(found[1]) if found else None
