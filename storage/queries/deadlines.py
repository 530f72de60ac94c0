"""Questions about deadlines: of which tickets something is to be told, what was told, and which delays there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from peewee import Case, ModelSelect, fn

from storage.database import locked
from storage.models import Alert, Severity, Ticket, TicketGroup
from storage.prepared import prepared

Told = Mapping[tuple[str, datetime], int]


def to_tell(now: datetime, most: int) -> ModelSelect[Ticket]:
    """Tickets of which something is to be told by now, the longest waiting first."""
    return Ticket.select().where(Ticket.next_alert_at <= now).order_by(Ticket.next_alert_at).limit(most)


def take_to_tell(now: datetime, most: int) -> list[Ticket]:
    """The same, kept from others until the end of the transaction."""
    return list(locked(to_tell(now, most)))


def count_to_tell(now: datetime) -> list[tuple[int, int, int]]:
    """By group's id: of how many tickets something is to be told by now, and how many of them are overdue."""
    overdue = fn.SUM(Case(None, [(Ticket.due_at <= now, 1)], 0))
    waiting: Any = Ticket.select(Ticket.group, fn.COUNT(Ticket.id), overdue).where(Ticket.next_alert_at <= now)
    return [(group, tickets, late) for group, tickets, late in waiting.group_by(Ticket.group).tuples()]


def told(ticket_ids: Iterable[int]) -> Mapping[int, Told]:
    """The last step that was told of each wait (kind and beginning) of these tickets."""
    found: dict[int, dict[tuple[str, datetime], int]] = defaultdict(dict)
    for alert in _alerts.all(list(ticket_ids)):
        found[alert.ticket_id][alert.kind, alert.since] = alert.step
    return found


@prepared
def _alerts(ticket_ids: Any) -> ModelSelect[Alert]:
    return Alert.select().where(Alert.ticket.in_(ticket_ids)).order_by(Alert.step)


def add_alert(ticket_id: int, kind: str, since: datetime, step: int, at: datetime) -> None:
    """It is told: no other process will."""
    Alert.create(ticket=ticket_id, kind=kind, since=since, step=step, at=at)


def set_next_alert(ticket_id: int, at: datetime | None) -> None:
    """When something is to be told next; no change of the ticket that anybody sees."""
    Ticket.update(next_alert_at=at).where(Ticket.id == ticket_id).execute()


def open_after(ticket_id: int, most: int) -> ModelSelect[Ticket]:
    """Open tickets with a greater id, in that order."""
    is_open = (Ticket.status < 8) & Ticket.deleted_at.is_null()
    return Ticket.select().where(is_open & (Ticket.id > ticket_id)).order_by(Ticket.id).limit(most)


def take_open_after(ticket_id: int, most: int) -> list[Ticket]:
    """The same, kept from others until the end of the transaction."""
    return list(locked(open_after(ticket_id, most)))


def delays_of_severities() -> list[list[Any]]:
    """Id, code, response and action delay of every severity."""
    return list(map(list, _delays_of_severities.all()))


@prepared
def _delays_of_severities() -> Any:
    severity = Severity
    rows: Any = severity.select(severity.id, severity.code, severity.response_delay, severity.action_delay)
    return rows.order_by(severity.id).tuples()


def delays_of_groups() -> list[list[Any]]:
    """Id, code, response and action delay, and the parent's id of every group."""
    return list(map(list, _delays_of_groups.all()))


@prepared
def _delays_of_groups() -> Any:
    group = TicketGroup
    rows: Any = group.select(group.id, group.code, group.response_delay, group.action_delay, group.parent)
    return rows.order_by(group.id).tuples()
