"""Lists of tickets: which belong to one, in which order, page by page.

Ids come first, from an index alone, and only the tickets of one page are read whole. A page that follows a page is
found by the key where that one ended, so that the thousandth costs what the first does.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from peewee import SQL, Expression, ModelSelect, Tuple, Value

from storage.models import CustomValue, GroupAgent, Severity, Tag, Ticket, TicketGroup
from storage.queries import search
from storage.queries.tickets import whole

COUNTED = 1000  # how far tickets are counted
SEARCHED = 200  # the same where words are looked for
BATCH = 500
OPEN, ENDED = Ticket.status < SQL("8"), Ticket.status >= SQL("8")  # literals, as in the partial indexes
WAITING = Expression(Ticket.status, "IN", SQL("(5, 7)"))
SORTS: dict[str, Any] = {
    "created": Ticket.created_at,
    "updated": Ticket.last_activity_at,
    "due": Ticket.due_at,
    "severity": Ticket.severity,
    "reference": Ticket.reference,
}


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list shows; None, "" and () mean any. Ids are rows' ids; `custom` is pairs of field and value.

    `reader_id` is who looks: restricted groups show to the agents named there alone.
    """

    reader_id: int
    open_only: bool | None = None
    statuses: tuple[int, ...] = ()
    assignee_id: int | None = None
    unassigned: bool = False
    overdue_at: datetime | None = None
    created_since: datetime | None = None
    type_id: int | None = None
    group_id: int | None = None
    severity_id: int | None = None
    third_party_id: int | None = None
    project_id: int | None = None
    contract_id: int | None = None
    requester_addresses: tuple[str, ...] = ()
    origin: str = ""
    tag: str = ""
    custom: tuple[tuple[int, str], ...] = ()
    text: str = ""


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
class _List:
    """Which tickets, and the column that holds their ids in the index that finds them."""

    query: ModelSelect[Ticket]
    id: Any

    def where(self, *conditions: Any) -> _List:
        return replace(self, query=self.query.where(*conditions)) if conditions else self


@dataclass(frozen=True, slots=True)
class _Run:
    """A part of a list that one index gives in its order: by a column, else by id."""

    conditions: tuple[Any, ...]
    column: Any
    descending: bool


# pages ---------------------------------------------------------------------------------------------------------------


def page(wanted: Filter, order: Order, size: int, *, skip: int = 0) -> Page:
    """The tickets of a list after the first `skip` ones."""
    tickets, runs = _list(wanted, limit(wanted) + 1), _runs(_natural(order, wanted))
    places = _after_skipping(tickets, runs, skip, size + 1)
    return _page(tickets, places[:size], len(places) > size)


def next_page(wanted: Filter, order: Order, size: int, after: Place) -> Page:
    """The tickets of a list that follow a place."""
    tickets, runs = _list(wanted, limit(wanted) + 1), _runs(_natural(order, wanted))
    places = _beyond(tickets, runs, after, size + 1)
    return _page(tickets, places[:size], len(places) > size)


def previous_page(wanted: Filter, order: Order, size: int, before: Place) -> Page:
    """The tickets of a list that stand before a place."""
    tickets, runs = _list(wanted, limit(wanted) + 1), _runs(_natural(order, wanted))
    places = _beyond(tickets, runs, before, size, backwards=True)
    return _page(tickets, places[::-1], has_more=True)


def every(wanted: Filter, order: Order) -> Iterator[list[Ticket]]:
    """A list whole, in batches."""
    places = _after_skipping(_list(wanted, None), _runs(_natural(order, wanted)), 0, sys.maxsize)
    for start in range(0, len(places), BATCH):
        yield _read(places[start : start + BATCH])


def limit(wanted: Filter) -> int:
    """How far the tickets of a list are counted, and how many of those that hold some words are shown."""
    return SEARCHED if wanted.text else COUNTED


def count(wanted: Filter) -> int:
    """How many tickets a list has; counting ends at one more than `limit`."""
    return _counted(_list(wanted, limit(wanted) + 1))


def _page(tickets: _List, places: list[Place], has_more: bool) -> Page:
    first, last = (places[0], places[-1]) if places else (None, None)
    return Page(_read(places), _counted(tickets), has_more, first, last)


def _counted(tickets: _List) -> int:
    return tickets.query.limit(COUNTED + 1).count()


def _read(places: list[Place]) -> list[Ticket]:
    found = {ticket.id: ticket for ticket in whole().where(Ticket.id.in_([place.id for place in places]))}
    return [found[place.id] for place in places if place.id in found]


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


