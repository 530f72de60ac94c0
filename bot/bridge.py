"""The one bridge from the event loop to the desk: synchronous work in a small pool of threads, each with a connection.

What waits longer than it may is refused before it has begun, so that a refusal always means: nothing was done. What a
lost connection cut off is begun anew as long as there is time: whatever runs here may be done twice without harm.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import ParamSpec, TypeVar

from bot.clock import Clock
from bot.commands.phones import phones
from bot.commands.requests import Caller, Request
from bot.commands.runner import CommandRunner
from bot.desk.admission import Admission
from bot.desk.desk import Desk
from bot.errors import Busy, Full
from bot.failpoints import reach
from bot.outgoing.cards import Answer
from bot.ports import Phone
from storage.database import PATIENCE, DatabaseBusy, DatabaseUnavailable, StorageFull, commits, session
from storage.queries import desk as desk_rows
from storage.queries import requests as request_rows

P = ParamSpec("P")
T = TypeVar("T")
THREADS = 6
LONG, AGAIN_AFTER = 30.0, 0.2
COUNTED = timedelta(days=7)
OURS_FOR = timedelta(seconds=10)
"""How long a stored update is this process's, unless that is said again."""


class Bridge:
    """Runs desk work off the loop. `await bridge(function, …)` for people; `await bridge.patiently(…)` for the rest."""

    def __init__(self) -> None:
        self._people = ThreadPoolExecutor(THREADS, "desk")
        self._others = ThreadPoolExecutor(2, "desk-background")

    async def __call__(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """For somebody who waits: DatabaseBusy after 2.5 seconds without having begun to write."""
        return await self._run(self._people, PATIENCE, function, *args, **kwargs)

    async def patiently(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """For work nobody waits for: it may wait half a minute for the write lock."""
        return await self._run(self._others, LONG, function, *args, **kwargs)

    async def _run(
        self, pool: ThreadPoolExecutor, patience: float, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        until = time.monotonic() + patience

        def work() -> T:
            while (left := until - time.monotonic()) > 0:
                try:
                    with session(patience=left):
                        return function(*args, **kwargs)
                except StorageFull:
                    raise
                except DatabaseUnavailable:
                    if time.monotonic() + AGAIN_AFTER > until:
                        raise
                    time.sleep(AGAIN_AFTER)
            raise DatabaseBusy

        return await asyncio.get_running_loop().run_in_executor(pool, work)

    def close(self) -> None:
        """Let what runs finish."""
        self._people.shutdown()
        self._others.shutdown()


class BridgedCommands:
    """The verbs for handlers (`bot.ports.Commands`); it is told of each that wrote: there may be something to send."""

    def __init__(self, bridge: Bridge, runner: CommandRunner, wake: Callable[[], None]) -> None:
        self._bridge = bridge
        self._runner = runner
        self._wake = wake

    async def __call__(self, request: Request) -> Answer:
        """The answer; whatever it changed is committed."""
        try:
            answer, wrote = await self._bridge(self._serve, request)
        except StorageFull:
            return Answer(text=str(Full()), refused=True)
        except (DatabaseBusy, DatabaseUnavailable):
            return Answer(text=str(Busy()), refused=True)
        if wrote:
            self._wake()
        return answer

    def _serve(self, request: Request) -> tuple[Answer, bool]:
        """The answer, and whether anything was written, so that there may be something to send."""
        before = commits()
        answer = self._runner.run(request)
        return answer, commits() != before


class BridgedNotebook:
    """Small things that handlers remember (`bot.ports.Notebook`)."""

    def __init__(self, bridge: Bridge, clock: Clock) -> None:
        self._bridge = bridge
        self._clock = clock

    async def keep(self, key: str, value: Mapping[str, object], *, minutes: int = 60) -> None:
        """Remember a JSON value under a key."""
        await self._bridge(desk_rows.jot, key, dict(value), self._clock.now() + timedelta(minutes=minutes))

    async def recall(self, key: str) -> dict[str, object] | None:
        """What was remembered, unless it ran out."""
        found = await self._bridge(desk_rows.jotted, key, self._clock.now())
        return dict(found) if found else None

    async def forget(self, key: str) -> None:
        """Remember it no longer."""
        await self._bridge(desk_rows.forget, key)


class BridgedUpdates:
    """Updates stored before they are confirmed (`bot.ports.UpdateStore`)."""

    def __init__(self, bridge: Bridge, clock: Clock) -> None:
        self._bridge = bridge
        self._clock = clock

    async def store(self, platform: str, update_id: int, payload: str) -> bool:
        """Keep it; False when it was known. Busy when it could not be stored."""
        now = self._clock.now()
        try:
            new = await self._bridge(request_rows.store_update, platform, update_id, payload, now, ours_for=OURS_FOR)
        except (DatabaseBusy, DatabaseUnavailable) as fault:
            raise Busy from fault
        reach("update.after_store")
        return new

    async def claim(self, platform: str) -> list[tuple[int, str]]:
        """Kept, not done and no living process's, oldest first; now this one's."""
        return await self._bridge(request_rows.claim_updates, platform, self._clock.now(), ours_for=OURS_FOR)

    async def keep(self, platform: str, update_ids: Sequence[int]) -> None:
        """They are still this process's."""
        await self._bridge(request_rows.keep_updates, platform, update_ids, self._clock.now(), ours_for=OURS_FOR)

    async def let_go(self, platform: str, update_ids: Sequence[int]) -> None:
        """Any process may have them."""
        await self._bridge(request_rows.let_updates_go, platform, update_ids)

    async def begin(self, platform: str, update_id: int) -> int:
        """One that was pending is carried out now; how often that had been begun before."""
        key = f"update:{platform}:{update_id}"
        return await self._bridge(desk_rows.count_up, key, self._clock.now(), self._clock.now() + COUNTED)

    async def done(self, platform: str, update_id: int) -> None:
        """It is done."""
        await self._bridge(request_rows.update_done, platform, update_id, self._clock.now())


class BridgedStanding:
    """Where the bot stands on one platform (`bot.ports.Standing`); `reopen` is told of chats that are open again."""

    def __init__(self, bridge: Bridge, desk: Desk, platform: str, reopen: Callable[[str, str], None]) -> None:
        self._bridge = bridge
        self._desk = desk
        self._platform = platform
        self._reopen = reopen

    async def chats(self) -> set[str]:
        """The chats that the desk has named, by the ids that they have now."""
        return await self._bridge.patiently(self._desk.admissions.named)

    async def phones(self) -> list[Phone]:
        """Whose own chats are linked."""
        return await self._bridge.patiently(phones, self._platform)

    async def moved(self, old: str, new: str) -> None:
        """A chat has another id now: what waits for it leaves at once."""
        await self._bridge.patiently(self._desk.moves.learn, self._platform, old, new)
        self._reopen(self._platform, new)

    async def shut(self, chat: str, why: str, title: str = "") -> None:
        """A chat takes no messages of ours any more."""
        await self._bridge.patiently(self._shut, chat, why, title)
        self._reopen(self._platform, "")

    def _shut(self, chat: str, why: str, title: str) -> None:
        if self._desk.admissions.concerns(chat):
            self._desk.doors.shut(self._platform, chat, why, title)

    async def opened(self, chat: str) -> None:
        """A chat takes messages: what waits for it leaves at once."""
        if await self._bridge.patiently(self._opened, chat):
            self._reopen(self._platform, chat)

    def _opened(self, chat: str) -> bool:
        doors = self._desk.doors
        return doors.is_shut(self._platform, chat) and doors.opened(self._platform, chat)

    async def let_in(self, chat: str, title: str, by: Caller) -> Admission:
        """Somebody has let the bot into a group: whether it is to stay there, and what is to be said."""
        return await self._bridge.patiently(self._desk.admissions.decide, chat, title, by.id, by.name)
