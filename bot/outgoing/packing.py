"""From a delivery's row to what is to be sent: everything a delivery needs of the database, read in one go.

Synchronous, on the desk's side of the bridge; the notifier sends what it gets from here and reports back.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import structlog

from bot.desk.chains import ACTS, STOPS
from bot.desk.desk import Desk
from bot.desk.files import StoredFile, size_in_words
from bot.desk.outbox import EACH
from bot.desk.views import TicketView
from bot.errors import DeliveryError, Refusal
from bot.outgoing import drawing, handover_notices, lines, mail_notices, storm_notices, swap_notices, telling
from bot.outgoing.drafting import draft_of
from bot.outgoing.group_keeping import Groups
from bot.outgoing.letters import LetterWriter
from bot.outgoing.mailing import RESERVED, reserve_key
from bot.outgoing.outcomes import DRY, Outcomes
from bot.outgoing.packed import Packed, unexpected
from bot.outgoing.sounds import Sounds
from bot.outgoing.topics import Topics
from bot.ports import Mention, Place, Shared
from storage.models import Delivery, Event, HungNotice, Posting
from storage.queries import deliveries as rows
from storage.queries import escalation as escalation_rows
from storage.queries import handovers as handover_rows
from storage.queries import mails, notices
from storage.queries import oncall as oncall_rows
from storage.queries import people as people_rows
from storage.queries import tickets as ticket_rows

log = structlog.get_logger("deskbell.outgoing")

CLAIMED = 12.0
"""Seconds that what was taken belongs to whoever took it, unless that is said again (`notifier.RECLAIM_EVERY`)."""


class Packer:
    """Packs deliveries; `outcomes` writes down what became of them."""

    def __init__(self, desk: Desk, letters: LetterWriter | None, verbs: Collection[str]) -> None:
        self._desk = desk
        self._letters = letters
        self._verbs = verbs
        self._sounds = Sounds(desk)
        self.outcomes = Outcomes(desk)
        self.groups = Groups(desk)
        self.topics = Topics(desk)

    # packing ---------------------------------------------------------------------------------------------------------

    def claim(self, platform: str, busy: Collection[str], most: int) -> list[Packed]:
        """Take due deliveries of a platform, none for a place that is busy, and pack them."""
        now = self._desk.clock.now()
        claimed = rows.claim(platform, busy, now, self._desk.clock.later(CLAIMED), most)
        return [packed for delivery in claimed if (packed := self._pack(delivery))]

    def reclaim(self, unfinished: Collection[int]) -> None:
        """Put back what somebody did not finish. What we still send stays ours, however slow its server is."""
        rows.renew(unfinished, self._desk.clock.now(), self._desk.clock.later(CLAIMED))
        rows.reclaim(self._desk.clock.now())

    def _pack(self, delivery: Delivery) -> Packed | None:
        """One that cannot be packed never stops the others."""
        try:
            return None if self._is_given_up(delivery) else _PACK[delivery.kind](self, delivery)
        except DeliveryError as fault:
            return _unpacked(delivery, fault)
        except Refusal as refusal:
            return _unpacked(delivery, DeliveryError(str(refusal), permanent=True))
        except Exception as fault:
            log.exception("delivery cannot be packed", delivery=delivery.id, kind=delivery.kind)
            return _unpacked(delivery, unexpected(fault))

    def _is_given_up(self, delivery: Delivery) -> bool:
        """Whether nobody is to be told there any more. DeliveryError where the chat has another id."""
        platform, channel = delivery.platform, delivery.channel
        now = self._desk.moves.now(platform, channel)
        if now != channel:
            raise DeliveryError("the chat has another id now", moved_to=now)
        given_up = self._desk.doors.is_given_up(platform, channel)
        if given_up:
            rows.withdraw_one(delivery.id, "the chat is shut")
        return given_up

    def _card(self, delivery: Delivery) -> Packed:
        ticket = self._ticket(delivery)
        posting, place = rows.posting(ticket.id, delivery.place), self.topics.place(delivery, ticket)
        pen = telling.Pen(self._desk.words(), self._desk.clock.now(), self._verbs)
        return Packed(
            **_common(delivery, posting) | ({} if posting else {"place": place}),
            ticket=ticket.id,
            version=ticket.version,
            card=drawing.draw(ticket, pen, here=self._desk.tickets.hangs_here(ticket, delivery.place)),
            drawn=posting is not None and posting.drawn_version == ticket.version,
            silent=self._sounds.is_silent_card(delivery, ticket),
        )

    def _line(self, delivery: Delivery) -> Packed | None:
        """A line under a card; a ring that was answered or repeated before it left is not told any more."""
        ticket = self._ticket(delivery)
        event = delivery.event
        if event is None:
            raise DeliveryError("a line without an event", permanent=True)
        if event.kind in _ANSWERS and _is_over(delivery, event, ticket):
            rows.sent(delivery.id, self._desk.clock.now(), "over before it left")
            return None
        message = event.message
        text = message.text if message and event.kind == "client_replied" else ticket.resolution
        return Packed(
            **_common(delivery, rows.posting(ticket.id, delivery.place)),
            ticket=ticket.id,
            version=ticket.version,
            line=lines.line(event.kind, event.actor_name, ticket, text, event.data, self._desk.words()),
            mention=self._mention(self._called(event, ticket), delivery.platform),
            reserve=reserve_key(event.id) if event.kind in RESERVED else "",
            silent=self._sounds.is_silent_line(delivery, event, ticket),
        )

    def _file(self, delivery: Delivery) -> Packed | None:
        """A file, unless the same one hangs there already (a logo in each of a client's mails)."""
        ticket, file = self._ticket(delivery), StoredFile(**delivery.payload)
        if rows.was_shared(ticket.id, delivery.place, file.sha256):
            rows.sent(delivery.id, self._desk.clock.now(), "hangs there already")
            return None
        sentence = "📎 {name} ({size}) cannot be shown here. It is kept with the ticket."
        return Packed(
            **_common(delivery, rows.posting(ticket.id, delivery.place)),
            ticket=ticket.id,
            version=ticket.version,
            line=self._desk.words()(sentence, name=file.name, size=size_in_words(file.size)),
            file=Shared(self._desk.files.path(file.sha256), file.name, file.type, file.size),
        )

    def _topic(self, delivery: Delivery) -> Packed | None:
        ticket = self._ticket(delivery)
        packed = Packed(**_common(delivery, None), ticket=ticket.id, version=ticket.version)
        return self.topics.pack(delivery, packed, ticket)

    def _notice(self, delivery: Delivery) -> Packed | None:
        if delivery.event_id is not None:
            return self._line(delivery)
        packed = self._of_no_ticket(delivery)
        return packed and replace(packed, silent=self._sounds.is_silent_notice(delivery))

    def _of_no_ticket(self, delivery: Delivery) -> Packed | None:
        if "mail" in delivery.payload:
            return self._mail_notice(delivery, delivery.payload)
        if "swap" in delivery.payload:
            return self._swap_notice(delivery)
        if "handover" in delivery.payload:
            return self._handover(delivery)
        if "storm" in delivery.payload:
            return self._storm_notice(delivery)
        if "under_handover" in delivery.payload:
            return self._reminder(delivery)
        notice = Packed(**_common(delivery, None), line=delivery.payload["text"])
        return replace(notice, hanging=delivery.payload.get("under", ""))

    def _mail_notice(self, delivery: Delivery, payload: Mapping[str, Any]) -> Packed | None:
        """How a mail in quarantine is now; one that was settled before anybody was told of it is not told at all."""
        hanging, mail = notices.hanging("mail", payload["mail"], delivery.place), mails.mail(payload["mail"])
        if hanging is None and mail.state != "quarantined":
            rows.sent(delivery.id, self._desk.clock.now(), "settled before")
            return None
        drawn = mail_notices.draw(mail, payload["text"], payload.get("by", ""), self._desk.words())
        return Packed(**_common(delivery, hanging), notice=drawn)

    def _swap_notice(self, delivery: Delivery) -> Packed | None:
        """A shift that is offered, or what became of that; one whose rota is gone is told no more."""
        now, swap = self._desk.clock.now(), oncall_rows.swap(delivery.payload["swap"])
        if swap is None:
            rows.sent(delivery.id, now, "gone")
            return None
        hanging = notices.hanging("swap", swap.id, delivery.place)
        return Packed(**_common(delivery, hanging), notice=swap_notices.draw(swap, self._desk.words(), now))

    def _group(self, delivery: Delivery) -> Packed | None:
        members = self.groups.members(delivery)
        return Packed(**_common(delivery, None), members=members) if members else None

    def _handover(self, delivery: Delivery) -> Packed | None:
        """A shift that changes hands; one whose rota is gone is told no more."""
        now, one = self._desk.clock.now(), handover_rows.handover(delivery.payload["handover"])
        if one is None:
            rows.sent(delivery.id, now, "gone")
            return None
        drawn = handover_notices.draw(one, self._desk.handovers.tickets(one), self._desk.words(), now)
        return Packed(**_common(delivery, notices.hanging("handover", one.id, delivery.place)), notice=drawn)

    def _reminder(self, delivery: Delivery) -> Packed | None:
        """A line under a hand-over, as long as nobody has accepted it."""
        one = handover_rows.handover(delivery.payload["under_handover"])
        if one is None or one.state != "open":
            rows.sent(delivery.id, self._desk.clock.now(), "settled before")
            return None
        calls = (delivery.payload["calls"], one.comes.name) if delivery.payload["calls"] and one.comes else None
        mention = self._mention(calls, delivery.platform)
        hanging = notices.hanging("handover", one.id, delivery.place)
        return Packed(**_common(delivery, hanging), line=delivery.payload["text"], mention=mention)

    def _storm_notice(self, delivery: Delivery) -> Packed | None:
        """How many tickets wait now; when somebody has them all, nothing is said any more."""
        number = delivery.payload["storm"]
        waiting = len(escalation_rows.waiting(self._desk.clock.now(), COUNTED))
        if not waiting:
            rows.sent(delivery.id, self._desk.clock.now(), "nothing waits")
            return None
        return Packed(**_common(delivery, None), notice=storm_notices.draw(number, waiting, self._desk.words()))

    def _letter(self, delivery: Delivery) -> Packed | None:
        if self._letters is None:
            raise DeliveryError("letters cannot leave: [smtp] is not configured", permanent=True)
        if delivery.payload["letter"] == "alarm":
            written = self._letters.alarm(delivery.id, delivery.channel, delivery.payload["text"])
            return Packed(**_common(delivery, None), letter=written)
        ticket = self._ticket(delivery)
        letter = self._letters.write(draft_of(delivery, ticket, self._desk))
        packed = Packed(**_common(delivery, None), ticket=ticket.id, version=ticket.version, letter=letter)
        if self._desk.settings.get("letters") == "dry_run":
            self.outcomes.sent(packed, DRY)
            return None
        return packed

    def _ticket(self, delivery: Delivery) -> TicketView:
        if delivery.ticket_id is None:
            raise DeliveryError("a delivery about no ticket", permanent=True)
        return self._desk.tickets.view(delivery.ticket_id)

    def _called(self, event: Event, ticket: TicketView) -> tuple[int, str] | None:
        """Who is called by a line: an agent's id and name."""
        if "agent" in event.data:
            return event.data["agent"], event.data["to"]
        return (ticket.assignee.id, ticket.assignee.name) if event.kind in _PINGS and ticket.assignee else None

    def _mention(self, called: tuple[int, str] | None, platform: str) -> Mention | None:
        account = people_rows.accounts(called[0]).get(platform) if called else None
        return Mention(account, called[1]) if account and called else None


_PINGS = frozenset(("client_replied", "overdue", "bounced"))
_ANSWERS = {"rang": STOPS, "still_on_it": ACTS}
COUNTED = 10_000
_PACK = {
    "topic": Packer._topic,
    "card": Packer._card,
    "line": Packer._line,
    "file": Packer._file,
    "notice": Packer._notice,
    "post": Packer._notice,
    "group": Packer._group,
    "letter": Packer._letter,
}


def _is_over(delivery: Delivery, event: Event, ticket: TicketView) -> bool:
    """Whether a ring need not be heard any more: a chat that was down rings no phone for what is over, none twice."""
    answer = ticket_rows.last_event(ticket.id, _ANSWERS[event.kind])
    if answer is None or answer.id < event.id:
        return rows.is_overtaken(delivery)
    rows.withdraw_pending(reserve_key(event.id))
    return True


def _unpacked(delivery: Delivery, fault: DeliveryError) -> Packed:
    return Packed(**_common(delivery, None), ticket=delivery.ticket_id, fault=fault)


def _common(delivery: Delivery, posting: Posting | HungNotice | None) -> dict[str, Any]:
    channel = posting.channel if posting else delivery.channel
    topic = posting.topic if posting else max(delivery.topic, 0)
    return {
        "id": delivery.id,
        "kind": delivery.kind,
        "key": delivery.key,
        "where": delivery.place,
        "place": Place(delivery.platform, channel, topic, own=delivery.topic == EACH and topic > 0),
        "attempts": delivery.attempts,
        "created_at": delivery.created_at,
        "hanging": posting.message if posting else "",
    }
