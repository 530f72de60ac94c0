"""Lists of tickets: which belong to one, in which order, page by page.

Ids come first, from an index alone, and only the tickets of one page are read whole. A page that follows a page is
found by the key where that one ended, so that the thousandth costs what the first does.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import ModelSelect, Tuple, Value

from storage.models import Severity, Ticket
from storage.prepared import prepared
from storage.queries.filters import ENDED, OPEN, Filter, Selection, select
from storage.queries.tickets import whole

COUNTED = 1000  # how far tickets are counted
SEARCHED = 200  # the same where words are looked for
BATCH = 500
SORTS: dict[str, Any] = {
    "created": Ticket.created_at,
    "updated": Ticket.last_activity_at,
    "due": Ticket.due_at,
    "severity": Ticket.severity,
    "reference": Ticket.reference,
}


@dataclass(frozen=True, slots=True)
class Order:
    """A list's order: a name of SORTS, or "" for the newest first. What is not due comes last, either way."""

    name: str = ""
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a ticket stands in a list: its run (see `_runs`), what it is sorted by there, its id."""

    run: int
    value: datetime | str | None
    id: int


@dataclass(frozen=True, slots=True)
class Page:
    """Tickets of a list, everything joined. `total` goes to one more than `limit`; the places are those of the ends."""

    tickets: list[Ticket]
    total: int
    has_more: bool
    first: Place | None
    last: Place | None


@dataclass(frozen=True, slots=True)
class _Run:
    """A part of a list that one index gives in its order: by a column, else by id."""

    conditions: tuple[Any, ...]
    column: Any
    descending: bool


# pages ---------------------------------------------------------------------------------------------------------------


def page(wanted: Filter, order: Order, size: int, *, skip: int = 0) -> Page:
    """The tickets of a list after the first `skip` ones."""
    tickets, runs = select(wanted, limit(wanted) + 1), _runs(_natural(order, wanted))
    places = _after_skipping(tickets, runs, skip, size + 1)
    return _page(tickets, places[:size], len(places) > size)


def next_page(wanted: Filter, order: Order, size: int, after: Place) -> Page:
    """The tickets of a list that follow a place."""
    tickets, runs = select(wanted, limit(wanted) + 1), _runs(_natural(order, wanted))
    places = _beyond(tickets, runs, after, size + 1)
    return _page(tickets, places[:size], len(places) > size)


def previous_page(wanted: Filter, order: Order, size: int, before: Place) -> Page:
    """The tickets of a list that stand before a place."""
    tickets, runs = select(wanted, limit(wanted) + 1), _runs(_natural(order, wanted))
    places = _beyond(tickets, runs, before, size, backwards=True)
    return _page(tickets, places[::-1], has_more=True)


def every(wanted: Filter, order: Order) -> Iterator[list[Ticket]]:
    """A list whole, in batches."""
    places = _after_skipping(select(wanted, None), _runs(_natural(order, wanted)), 0, sys.maxsize)
    for start in range(0, len(places), BATCH):
        yield _read(places[start : start + BATCH])


def limit(wanted: Filter) -> int:
    """How far the tickets of a list are counted, and how many of those that hold some words are shown."""
    return SEARCHED if wanted.text else COUNTED


def count(wanted: Filter) -> int:
    """How many tickets a list has; counting ends at one more than `limit`."""
    return _counted(select(wanted, limit(wanted) + 1))


def _page(tickets: Selection, places: list[Place], has_more: bool) -> Page:
    first, last = (places[0], places[-1]) if places else (None, None)
    return Page(_read(places), _counted(tickets), has_more, first, last)


def _counted(tickets: Selection) -> int:
    return tickets.query.limit(COUNTED + 1).count()


def _read(places: list[Place]) -> list[Ticket]:
    found = {ticket.id: ticket for ticket in _whole_ones.all([place.id for place in places])}
    return [found[place.id] for place in places if place.id in found]


@prepared
def _whole_ones(ticket_ids: Any) -> ModelSelect[Ticket]:
    return whole().where(Ticket.id.in_(ticket_ids))


# order ---------------------------------------------------------------------------------------------------------------


def _natural(order: Order, wanted: Filter) -> Order:
    """The order where nobody asked for one: what is overdue by its deadline, all else the newest first."""
    if order.name:
        return order
    if wanted.overdue_at:
        return Order("due")
    return Order("created", descending=True) if wanted.created_since and not wanted.text else order


def _runs(order: Order) -> list[_Run]:
    if order.name == "severity":
        ranks = [row.id for row in Severity.select(Severity.id).order_by(Severity.position, Severity.id)]
        ranks = ranks[::-1] if order.descending else ranks
        return [_Run((Ticket.severity == rank,), None, True) for rank in ranks]
    if order.name == "due":
        is_due, others = (OPEN, Ticket.due_at.is_null(False)), (ENDED | Ticket.due_at.is_null(),)
        return [_Run(is_due, Ticket.due_at, order.descending), _Run(others, None, True)]
    return [_Run((), SORTS[order.name], order.descending) if order.name else _Run((), None, True)]


def _after_skipping(tickets: Selection, runs: list[_Run], skip: int, size: int) -> list[Place]:
    places: list[Place] = []
    for number, run in enumerate(runs):
        places += _places(tickets, number, run, size - len(places), skip=skip)
        if len(places) >= size:
            break
        skip = 0 if places or not skip else skip - tickets.where(*run.conditions).query.limit(skip).count()
    return places


def _beyond(tickets: Selection, runs: list[_Run], here: Place, size: int, *, backwards: bool = False) -> list[Place]:
    places: list[Place] = []
    for number in range(min(here.run, len(runs) - 1), -1, -1) if backwards else range(here.run, len(runs)):
        past = [_past(tickets.id, runs[number], here, backwards)] if number == here.run else []
        places += _places(tickets.where(*past), number, runs[number], size - len(places), backwards=backwards)
        if len(places) >= size:
            break
    return places


def _past(key: Any, run: _Run, here: Place, backwards: bool) -> Any:
    down = run.descending != backwards
    if run.column is None:
        return key < here.id if down else key > here.id
    mine = Tuple(run.column, Ticket.id)
    yours = Tuple(Value(run.column.db_value(here.value), converter=False), here.id)
    return mine < yours if down else mine > yours


def _places(
    tickets: Selection, number: int, run: _Run, size: int, *, skip: int = 0, backwards: bool = False
) -> list[Place]:
    keys = [tickets.id] if run.column is None else [run.column, Ticket.id]
    down = run.descending != backwards
    ordered = tickets.where(*run.conditions).query.order_by(*[key.desc() if down else key.asc() for key in keys])
    part = ordered.select(Value(None) if run.column is None else run.column, Ticket.id).limit(size).offset(skip or None)
    rows: Any = part.tuples()
    return [Place(number, value, ticket_id) for value, ticket_id in rows]
