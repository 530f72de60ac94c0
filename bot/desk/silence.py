"""Clients who do not answer: reminded once while a ticket waits for them, and in the end the ticket is closed.

Only what is Waiting, never what is on hold. What was done stands in the ticket's row: neither a restart nor a clock
that jumps does it again, and nobody is closed without the time that the reminder promised.
"""

import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from bot.clock import Clock
from bot.desk import outbox
from bot.desk.changes import Changes
from bot.desk.ending import Ending
from bot.desk.people import DESK
from bot.desk.settings import Settings
from bot.desk.waiting import Patience
from bot.texts import Words
from storage.database import transaction
from storage.models import Ticket
from storage.queries import silence as rows

SILENT = "silent"
"""In the data of a closing: it was closed because its client does not answer."""
BATCH, BREATH = 25, 0.005
"""So many tickets in one transaction, and seconds between two of them in which others get the write lock."""


class Silence:
    """Looks after tickets whose clients are silent; `look` is called regularly, by one process or several."""

    def __init__(self, clock: Clock, settings: Settings, announce: outbox.Announce) -> None:
        self._clock = clock
        self._settings = settings
        self._announce = announce
        self._changes = Changes(clock, settings, announce)
        self._ending = Ending(clock, settings, self._changes)

    def look(self) -> int:
        """Remind and close what has waited long enough; how many tickets changed."""
        now, get = self._clock.now(), self._settings.get
        patience = Patience(get("remind_client_days"), get("autoclose_days"))
        done = 0
        if patience.reminds:
            done += self._all(partial(rows.to_remind, patience.remind_before(now)), self._remind)
        if patience.close:
            done += self._all(partial(rows.to_close, *patience.close_before(now)), self._close)
        return done

    def _all(self, question: Callable[[int], Any], act: Callable[[Ticket], bool]) -> int:
        done = 0
        while question(1).exists():
            with transaction():
                done += sum(act(ticket) for ticket in rows.take(question(BATCH)))
            time.sleep(BREATH)
        return done

    def _remind(self, ticket: Ticket) -> bool:
        now = self._clock.now()
        if not self._gets_letter(ticket, now):
            rows.set_reminded(ticket.id, now)
            return False
        self._changes.apply(ticket, DESK, "client_reminded", reminded_at=now)
        return True

    def _gets_letter(self, ticket: Ticket, now: datetime) -> bool:
        happened = outbox.Happened(0, "client_reminded", DESK, now)
        return any(parcel.kind == "letter" for parcel in self._announce(happened, self._changes.view(ticket.id)))

    def _close(self, ticket: Ticket) -> bool:
        words = Words(self._settings.get("language"), self._settings.get("timezone"))
        since = ticket.waiting_since or self._clock.now()
        text = words("The client has not answered for {span}.", span=self._clock.now() - since)
        data = {"notify": self._ending.usual(), SILENT: True}
        self._ending.end(ticket, DESK, "close", text=text, data=data)
        return True
