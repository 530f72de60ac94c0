"""Everything, streamed: rows one after the other in the order of their ids, nothing held in memory."""

from collections.abc import Iterator
from typing import Any

from peewee import JOIN

from storage.models import Attachment, Event, Message, Ticket
from storage.queries.tickets import whole


def tickets() -> Iterator[Ticket]:
    """All tickets with everything joined."""
    yield from whole().order_by(Ticket.id).iterator()


def messages() -> Iterator[tuple[Message, list[Attachment]]]:
    """All messages with their files."""
    for message in Message.select(Message, Ticket.reference).join(Ticket).order_by(Message.id).iterator():
        files = Attachment.select().where(Attachment.message == message.id).order_by(Attachment.position)
        yield message, list(files)


def events() -> Iterator[Any]:
    """All events; those of the desk itself have no ticket."""
    yield from (
        Event.select(Event, Ticket.id, Ticket.reference).join(Ticket, JOIN.LEFT_OUTER).order_by(Event.id).iterator()
    )
