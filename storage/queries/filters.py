"""Which tickets belong to a list: a filter's values turned into one question that an index answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from peewee import SQL, Expression, ModelSelect

from storage.models import CustomValue, GroupAgent, Tag, Ticket, TicketGroup
from storage.queries import search

OPEN, ENDED = Ticket.status < SQL("8"), Ticket.status >= SQL("8")  # literals, as in the partial indexes
WAITING = Expression(Ticket.status, "IN", SQL("(5, 7)"))


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
class Selection:
    """Which tickets, and the column that holds their ids in the index that finds them."""

    query: ModelSelect[Ticket]
    id: Any

    def where(self, *conditions: Any) -> Selection:
        return replace(self, query=self.query.where(*conditions)) if conditions else self


def select(wanted: Filter, most: int | None) -> Selection:
    """A list's tickets; where words are looked for, `most` of the newest or all."""
    tickets = _labelled(wanted).where(*_conditions(wanted))
    if not wanted.text:
        return tickets
    held: Any = search.holding(tickets.query, wanted.text)
    if most:
        held = search.newest(tickets.query, wanted.text, most, narrow=_is_narrow(wanted))
    return Selection(Ticket.select(Ticket.id).where(Ticket.id.in_(held)), Ticket.id)


def _is_narrow(wanted: Filter) -> bool:
    of_somebody = wanted.third_party_id or wanted.requester_addresses or wanted.project_id or wanted.contract_id
    return bool(of_somebody or wanted.tag or wanted.custom or wanted.assignee_id)


def _labelled(wanted: Filter) -> Selection:
    tickets = Selection(Ticket.select(Ticket.id), Ticket.id)
    for position, (field_id, value) in enumerate(wanted.custom):
        own = CustomValue.alias(f"own{position}")
        joined = tickets.query.join_from(Ticket, own, on=(own.ticket == Ticket.id))
        tickets = Selection(joined.where((own.field == field_id) & (own.value == value)), own.ticket)
    if wanted.tag:
        joined = tickets.query.join_from(Ticket, Tag, on=(Tag.ticket == Ticket.id))
        tickets = Selection(joined.where(Tag.tag == wanted.tag), Tag.ticket)
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
