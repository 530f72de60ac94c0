"""A topic for each ticket: how it is to look, which deliveries bring it there, and what became of them.

A topic is made before its ticket's first card; from then on every card that is drawn also looks whether the topic is
as it is to be. Telegram cannot tell what a bot made, so what is being made is written down before it is asked for.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.desk import moving, outbox
from bot.desk.desk import Desk
from bot.desk.loudness import LOUD
from bot.desk.outbox import EACH
from bot.desk.views import TicketView
from bot.desk.workflow import Status
from bot.errors import DeliveryError
from bot.outgoing.packed import Packed
from bot.ports import Place, Topic
from storage.database import transaction
from storage.models import Delivery, TicketTopic
from storage.queries import deliveries, desk, topics

ICONS: dict[Status, tuple[str, ...]] = {
    Status.UNREAD: ("❗️", "❓"),
    Status.READ: ("👀", "❓"),
    Status.ASSIGNED: ("📝", "✍️"),
    Status.IN_PROGRESS: ("⚡️", "💻"),
    Status.WAITING: ("💬", "🗣"),
    Status.ON_HOLD: ("📆", "☕️"),
    Status.CLOSED: ("✅", "🏁"),
    Status.ABANDONED: ("📁", "🏁"),
}
"""By status, the best first: which of them there are, Telegram says."""
BLOCKING = ("🔥", "‼️")
NEW = (Status.UNREAD, Status.READ)
MOST_UNSURE = 2
AFTER_CARDS = 6
SAID_FOR = timedelta(days=30)
REFUSED = "A topic for {reference} cannot be made in Telegram: {error}. Its card hangs in the chat itself."
ORPHAN = "In Telegram there may be a second, empty topic “{name}”. It is safe to delete it."


def wanted(ticket: TicketView, *, here: bool = True) -> Topic:
    """How a ticket's topic is to be. Pure; `here` is whether its team is told in this place."""
    blocking = BLOCKING if ticket.severity.code == LOUD and ticket.status in NEW else ()
    return Topic(
        f"{ticket.reference} · {ticket.subject}",
        (*blocking, *ICONS[ticket.status]),
        ticket.severity.colour,
        not ticket.status.is_open or ticket.deleted_at is not None or not here,
    )


def digest(name: str) -> str:
    """What is kept of a name: words of a ticket stand nowhere but in the ticket."""
    return hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:32]


def differing(topic: Topic, shown: TicketTopic) -> Iterator[str]:
    """In what the topic is not as it is to be: "name", "icons", "closed"."""
    if digest(topic.name) != shown.name:
        yield "name"
    if " ".join(topic.icons) != shown.icon:
        yield "icons"
    if topic.closed != shown.closed:
        yield "closed"


