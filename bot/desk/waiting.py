"""How long a ticket waits for its client before something is done about it. Pure: days and moments in and out."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class Patience:
    """After how many days of Waiting a silent client is reminded and the ticket closed; 0 = never."""

    remind: float
    close: float

    @property
    def reminds(self) -> bool:
        """Whether reminders go; none where the ticket is closed no later."""
        return self.remind > 0 and (self.close == 0 or self.remind < self.close)

    def remind_before(self, now: datetime) -> datetime:
        """Who has been silent since then is to be reminded."""
        return now - timedelta(days=self.remind)

    def close_before(self, now: datetime) -> tuple[datetime, datetime | None]:
        """What has waited since then is to be closed, and when its client must have been reminded (None: never)."""
        grace = timedelta(days=self.close - self.remind)
        return now - timedelta(days=self.close), now - grace if self.reminds else None


def begun(now: datetime) -> dict[str, Any]:
    """The columns of a ticket that begins to wait."""
    return {"waiting_since": now, "reminded_at": None}
