"""Questions about a ticket's timeline: its events in their order, and the messages that belong to some of them.

What happened to tickets that were merged into it belongs to it as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from peewee import ModelSelect

from storage.models import Event, Message, Ticket
from storage.prepared import prepared


def count(ticket_id: int) -> int:
    """How many events a ticket has."""
    return Event.select().where(Event.ticket.in_(_with_merged(ticket_id))).count()


def part(ticket_id: int, skip: int, most: int) -> list[Event]:
    """So many of a ticket's events after the first `skip`, oldest first."""
    return _part.all(_with_merged(ticket_id), skip, most)


@prepared
def _part(ticket_ids: Any, skip: Any, most: Any) -> ModelSelect[Event]:
    return Event.select().where(Event.ticket.in_(ticket_ids)).order_by(Event.id).offset(skip).limit(most)


def _with_merged(ticket_id: int) -> list[int]:
    return [ticket_id, *(row.id for row in _merged.all(ticket_id))]


@prepared
def _merged(ticket_id: Any) -> ModelSelect[Ticket]:
    return Ticket.select(Ticket.id).where(Ticket.merged_into == ticket_id)


def messages(events: Iterable[Event]) -> Mapping[int, Message]:
    """The messages that came with these events, by id."""
    ids = [event.message_id for event in events if event.message_id]
    return {row.id: row for row in _messages.all(ids)} if ids else {}


@prepared
def _messages(message_ids: Any) -> ModelSelect[Message]:
    return Message.select().where(Message.id.in_(message_ids))
