"""Which messages of a chat became tickets, or something said on one."""

from datetime import datetime
from typing import Any

from storage.models import Heard, Message


def keep(platform: str, channel: str, words: str, at: datetime, *, ticket_id: int, message_id: int | None) -> None:
    """Remember it; only inside the transaction of what became of it."""
    Heard.create(platform=platform, channel=channel, words=words, ticket_id=ticket_id, message_id=message_id, at=at)


def ticket_of(platform: str, channel: str, words: str) -> int | None:
    """The ticket that a message was made into."""
    row = Heard.select().where(_at(platform, channel, words) & Heard.message.is_null()).first()
    return row.ticket_id if row else None


def notes_of(platform: str, channel: str, words: str) -> list[int]:
    """What was said on tickets by it: ids of messages."""
    found = Heard.select().where(_at(platform, channel, words) & Heard.message.is_null(False)).order_by(Heard.id)
    return [row.message_id for row in found if row.message_id is not None]


def last_note(ticket_id: int, agent_id: int) -> int:
    """The id of the note that this agent has just written."""
    written = (Message.ticket == ticket_id) & (Message.agent == agent_id) & (Message.kind == "note")
    return int(Message.select(Message.id).where(written).order_by(Message.number.desc()).get().id)


def rewrite(message_id: int, text: str) -> None:
    """Other words in place of those that stood there."""
    Message.update(text=text, full_text=text).where(Message.id == message_id).execute()


def _at(platform: str, channel: str, words: str) -> Any:
    return (Heard.platform == platform) & (Heard.channel == channel) & (Heard.words == words)
