"""Questions about the topics that are one ticket's own: where each is, and how it was last made to be."""

from typing import Any

from storage.database import transaction
from storage.models import Delivery, TicketTopic


def of(ticket_id: int, place: str) -> TicketTopic | None:
    """The topic of a ticket in one place."""
    return TicketTopic.get_or_none((TicketTopic.ticket == ticket_id) & (TicketTopic.place == place))


def at(chat: str, topic: int) -> list[TicketTopic]:
    """The ticket's own topic with this number: one or none."""
    is_it = (TicketTopic.chat == chat) & (TicketTopic.topic == topic) & (TicketTopic.topic > 0)
    return list(TicketTopic.select().where(is_it))


def want(ticket_id: int, place: str, chat: str) -> None:
    """A topic is to be made, unless there was talk of one."""
    TicketTopic.insert(ticket=ticket_id, place=place, chat=chat).on_conflict_ignore().execute()


def change(ticket_id: int, place: str, **values: Any) -> None:
    """What is known of a ticket's topic now."""
    is_it = (TicketTopic.ticket == ticket_id) & (TicketTopic.place == place)
    with transaction():
        TicketTopic.update(**values).where(is_it).execute()


def begin(ticket_id: int, place: str) -> None:
    """It is being made from here on: until something is heard of it, nobody knows whether it was."""
    change(ticket_id, place, unsure=TicketTopic.unsure + 1)


def not_made(ticket_id: int, place: str) -> None:
    """What was begun last has certainly not been made."""
    change(ticket_id, place, unsure=TicketTopic.unsure - 1)


def hasten(ticket_id: int, place: str, at: Any) -> None:
    """What waits to be said of a ticket in a place may be said from `at` on."""
    waits = (Delivery.ticket == ticket_id) & (Delivery.place == place) & (Delivery.state == "pending")
    Delivery.update(next_at=at).where(waits & (Delivery.next_at > at)).execute()
