"""How fast Slack is asked: freely until it says that it was too fast, then evenly for a minute, never before it allows.

Slack counts posts by channel and every other method by workspace (its page on rate limits).
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

BY_CHANNEL = ("chat.postMessage",)
SECONDS_BETWEEN = {"chat.postMessage": 1.0, "conversations.list": 3.0}
OTHERS, SLOW_FOR = 1.2, 60.0
PATIENCE = 2.0
"""Seconds that a call waits for its turn; if it takes longer it comes again."""


@dataclass(slots=True)
class _Turn:
    free_at: float
    slow_until: float


class Pace:
    """Whose turn it is, by method and channel. Times are seconds of a clock that only goes forward."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._turns: dict[tuple[str, str], _Turn] = {}

    def slow_down(self, method: str, channel: str, seconds: float) -> None:
        """Slack has asked to wait so long."""
        free_at = self._now() + seconds
        self._turns[_key(method, channel)] = _Turn(free_at, free_at + SLOW_FOR)

    def wait(self, method: str, channel: str) -> float:
        """Seconds until a call may be made; up to PATIENCE the turn is taken, over it nothing is."""
        key, now = _key(method, channel), self._now()
        turn = self._turns.get(key)
        if turn is None or now >= turn.slow_until:
            self._turns.pop(key, None)
            return 0.0
        begin = max(now, turn.free_at)
        if begin - now <= PATIENCE:
            turn.free_at = begin + SECONDS_BETWEEN.get(method, OTHERS)
        return begin - now


def _key(method: str, channel: str) -> tuple[str, str]:
    return method, channel if method in BY_CHANNEL else ""
