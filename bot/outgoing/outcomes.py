"""What became of a delivery, written down: it arrived, is tried again, was lost, or failed for good.

Synchronous, on the desk's side of the bridge.
"""

from collections.abc import Sequence

from bot.desk import outbox, returned
from bot.desk.desk import Desk
from bot.desk.people import DESK, Actor
from bot.outgoing.drafting import SAID, files_of
from bot.outgoing.letters import TO_STAFF, Envelope
from bot.outgoing.mailing import REPLIES
from bot.outgoing.packed import Packed
from bot.ports import Posted
from storage.database import transaction
from storage.models import Delivery
from storage.queries import deliveries as rows
from storage.queries import notices
from storage.queries import tickets as ticket_rows

DRY = "dry run"


class Outcomes:
    """Writes down what the notifier says of its deliveries."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def hung(self, packed: Packed, posted: Posted) -> None:
        """The card hangs there now, or shows the state that was packed."""
        now = self._desk.clock.now()
        place = packed.place
        with transaction():
            rows.hang(
                packed.ticket or 0,
                packed.where,
                platform=place.platform,
                channel=posted.channel,
                topic=place.topic,
                message=posted.message,
                version=packed.version,
                at=now,
            )
            rows.sent(packed.id, now, posted.message)
            self._arrived(packed)

    def told(self, packed: Packed, posted: Posted) -> None:
        """The notice hangs there now, or says what was packed."""
        now, place = self._desk.clock.now(), packed.place
        assert packed.notice is not None
        with transaction():
            if packed.notice.about:
                notices.hang(
                    packed.notice.about,
                    packed.notice.number,
                    packed.where,
                    platform=place.platform,
                    channel=posted.channel,
                    topic=place.topic,
                    message=posted.message,
                    at=now,
                )
            rows.sent(packed.id, now, posted.message)
            self._arrived(packed)

    def lost(self, packed: Packed) -> None:
        """The card, or the notice, is not there any more."""
        with transaction():
            if packed.notice is not None and packed.notice.about:
                notices.unhang(packed.notice.about, packed.notice.number, packed.where)
            else:
                rows.unhang(packed.ticket or 0, packed.where)

    def sent(self, packed: Packed, external_id: str = "") -> None:
        """It arrived; a letter becomes a message of the ticket's thread."""
        now = self._desk.clock.now()
        with transaction():
            if packed.letter is not None and packed.ticket:
                ticket_rows.lock(packed.ticket)  # its next message has a number of its own
            rows.sent(packed.id, now, external_id)
            if packed.reserve:
                rows.withdraw_pending(packed.reserve)
            if packed.letter is not None:
                self._keep_letter(packed, packed.letter)
                self._tell_left(rows.delivery(packed.id))
            else:
                self._arrived(packed)

    def _tell_left(self, delivery: Delivery) -> None:
        """The card says that a reply has left, once its last reader has it; and what a dry run would have sent."""
        letters = rows.letters_out(delivery.message_id) if delivery.message_id else []
        ours = [letter for letter in letters if letter.event_id == delivery.event_id]
        dry = delivery.external_id == DRY
        is_reply = delivery.payload["letter"] in REPLIES
        lighter = any(letter.payload.get("lighter") for letter in ours)
        if delivery.ticket_id is None or any(letter.state not in ("sent", "failed") for letter in ours):
            return
        if not (is_reply or dry or lighter):
            return
        event = delivery.event
        by = Actor("desk", event.actor_name, event.platform) if event else Actor("desk", DESK.name, "mail")
        left = [letter.channel for letter in ours if letter.state == "sent"] or [delivery.channel]
        data = {"to": left, "letter": delivery.payload["letter"]}
        kind = "letter_dry" if dry else "letter_lighter" if lighter else "letter_sent"
        self._desk.tickets.redraw(delivery.ticket_id, kind, by, data)

    def _keep_letter(self, packed: Packed, letter: Envelope) -> None:
        delivery = rows.delivery(packed.id)
        kind = delivery.payload["letter"]
        if delivery.message_id and kind in SAID:
            ticket_rows.set_message_id(delivery.message_id, letter.message_id)
        elif kind not in TO_STAFF and not ticket_rows.has_message_id(letter.message_id):
            ticket_rows.add_message(
                packed.ticket or 0,
                kind="letter",
                author_name=DESK.name,
                text=letter.text,
                full_text=letter.text,
                message_id=letter.message_id,
                recipients=delivery.payload.get("to", [delivery.channel]),
                cc=delivery.payload.get("cc", []),
                origin="mail",
                created_at=self._desk.clock.now(),
            )

    def again(self, packed: Packed, seconds: float, error: str) -> None:
        """Try once more later."""
        rows.again(packed.id, self._desk.clock.later(seconds), error)

    def put_off(self, where: str, packed: Sequence[Packed], seconds: float) -> None:
        """These were not sent at all; they are due later, and whatever has failed in their place is due by then too."""
        at = self._desk.clock.later(seconds)
        with transaction():
            rows.not_tried([one.id for one in packed], at, "the place is shut")
            rows.bring_forward(where, at)

    def lighten(self, packed: Packed, error: str) -> bool:
        """A letter that is too large is tried again without its files; False if it brings none (any more)."""
        delivery = rows.delivery(packed.id)
        if delivery.message_id is None or delivery.payload.get("lighter") or not files_of(delivery.message_id):
            return False
        with transaction():
            rows.mark(packed.id, lighter=True)
            rows.again(packed.id, self._desk.clock.now(), error)
        return True

    def failed(self, packed: Packed, error: str) -> None:
        """It cannot be delivered: kept for a person to see, and said on the card if it was a letter."""
        with transaction():
            rows.fail(packed.id, error)
            if packed.kind == "letter" and packed.ticket:
                returned.refused(packed.place.channel, error, self._desk.clock.now())
                data = {"address": packed.place.channel, "error": error}
                self._desk.tickets.redraw(packed.ticket, "bounced", data=data)

    def shut(self, packed: Packed, why: str) -> None:
        """The place takes nothing until a person has opened it."""
        platform, channel, _ = outbox.spot(packed.where)
        self._desk.doors.shut(platform, channel, why)

    def _arrived(self, packed: Packed) -> None:
        """Where something arrives the door is open, whatever was heard of it."""
        platform, channel, _ = outbox.spot(packed.where)
        if self._desk.doors.is_shut(platform, channel):
            self._desk.doors.opened(platform, channel)

    def moved(self, packed: Packed, channel: str) -> None:
        """The chat has another id now."""
        self._desk.moves.learn(packed.place.platform, packed.place.channel, channel)
