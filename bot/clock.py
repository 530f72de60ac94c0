"""The one place that knows the time. Everything that needs it is handed a Clock; nothing else asks the system."""

import time
from datetime import UTC, datetime, timedelta


class Clock:
    """Wall time as aware UTC, and a monotonic clock for waiting and deadlines inside the process."""

    @property
    def speed(self) -> float:
        """How many seconds of its wall time pass in one second of the world outside."""
        return 1.0

    def now(self) -> datetime:
        """The current moment, aware, in UTC."""
        return datetime.now(UTC)

    def later(self, seconds: float) -> datetime:
        """The moment that is so many seconds of the world outside from now: for what other servers ask us to wait."""
        return self.now() + timedelta(seconds=seconds * self.speed)

    def monotonic(self) -> float:
        """Seconds of the world outside that never go back; only differences mean something."""
        return time.monotonic()


class SpedUpClock(Clock):
    """A clock whose wall time runs `speed` times as fast: a day's deadlines in minutes. It never goes back."""

    def __init__(self, speed: float) -> None:
        self._set(speed, datetime.now(UTC))

    def _set(self, speed: float, moment: datetime) -> None:
        self._going = (speed, moment, time.monotonic(), datetime.now(UTC))

    @property
    def speed(self) -> float:
        return self._going[0]

    @property
    def set_at(self) -> tuple[datetime, datetime]:
        """The moment from which it runs at this speed: by this clock, and by the world's."""
        return self._going[1], self._going[3]

    def now(self) -> datetime:
        speed, moment, mark, _ = self._going
        return moment + timedelta(seconds=(time.monotonic() - mark) * speed)

    def run(self, speed: float) -> None:
        """Go on from now at another speed."""
        self._set(speed, self.now())

    def skip_to(self, moment: datetime) -> None:
        """Go on from a later moment; an earlier one changes nothing."""
        self._set(self.speed, max(self.now(), moment))


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
