"""Questions about tickets that wait for a client who is silent. The literals are those of the partial indexes."""

from __future__ import annotations

from datetime import datetime

from peewee import SQL, ModelSelect

from storage.database import locked
from storage.models import Ticket

_WAITING = (Ticket.status == SQL("5")) & Ticket.deleted_at.is_null()


def to_remind(before: datetime, most: int) -> ModelSelect[Ticket]:
    """Tickets that have waited since before this moment whose client was not reminded, the longest waiting first."""
    silent = _WAITING & Ticket.reminded_at.is_null() & (Ticket.waiting_since <= before)
    return Ticket.select().where(silent).order_by(Ticket.waiting_since).limit(most)


def to_close(before: datetime, reminded_before: datetime | None, most: int) -> ModelSelect[Ticket]:
    """Tickets that have waited since before this moment; if that is said, those reminded by then."""
    silent = _WAITING & (Ticket.waiting_since <= before)
    if reminded_before is not None:
        silent &= Ticket.reminded_at <= reminded_before
    return Ticket.select().where(silent).order_by(Ticket.waiting_since).limit(most)


def take(tickets: ModelSelect[Ticket]) -> list[Ticket]:
    """The tickets of such a question, kept from others until the end of the transaction."""
    return list(locked(tickets))


def set_reminded(ticket_id: int, at: datetime) -> None:
    """There was nobody to remind; no change of the ticket that anybody sees."""
    Ticket.update(reminded_at=at).where(Ticket.id == ticket_id).execute()
