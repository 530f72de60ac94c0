"""Taking back: the last thing an agent did that can still be taken back, whatever it was.

One table says what can be and how; each way answers with the ticket, or None when it is too late for that. What was
done to many tickets in one act is taken back in one.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta

from bot.clock import Clock
from bot.desk import acts, permissions
from bot.desk.changes import acting
from bot.desk.conversation import Conversation
from bot.desk.deleting import KEPT, Bin
from bot.desk.ending import Ending
from bot.desk.people import Actor
from bot.desk.problems import Problems
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
        self,
        clock: Clock,
        settings: Settings,
        conversation: Conversation,
        ending: Ending,
        bin_: Bin,
        problems: Problems,
    ) -> None:
        self._clock = clock
        self._settings = settings
        self._conversation = conversation
        self._ending = ending
        self._bin = bin_
        self._problems = problems
        self.ways: dict[str, Way] = {
            "replied": self._reply,
            "deleted": self._deletion,
            "closed": self._closing,
            "problem_linked": problems.take_back,
        }

    def undo(self, by: Actor, reference: str = "") -> tuple[str, list[TicketView]]:
        """The kind of what was taken back, and its tickets: all of one act. Refusal when there is nothing.

        `reference`: only what was done to this ticket, and to others together with it.
        """
        permissions.allow(acting(by).role, "undo")
        with transaction(), acts.as_one():
            for event in self._last_acts(by, reference):
                tickets = self._take_back(event, by)
                if tickets:
                    return event.kind, tickets
        if reference:
            raise Refusal("Too late: nothing of yours on {reference} can be taken back any more.", reference=reference)
        raise Refusal("There is nothing of yours that could still be taken back.")

    def _last_acts(self, by: Actor, reference: str) -> Iterator[Event]:
        """One event of each act, the newest first, as far back as may be meant.

        Not as far as a link before a reply or closing that stands: whoever is too late for that does not mean the link.
        """
        seen: dict[str, Event] = {}
        for event in rows.acts_of(acting(by).id, self.ways, self._clock.now() - KEPT):
            act = event.kind + event.data.get("act", f"#{event.id}")
            if act in seen or (reference and (event.ticket is None or event.ticket.reference != reference)):
                continue
            if event.kind == "problem_linked" and any(map(_stands, seen.values())):
                return
            seen[act] = event
            yield event

    def _take_back(self, event: Event, by: Actor) -> list[TicketView]:
        """All of the act that an event is part of, as far as it can be."""
        done = [self.ways[one.kind](one, by) for one in rows.of_act(event)]
        if event.kind == "problem_linked" and any(done):
            self._problems.dissolve_if_alone(event.new["problem_id"], by)
        return [ticket for ticket in done if ticket is not None]

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


def _stands(event: Event) -> bool:
    return event.kind in _WITHDRAWN and not rows.happened_after(event, _WITHDRAWN[event.kind])


_WITHDRAWN = {"replied": "reply_withdrawn", "closed": "closing_withdrawn"}
