"""Questions about tickets that look alike, and about those that are one problem.

Nobody learns of a ticket in a restricted group who does not see that group: `group_id` is the asking ticket's.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from storage.models import Problem, Ticket, TicketGroup, TicketSign

ENDED = 8
"""Statuses from here on are ended."""


def keep_signs(ticket_id: int, signs: Iterable[str], at: datetime) -> None:
    """The signs of a new ticket."""
    rows = [{"ticket": ticket_id, "sign": sign, "created_at": at} for sign in dict.fromkeys(signs)]
    if rows:
        TicketSign.insert_many(rows).execute()


def alike(ticket: Ticket, within: timedelta, most: int) -> list[Ticket]:
    """Open tickets that share a sign with this one and came at most so long before or after it, the newest first."""
    signs = [row.sign for row in TicketSign.select(TicketSign.sign).where(TicketSign.ticket == ticket.id)]
    if not signs:
        return []
    near = TicketSign.created_at.between(ticket.created_at - within, ticket.created_at + within)
    rows = (
        _plain()
        .join(TicketSign, on=(TicketSign.ticket == Ticket.id))
        .where(TicketSign.sign.in_(signs) & near & (Ticket.id != ticket.id))
        .where(_seen_from(ticket.group_id) & _is_open())
    )
    return list(rows.distinct().order_by(Ticket.id.desc()).limit(most))


def members(problem_id: int, group_id: int, most: int) -> list[Ticket]:
    """The tickets of a problem, the oldest first; neither deleted nor merged ones."""
    kept = (Ticket.problem == problem_id) & Ticket.deleted_at.is_null() & Ticket.merged_into.is_null()
    return list(_plain().where(kept & _seen_from(group_id)).order_by(Ticket.id).limit(most))


def every_member(problem_id: int) -> list[Ticket]:
    """All tickets of a problem, whatever became of them."""
    return list(Ticket.select(Ticket.id).where(Ticket.problem == problem_id).order_by(Ticket.id))


def _plain() -> Any:
    columns = (Ticket.id, Ticket.reference, Ticket.subject, Ticket.status, Ticket.problem)
    asked = (Ticket.requester_name, Ticket.requester_address, Ticket.reply_address)
    return Ticket.select(*columns, *asked).join(TicketGroup).switch(Ticket)


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
