"""Who vouched for the sender of each mail, and which mail of an agent waits on a ticket to be sent as a reply."""

from peewee import Database
from playhouse.migrate import SchemaMigrator

COLUMNS = """
ALTER TABLE message ADD COLUMN verdict TEXT NOT NULL DEFAULT '';
ALTER TABLE ticket ADD COLUMN verdict TEXT NOT NULL DEFAULT '';
ALTER TABLE ticket ADD COLUMN unsent_id BIGINT
"""


def up(migrator: SchemaMigrator, db: Database) -> None:
    for statement in COLUMNS.split(";\n"):
        db.execute_sql(statement)
