"""The desk's clock as the page shows it, and its speed, which people choose there."""

from collections.abc import Awaitable, Callable, Mapping

from bot.clock import SpedUpClock
from bot.sandbox.panes import DONE, Details, Item, Outcome, Perform, refused

FASTEST = 3600.0
Pace = Callable[[float], Awaitable[None]]


class ClockPane:
    """One item: when and how fast the clock was set going; `pace` is awaited with every new speed."""

    name = "clock"

    def __init__(self, clock: SpedUpClock, pace: Pace) -> None:
        self._clock, self._pace = clock, pace
        self.gestures: Mapping[str, Perform] = {"run": self._run}

    def items(self) -> dict[str, Item]:
        """The clock; times in milliseconds."""
        here, outside = (1000 * moment.timestamp() for moment in self._clock.set_at)
        return {"clock": {"key": "clock", "order": 0, "from": here, "at": outside, "speed": self._clock.speed}}

    async def _run(self, details: Details) -> Outcome:
        speed = float(details["speed"])
        if not 1 <= speed <= FASTEST:
            return refused(f"From 1 to {FASTEST:.0f} times as fast.")
        await self._pace(speed)
        return DONE
