"""How many automatic answers may leave: to one address, about one ticket, and in all. Over it nothing leaves.

That is what stops two desks answering each other. Counted in the transaction that would write the letter, so a
restart forgets nothing; the team is told once, and again only after it was quiet. What a person does, and what the
desk does on its own time (reminders, closings), is neither counted nor stopped.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.clock import Clock
from bot.desk.outbox import Parcel, Spot
from bot.desk.settings import Settings
from bot.desk.views import TicketView
from bot.texts import Words
from storage.queries import budgets as rows
from storage.queries import deliveries
from storage.queries import desk as desk_rows

LIMITS = ((10, 10), (15, 30), (25, 60), (50, 180), (100, 600))
"""How many within how many minutes, to one address and about one ticket."""
LONGEST = timedelta(minutes=max(minutes for _, minutes in LIMITS))
QUIET = timedelta(hours=1)
"""How long all must have been within the budget until a new notice."""


@dataclass(frozen=True, slots=True)
class Excess:
    """Which budget is spent, in a sentence, and how long it is not told again."""

    key: str
    sentence: str
    quiet: timedelta
    values: dict[str, Any] = field(default_factory=dict)


def is_spent(times: Sequence[datetime], now: datetime) -> bool:
    """Whether one more is too many; `times` of those before, the newest first."""
    return any(len(times) >= most and times[most - 1] > now - timedelta(minutes=minutes) for most, minutes in LIMITS)


class Budget:
    """Lets parcels pass; only inside the transaction that writes them."""

    def __init__(self, clock: Clock, settings: Settings) -> None:
        self._clock = clock
        self._settings = settings

    def within(self, parcels: Iterable[Parcel], ticket: TicketView, spots: Iterable[Spot]) -> Iterator[Parcel]:
        """Those that may leave, one by one: each must be written before the next is asked for."""
        for parcel in parcels:
            excess = self._excess(parcel.channel, ticket) if parcel.automatic else None
            if excess is None:
                yield parcel
            else:
                self._tell(excess, spots)

    def _excess(self, address: str, ticket: TicketView) -> Excess | None:
        rows.one_at_a_time()
        now, most = self._clock.now(), int(self._settings.get("auto_answers"))
        if is_spent(rows.answers_to(address, now - LONGEST), now):
            sentence = "🔁 Too many automatic answers to {address}: none leaves until it is quieter there."
            return Excess(f"to:{address}", sentence, LONGEST, {"address": address})
        if is_spent(rows.answers_about(ticket.id, now - LONGEST), now):
            sentence = "🔁 Too many automatic answers about {reference}: none leaves until it is quieter there."
            return Excess(f"about:{ticket.id}", sentence, LONGEST, {"reference": ticket.reference})
        if rows.count_answers(now - timedelta(minutes=1)) >= most:
            sentence = "🔁 More than {n} automatic answers a minute: the others do not leave (setting auto_answers)."
            return Excess("all", sentence, QUIET, {"n": most})
        return None

    def _tell(self, excess: Excess, spots: Iterable[Spot]) -> None:
        now = self._clock.now()
        if desk_rows.count_up(f"budget:{excess.key}", now, now + excess.quiet):
            return
        words = Words(self._settings.get("language"), self._settings.get("timezone"))
        for platform, channel, topic in spots:
            deliveries.add_notice(
                words(excess.sentence, **excess.values),
                key=f"notice:budget:{excess.key}:{platform}:{channel}/{topic}",
                platform=platform,
                channel=channel,
                topic=topic,
                at=now,
            )
