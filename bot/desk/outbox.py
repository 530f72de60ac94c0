"""From what happened to what people are told: parcels, written as deliveries in the same transaction as the event.

Who is told what is decided elsewhere (`Announce`, see bot.outgoing.recipients); the desk only keeps the parcels safe.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from bot.desk.dictionaries import Group
from bot.desk.files import StoredFile
from bot.desk.people import Actor
from bot.desk.views import TicketView
from storage.queries import deliveries as rows

EACH = -1
"""In a topic's place: each ticket has one of its own."""
Spot = tuple[str, str, int]
"""Where a team is told: platform, channel, topic (0 = none, or EACH)."""


@dataclass(frozen=True, slots=True)
class Happened:
    """An event that was just written. `message_id` is the id of the message row that belongs to it, with its files."""

    id: int
    kind: str
    by: Actor
    at: datetime
    message_id: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[StoredFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Parcel:
    """One thing to tell in one place.

    key      the same for everything that one delivery settles: while one is pending, another is not needed
    kind     "card", "line", "file", "ring", "notice", "post" (a notice that is drawn anew) or "letter"
    channel  a Slack channel, a Telegram chat, or a mail address; `topic` a Telegram topic
    delay    seconds until it may leave
    urgency  smaller goes first
    automatic whether it is an automatic answer to somebody's mail, of which there is a budget (`bot.desk.budgets`)
    """

    key: str
    kind: str
    platform: str
    channel: str
    topic: int = 0
    payload: Mapping[str, Any] = field(default_factory=dict)
    delay: float = 0
    urgency: int = 5
    automatic: bool = False

    @property
    def place(self) -> str:
        """Where it goes, as one word: what is sent to one place is sent in its order."""
        return place(self.platform, self.channel, self.topic)


def place(platform: str, channel: str, topic: int) -> str:
    """A place as one word."""
    return f"{platform}:{channel}" + (f"/{topic}" if topic else "")


def spot(place: str) -> Spot:
    """The place that this word names."""
    platform, _, rest = place.partition(":")
    channel, _, topic = rest.partition("/")
    return platform, channel, int(topic or 0)


def card_key(ticket_id: int, spot: Spot) -> str:
    """The key of what draws a ticket's card in a place."""
    platform, channel, topic = spot
    return f"card:{ticket_id}:{platform}:{channel}/{topic}"


class Announce(Protocol):
    """Decides who is told what; pure."""

    def __call__(self, happened: Happened, ticket: TicketView) -> Iterable[Parcel]: ...

    def spots(self, group: Group) -> Iterable[Spot]:
        """Where a group's team is told."""


def send(parcels: Iterable[Parcel], happened: Happened, ticket_id: int) -> None:
    """Write the deliveries of an event; only inside the event's transaction."""
    for parcel in parcels:
        rows.add(
            key=parcel.key,
            kind=parcel.kind,
            platform=parcel.platform,
            place=parcel.place,
            channel=parcel.channel,
            topic=parcel.topic,
            ticket=ticket_id,
            event=happened.id,
            message=happened.message_id,
            payload=dict(parcel.payload),
            urgency=parcel.urgency,
            automatic=parcel.automatic,
            next_at=happened.at + timedelta(seconds=parcel.delay),
            created_at=happened.at,
        )
