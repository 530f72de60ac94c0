"""One delivery with all that is needed to send it: what `bot.outgoing.packing` makes and the notifier sends."""

from dataclasses import dataclass
from datetime import datetime

from bot.errors import DeliveryError
from bot.outgoing.cards import Card
from bot.outgoing.letters import Envelope
from bot.outgoing.mail_notices import Notice
from bot.ports import Mention, Place, Shared, Topic
from storage.database import DatabaseUnavailable

AFTER_OUTAGE = 2.0
"""Seconds after which what the database's absence cut off is begun anew."""


@dataclass(frozen=True, slots=True)
class Packed:
    """One delivery with what it needs. Which fields are set depends on `kind`.

    `where` is the place's name as the desk knows it, `place` where it is now. `hanging` is the message id of the card
    that is there already, `drawn` that it shows this very state. `fault`: why there is nothing to send.
    `differs` says in what a topic that is there is not as `topic`.
    `members` are who is to be in a group of people, by id or address.
    `reserve` is the key of a letter that need not leave once this has arrived.
    """

    id: int
    kind: str
    key: str
    place: Place
    where: str
    attempts: int
    created_at: datetime
    ticket: int | None = None
    version: int = 0
    card: Card | None = None
    hanging: str = ""
    drawn: bool = False
    line: str = ""
    notice: Notice | None = None
    mention: Mention | None = None
    silent: bool = False
    reserve: str = ""
    letter: Envelope | None = None
    file: Shared | None = None
    topic: Topic | None = None
    differs: frozenset[str] = frozenset()
    members: tuple[str, ...] = ()
    fault: DeliveryError | None = None


def unexpected(fault: Exception) -> DeliveryError:
    """What becomes of a delivery at which something happened that nobody foresaw."""
    soon = AFTER_OUTAGE if isinstance(fault, DatabaseUnavailable) else None
    return DeliveryError(f"unexpected: {type(fault).__name__}", retry_after=soon)
