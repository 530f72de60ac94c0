"""Questions and writes about tickets that become one, or of which one becomes two."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from peewee import ModelSelect

from storage.models import Intervention, Message, Ticket, TimeEntry
from storage.prepared import prepared


def current(ticket_id: int | None) -> int | None:
    """Where mails of a ticket belong now: to itself or to what it was merged into; None for one that was deleted."""
    kept = _place.first(ticket_id) if ticket_id is not None else None
    while kept is not None and kept.merged_into_id:
        kept = _place.first(kept.merged_into_id)
    return kept.id if kept is not None and kept.deleted_at is None else None


@prepared
def _place(ticket_id: Any) -> ModelSelect[Ticket]:
    return Ticket.select(Ticket.id, Ticket.merged_into, Ticket.deleted_at).where(Ticket.id == ticket_id)


def with_merged(ticket_id: int) -> list[int]:
    """A ticket and all that were merged into it, one after the other."""
    found, new = [ticket_id], [ticket_id]
    while new:
        new = [row.id for row in Ticket.select(Ticket.id).where(Ticket.merged_into.in_(new))]
        found += new
    return found


def message_numbered(ticket_id: int, number: int) -> Message | None:
    """One message of a ticket by its number."""
    return Message.get_or_none((Message.ticket == ticket_id) & (Message.number == number))


def first_message_id(ticket_id: int) -> int | None:
    """The message that a ticket began with."""
    row = Message.select(Message.id).where(Message.ticket == ticket_id).order_by(Message.number).first()
    return row.id if row else None


def move_message(message_id: int, ticket_id: int) -> None:
    """A message becomes the first of a ticket that has none."""
    Message.update(ticket=ticket_id, number=1).where(Message.id == message_id).execute()


def move_everything(source_id: int, target_id: int) -> None:
    """Messages, time and interventions of one ticket become another's; the messages of both in their order of time."""
    both = Message.select().where(Message.ticket.in_([source_id, target_id]))
    ordered = list(both.order_by(Message.created_at, Message.id))
    for number, message in enumerate(ordered, 1):  # below zero first: a number is never given twice
        message.number = -number
    Message.bulk_update(ordered, [Message.number], batch_size=100)
    Message.update(ticket=target_id).where(Message.ticket == source_id).execute()
    Message.update(number=Message.number * -1).where((Message.ticket == target_id) & (Message.number < 0)).execute()
    TimeEntry.update(ticket=target_id).where(TimeEntry.ticket == source_id).execute()
    Intervention.update(ticket=target_id).where(Intervention.ticket == source_id).execute()


def references(ticket_ids: Iterable[int]) -> dict[int, str]:
    """The references of these tickets, by id."""
    return {row.id: row.reference for row in Ticket.select().where(Ticket.id.in_(list(ticket_ids)))}
