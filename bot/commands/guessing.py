"""Whoever asks in a chat for many tickets that are not there is guessing, and has to wait: nobody is told why not.

A miss is the same whether a ticket does not exist or is not theirs to see. Counts are kept in this process alone.
"""

import threading
from collections import OrderedDict, deque

from bot.clock import Clock
from bot.commands.requests import Caller
from bot.errors import Refusal

MOST, WITHIN, MOST_CALLERS = 30, 60.0, 10_000


class Guesses:
    """The misses of the last minute, by caller."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._misses: OrderedDict[tuple[str, str], deque[float]] = OrderedDict()

    def check(self, caller: Caller) -> None:
        """Refusal for a while after too many misses. The command line is trusted."""
        with self._lock:
            misses = self._misses.get((caller.platform, caller.id), ())
            late = [at for at in misses if at > self._clock.monotonic() - WITHIN]
        if len(late) >= MOST and caller.platform != "cli":
            raise Refusal("You have asked for many tickets that are not there. Please wait a minute.")

    def missed(self, caller: Caller) -> None:
        """One more that was not found."""
        with self._lock:
            key = (caller.platform, caller.id)
            self._misses.setdefault(key, deque(maxlen=MOST)).append(self._clock.monotonic())
            self._misses.move_to_end(key)
            if len(self._misses) > MOST_CALLERS:
                self._misses.popitem(last=False)
