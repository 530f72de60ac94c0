"""Until when a ticket must be answered and acted upon. Pure: moments and delays in, moments out.

Response delay: until the first human public answer. Action delay: the longest time without any human activity; it
does not run while the ticket waits for the client or is on hold. Delays are hours round the clock; 0 = no deadline.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.desk.workflow import Status

PAUSED = {Status.WAITING, Status.ON_HOLD}


@dataclass(frozen=True, slots=True)
class Delays:
    """Both delays of one ticket in hours; 0 = off."""

    response: float = 0
    action: float = 0


@dataclass(frozen=True, slots=True)
class Due:
    """Both deadlines; None where there is none now."""

    response_at: datetime | None = None
    action_at: datetime | None = None

    @property
    def at(self) -> datetime | None:
        """The nearer of the two."""
        return min((moment for moment in (self.response_at, self.action_at) if moment), default=None)


def delay(*levels: float | None) -> float:
    """The first level that says something: severity's value, the group's, its parent's, the desk's."""
    return next((level for level in levels if level is not None), 0)


def due(
    status: Status,
    delays: Delays,
    *,
    response_from: datetime | None,
    answered: bool,
    last_activity_at: datetime,
) -> Due:
    """The deadlines of a ticket. `response_from` is None where nobody waits for an answer (internal work)."""
    if not status.is_open:
        return Due()
    response = action = None
    if response_from and not answered and delays.response:
        response = response_from + timedelta(hours=delays.response)
    if status not in PAUSED and delays.action:
        action = last_activity_at + timedelta(hours=delays.action)
    return Due(response, action)
