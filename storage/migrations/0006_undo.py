"""What an agent did last is found at once, however much happened: that is what can be taken back."""

from peewee import Database
from playhouse.migrate import SchemaMigrator


def up(migrator: SchemaMigrator, db: Database) -> None:
    db.execute_sql("CREATE INDEX event_agent ON event (agent_id, id) WHERE agent_id IS NOT NULL")
