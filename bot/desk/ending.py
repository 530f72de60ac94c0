"""How tickets end and come back: closed, abandoned, reopened, and a closing taken back. Only inside a transaction.

Who is written to at the end is said with it: nobody, the usual people, or those chosen one by one.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from bot.cleaning import clean_text
from bot.clock import Clock
from bot.desk import workflow
from bot.desk.changes import Changes, after
from bot.desk.people import Actor
from bot.desk.settings import Settings
from bot.desk.views import TicketView
from bot.desk.workflow import Status
from bot.errors import NotFound, Refusal
from storage.models import Event, Ticket
from storage.queries import joining, undoing
from storage.queries import tickets as rows

Notify = bool | Iterable[str] | None
"""Who gets the closing letter: yes, no, these addresses, or None for what the setting notify_on_close says."""
ENDED = {"close": "closed", "abandon": "abandoned"}


class Ending:
    """Ends tickets and opens them again."""

    def __init__(self, clock: Clock, settings: Settings, changes: Changes) -> None:
        self._clock = clock
        self._settings = settings
        self._changes = changes

    def close(self, reference: str, by: Actor, *, text: str = "", notify: Notify = None) -> TicketView:
        """Solved; the text is the resolution, in the closing letter when one goes."""
        tell = self.usual() if notify is None else notify
        return self._end(reference, by, "close", text, tell)

    def usual(self) -> bool:
        """Whether the client gets the closing letter when nobody says otherwise."""
        return self._settings.get("notify_on_close") in ("always", "ask_yes")

    def abandon(self, reference: str, reason: str, by: Actor, *, notify: Notify = None) -> TicketView:
        """Ended without a solution; the reason is required. Nobody outside is told unless that is said."""
        if not reason.strip():
            raise Refusal("Please say why {reference} is abandoned.", reference=reference)
        return self._end(reference, by, "abandon", reason, notify or False)

    def _end(self, reference: str, by: Actor, step: str, text: str, notify: bool | Iterable[str]) -> TicketView:
        ticket = self._changes.grab(reference, by, step)
        told = notify if isinstance(notify, bool) else list(dict.fromkeys(map(str.lower, notify)))
        return self.end(ticket, by, step, text=text, data={"notify": told})

    def end(self, ticket: Ticket, by: Actor, step: str, *, text: str, data: Mapping[str, Any]) -> TicketView:
        """End a locked ticket by "close" or "abandon". `data["notify"]` is yes, no, or a list of addresses."""
        return self._changes.apply(
            ticket,
            by,
            ENDED[step],
            data=data,
            status=after(step, ticket),
            resolution=clean_text(text),
            closed_at=self._clock.now(),
            waiting_since=None,
            snoozed_until=None,
        )

    def reopen(self, reference: str, by: Actor) -> TicketView:
        """Open again; the closing date is cleared and stays in the history."""
        ticket = self._changes.grab(reference, by, "reopen")
        check_unmerged(ticket)
        status = workflow.after_reopening(
            Status(ticket.status), ticket.reference, has_assignee=ticket.assignee_id is not None
        )
        return self._changes.apply(
            ticket, by, "reopened", status=status, closed_at=None, reopened=ticket.reopened + 1, taken_at=None
        )

    def take_back(self, event: Event, by: Actor) -> TicketView | None:
        """As it was before it was closed, and read by now; None when that is over, or when its letter has left."""
        ticket = rows.lock(event.ticket_id or 0)
        if ticket is None or not _stands(event, ticket):
            return None
        try:
            self._changes.grab(ticket.reference, by, "undo")
        except NotFound:
            return None
        if not undoing.withdraw_letters(event.id, ticket.id):
            return None
        return self._changes.apply(ticket, by, "closing_withdrawn", resolution="", **_before(event))


def check_unmerged(ticket: Ticket) -> None:
    """Refusal for a ticket that has become part of another."""
    if ticket.merged_into_id is not None:
        other = joining.references([ticket.merged_into_id])[ticket.merged_into_id]
        raise Refusal("{reference} was merged into {other}.", reference=ticket.reference, other=other)


def _stands(event: Event, ticket: Ticket) -> bool:
    closed_at = ticket.closed_at.isoformat() if ticket.closed_at else ""
    return ticket.deleted_at is None and closed_at == event.new["closed_at"]


_MOMENTS = ("closed_at", "waiting_since", "snoozed_until")


def _before(event: Event) -> dict[str, Any]:
    moments = {name: datetime.fromisoformat(event.old[name]) if event.old[name] else None for name in _MOMENTS}
    return {"status": workflow.NEXT["read"][Status(event.old["status"])], **moments}
