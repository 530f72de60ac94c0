"""Questions about tickets that look alike, and about those that are one problem.

Nobody learns of a ticket in a restricted group who does not see that group: `group_id` is the asking ticket's.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from peewee import ModelSelect, fn

from storage.models import Problem, Ticket, TicketGroup, TicketSign
from storage.prepared import insert, prepared

ENDED = 8
"""Statuses from here on are ended."""
_PLAIN = [
    *(Ticket.id, Ticket.reference, Ticket.subject, Ticket.status, Ticket.problem),
    *(Ticket.requester_name, Ticket.requester_address),
]


def keep_signs(ticket_id: int, signs: Iterable[str], at: datetime) -> None:
    """The signs of a new ticket."""
    for sign in dict.fromkeys(signs):
        insert(TicketSign(ticket=ticket_id, sign=sign, created_at=at))


def alike(ticket: Ticket, within: timedelta, most: int) -> list[Ticket]:
    """Open tickets that share a sign with this one and came at most so long before or after it, the newest first."""
    signs = [row.sign for row in _signs.all(ticket.id)]
    near = ticket.created_at - within, ticket.created_at + within
    found = _alike(_PLAIN, signs, near, ticket.id, ticket.group_id)
    return list(found.distinct().order_by(Ticket.id.desc()).limit(most))


def count_alike(ticket: Ticket, within: timedelta) -> tuple[int, int]:
    """How many they are, and the id of the newest, 0 where there is none."""
    signs = _signs.all(ticket.id)
    if not signs:
        return 0, 0
    near = ticket.created_at - within, ticket.created_at + within
    count, newest = _count_alike.all([row.sign for row in signs], *near, ticket.id, ticket.group_id)[0]
    return count, newest or 0


@prepared
def _signs(ticket_id: Any) -> ModelSelect[TicketSign]:
    return TicketSign.select(TicketSign.sign).where(TicketSign.ticket == ticket_id)


@prepared
def _count_alike(signs: Any, since: Any, until: Any, ticket_id: Any, group_id: Any) -> Any:
    counted = [fn.COUNT(Ticket.id.distinct()), fn.MAX(Ticket.id)]
    return _alike(counted, signs, (since, until), ticket_id, group_id).tuples()


def _alike(columns: Iterable[Any], signs: Any, near: tuple[Any, Any], ticket_id: Any, group_id: Any) -> Any:
    rows = Ticket.select(*columns).join(TicketGroup).switch(Ticket)
    rows = rows.join(TicketSign, on=(TicketSign.ticket == Ticket.id))
    is_other = TicketSign.sign.in_(signs) & TicketSign.created_at.between(*near) & (Ticket.id != ticket_id)
    return rows.where(is_other & _seen_from(group_id) & _is_open())


def members(problem_id: int, group_id: int, most: int) -> list[Ticket]:
    """The tickets of a problem, the oldest first; neither deleted nor merged ones."""
    kept = (Ticket.problem == problem_id) & Ticket.deleted_at.is_null() & Ticket.merged_into.is_null()
    rows = Ticket.select(*_PLAIN).join(TicketGroup)
    return list(rows.where(kept & _seen_from(group_id)).order_by(Ticket.id).limit(most))


def every_member(problem_id: int) -> list[Ticket]:
    """All tickets of a problem, whatever became of them."""
    return list(Ticket.select(Ticket.id).where(Ticket.problem == problem_id).order_by(Ticket.id))


def _seen_from(group_id: Any) -> Any:
    return (~TicketGroup.restricted) | (Ticket.group == group_id)


def _is_open() -> Any:
    return (Ticket.status < ENDED) & Ticket.deleted_at.is_null()


# problems ------------------------------------------------------------------------------------------------------------


def add(title: str, agent_id: int, at: datetime) -> Problem:
    """A new problem, of no ticket yet."""
    return Problem.create(title=title, created_by=agent_id, created_at=at)


def rename(problem_id: int, title: str) -> None:
    """Another title."""
    Problem.update(title=title).where(Problem.id == problem_id).execute()


def dissolve(problem_id: int, at: datetime) -> None:
    """It was none."""
    Problem.update(dissolved_at=at).where(Problem.id == problem_id).execute()
