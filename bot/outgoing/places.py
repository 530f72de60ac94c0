"""Which places take nothing for a while: those that say so, and those where one thing after the other fails.

A single delivery that fails waits alone; where several fail in a row the place is down, and all that waits for it is
tried again together, the oldest first, so that it comes in its order. Times are seconds of a monotonic clock.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

AGAIN = (1.0, 2.0, 5.0, 15.0, 60.0)
"""Seconds until a place that is down is tried again, longer and longer: each time costs few calls."""
RETRIES = (*AGAIN, 300.0)
"""The same for a delivery that fails alone."""
IN_A_ROW = 2
"""So many different deliveries must fail before a place counts as down; one more each time that it was found down, if
there are so many, so that a few that nobody can ever deliver hold up no others."""


@dataclass(slots=True)
class _Trouble:
    """What has failed since something arrived, or since the place was last found down; how often it was found down."""

    failed: set[int] = field(default_factory=set)
    times: int = 0


class Places:
    """The places of one notifier; every place is open until something is heard of it. Deliveries are told by number."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._now = monotonic
        self._shut_until: dict[str, float] = {}
        self._trouble: dict[str, _Trouble] = {}

    def shut(self, where: str, seconds: float) -> None:
        """It takes nothing for so long."""
        self._shut_until[where] = self._now() + seconds

    def failed(self, where: str, delivery: int) -> None:
        """A delivery could not be made, for no reason of its own that is known."""
        trouble = self._trouble.setdefault(where, _Trouble())
        trouble.failed.add(delivery)
        if len(trouble.failed) >= IN_A_ROW + trouble.times:
            self._is_down(where, trouble)

    def no_more(self, where: str) -> None:
        """All that was due there has been tried."""
        trouble = self._trouble.get(where, _Trouble())
        if len(trouble.failed) >= (1 if trouble.times else IN_A_ROW):
            self._is_down(where, trouble)

    def _is_down(self, where: str, trouble: _Trouble) -> None:
        self.shut(where, AGAIN[min(trouble.times, len(AGAIN) - 1)])
        self._trouble[where] = _Trouble(times=trouble.times + 1)

    def arrived(self, where: str) -> None:
        """A delivery was made."""
        self._trouble.pop(where, None)

    def is_owed(self, where: str, deliveries: Collection[int]) -> bool:
        """Whether something older than these has failed there and is to be tried before them; this is said once."""
        trouble = self._trouble.get(where, _Trouble())
        owed = bool(trouble.failed) and min(trouble.failed) < min(deliveries)
        if owed:
            trouble.failed.clear()
        return owed

    def reopen(self, chat: str) -> None:
        """A chat (`telegram:-100`) with all its topics takes things again."""
        for where in [one for one in self._shut_until if one.partition("/")[0] == chat]:
            del self._shut_until[where]
            self.arrived(where)

    def wait(self, where: str) -> float:
        """Seconds until it takes something; 0 for now."""
        return max(self._shut_until.get(where, 0.0) - self._now(), 0.0)

    def all_shut(self) -> list[str]:
        """Those that take nothing now."""
        now = self._now()
        self._shut_until = {where: until for where, until in self._shut_until.items() if until > now}
        return list(self._shut_until)
