"""From a row of the database to models, quicker than Peewee's own way, which looks at every column's type each time.

What Peewee worked out for a query (which column belongs to which model) is used; only the filling in is done here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from peewee import (
    AutoField,
    BigIntegerField,
    ForeignKeyField,
    IntegerField,
    ModelCursorWrapper,
    ModelObjectCursorWrapper,
    TextField,
)

from storage.rows import Row

AS_THEY_ARE = frozenset((AutoField, BigIntegerField, ForeignKeyField, IntegerField, TextField))
"""Fields whose values come out of both databases as they are wanted."""

Column = tuple[int, str, Callable[[Any], Any] | None]
Part = tuple[type[Row], list[Column]]
Link = tuple[int, str, int]
"""The part that points, its field, and the part it points to."""


def reading(wrapper: Any) -> Callable[[Sequence[Any]], Any]:
    """How the rows of a query are read, by the initialized cursor wrapper of that query."""
    if type(wrapper) is ModelObjectCursorWrapper and all(wrapper.fields):
        return _Reading([(wrapper.model, _columns(wrapper, range(wrapper.ncols)))], [])
    if type(wrapper) is ModelCursorWrapper and all(wrapper.fields) and all(link[-1] for link in wrapper.src_to_dest):
        return _joined(wrapper)
    whole: Callable[[Sequence[Any]], Any] = wrapper.process_row
    return whole


def _joined(wrapper: Any) -> Callable[[Sequence[Any]], Any]:
    keys = [key for key in wrapper.key_to_constructor if key in wrapper.column_keys]
    parts = []
    for key in keys:
        places = [place for place in range(wrapper.ncols) if wrapper.column_keys[place] == key]
        parts.append((wrapper.key_to_constructor[key][0], _columns(wrapper, places)))
    links = [(keys.index(source), name, keys.index(target)) for source, name, target, *_ in wrapper.src_to_dest]
    return _Reading(parts, links)


def _columns(wrapper: Any, places: Sequence[int]) -> list[Column]:
    return [(place, wrapper.columns[place], _conversion(wrapper, place)) for place in places]


def _conversion(wrapper: Any, place: int) -> Callable[[Any], Any] | None:
    field = wrapper.fields[place]
    found: Callable[[Any], Any] | None = wrapper.converters[place]
    return None if type(getattr(field, "field", field)) in AS_THEY_ARE else found


class _Reading:
    """Makes the models of one row, linked with each other; the first is the one that was asked for."""

    def __init__(self, parts: list[Part], links: list[Link]) -> None:
        self._parts = parts
        self._links = links

    def __call__(self, row: Sequence[Any]) -> Row:
        made = [_filled(model, columns, row) for model, columns in self._parts]
        for source, name, target in self._links:
            there = any(row[place] is not None for place, _, _ in self._parts[target][1])
            made[source].__rel__[name] = made[target] if there else None
        return made[0]


def _filled(model: type[Row], columns: list[Column], row: Sequence[Any]) -> Row:
    instance = model(__no_default__=True)
    data = instance.__data__
    for place, name, convert in columns:
        value = row[place]
        data[name] = value if convert is None or value is None else convert(value)
    return instance
