"""Deleting tickets: gone at once for everybody, back within fifteen minutes, then purged for good.

Purging takes away what was said, who said it, its files and its events; an event without a ticket stays, with the
reference, who deleted it and when.
"""

from datetime import timedelta

from bot.clock import Clock
from bot.desk.changes import Changes
from bot.desk.files import FileStore
from bot.desk.people import DESK, Actor
from bot.desk.views import TicketView
from bot.errors import NotFound
from storage.database import transaction
from storage.queries import deletion as rows
from storage.queries import tickets as ticket_rows
from storage.queries.joining import with_merged

KEPT = timedelta(minutes=15)
MOST = 20


class Bin:
    """What was deleted."""

    def __init__(self, clock: Clock, changes: Changes) -> None:
        self._clock = clock
        self._changes = changes

    def delete(self, reference: str, by: Actor) -> TicketView:
        """Gone from everywhere; its card is replaced by one line."""
        with transaction():
            ticket = self._changes.grab(reference, by, "delete")
            return self._changes.apply(ticket, by, "deleted", deleted_at=self._clock.now())

    def undelete(self, reference: str, by: Actor) -> TicketView:
        """As it was before. NotFound once it was not deleted at all, or too long ago."""
        with transaction():
            ticket = self._changes.row(self._changes.allowed_id(reference, by, "undelete", deleted=True))
            if ticket.deleted_at is None or ticket.deleted_at <= self._clock.now() - KEPT:
                raise NotFound("{reference} cannot be brought back any more.", reference=ticket.reference)
            return self._changes.apply(ticket, by, "undeleted", deleted_at=None)

    def purge(self, files: FileStore) -> list[str]:
        """Purge what was deleted long enough ago, one transaction each; the references."""
        due = rows.due(self._clock.now() - KEPT, MOST)
        return [reference for ticket_id in due if (reference := self._purge(ticket_id, files))]

    def _purge(self, ticket_id: int, files: FileStore) -> str:
        """The reference; "" when another process was faster or a file of it has just come in with another message."""
        with transaction():
            ticket = self._changes.row(ticket_id)
            whole = with_merged(ticket_id)
            own = rows.own_files(whole)
            if ticket.purged_at is not None or ticket.deleted_at is None or any(map(files.is_fresh, own)):
                return ""
            deleted = rows.deleted_by(ticket_id)
            for one in whole:
                rows.purge(one, self._clock.now())
            ticket_rows.add_event(
                kind="purged",
                actor=DESK.kind,
                actor_name=DESK.name,
                platform=DESK.platform,
                at=self._clock.now(),
                data={
                    "reference": ticket.reference,
                    "deleted_by": deleted.actor_name if deleted else "",
                    "deleted_at": ticket.deleted_at.isoformat(),
                },
            )
            for sha256 in own:
                files.drop(sha256)
            return ticket.reference
