"""What can go wrong on purpose: the next calls of a method are refused, delayed, or done and never answered."""

import math
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.telegram.refusals import OTHER_POLLER, Refusal, conflict, too_many_requests

ANY = "*"


@dataclass(frozen=True)
class Fault:
    """What happens to one call: wait, refuse, or hang up before or after it was done."""

    delay: float = 0.0
    refusal: Refusal | None = None
    hang_up: str = ""


class Faults:
    """Faults of the calls to come, per method ("*": any but getUpdates), used up one by one."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[Fault]] = defaultdict(deque)

    def refuse(self, method: str, description: str, *, code: int = 400, n: int = 1, **parameters: Any) -> None:
        """Refuse the next n calls in these words (with the "Bad Request: " that belongs to them)."""
        self._add(method, Fault(refusal=Refusal(code, description, **parameters)), n)

    def flood(self, method: str, retry_after: int, *, n: int = 1) -> None:
        """429 with `retry_after` seconds."""
        self._add(method, Fault(refusal=too_many_requests(retry_after)), n)

    def fail(self, method: str, *, code: int = 502, n: int = 1) -> None:
        """Telegram's own trouble: 5xx."""
        names = {
            500: "Internal Server Error",
            502: "Bad Gateway",
            503: "Service Unavailable",
            504: "Gateway Timeout",
        }
        self._add(method, Fault(refusal=Refusal(code, names.get(code, "Internal Server Error"))), n)

    def hang_up(self, method: str, *, n: int = 1) -> None:
        """The connection breaks before anything is done."""
        self._add(method, Fault(hang_up="before"), n)

    def hang_up_after_done(self, method: str, *, n: int = 1) -> None:
        """The thing is done, but the answer never arrives."""
        self._add(method, Fault(hang_up="after"), n)

    def delay(self, method: str, seconds: float, *, n: int = 1) -> None:
        """The answer comes late."""
        self._add(method, Fault(delay=seconds), n)

    def second_poller(self, *, n: int = 1) -> None:
        """Another process takes the updates during the next n getUpdates."""
        self._add("getUpdates", Fault(refusal=conflict(OTHER_POLLER)), n)

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        self._waiting.clear()

    def take(self, method: str) -> Fault:
        """The fault of this call, used up by asking."""
        names = (method,) if method == "getUpdates" else (method, ANY)
        for name in names:
            if self._waiting[name]:
                return self._waiting[name].popleft()
        return Fault()

    def _add(self, method: str, fault: Fault, n: int) -> None:
        self._waiting[method].extend([fault] * n)


@dataclass
class Floods:
    """Telegram's limits on how fast a bot may write; off until `is_on` is set. Windows in seconds."""

    is_on: bool = False
    per_chat: tuple[int, float] = (1, 1.0)
    per_group: tuple[int, float] = (20, 60.0)
    overall: tuple[int, float] = (30, 1.0)
    now: Callable[[], float] = time.monotonic
    _written: list[tuple[float, int]] = field(default_factory=list)

    def count(self, chat_id: int) -> None:
        """Count one message to the chat, or refuse it with 429."""
        if not self.is_on:
            return
        now = self.now()
        self._written = [(at, chat) for at, chat in self._written if now - at < self.per_group[1]]
        here = [at for at, chat in self._written if chat == chat_id]
        limits = [(self.per_chat, here), (self.overall, [at for at, _ in self._written])]
        limits += [(self.per_group, here)] if chat_id < 0 else []
        wait = max(_wait(limit, times, now) for limit, times in limits)
        if wait:
            raise too_many_requests(wait)
        self._written.append((now, chat_id))


def _wait(limit: tuple[int, float], times: list[float], now: float) -> int:
    most, window = limit
    recent = [at for at in times if now - at < window]
    return max(1, math.ceil(recent[-most] + window - now)) if len(recent) >= most else 0
