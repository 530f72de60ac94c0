"""Questions about a ticket's timeline: its events in their order, and the messages that belong to some of them.

What happened to tickets that were merged into it belongs to it as well.
"""

from collections.abc import Iterable, Mapping

from storage.models import Event, Message, Ticket


def count(ticket_id: int) -> int:
    """How many events a ticket has."""
    return Event.select().where(Event.ticket.in_(_with_merged(ticket_id))).count()


def part(ticket_id: int, skip: int, most: int) -> list[Event]:
    """So many of a ticket's events after the first `skip`, oldest first."""
    happened = Event.select().where(Event.ticket.in_(_with_merged(ticket_id)))
    return list(happened.order_by(Event.id).offset(skip).limit(most))


def _with_merged(ticket_id: int) -> list[int]:
    return [ticket_id, *(row.id for row in Ticket.select(Ticket.id).where(Ticket.merged_into == ticket_id))]


def messages(events: Iterable[Event]) -> Mapping[int, Message]:
    """The messages that came with these events, by id."""
    ids = [event.message_id for event in events if event.message_id]
    return {row.id: row for row in Message.select().where(Message.id.in_(ids))} if ids else {}
