"""Questions about escalation: which chain is a ticket's, what is due, what was rung. Chains are few and read whole."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from peewee import JOIN, ModelSelect

from storage.database import is_sqlite
from storage.models import Escalation, EscalationChain, Ring, Severity, Ticket, TicketGroup
from storage.prepared import insert, prepared

# chains --------------------------------------------------------------------------------------------------------------


def chains() -> list[EscalationChain]:
    """All, with their groups and severities, in the order in which they are looked through."""
    whole: Any = EscalationChain.select(EscalationChain, TicketGroup, Severity)
    whole = whole.join(TicketGroup, JOIN.LEFT_OUTER).switch(EscalationChain).join(Severity, JOIN.LEFT_OUTER)
    severity, group = EscalationChain.severity.is_null(), EscalationChain.group.is_null()
    return list(whole.order_by(severity, group, EscalationChain.id))


def chain(chain_id: int) -> EscalationChain | None:
    """By id."""
    return EscalationChain.get_or_none(EscalationChain.id == chain_id)


def chain_of(group_id: int, severity_id: int) -> EscalationChain | None:
    """The chain for tickets of this group and severity: a severity's goes before a group's."""
    return _chain_of.first(group_id, severity_id)


@prepared
def _chain_of(group_id: Any, severity_id: Any) -> ModelSelect[EscalationChain]:
    chain = EscalationChain
    of_group = chain.group.is_null() | (chain.group == group_id)
    of_severity = chain.severity.is_null() | (chain.severity == severity_id)
    found = chain.select().where(of_group & of_severity)
    return found.order_by(chain.severity.is_null(), chain.group.is_null()).limit(1)


def set_chain(group_id: int | None, severity_id: int | None, **values: Any) -> None:
    """Keep a chain, in place of the one for this very group and severity."""
    at, columns = values.pop("created_at"), values
    if not EscalationChain.update(**columns).where(_exactly(group_id, severity_id)).execute():
        EscalationChain.create(group=group_id, severity=severity_id, created_at=at, **columns)


def ring(rota: str) -> bool:
    """Whether a chain rings whoever is on call by the rota with this code."""
    steps = (str(step).upper() for row in EscalationChain.select() for step in row.steps)
    return any(step.split()[0] == f"ROTA:{rota}" for step in steps)


def exactly(group_id: int | None, severity_id: int | None) -> EscalationChain | None:
    """The chain for this very group and severity (None = all)."""
    return EscalationChain.get_or_none(_exactly(group_id, severity_id))


def remove_chain(group_id: int | None, severity_id: int | None, at: datetime) -> bool:
    """Take a chain away, and end what goes through it; whether there was one."""
    row = EscalationChain.get_or_none(_exactly(group_id, severity_id))
    if row is None:
        return False
    running = (Escalation.chain == row.id) & Escalation.ended_at.is_null()
    Escalation.update(ended_at=at, ended_by="no chain", next_at=None).where(running).execute()
    Escalation.update(chain=None).where(Escalation.chain == row.id).execute()
    return bool(EscalationChain.delete().where(EscalationChain.id == row.id).execute())


def _exactly(group_id: int | None, severity_id: int | None) -> Any:
    chain = EscalationChain
    of_group = chain.group.is_null() if group_id is None else chain.group == group_id
    return of_group & (chain.severity.is_null() if severity_id is None else chain.severity == severity_id)


# tickets going through one -------------------------------------------------------------------------------------------


def start(ticket_id: int, chain_id: int | None, cause: str, at: datetime, next_at: datetime) -> None:
    """A ticket goes through a chain from now on, unless it does already."""
    row = Escalation(ticket=ticket_id, chain=chain_id, cause=cause, started_at=at, next_at=next_at)
    insert(row, "ON CONFLICT (ticket_id) WHERE ended_at IS NULL DO NOTHING")


def running(ticket_id: int) -> Escalation | None:
    """What a ticket goes through now."""
    return _running.first(ticket_id)


@prepared
def _running(ticket_id: Any) -> ModelSelect[Escalation]:
    return Escalation.select().where((Escalation.ticket == ticket_id) & Escalation.ended_at.is_null())


def end(escalation_id: int, at: datetime, why: str) -> bool:
    """It is over; False when it was already."""
    query = Escalation.update(ended_at=at, ended_by=why, next_at=None)
    return bool(query.where((Escalation.id == escalation_id) & Escalation.ended_at.is_null()).execute())


def go_on(escalation_id: int, before: int, number: int, next_at: datetime | None) -> bool:
    """The ring `number` comes next; False when somebody else has moved it, or it is over."""
    query = Escalation.update(number=number, next_at=next_at)
    still = (Escalation.number == before) & Escalation.ended_at.is_null()
    return bool(query.where((Escalation.id == escalation_id) & still).execute())


def due(now: datetime, most: int) -> ModelSelect[Escalation]:
    """Those of which a ring is due, the longest waiting first."""
    return Escalation.select().where(Escalation.next_at <= now).order_by(Escalation.next_at).limit(most)


def take_due(now: datetime, most: int) -> list[Escalation]:
    """The same, kept from others until the end of the transaction; none that somebody else has in hand."""
    chosen = due(now, most)
    return list(chosen if is_sqlite() else chosen.for_update(skip_locked=True))


def due_until(moment: datetime, most: int) -> int:
    """Of how many something rings by then; not more than `most` are counted."""
    return Escalation.select(Escalation.id).where(Escalation.next_at <= moment).limit(most).count()


def waiting(until: datetime, most: int) -> list[str]:
    """The references of tickets that nobody has and that go through a chain since then or longer, the oldest first."""
    rows: Any = Ticket.select(Ticket.reference).join(Escalation)
    running = Escalation.ended_at.is_null() & Escalation.chain.is_null(False) & (Escalation.started_at <= until)
    found = rows.where(running & Ticket.assignee.is_null()).order_by(Escalation.id)
    return [row.reference for row in found.limit(most)]


def is_waiting(until: datetime, severity: str) -> bool:
    """Whether one of those is of this severity."""
    running = Escalation.ended_at.is_null() & Escalation.chain.is_null(False) & (Escalation.started_at <= until)
    rows: Any = Ticket.select(Ticket.id).join(Severity).switch(Ticket).join(Escalation)
    return bool(rows.where(running & Ticket.assignee.is_null() & (Severity.code == severity)).exists())


def started_at(escalation_id: int) -> datetime | None:
    """When it began; None where there is no such one."""
    row = Escalation.get_or_none(Escalation.id == escalation_id)
    return row.started_at if row else None


def created_since(moment: datetime, most: int) -> int:
    """How many tickets were made after a moment; not more than `most` are counted."""
    return len(_created_since.all(moment, most))


@prepared
def _created_since(moment: Any, most: Any) -> Any:
    new: Any = Ticket.select(Ticket.id).where(Ticket.created_at > moment)
    return new.order_by(Ticket.created_at).limit(most)


# rings ---------------------------------------------------------------------------------------------------------------


def add_ring(escalation: Escalation, number: int, at: datetime, chat: str) -> bool:
    """It is rung; False when it was already."""
    row = Ring(escalation=escalation.id, ticket=escalation.ticket_id, number=number, at=at, chat=chat)
    return insert(row, "ON CONFLICT (escalation_id, number) DO NOTHING") is not None


def chats(ticket_id: int) -> tuple[str, ...]:
    """The persons' own chats in which a ticket has rung."""
    return tuple(sorted({ring.chat for ring in _rings.all(ticket_id) if ring.chat}))


@prepared
def _rings(ticket_id: Any) -> ModelSelect[Ring]:
    return Ring.select().where(Ring.ticket == ticket_id).order_by(Ring.id)
