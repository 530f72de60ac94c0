"""All rows as lines of JSON, and back: the same lines from SQLite and from PostgreSQL, for either of both.

The first line of a table names its columns, each other one is a row. What triggers keep up (the search) is not
among the lines: it comes by itself when they are put in.
"""

import base64
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from typing import Any

from peewee import BlobField, BooleanField, Column, Field, Table, fn

from storage.database import is_sqlite
from storage.models import ALL
from storage.rows import Row, UTCField, db, moment_text

AT_ONCE = 500

_OUT: dict[type[Field], Callable[[Any], Any]] = {
    BooleanField: bool,
    UTCField: lambda value: moment_text(value) if isinstance(value, datetime) else value,
    BlobField: lambda value: {"base64": base64.b64encode(value).decode()},
}


def tables() -> list[str]:
    """Every table by its name, those that others name first."""
    return [_name(model) for model in ALL]


def lines(table: str) -> Iterator[bytes]:
    """A table's lines; inside a snapshot all tables are of one moment."""
    model = _model(table)
    fields = model._meta.sorted_fields
    columns = [field.column_name for field in fields]
    outs = [(place, out) for place, field in enumerate(fields) for kind, out in _OUT.items() if isinstance(field, kind)]
    yield _line(columns)
    with _cursor() as cursor:
        cursor.execute(*model.select(*fields).sql())
        for found in cursor:
            row = list(found)
            for place, out in outs:
                if row[place] is not None:
                    row[place] = out(row[place])
            yield _line(row)


def empty() -> None:
    """Take out what a new database has by itself."""
    for table in reversed(tables()):
        if db.table_exists(table):
            Table(table).bind(db).delete().execute()


def fill(table: str, content: Iterable[bytes]) -> int:
    """Put a table's lines in; how many rows there were. ValueError when this database has no such table or column."""
    reading = iter(content)
    columns: list[str] = json.loads(next(reading))
    if not db.table_exists(table) or not set(columns) <= {column.name for column in db.get_columns(table)}:
        raise ValueError(f"there is no table {table} with the columns {', '.join(columns)}")
    target, own = Table(table).bind(db), _own_references(table, columns)
    insert, _ = target.insert([[0] * len(columns)], columns=[Column(target, name) for name in columns]).sql()
    later: list[tuple[Any, ...]] = []
    count = 0
    for rows in _chunks(reading):
        later += [_taken_out(row, own, columns.index("id")) for row in rows if any(row[place] for place in own)]
        _many(insert, rows)
        count += len(rows)
    if later:
        changes = {Column(target, columns[place]): 0 for place in own}
        _many(target.update(changes).where(Column(target, "id") == 0).sql()[0], later)
    if not is_sqlite() and "id" in columns:
        _count_on(table, target.select(fn.MAX(Column(target, "id"))).scalar())
    return count


def _taken_out(row: list[Any], own: list[int], key: int) -> tuple[Any, ...]:
    """What the row refers to in its own table, and its id: for a second round, when all rows are there."""
    referred = tuple(row[place] for place in own)
    for place in own:
        row[place] = None
    return (*referred, row[key])


def _count_on(table: str, last: int | None) -> None:
    """The next row gets the id after the last one."""
    db.execute_sql("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s, %s)", (table, last or 1, last is not None))


def _name(model: type[Row]) -> str:
    return str(model._meta.table_name)


def _model(table: str) -> type[Row]:
    return next(model for model in ALL if _name(model) == table)


def _own_references(table: str, columns: list[str]) -> list[int]:
    """Where the columns stand that name other rows of the same table, by their names: so Peewee sets them."""
    model = next((model for model in ALL if _name(model) == table), None)
    names = {field.column_name for field in model._meta.refs if field.rel_model is model} if model else set()
    return [columns.index(name) for name in sorted(names & set(columns))]


def _chunks(content: Iterator[bytes]) -> Iterator[list[list[Any]]]:
    chunk: list[list[Any]] = []
    for line in content:
        chunk.append([_value(value) for value in json.loads(line)])
        if len(chunk) == AT_ONCE:
            yield chunk
            chunk = []
    yield chunk


def _value(value: Any) -> Any:
    return base64.b64decode(value["base64"]) if isinstance(value, dict) else value


@contextmanager
def _cursor() -> Iterator[Any]:
    """One whose rows are fetched as they are read."""
    connection = db.connection()
    if is_sqlite():
        with closing(connection.cursor()) as cursor:
            yield cursor
    else:
        with connection.cursor(name="lines") as cursor:
            yield cursor


def _many(statement: str, rows: list[Any]) -> None:
    with closing(db.connection().cursor()) as cursor:
        cursor.executemany(statement, rows)


def _line(values: list[Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode("utf-8") + b"\n"