class Topics:
    """The desk's side: synchronous."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    # packing ---------------------------------------------------------------------------------------------------------

    def place(self, delivery: Delivery, ticket: TicketView) -> Place:
        """Where a ticket's card belongs: in its own topic, which is asked for. DeliveryError while there is none."""
        if delivery.topic != EACH:
            return Place(delivery.platform, delivery.channel, delivery.topic)
        topic = topics.of(ticket.id, delivery.place)
        if topic is None or topic.state == "wanted" or (topic.state == "there" and self._differs(topic, ticket)):
            self._ask_for(delivery, ticket)
        if topic is None or topic.state == "wanted":
            raise DeliveryError("its topic is not there yet", retry_after=1.0)
        return Place(delivery.platform, topic.chat, topic.topic, own=topic.topic > 0)

    def _differs(self, topic: TicketTopic, ticket: TicketView) -> bool:
        return any(differing(self._wanted(topic.place, ticket), topic))

    def _wanted(self, place: str, ticket: TicketView) -> Topic:
        return wanted(ticket, here=self._desk.tickets.hangs_here(ticket, place))

    def _ask_for(self, delivery: Delivery, ticket: TicketView) -> None:
        now = self._desk.clock.now()
        with transaction():
            topics.want(ticket.id, delivery.place, delivery.channel)
            deliveries.add(
                key=f"topic:{ticket.id}:{delivery.place}",
                kind="topic",
                platform=delivery.platform,
                place=delivery.place,
                channel=delivery.channel,
                topic=delivery.topic,
                ticket=ticket.id,
                urgency=AFTER_CARDS,
                next_at=now,
                created_at=now,
            )

    def pack(self, delivery: Delivery, packed: Packed, ticket: TicketView) -> Packed | None:
        """What is to be done to a topic; None where it is as it is to be, or not to be at all."""
        topic = topics.of(ticket.id, delivery.place)
        if topic is None or topic.state == "none":
            self._settled(delivery, "there is none")
            return None
        look, place = self._wanted(delivery.place, ticket), Place(delivery.platform, topic.chat, topic.topic, own=True)
        differs = frozenset(differing(look, topic))
        if topic.topic and not differs:
            self._settled(delivery, "as it should be")
            return None
        if topic.topic:
            return replace(packed, place=place, topic=look, differs=differs)
        if look.closed or topic.unsure >= MOST_UNSURE:
            self._do_without(ticket.id, delivery.place)
            self._settled(delivery, "none is made")
            return None
        return replace(packed, place=place, topic=look)

    def _settled(self, delivery: Delivery, why: str) -> None:
        deliveries.sent(delivery.id, self._desk.clock.now(), why)

    # what became of it -----------------------------------------------------------------------------------------------

    def begin(self, packed: Packed) -> None:
        """It is about to be made."""
        topics.begin(packed.ticket or 0, packed.where)

    def not_made(self, packed: Packed) -> None:
        """It was certainly not made."""
        topics.not_made(packed.ticket or 0, packed.where)

    def made(self, packed: Packed, number: int) -> None:
        """It is there under this number: the cards that wait may hang. A second one that may be there is named."""
        ticket_id, look = packed.ticket or 0, packed.topic
        before = topics.of(ticket_id, packed.where)
        with transaction():
            self._shown(packed, topic=number, state="there", unsure=0, closed=False)
            topics.hasten(ticket_id, packed.where, self._desk.clock.now())
            deliveries.sent(packed.id, self._desk.clock.now(), str(number))
            if look and before and before.unsure > 1:
                self._desk.alarms.say(f"orphan:{ticket_id}", ORPHAN, name=look.name)
        desk.forget(_said_key(packed.place.channel))

    def kept(self, packed: Packed) -> None:
        """It is as it is to be."""
        with transaction():
            self._shown(packed)
            deliveries.sent(packed.id, self._desk.clock.now(), str(packed.place.topic))

    def _shown(self, packed: Packed, **more: Any) -> None:
        look = packed.topic
        assert look is not None
        shown = {"name": digest(look.name), "icon": " ".join(look.icons), "closed": look.closed}
        topics.change(packed.ticket or 0, packed.where, **{**shown, **more})

    def refused(self, packed: Packed, error: str) -> None:
        """It cannot be made or changed: the ticket does with the chat itself, and an admin is told once of a chat."""
        ticket_id = packed.ticket or 0
        with transaction():
            if not packed.place.topic:
                self._do_without(ticket_id, packed.where)
            deliveries.sent(packed.id, self._desk.clock.now(), f"refused: {error}"[:200])
            self._say_once(packed, error)

    def _say_once(self, packed: Packed, error: str) -> None:
        now, key = self._desk.clock.now(), _said_key(packed.place.channel)
        if packed.topic is None or desk.jotted(key, now):
            return
        desk.jot(key, True, now + SAID_FOR)
        reference = packed.topic.name.partition(" · ")[0]
        self._desk.alarms.say(f"no_topics:{packed.place.channel}", REFUSED, reference=reference, error=error)

    def _do_without(self, ticket_id: int, place: str) -> None:
        topics.change(ticket_id, place, topic=0, state="none")
        topics.hasten(ticket_id, place, self._desk.clock.now())

    def lost(self, packed: Packed) -> None:
        """Somebody deleted it, and the card with it: both are made anew."""
        with transaction():
            topics.change(packed.ticket or 0, packed.where, topic=0, state="wanted", unsure=0)
            deliveries.unhang(packed.ticket or 0, packed.where)
            self.draw_card(packed.ticket or 0, packed.where)

    def seen(self, chat: str, number: int, *, closed: bool) -> None:
        """Somebody closed or opened a topic: a ticket's is looked at."""
        for row in topics.at(chat, number):
            topics.change(row.ticket_id, row.place, closed=closed)
            self.draw_card(row.ticket_id, row.place)

    def draw_card(self, ticket_id: int, place: str) -> None:
        """The card is drawn anew, and the topic looked at with it."""
        deliveries.add(**moving.delivery(ticket_id, place, outbox.spot(place), self._desk.clock))


def _said_key(chat: str) -> str:
    return f"no_topics:{chat}"
