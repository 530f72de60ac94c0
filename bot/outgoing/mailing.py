"""Which letters an event sends, and to whom: from an event and its ticket to parcels. Pure; one table of kinds.

A letter goes when the desk's settings and the ticket's `notify` both say so; an agent's reply, and a note for those
who were picked for it, always go. Each person gets a letter once, and never a mailbox of ours.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from bot.desk import addressees
from bot.desk.addressees import Addressees
from bot.desk.outbox import Happened, Parcel
from bot.desk.settings import Settings
from bot.desk.silence import SILENT
from bot.desk.views import TicketView

NOTIFIED = {
    "opened": {"milestones", "all"},
    "closed": {"milestones", "all"},
    "abandoned": {"milestones", "all"},
    "assigned": {"all"},
    "taken": {"all"},
    "taken_over": {"all"},
    "client_reminded": {"all"},
}
AUTOMATIC = {
    "opened": "confirmation",
    "closed": "closing",
    "abandoned": "closing",
    "assigned": "assignment",
    "taken": "assignment",
    "taken_over": "assignment",
    "client_reminded": "reminder",
}
ENDINGS = frozenset(("closed", "abandoned"))
REPLIES = frozenset(("reply", "reply_closing"))
RESERVED = frozenset(("rang", "escalated", "overdue"))
RESERVE_AFTER = 60.0
"""What has to reach somebody: after so many seconds in which no chat took it, by mail."""


@dataclass(frozen=True, slots=True)
class Mailing:
    """Decides about letters for one desk. `ours` are our mailboxes."""

    settings: Settings
    ours: Collection[str]

    def __call__(self, happened: Happened, ticket: TicketView) -> Iterator[Parcel]:
        """The letters of one event."""
        if self.settings.get("letters") == "off":
            return
        if happened.kind in _WRITTEN:
            yield from _WRITTEN[happened.kind](self, happened)
        elif self._is_told(happened, ticket):
            readers = self._readers(happened, ticket)
            yield from self._letters(happened, _automatic(happened), readers, self._delay(happened))
        if happened.kind == "opened":
            yield from self._notice(happened, ticket)
        if happened.kind in RESERVED and not happened.data.get("together"):
            yield from self._reserve(happened, ticket)

    def _notice(self, happened: Happened, ticket: TicketView) -> Iterator[Parcel]:
        """Of a new ticket, to the address chosen for that; not when it comes from there, or two desks talk for ever."""
        yield from self._letters(happened, "notice", Addressees(self._notified(ticket)))

    def _reserve(self, happened: Happened, ticket: TicketView) -> Iterator[Parcel]:
        """What leaves unless a chat has told somebody within a minute."""
        for letter in self._letters(happened, "ring", Addressees(self._notified(ticket)), RESERVE_AFTER):
            yield replace(letter, key=reserve_key(happened.id), urgency=1)

    def _notified(self, ticket: TicketView) -> tuple[str, ...]:
        address = ticket.group.notify_address or self.settings.get("notify_address")
        return (address,) if address and address.lower() != ticket.requester_address else ()

    # what was written by an agent ------------------------------------------------------------------------------------

    def _reply(self, happened: Happened) -> Iterator[Parcel]:
        kind = "reply_closing" if happened.data.get("closes") else "reply"
        readers = Addressees(tuple(happened.data["to"]), tuple(happened.data.get("cc", ())))
        yield from self._letters(happened, kind, readers, float(self.settings.get("undo_seconds")))

    def _note(self, happened: Happened) -> Iterator[Parcel]:
        for address in happened.data.get("to", ()):
            yield from self._letters(happened, "note", Addressees((address,)))

    # automatic ones --------------------------------------------------------------------------------------------------

    def _is_told(self, happened: Happened, ticket: TicketView) -> bool:
        if happened.kind in ENDINGS and not isinstance(happened.data.get("notify"), bool):
            return True
        wanted = ticket.notify in NOTIFIED.get(happened.kind, ())
        return wanted and not ticket.automatic and self._kind_is_on(happened, ticket)

    def _kind_is_on(self, happened: Happened, ticket: TicketView) -> bool:
        if happened.kind == "opened":
            verified = self._is_verified(ticket) or self.settings.is_on("confirm_unverified")
            return self.settings.is_on("confirmation") and verified
        if AUTOMATIC[happened.kind] == "assignment":
            return self.settings.is_on("assignment_notice") and not happened.data.get("kept")
        return happened.kind not in ENDINGS or bool(happened.data.get("notify"))

    @staticmethod
    def _is_verified(ticket: TicketView) -> bool:
        """Whether the sender is who the mail says; where no server is believed, nobody is."""
        return ticket.verdict == "pass" and not ticket.doubtful

    def _readers(self, happened: Happened, ticket: TicketView) -> Addressees:
        chosen = happened.data.get("notify")
        if isinstance(chosen, list | tuple):
            return Addressees(tuple(chosen))
        usual = addressees.of_ticket(ticket, ours=self.ours)
        return usual if happened.kind in ENDINGS else Addressees(usual.to)

    def _delay(self, happened: Happened) -> float:
        """Seconds; what an agent ended can be taken back for a moment."""
        undoable = happened.kind in ENDINGS and happened.by.kind == "agent"
        return float(self.settings.get("undo_seconds")) if undoable else 0

    def _letters(self, happened: Happened, letter: str, readers: Addressees, delay: float = 0) -> Iterator[Parcel]:
        """One delivery for each person but the agent who acted; all of them carry the same letter."""
        own = {happened.by.agent.email} if happened.by.agent else set()
        kept = list(dict.fromkeys(addressees.outside(readers.all, own, self.ours)))[: addressees.MOST]
        shown = {"to": _kept(readers.to, kept), "cc": _kept(readers.cc, kept)}
        for address in kept:
            yield Parcel(
                key=f"letter:{happened.id}:{letter}:{address}",
                kind="letter",
                platform="mail",
                channel=address,
                payload={"letter": letter, **shown},
                delay=delay,
                urgency=4,
                automatic=letter == "confirmation" and happened.by.kind == "client",
            )


_WRITTEN: dict[str, Callable[[Mailing, Happened], Iterator[Parcel]]] = {
    "replied": Mailing._reply,
    "noted": Mailing._note,
}


def reserve_key(event_id: int) -> str:
    """The key of the letter that stands behind the rings of an event."""
    return f"reserve:{event_id}"


def _automatic(happened: Happened) -> str:
    return "closing_silent" if happened.data.get(SILENT) else AUTOMATIC[happened.kind]


def _kept(addresses: Iterable[str], kept: Collection[str]) -> list[str]:
    return [address for address in addresses if address in kept]
