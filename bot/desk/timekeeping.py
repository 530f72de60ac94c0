"""Time spent on tickets: each entry is kept, the ticket has the sum."""

from bot.cleaning import clean_text
from bot.clock import Clock
from bot.desk.changes import Changes, acting
from bot.desk.people import Actor
from bot.desk.views import TicketView
from storage.database import transaction
from storage.queries import work as rows


class Timekeeper:
    """Writes time down."""

    def __init__(self, clock: Clock, changes: Changes) -> None:
        self._clock = clock
        self._changes = changes

    def spend(
        self, reference: str, minutes: int, by: Actor, *, text: str = "", intervention_id: int | None = None
    ) -> TicketView:
        """Whole minutes that the agent worked on a ticket, open or closed."""
        with transaction():
            ticket = self._changes.grab(reference, by, "time")
            rows.add_time(
                ticket=ticket.id,
                agent=acting(by).id,
                intervention=intervention_id,
                minutes=minutes,
                text=clean_text(text),
                at=self._clock.now(),
            )
            total = ticket.minutes + minutes
            return self._changes.apply(ticket, by, "time_spent", data={"minutes": minutes}, minutes=total)
