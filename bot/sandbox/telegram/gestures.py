"""What a person did, and what the bot answered to it; `await gesture` waits until the bot has finished."""

import asyncio
import time
from collections.abc import Callable, Generator
from typing import Any

from bot.sandbox.telegram.messages import Message
from bot.sandbox.telegram.world import Press, World

QUIET_SECONDS = 0.25
STEP_SECONDS = 0.02


class Gesture:
    """One thing that a person did. `message` is what they wrote, `opened` the address of a link button."""

    def __init__(
        self,
        world: World,
        updates: list[int | None],
        *,
        message: Message | None = None,
        press: Press | None = None,
        opened: str = "",
    ) -> None:
        self.updates = [one for one in updates if one is not None]
        self.message = message
        self.opened = opened
        self._world = world
        self._press = press
        self._start = len(world.changes)
        self._end: int | None = None
        self._since = time.monotonic()

    @property
    def seen(self) -> bool:
        """Whether the bot gets to know of it at all (privacy mode, allowed_updates)."""
        return bool(self.updates)

    @property
    def answer(self) -> str | None:
        """The text of the callback answer; None as long as there is none."""
        return self._press.text if self._press and self._press.answered else None

    @property
    def alert(self) -> bool:
        """Whether the callback answer is an alert, not a toast."""
        return bool(self._press and self._press.alert)

    @property
    def latency(self) -> float | None:
        """Seconds from the press to its answer."""
        return self._press.latency if self._press else None

    @property
    def sent(self) -> list[Message]:
        """What the bot wrote from then on."""
        return self._changed("sent")

    @property
    def edited(self) -> list[Message]:
        """What the bot redrew from then on."""
        return self._changed("edited")

    @property
    def deleted(self) -> list[Message]:
        """What the bot deleted from then on."""
        return self._changed("deleted")

    async def answered(self, within: float = 10.0) -> "Gesture":
        """Wait for the callback answer alone; TimeoutError without one."""
        await self._until(lambda: self.answer is not None, within, "a callback answer")
        return self

    async def settled(self, within: float = 10.0, quiet: float = QUIET_SECONDS) -> "Gesture":
        """Wait until the update is confirmed, the press answered, and no call came for `quiet` seconds."""
        await self._until(self._is_taken, within, "the bot to take the update")
        if self._press and self.updates:
            await self.answered(within)
        begun = max(self._since, time.monotonic())
        await self._until(lambda: self._is_quiet(begun, quiet), within, "the bot to finish")
        self._end = len(self._world.changes)
        return self

    def __await__(self) -> Generator[Any, None, "Gesture"]:
        return self.settled().__await__()

    def _is_taken(self) -> bool:
        return all(self._world.updates.is_confirmed(number) for number in self.updates)

    def _is_quiet(self, begun: float, quiet: float) -> bool:
        since = max(begun, self._world.quiet_since)
        return self._world.running == 0 and time.monotonic() - since >= quiet

    def _changed(self, what: str) -> list[Message]:
        found = (change.message for change in self._world.changes[self._start : self._end] if change.what == what)
        return list(dict.fromkeys(found))

    async def _until(self, is_so: Callable[[], bool], within: float, awaited: str) -> None:
        deadline = time.monotonic() + within
        while not is_so():
            if time.monotonic() > deadline:
                raise TimeoutError(f"waited {within:g} s for {awaited}")
            await asyncio.sleep(STEP_SECONDS)