def _after_skipping(tickets: _List, runs: list[_Run], skip: int, size: int) -> list[Place]:
    places: list[Place] = []
    for number, run in enumerate(runs):
        places += _places(tickets, number, run, size - len(places), skip=skip)
        if len(places) >= size:
            break
        skip = 0 if places or not skip else skip - tickets.where(*run.conditions).query.limit(skip).count()
    return places


def _beyond(tickets: _List, runs: list[_Run], here: Place, size: int, *, backwards: bool = False) -> list[Place]:
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
    tickets: _List, number: int, run: _Run, size: int, *, skip: int = 0, backwards: bool = False
) -> list[Place]:
    keys = [tickets.id] if run.column is None else [run.column, Ticket.id]
    down = run.descending != backwards
    ordered = tickets.where(*run.conditions).query.order_by(*[key.desc() if down else key.asc() for key in keys])
    part = ordered.select(Value(None) if run.column is None else run.column, Ticket.id).limit(size).offset(skip or None)
    rows: Any = part.tuples()
    return [Place(number, value, ticket_id) for value, ticket_id in rows]


# what belongs to a list ----------------------------------------------------------------------------------------------


def _list(wanted: Filter, most: int | None) -> _List:
    """A list's tickets; where words are looked for, `most` of the newest or all."""
    tickets = _labelled(wanted).where(*_conditions(wanted))
    if not wanted.text:
        return tickets
    held = search.newest(tickets.query, wanted.text, most) if most else search.holding(tickets.query, wanted.text)
    return _List(Ticket.select(Ticket.id).where(Ticket.id.in_(held)), Ticket.id)


def _labelled(wanted: Filter) -> _List:
    tickets = _List(Ticket.select(Ticket.id), Ticket.id)
    for position, (field_id, value) in enumerate(wanted.custom):
        own = CustomValue.alias(f"own{position}")
        joined = tickets.query.join_from(Ticket, own, on=(own.ticket == Ticket.id))
        tickets = _List(joined.where((own.field == field_id) & (own.value == value)), own.ticket)
    if wanted.tag:
        joined = tickets.query.join_from(Ticket, Tag, on=(Tag.ticket == Ticket.id))
        tickets = _List(joined.where(Tag.tag == wanted.tag), Tag.ticket)
    return tickets


def _conditions(wanted: Filter) -> Iterable[Any]:
    yield Ticket.deleted_at.is_null()
    if hidden := hidden_groups(wanted.reader_id):
        yield Ticket.group.not_in(hidden)
    yield from _status(wanted)
    if wanted.unassigned:
        yield Ticket.assignee.is_null()
    if wanted.overdue_at:
        yield Ticket.due_at.is_null(False) & (Ticket.due_at <= wanted.overdue_at)
    if wanted.created_since:
        yield Ticket.created_at >= wanted.created_since
    if wanted.requester_addresses:
        yield _one_of(Ticket.requester_address, wanted.requester_addresses)
    for column, value in _equal(wanted):
        if value is not None:
            yield column == value


def _status(wanted: Filter) -> Iterable[Any]:
    """Each condition of a partial index that holds is said, else SQLite does not see that it serves."""
    named = wanted.statuses
    if wanted.open_only or wanted.overdue_at or (named and max(named) < 8):
        yield OPEN
    if wanted.open_only is False or (named and min(named) >= 8):
        yield ENDED
    if set(named) == {5, 7}:
        yield WAITING
    elif named:
        yield _one_of(Ticket.status, named)


def _one_of(column: Any, values: tuple[Any, ...]) -> Any:
    return column == values[0] if len(values) == 1 else column.in_(values)


def _equal(wanted: Filter) -> Iterable[tuple[Any, Any]]:
    return (
        (Ticket.assignee, wanted.assignee_id),
        (Ticket.type, wanted.type_id),
        (Ticket.group, wanted.group_id),
        (Ticket.severity, wanted.severity_id),
        (Ticket.third_party, wanted.third_party_id),
        (Ticket.project, wanted.project_id),
        (Ticket.contract, wanted.contract_id),
        (Ticket.origin, wanted.origin or None),
    )


def hidden_groups(agent_id: int) -> list[int]:
    """The restricted groups that this agent is not named in."""
    named = GroupAgent.select(GroupAgent.group).where(GroupAgent.agent == agent_id)
    hidden = TicketGroup.select(TicketGroup.id).where(TicketGroup.restricted & TicketGroup.id.not_in(named))
    return [row.id for row in hidden]
