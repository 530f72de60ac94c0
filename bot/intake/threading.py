"""Which ticket a mail belongs to: signed proofs first, then what only a participant may use. Pure; lookups come in.

0 an answer to a mailed note, proved like the next two: it stays a note · 1 a signed reply address · 2 our signed
Message-ID in In-Reply-To or References, newest first · 3 a foreign Message-ID we hold, from a participant · 4 a
reference in the subject, from a participant · else a new ticket that mentions it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.desk.references import mentioned
from bot.intake.reading import ParsedMail


class Lookups(Protocol):
    """What the rules ask of the desk. Tickets are ids."""

    def by_token(self, address: str) -> int | None:
        """The ticket of a signed reply address."""

    def by_our_id(self, message_id: str) -> int | None:
        """The ticket of one of our own Message-IDs."""

    def by_note_address(self, address: str) -> int | None:
        """The ticket of the address where a mailed note is answered."""

    def by_note_id(self, message_id: str) -> int | None:
        """The ticket of a mailed note's Message-ID."""

    def by_foreign_id(self, message_ids: Sequence[str]) -> int | None:
        """The ticket that holds a mail with one of these Message-IDs."""

    def by_reference(self, reference: str) -> int | None:
        """The ticket with this reference."""

    def is_participant(self, ticket: int, address: str) -> bool:
        """Whether this address asked, or wrote before."""


@dataclass(frozen=True, slots=True)
class Thread:
    """The ticket (None: a new one), how it was found, whether a stranger writes, and which ticket is mentioned.

    `private`: it answers a mailed note, and is one.
    """

    ticket: int | None = None
    how: str = ""
    stranger: bool = False
    mentions: int | None = None
    private: bool = False

    @property
    def is_signed(self) -> bool:
        """Whether something of ours proves it, and not the sender's address alone."""
        return self.private or self.how in _SIGNED


_TOKEN, _OUR_ID = "the signed reply address", "our Message-ID"
_SIGNED = frozenset((_TOKEN, _OUR_ID))


def find_thread(mail: ParsedMail, lookups: Lookups, *, forged: bool = False) -> Thread:
    """The ticket of a mail. Whoever proves it with a signature is let in, as a stranger if not known there.

    `forged`: the sender is known not to be who the mail says, and so is nobody's participant.
    """
    address = mail.sender.address if mail.sender and not mail.sender_doubtful and not forged else ""

    def participates(ticket: int) -> bool:
        return bool(address) and lookups.is_participant(ticket, address)

    for how, ticket in _private(mail, lookups):
        return Thread(ticket, how, stranger=not participates(ticket), private=True)
    for how, ticket in _signed(mail, lookups):
        return Thread(ticket, how, stranger=not participates(ticket))
    held = lookups.by_foreign_id(_chain(mail)) if _chain(mail) else None
    if held is not None and participates(held):
        return Thread(held, "a Message-ID of the thread")
    named = _all(lookups.by_reference, mentioned(mail.subject))
    for ticket in filter(participates, named):
        return Thread(ticket, "the reference in the subject")
    return Thread(mentions=next(iter(named), held))


def _private(mail: ParsedMail, lookups: Lookups) -> Iterable[tuple[str, int]]:
    ticket = _first(lookups.by_note_address, _tagged(mail))
    if ticket is None:
        ticket = _first(lookups.by_note_id, _chain(mail))
    if ticket is not None:
        yield "an answer to a private note", ticket


def _tagged(mail: ParsedMail) -> list[str]:
    addresses = [one.address for one in (*mail.to, *mail.cc)] + list(mail.envelope_to)
    return [address for address in addresses if "+" in address]


def _signed(mail: ParsedMail, lookups: Lookups) -> Iterable[tuple[str, int]]:
    ticket = _first(lookups.by_token, _tagged(mail))
    if ticket is not None:
        yield _TOKEN, ticket
    ticket = _first(lookups.by_our_id, _chain(mail))
    if ticket is not None:
        yield _OUR_ID, ticket


def _chain(mail: ParsedMail) -> list[str]:
    """The Message-IDs that a mail answers to, the newest first."""
    return list(dict.fromkeys((*mail.in_reply_to, *reversed(mail.references))))


def _all(look: Callable[[str], int | None], keys: Iterable[str]) -> list[int]:
    return [found for key in keys if (found := look(key)) is not None]


def _first(look: Callable[[str], int | None], keys: Iterable[str]) -> int | None:
    return next((found for key in keys if (found := look(key)) is not None), None)
