"""What every table's model is made of: the row class, and the fields that Peewee has not.

Times are aware and in UTC on every database: TEXT of one fixed width on SQLite, TIMESTAMPTZ on PostgreSQL.
"""

import json
from datetime import UTC, datetime
from typing import Any

from peewee import DatabaseProxy, Field, Model, TextField

db = DatabaseProxy()


def moment_text(moment: datetime) -> str:
    """An aware moment as it is kept: in UTC, of one width."""
    return moment.astimezone(UTC).isoformat(" ", "microseconds")


class UTCField(Field):
    """An aware moment. A naive one is refused: nobody could say which moment it was."""

    field_type = "TIMESTAMPTZ"

    def db_value(self, value: datetime | None) -> str | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{self.name}: a moment without a time zone: {value}")
        return moment_text(value)

    def python_value(self, value: str | datetime | None) -> datetime | None:
        if value is None:
            return None
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        return moment.astimezone(UTC)


_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class JSONField(TextField):
    """A small JSON value that is read and written whole and never searched."""

    def db_value(self, value: Any) -> str | None:
        return None if value is None else _json(value)

    def python_value(self, value: str | None) -> Any:
        return None if value is None else json.loads(value)


class Row(Model):
    """The root of all models; the database is bound when it is opened."""

    class Meta:
        database = db
        legacy_table_names = False
