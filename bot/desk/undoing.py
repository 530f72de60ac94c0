"""Taking back: the last thing an agent did that can still be taken back, whatever it was.

One table says what can be and how; each way answers with the ticket, or None when it is too late for that.
"""

from collections.abc import Callable
from datetime import timedelta

from bot.clock import Clock
from bot.desk import permissions
from bot.desk.changes import Changes, acting
from bot.desk.conversation import Conversation
from bot.desk.deleting import KEPT, Bin
from bot.desk.ending import Ending
from bot.desk.people import Actor
from bot.desk.settings import Settings
from bot.desk.views import TicketView
from bot.errors import NotFound, Refusal
from storage.database import transaction
from storage.models import Event
from storage.queries import undoing as rows

Way = Callable[[Event, Actor], TicketView | None]


class Undoer:
    """Takes back."""

    def __init__(
        self, clock: Clock, settings: Settings, changes: Changes, conversation: Conversation, ending: Ending, bin_: Bin
    ) -> None:
        self._clock = clock
        self._settings = settings
        self._changes = changes
        self._conversation = conversation
        self._ending = ending
        self._bin = bin_
        self.ways: dict[str, Way] = {"replied": self._reply, "deleted": self._deletion, "closed": self._closing}

    def undo(self, by: Actor, reference: str = "") -> tuple[str, TicketView]:
        """The kind of what was taken back, and its ticket; `reference`: this one alone. Refusal when there is nothing."""
        permissions.allow(acting(by).role, "undo")
        with transaction():
            for event in rows.acts_of(acting(by).id, self.ways, self._clock.now() - KEPT):
                meant = not reference or (event.ticket is not None and event.ticket.reference == reference)
                ticket = self.ways[event.kind](event, by) if meant else None
                if ticket is not None:
                    return event.kind, ticket
        if reference:
            raise Refusal("Too late: nothing of yours on {reference} can be taken back any more.", reference=reference)
        raise Refusal("There is nothing of yours that could still be taken back.")

    def _reply(self, event: Event, by: Actor) -> TicketView | None:
        return self._conversation.take_back(event.message_id, by) if event.message_id else None

    def _deletion(self, event: Event, by: Actor) -> TicketView | None:
        assert event.ticket is not None
        try:
            return self._bin.undelete(event.ticket.reference, by)
        except NotFound:
            return None

    def _closing(self, event: Event, by: Actor) -> TicketView | None:
        """With the reply that closed it, where it was closed by one."""
        if event.at + timedelta(seconds=float(self._settings.get("undo_seconds"))) <= self._clock.now():
            return None
        ticket = self._ending.take_back(event, by)
        before = rows.act_before(event)
        if ticket is None or before is None or before.kind != "replied" or not before.data.get("closes"):
            return ticket
        return self._reply(before, by) or ticket
