"""The one place that knows the time. Everything that needs it is handed a Clock; nothing else asks the system."""

import time
from datetime import UTC, datetime, timedelta


class Clock:
    """Wall time as aware UTC, and a monotonic clock for waiting and deadlines inside the process."""

    def now(self) -> datetime:
        """The current moment, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that never go back; only differences mean something."""
        return time.monotonic()


class SpedUpClock(Clock):
    """A clock that runs `speed` times as fast from the moment it is made: a day's deadlines in minutes."""

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._started = datetime.now(UTC)
        self._mark = time.monotonic()

    def now(self) -> datetime:
        return self._started + timedelta(seconds=(time.monotonic() - self._mark) * self._speed)


class SetClock(Clock):
    """A clock that stands still until it is moved: for tests and for replaying."""

    def __init__(self, at: datetime) -> None:
        self._at = at.astimezone(UTC)
        self._ticks = 0.0

    def now(self) -> datetime:
        return self._at

    def monotonic(self) -> float:
        return self._ticks

    def move(self, **span: float) -> None:
        """Move by hours=, minutes=, seconds=, days= (both clocks)."""
        step = timedelta(**span)
        self._at += step
        self._ticks += step.total_seconds()
