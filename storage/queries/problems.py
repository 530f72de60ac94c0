"""Questions about tickets that look alike, and about those that are one problem.

Nobody learns of a ticket in a restricted group who does not see that group: `group_id` is the asking ticket's.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from peewee import fn

from storage.models import Problem, Ticket, TicketGroup, TicketSign

ENDED = 8
"""Statuses from here on are ended."""
_PLAIN = [
    *(Ticket.id, Ticket.reference, Ticket.subject, Ticket.status, Ticket.problem),
    *(Ticket.requester_name, Ticket.requester_address),
]


def keep_signs(ticket_id: int, signs: Iterable[str], at: datetime) -> None:
    """The signs of a new ticket."""
    rows = [{"ticket": ticket_id, "sign": sign, "created_at": at} for sign in dict.fromkeys(signs)]
    if rows:
        TicketSign.insert_many(rows).execute()


def alike(ticket: Ticket, within: timedelta, most: int) -> list[Ticket]:
    """Open tickets that share a sign with this one and came at most so long before or after it, the newest first."""
    found = _alike(ticket, within, _PLAIN)
    return list(found.distinct().order_by(Ticket.id.desc()).limit(most)) if found is not None else []


def count_alike(ticket: Ticket, within: timedelta) -> tuple[int, int]:
    """How many they are, and the id of the newest, 0 where there is none."""
    found = _alike(ticket, within, [fn.COUNT(Ticket.id.distinct()), fn.MAX(Ticket.id)])
    count, newest = found.tuples().first() if found is not None else (0, 0)
    return count, newest or 0


def _alike(ticket: Ticket, within: timedelta, columns: Iterable[Any]) -> Any:
    """None for a ticket without any sign."""
    signs = [row.sign for row in TicketSign.select(TicketSign.sign).where(TicketSign.ticket == ticket.id)]
    if not signs:
        return None
    near = TicketSign.created_at.between(ticket.created_at - within, ticket.created_at + within)
    rows = Ticket.select(*columns).join(TicketGroup).switch(Ticket)
    rows = rows.join(TicketSign, on=(TicketSign.ticket == Ticket.id))
    is_other = TicketSign.sign.in_(signs) & near & (Ticket.id != ticket.id)
    return rows.where(is_other & _seen_from(ticket.group_id) & _is_open())


def members(problem_id: int, group_id: int, most: int) -> list[Ticket]:
    """The tickets of a problem, the oldest first; neither deleted nor merged ones."""
    kept = (Ticket.problem == problem_id) & Ticket.deleted_at.is_null() & Ticket.merged_into.is_null()
    rows = Ticket.select(*_PLAIN).join(TicketGroup)
    return list(rows.where(kept & _seen_from(group_id)).order_by(Ticket.id).limit(most))


def every_member(problem_id: int) -> list[Ticket]:
    """All tickets of a problem, whatever became of them."""
    return list(Ticket.select(Ticket.id).where(Ticket.problem == problem_id).order_by(Ticket.id))


def _seen_from(group_id: int) -> Any:
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
