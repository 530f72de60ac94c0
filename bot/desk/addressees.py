"""Who gets a public letter of a ticket: the one resolver, for replies and closings, on every platform. Pure.

The requester first (where they last asked to be answered), then the watchers; nobody twice, no agent, no mailbox of
ours, nobody who is not active any more.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from bot.desk.views import TicketView

MOST = 50
INACTIVE, STAFF, OURS = "is not active any more", "is an agent", "is our own address"


@dataclass(frozen=True, slots=True)
class Addressees:
    """Addresses in lower case, `to` before `cc`; `skipped` are those who were left out, each with the reason."""

    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        """Everybody who gets the letter."""
        return (*self.to, *self.cc)


def of_ticket(ticket: TicketView, *, staff: Collection[str] = (), ours: Collection[str] = ()) -> Addressees:
    """Who is written to when nobody says otherwise: the requester, else the first watcher; other watchers as copies.

    `staff` are agents' addresses, `ours` those of our mailboxes.
    """
    asked = [(reply_to(ticket), ticket.requester_is_active)] if reply_to(ticket) else []
    watching = [(watcher.address, watcher.is_active) for watcher in ticket.watchers]
    kept: list[str] = []
    skipped: list[tuple[str, str]] = []
    for address, active in [(address.lower(), active) for address, active in (*asked, *watching)]:
        reason = why_not(address, staff, ours) or ("" if active else INACTIVE)
        if reason:
            skipped.append((address, reason))
        elif address not in kept:
            kept.append(address)
    return Addressees(tuple(kept[:1]), tuple(kept[1:MOST]), tuple(dict.fromkeys(skipped)))


def why_not(address: str, staff: Collection[str], ours: Collection[str]) -> str:
    """Why this address gets no public letter; "" if it may."""
    if address.lower() in staff:
        return STAFF
    return OURS if is_at(address, ours) else ""


def reply_to(ticket: TicketView) -> str:
    """Where the client reads answers: the Reply-To of the last mail, else the requester's address."""
    return ticket.reply_address or ticket.requester_address


def is_at(address: str, mailboxes: Collection[str]) -> bool:
    """Whether it is one of these (in lower case), be it with more after a +: `support+x@example.org`."""
    local, _, domain = address.lower().rpartition("@")
    parts = local.split("+")
    return any(f"{'+'.join(parts[:n])}@{domain}" in mailboxes for n in range(1, len(parts) + 1))


def outside(addresses: Iterable[str], staff: Collection[str], ours: Collection[str]) -> list[str]:
    """Those of these addresses that may get a public letter."""
    return [address for address in addresses if not why_not(address, staff, ours)]
