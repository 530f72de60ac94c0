"""Letters that came back: noted on their ticket, tried again by hand, and the contact's address flagged if it is dead.

A delay is only noted. The flag goes when its owner writes from there, or when the contact's addresses are edited.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.desk.tickets import TicketService
from storage.database import transaction
from storage.queries import deliveries
from storage.queries import failing as rows

_DEAD = re.compile(r"(?<![\d.])5\.(?:1\.\d{1,3}|2\.1|4\.4)(?![\d.])")
"""Codes of a server that refuses a letter for its recipient (RFC 3463): no such address, switched off, no such host."""


@dataclass(frozen=True, slots=True)
class Returned:
    """What a report says: whom the letter did not reach, the status ("" when unsaid), and the action."""

    recipients: Sequence[str]
    status: str
    action: str

    @property
    def is_final(self) -> bool:
        """Whether the letter will not arrive any more."""
        return self.action != "delayed"

    @property
    def is_dead(self) -> bool:
        """Whether no letter will ever arrive there: not so where a mailbox is full."""
        return self.action == "failed" and not self.status.startswith("4")


def note(tickets: TicketService, ticket_id: int, report: Returned, now: datetime) -> None:
    """Write a report down on the ticket of the letter that it is about. Only who was written to is taken for dead."""
    with transaction():
        if report.is_final:
            back = deliveries.came_back(ticket_id, report.recipients, report.status or "returned")
            if report.is_dead:
                rows.fails(back, report.status, now)
        data = {"recipients": list(report.recipients), "status": report.status, "action": report.action}
        tickets.redraw(ticket_id, "bounced", data=data)


def refused(address: str, error: str, now: datetime) -> None:
    """A server refused a letter at once; with one of the codes that say so, the address is dead."""
    code = _DEAD.search(error)
    if code:
        rows.fails([address], code[0], now)
