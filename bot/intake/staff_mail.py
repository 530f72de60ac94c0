"""What an agent's mail into a ticket becomes: a public reply, a note, or a note that waits for a colleague to send it.

An address in From gives no right: only with a verdict that the sender is genuine does a mail act as its agent, and then
with the rights of that agent and no more.
"""

import re
from dataclasses import dataclass, replace

from bot.desk.changes import Writing
from bot.desk.desk import Desk
from bot.desk.people import Actor, Agent, Client
from bot.desk.views import TicketView
from bot.errors import NotAllowed, NotFound, Refusal
from storage.database import attempt

WAITING = frozenset(("unverified", "unsent"))
_NOTE = re.compile(r"\s*note\s*:\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class StaffMail:
    """A mail into a ticket that an agent's address sent.

    genuine   the mailbox's server vouches for the sender
    private   it can only be a note: it answers one, or a machine wrote it, or it has no words of its own
    """

    agent: Agent
    writing: Writing
    genuine: bool
    private: bool

    @property
    def is_note(self) -> bool:
        """Whether the team alone is to read it."""
        return self.private or bool(_NOTE.match(self.writing.text))


def file(desk: Desk, ticket_id: int, mail: StaffMail) -> TicketView:
    """Put the mail on the ticket; what may not or cannot be done with it is kept as a note, marked."""
    if not mail.genuine:
        return _keep(desk, ticket_id, mail, "unverified")
    try:
        with attempt():
            return _act(desk, desk.tickets.view(ticket_id), mail)
    except (NotAllowed, NotFound):
        return _keep(desk, ticket_id, mail, "stranger")
    except Refusal:
        return _keep(desk, ticket_id, mail, "unsent")


def _act(desk: Desk, ticket: TicketView, mail: StaffMail) -> TicketView:
    by, writing = Actor.of(mail.agent, "mail"), replace(mail.writing, mark="")
    if mail.is_note:
        return desk.tickets.note(ticket.reference, _without_word(writing), by)
    if desk.settings.get("letters") == "off":
        raise Refusal("Letters are switched off (setting letters), so nothing was sent.")
    readers = desk.readers_of(ticket)
    return desk.tickets.reply(ticket.reference, writing, by, to=readers.to, cc=readers.cc)


def _without_word(writing: Writing) -> Writing:
    """The text without the word that makes it a note."""
    return replace(writing, text=_unmarked(writing.text), full_text=_unmarked(writing.full_text))


def _unmarked(text: str) -> str:
    said = _NOTE.match(text)
    return text[said.end() :] if said else text


def _keep(desk: Desk, ticket_id: int, mail: StaffMail, mark: str) -> TicketView:
    """As a note of an address, without the agent's name; it waits to be sent if it may be public at all."""
    waits = mark in WAITING and not mail.is_note
    writing = replace(mail.writing, mark=mark)
    return desk.tickets.answer_to_note(ticket_id, writing, Client(mail.agent.email), waits=waits)
