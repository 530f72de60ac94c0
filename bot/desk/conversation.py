"""What we say on a ticket: notes, which the team and whoever was picked read, and replies, which the client reads.

Only inside a transaction. Who may be written to is checked before (`bot.desk.addressees`); here it is written down.
"""

from collections.abc import Iterable
from typing import Any

from bot.cleaning import clean_text
from bot.clock import Clock
from bot.desk.changes import Changes, Writing, acting, after
from bot.desk.people import Actor, Client
from bot.desk.views import TicketView
from bot.desk.waiting import begun
from bot.errors import Refusal
from storage.models import Message
from storage.queries import deliveries, heard
from storage.queries import tickets as rows


class Conversation:
    """Says things on tickets."""

    def __init__(self, clock: Clock, changes: Changes) -> None:
        self._clock = clock
        self._changes = changes

    def note(self, reference: str, writing: Writing, by: Actor, to: Iterable[str] = ()) -> TicketView:
        """Something only the team reads; those in `to`, picked one by one, get it by mail as well."""
        ticket = self._changes.grab(reference, by, "note")
        picked = _each_once(to)
        message = self._changes.say(ticket, "note", writing, by, recipients=picked)
        data = {"to": picked} if picked else None
        return self._changes.apply(ticket, by, "noted", message=message, data=data, status=after("note", ticket))

    def answer_to_note(self, ticket_id: int, writing: Writing, sender: Client, *, waits: bool = False) -> TicketView:
        """A mail that only the team reads; `waits` for an agent to send it as a reply."""
        ticket = self._changes.row(ticket_id)
        by = Actor("client", sender.name or sender.address, "mail")
        message = self._changes.say(ticket, "note", writing, by, sender)
        changes: dict[str, Any] = {"unsent_id": message} if waits else {}
        return self._changes.apply(ticket, by, "noted", message=message, **changes)

    def rewrite(self, message_id: int, text: str, by: Actor) -> TicketView | None:
        """Say a note of one's own in other words; None where it is not one's own, or says so already."""
        message = _own_note(message_id, by)
        text = clean_text(text)
        if message is None or not text.strip() or message.text == text:
            return None
        ticket = self._changes.grab(message.ticket.reference, by, "note")
        heard.rewrite(message.id, text)
        return self._changes.apply(ticket, by, "note_changed", message=message.id)

    def enclose(self, message_id: int, writing: Writing, by: Actor) -> TicketView | None:
        """Add words and files to a note of one's own; None where it is not one's own."""
        message = _own_note(message_id, by)
        if message is None:
            return None
        ticket = self._changes.grab(message.ticket.reference, by, "note")
        rows.add_attachments(message.id, [file.row() for file in writing.files])
        if writing.text.strip():
            heard.rewrite(message.id, "\n".join(filter(None, (message.text, clean_text(writing.text)))))
        return self._changes.apply(ticket, by, "note_changed", message=message.id)

    def unsay(self, message_id: int, by: Actor) -> TicketView | None:
        """Take back a note of one's own; None where it is not one's own, or was taken back before."""
        message = _own_note(message_id, by)
        if message is None:
            return None
        ticket = self._changes.grab(message.ticket.reference, by, "note")
        rows.withdraw_message(message.id, self._clock.now())
        return self._changes.apply(ticket, by, "note_withdrawn", message=message.id)

    def reply(
        self,
        reference: str,
        writing: Writing,
        by: Actor,
        *,
        to: Iterable[str],
        cc: Iterable[str] = (),
        step: str = "reply",
        closes: bool = False,
    ) -> TicketView:
        """A public answer. `step` "wait" leaves the ticket waiting for the client; `closes`: the letter says so."""
        ticket = self._changes.grab(reference, by, "reply")
        recipients = _each_once(to)
        if not recipients:
            raise Refusal("{reference} has nobody to write to.", reference=ticket.reference)
        copies = [address for address in _each_once(cc) if address not in recipients]
        now = self._clock.now()
        changes: dict[str, Any] = {"status": after(step, ticket)}
        if ticket.unsent_id is not None:
            changes["unsent_id"] = None
        if step == "wait":
            changes |= begun(now)
        if ticket.first_response_at is None:
            changes["first_response_at"] = now
        if ticket.assignee_id is None:
            changes |= {"assignee_id": acting(by).id, "assigned_at": now, "taken_at": now}
        message = self._changes.say(ticket, "reply", writing, by, recipients=recipients, cc=copies)
        data = {"to": recipients, "cc": copies, "closes": closes}
        return self._changes.apply(ticket, by, "replied", message=message, data=data, **changes)

    def undo_reply(self, by: Actor) -> TicketView:
        """Take back the agent's own last reply before it leaves. Refusal when it has left or there is none."""
        message = rows.last_own_reply(acting(by).id)
        ticket = self.take_back(message.id, by) if message else None
        if ticket is None:
            raise Refusal("There is nothing of yours that could still be taken back.")
        return ticket

    def take_back(self, message_id: int, by: Actor) -> TicketView | None:
        """Take this reply back; None when it has left, or was taken back before."""
        message = rows.message(message_id)
        if message is None or message.withdrawn_at is not None or not deliveries.withdraw(message.id):
            return None
        return self._withdraw(message, by)

    def _withdraw(self, message: Message, by: Actor) -> TicketView:
        ticket = self._changes.grab(message.ticket.reference, by, "undo")
        rows.withdraw_message(message.id, self._clock.now())
        changes: dict[str, Any] = {}
        standing = rows.first_reply_at(ticket.id)
        if standing is None or standing > message.created_at:
            changes["first_response_at"] = standing
        return self._changes.apply(ticket, by, "reply_withdrawn", message=message.id, **changes)

    def retry_letters(self, reference: str, by: Actor) -> TicketView:
        """Try the letters of a ticket that could not be delivered once more. Refusal when there are none."""
        ticket = self._changes.grab(reference, by, "reply")
        failed = deliveries.failed_letters(ticket.id)
        if not failed:
            raise Refusal("No letter of {reference} waits to be tried again.", reference=ticket.reference)
        deliveries.retry_failed([letter.id for letter in failed], self._clock.now())
        addresses = [letter.channel for letter in failed]
        return self._changes.apply(ticket, by, "letters_retried", data={"to": addresses})


def _own_note(message_id: int, by: Actor) -> Message | None:
    message = rows.message(message_id)
    own = message is not None and message.kind == "note" and message.agent_id == acting(by).id
    return message if own and message and message.withdrawn_at is None else None


def _each_once(addresses: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(address.lower() for address in addresses if address))
