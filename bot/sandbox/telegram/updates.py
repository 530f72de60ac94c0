"""The updates that wait for the bot: numbered, kept for 24 hours, given again until an offset confirms them."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.telegram.refusals import OTHER_POLLER, conflict

KEPT_SECONDS = 24 * 3600
ASKED_FOR_ONLY = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


@dataclass
class Poller:
    """One getUpdates that waits."""

    wake: asyncio.Event = field(default_factory=asyncio.Event)
    is_ousted: bool = False


class Updates:
    """The queue of one bot; whoever takes from it (polling, webhook) confirms what it took."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._waiting: list[tuple[float, dict[str, Any]]] = []
        self._next_id = 100_000_001
        self._poller: Poller | None = None
        self._is_closing = False
        self.allowed: list[str] = []
        self.arrived = asyncio.Event()

    def number_from(self, number: int) -> None:
        """The next update has at least this number."""
        self._next_id = max(self._next_id, number)

    @property
    def newest(self) -> int:
        """The number of the last update."""
        return self._next_id - 1

    def push(self, kind: str, payload: dict[str, Any]) -> int | None:
        """Queue what happened; None when the bot did not ask for this kind."""
        if not self.is_wanted(kind):
            return None
        return self.push_raw({kind: payload})

    def push_raw(self, update: dict[str, Any]) -> int:
        """Queue a whole update, numbered unless it brings its number."""
        number = update.get("update_id", self._next_id)
        self._next_id = max(self._next_id, number) + 1
        self._waiting.append((self._clock(), {"update_id": number, **update}))
        self.arrived.set()
        self._wake()
        return int(number)

    def is_wanted(self, kind: str) -> bool:
        """Whether `allowed_updates`, as last given, covers this kind."""
        return kind in self.allowed if self.allowed else kind not in ASKED_FOR_ONLY

    @property
    def pending(self) -> list[dict[str, Any]]:
        """What is not confirmed yet, without what is older than a day."""
        oldest = self._clock() - KEPT_SECONDS
        self._waiting = [(at, update) for at, update in self._waiting if at >= oldest]
        return [update for _, update in self._waiting]

    def is_confirmed(self, number: int) -> bool:
        return all(update["update_id"] != number for update in self.pending)

    def confirm(self, offset: int) -> None:
        """Forget everything before this number; a negative one keeps that many from the end."""
        if offset < 0:
            self._waiting = self._waiting[offset:]
        else:
            self._waiting = [(at, update) for at, update in self._waiting if update["update_id"] >= offset]

    async def poll(self, offset: int, limit: int, seconds: float) -> list[dict[str, Any]]:
        """Long polling; a newer poll ousts an older one that still waits, which ends with 409."""
        poller = Poller()
        if self._poller:
            self._poller.is_ousted = True
            self._poller.wake.set()
        self._poller = poller
        self.confirm(offset)
        deadline = time.monotonic() + seconds
        try:
            return await self._wait(poller, limit, deadline)
        finally:
            self._poller = None if self._poller is poller else self._poller

    def open(self) -> None:
        """Let polls wait again."""
        self._is_closing = False

    def close(self) -> None:
        """End the polls that wait."""
        self._is_closing = True
        self._wake()

    async def _wait(self, poller: Poller, limit: int, deadline: float) -> list[dict[str, Any]]:
        while True:
            if poller.is_ousted:
                raise conflict(OTHER_POLLER)
            left = deadline - time.monotonic()
            if self.pending or left <= 0 or self._is_closing:
                return self.pending[:limit]
            poller.wake.clear()
            try:
                await asyncio.wait_for(poller.wake.wait(), left)
            except TimeoutError:
                continue

    def _wake(self) -> None:
        if self._poller:
            self._poller.wake.set()
