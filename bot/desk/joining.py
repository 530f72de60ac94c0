"""Tickets that belong together: linked, merged into one, or split in two. One transaction each.

A merged ticket ends; all that was said, time and watchers go to the other one, and so do answers to its letters.
"""

from datetime import datetime
from typing import Any

from bot.clock import Clock
from bot.desk.changes import Changes, after
from bot.desk.ending import check_unmerged
from bot.desk.opening import Opener, Opening
from bot.desk.people import Actor, client_of
from bot.desk.views import TicketView
from bot.desk.workflow import Status
from bot.errors import NotFound, Refusal
from storage.database import transaction
from storage.models import Message, Ticket
from storage.queries import joining as rows
from storage.queries import labels


class Joiner:
    """Joins and parts tickets."""

    def __init__(self, clock: Clock, changes: Changes, opener: Opener) -> None:
        self._clock = clock
        self._changes = changes
        self._opener = opener

    # merging ---------------------------------------------------------------------------------------------------------

    def merge(self, reference: str, into: str, by: Actor) -> TicketView:
        """Merge a ticket into another, open one; that one is returned. There is no way back."""
        with transaction():
            source, target = self._both(reference, into, by, "merge")
            for ticket in (source, target):
                check_unmerged(ticket)
            status = after("merge_in", target)
            before = self._changes.view(source.id)
            rows.move_everything(source.id, target.id)
            self._keep_readers(before, self._changes.view(target.id))
            self._end(source, target, by)
            changes: dict[str, Any] = {"status": status, "minutes": target.minutes + source.minutes}
            if not target.requester_address:
                changes |= {name: getattr(source, name) for name in _ASKED_BY}
            return self._changes.apply(target, by, "merged_in", data={"from": source.reference}, **changes)

    def _both(self, reference: str, other: str, by: Actor, right: str) -> tuple[Ticket, Ticket]:
        """Both rows, locked in the order of their ids, so that two who join the same ones never wait for each other."""
        ids = [self._changes.allowed_id(one, by, right) for one in (reference, other)]
        if ids[0] == ids[1]:
            raise Refusal("These are one and the same ticket.")
        found = {ticket_id: self._changes.row(ticket_id) for ticket_id in sorted(ids)}
        return found[ids[0]], found[ids[1]]

    def _keep_readers(self, source: TicketView, target: TicketView) -> None:
        """Whoever asked or read along there reads along here."""
        readers = [(reader.address, reader.name) for reader in source.watchers]
        for address, name in [(source.requester_address, source.requester_name), *readers]:
            if address and address != target.requester_address and target.requester_address:
                labels.add_watcher(target.id, address, name, client_of(address).contact_id)

    def _end(self, source: Ticket, target: Ticket, by: Actor) -> None:
        ending: dict[str, Any] = {"merged_into_id": target.id, "waiting_since": None, "snoozed_until": None}
        if Status(source.status).is_open:
            ending |= {"status": Status.CLOSED, "closed_at": self._clock.now()}
        self._changes.apply(source, by, "merged", data={"into": target.reference}, **ending)

    # splitting -------------------------------------------------------------------------------------------------------

    def split(self, reference: str, number: int, by: Actor, *, subject: str = "") -> TicketView:
        """A client's message becomes a ticket of its own, with its files and whoever wrote it; that one is returned."""
        with transaction():
            old = self._changes.grab(reference, by, "split")
            message = rows.message_numbered(old.id, number)
            if message is None:
                raise NotFound("{reference} has no message {n}.", reference=old.reference, n=number)
            _check_splits(old, message)
            made = self._opener.open(_opening(old, message, subject, by), by)
            labels.link(old.id, made.id, self._clock.now())
            data = {"number": number, "into": made.reference}
            self._changes.apply(old, by, "split", message=message.id, data=data)
            return self._changes.view(made.id)

    # linking ---------------------------------------------------------------------------------------------------------

    def link(self, reference: str, other: str, by: Actor) -> TicketView:
        """Two tickets belong together from now on; the first is returned."""
        return self._tie(reference, other, by, "linked", "{reference} and {other} are linked already.")

    def unlink(self, reference: str, other: str, by: Actor) -> TicketView:
        """They do not any more; the first is returned."""
        return self._tie(reference, other, by, "unlinked", "{reference} and {other} are not linked.")

    def _tie(self, reference: str, other: str, by: Actor, kind: str, nothing: str) -> TicketView:
        with transaction():
            one, two = self._both(reference, other, by, "link" if kind == "linked" else "unlink")
            if not _TIES[kind](one.id, two.id, self._clock.now()):
                raise Refusal(nothing, reference=one.reference, other=two.reference)
            self._changes.apply(two, by, kind, data={"to": one.reference})
            return self._changes.apply(one, by, kind, data={"to": two.reference})


def _unlink(one: int, two: int, at: datetime) -> bool:
    return labels.unlink(one, two)


_TIES = {"linked": labels.link, "unlinked": _unlink}
_ASKED_BY = (
    *("requester_id", "requester_name", "requester_address", "reply_address", "language", "third_party_id"),
    *("response_from", "first_response_at", "mailbox"),
)


def _check_splits(ticket: Ticket, message: Message) -> None:
    if message.kind != "client":
        raise Refusal("Only what a client wrote can become a ticket of its own.")
    if message.id == rows.first_message_id(ticket.id):
        raise Refusal("With its first message {reference} itself would go.", reference=ticket.reference)


def _opening(old: Ticket, message: Message, subject: str, by: Actor) -> Opening:
    return Opening(
        subject=subject or old.subject,
        text=message.text or message.full_text,
        type=old.type.code,
        group=old.group.code,
        severity=old.severity.code,
        client=client_of(message.author_address, message.author_name) if message.author_address else None,
        reply_address=message.author_address,
        origin=by.platform,
        mailbox=old.mailbox,
        created_at=message.created_at,
        message=message.id,
    )
