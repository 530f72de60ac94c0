"""What somebody hands over at the end of a shift: their open tickets in the order in which they press. Pure.

What is overdue moves to whoever accepts, and what was marked for it; everything else stays whose it is.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.desk.views import TicketView

NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class HandedOver:
    """One open ticket; `moves` when the hand-over is accepted."""

    ticket: TicketView
    moves: bool


def listed(tickets: Iterable[TicketView], chosen: Collection[int], now: datetime) -> list[HandedOver]:
    """Overdue ones first, the longest of them at the top; then by deadline; what sleeps comes last, by its waking."""
    order = sorted(tickets, key=lambda ticket: _rank(ticket, now))
    return [HandedOver(ticket, ticket.is_overdue(now) or ticket.id in chosen) for ticket in order]


def _rank(ticket: TicketView, now: datetime) -> tuple[int, datetime, int]:
    if ticket.is_overdue(now):
        return 0, ticket.due_at or now, ticket.id
    if is_asleep(ticket, now):
        return 2, ticket.snoozed_until or now, ticket.id
    return 1, ticket.due_at or NEVER, ticket.id


def is_asleep(ticket: TicketView, now: datetime) -> bool:
    """Whether nobody is alerted about it for now."""
    return ticket.snoozed_until is not None and ticket.snoozed_until > now
