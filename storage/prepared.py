"""Statements that are wanted all the time: their SQL is made once, and only the values are new each time.

Peewee takes longer to write a query than the database to answer it. `@prepared` stands over a function that builds a
query; it is called with placeholders, once, so it must not look at its arguments and never compares with None.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Generic, TypeVar

from peewee import AutoField, Query, Value

from storage.database import is_sqlite
from storage.reading import reading
from storage.rows import Row, db, moment_text

Found = TypeVar("Found")
Made = TypeVar("Made", bound=Row)

LONGEST_KEPT = 50
"""Statements for longer lists than this are made anew each time."""


class _Slot:
    """Where a value goes: the number of its argument, and its place where that is a list."""

    __slots__ = ("argument", "place")

    def __init__(self, argument: int, place: int | None = None) -> None:
        self.argument = argument
        self.place = place

    def value(self, values: Sequence[Any]) -> Any:
        found = values[self.argument] if self.place is None else values[self.argument][self.place]
        return moment_text(found) if isinstance(found, datetime) else found


class _Statement:
    """One query of one shape in one dialect."""

    def __init__(self, query: Any) -> None:
        self._query = query
        self._sql, self._parameters = query.sql()
        self._row: Callable[[Any], Any] | None = None

    def execute(self, values: Sequence[Any]) -> Any:
        parameters = [slot.value(values) if isinstance(slot, _Slot) else slot for slot in self._parameters]
        return db.execute_sql(self._sql, parameters)

    def rows(self, values: Sequence[Any]) -> list[Any]:
        cursor = self.execute(values)
        found = cursor.fetchall()
        if not found:
            return []
        if self._row is None:
            self._row = self._reading(cursor)
        return [self._row(row) for row in found]

    def _reading(self, cursor: Any) -> Callable[[Any], Any]:
        wrapper = self._query._get_cursor_wrapper(cursor)
        wrapper.initialize()
        wrapper.cursor = None
        return reading(wrapper)


class Prepared(Generic[Found]):
    """A query by name. Arguments are plain values: numbers, texts, moments, or lists of these (for `in_`)."""

    def __init__(self, build: Callable[..., Any]) -> None:
        self._build = build
        self._statements: dict[tuple[Any, ...], _Statement] = {}
        self.__doc__ = build.__doc__

    def all(self, *values: Any) -> list[Found]:
        """Every row."""
        return self._statement(values).rows(values)

    def first(self, *values: Any) -> Found | None:
        """The first row, if there is one."""
        return next(iter(self.all(*values)), None)

    def run(self, *values: Any) -> int:
        """Carry out a change; how many rows it met."""
        return int(self._statement(values).execute(values).rowcount)

    def _statement(self, values: Sequence[Any]) -> _Statement:
        shape = (is_sqlite(), *[len(value) if isinstance(value, list) else 0 for value in values])
        known = self._statements.get(shape)
        if known is None:
            known = _Statement(self._build(*map(_slots, range(len(values)), values)))
            if max(shape) <= LONGEST_KEPT:
                self._statements[shape] = known
        return known


def prepared(build: Callable[..., Query]) -> Prepared[Any]:
    """The query that this function builds, to be asked by `all`, `first` or `run`."""
    return Prepared(build)


def _slots(argument: int, value: Any) -> Any:
    if isinstance(value, list):
        return [Value(_Slot(argument, place), converter=False) for place in range(len(value))]
    return Value(_Slot(argument), converter=False)


# writing -------------------------------------------------------------------------------------------------------------


def insert(row: Made, conflict: str = "") -> Made | None:
    """Write a row that was just made, which gets its id. None where `conflict` ("ON CONFLICT …") left it out."""
    sql, columns, has_id = _insertion(type(row), conflict, is_sqlite())
    data = row.__data__
    cursor = db.execute_sql(sql, [as_kept(data.get(name)) for name, as_kept in columns])
    if not cursor.rowcount:
        return None
    if has_id:
        data["id"] = cursor.lastrowid if is_sqlite() else cursor.fetchone()[0]
    return row


@cache
def _insertion(
    model: type[Row], conflict: str, sqlite: bool
) -> tuple[str, list[tuple[str, Callable[[Any], Any]]], bool]:
    fields = [field for field in model._meta.sorted_fields if not isinstance(field, AutoField)]
    has_id = len(fields) < len(model._meta.sorted_fields)
    names, marks = ", ".join(f'"{field.column_name}"' for field in fields), ", ".join([db.param] * len(fields))
    answer = " RETURNING id" if has_id and not sqlite else ""
    sql = f'INSERT INTO "{model._meta.table_name}" ({names}) VALUES ({marks}) {conflict}{answer}'  # noqa: S608
    return sql, [(field.name, field.db_value) for field in fields], has_id


def update(model: type[Row], changes: Mapping[str, Any], **where: Any) -> int:
    """Change the rows whose columns equal these values; how many they were."""
    columns = model._meta.combined
    sets = ", ".join([f'"{columns[name].column_name}" = {db.param}' for name in changes])
    conditions = " AND ".join([f'"{columns[name].column_name}" = {db.param}' for name in where])
    values = [columns[name].db_value(value) for name, value in (*changes.items(), *where.items())]
    sql = f'UPDATE "{model._meta.table_name}" SET {sets} WHERE {conditions}'  # noqa: S608
    return int(db.execute_sql(sql, values).rowcount)
