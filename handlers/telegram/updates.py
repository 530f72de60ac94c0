"""Updates that survive a crash: stored before Telegram is told that we have them, done once they were carried out.

Telegram forgets an update as soon as the next one is asked for; so `put` stores first and fails loudly when it cannot.
"""

import asyncio
import inspect
import json
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import structlog
from telegram import Update
from telegram.error import NetworkError, RetryAfter, TelegramError
from telegram.ext import Application, BaseUpdateProcessor

from bot.ports import UpdateStore
from handlers.telegram.faults import is_final, seconds

log = structlog.get_logger("deskbell.telegram")

PLATFORM = "telegram"
TRIES = 3
PAUSES = (0.5, 2.0)
LONGEST_PAUSE = 60.0
AT_ONCE = 64
MIND_EVERY = 3.0


class DurableQueue(asyncio.Queue[object]):
    """The queue between what comes in and handling; what is in it is stored as well, and ours until it is done."""

    def __init__(self, store: UpdateStore) -> None:
        super().__init__()
        self._store = store
        self._ours: set[int] = set()
        self._restored: set[int] = set()
        self._refused_at: float | None = None

    def refused_for(self) -> float:
        """Seconds since the store began to take nothing; 0 while it does."""
        return 0.0 if self._refused_at is None else time.monotonic() - self._refused_at

    async def put(self, item: object) -> None:
        """Store an update, then queue it; a known one is not queued again. NetworkError when it cannot be stored."""
        if not isinstance(item, Update) or await self._is_new(item):
            await super().put(item)

    async def _is_new(self, update: Update) -> bool:
        """Store it. It counts as ours from before it can be seen in the store, so that it is not restored as well."""
        number = update.update_id
        was_ours, new = number in self._ours, False
        self._ours.add(number)
        try:
            new = await self._store.store(PLATFORM, number, update.to_json())
            self._refused_at = None
        except Exception as fault:  # anything else than NetworkError would end the polling without a word
            self._refused_at = self._refused_at or time.monotonic()
            log.warning("update could not be stored", update=number, error=type(fault).__name__)
            raise NetworkError("the update could not be stored") from None
        finally:
            if not new and not was_ours:
                self._ours.discard(number)
        return new

    async def restore(self, bot: Any) -> int:
        """Queue what was stored and not carried out by a process that is gone, oldest first; how many there were."""
        claimed = [found for found in await self._store.claim(PLATFORM) if found[0] not in self._ours]
        for number, payload in claimed:
            update = _parsed(payload, bot)
            if update is None:
                log.error("stored update cannot be read", update=number)
                await self.done(number)
            else:
                self._ours.add(number)
                self._restored.add(number)
                await super().put(update)
        return len(claimed)

    async def mind(self, bot: Any) -> None:
        """Until cancelled: keep what is ours, and take over what another process left when it ended."""
        while True:
            await asyncio.sleep(MIND_EVERY)
            try:
                if self._ours:
                    await self._store.keep(PLATFORM, sorted(self._ours))
                if left := await self.restore(bot):
                    log.info("updates of another process are carried out", count=left)
            except Exception as fault:
                log.warning("stored updates could not be looked at", error=type(fault).__name__)

    def is_restored(self, number: int) -> bool:
        """Whether another run ended before it was done."""
        return number in self._restored

    async def begin(self, number: int) -> bool:
        """Carry out once more what an earlier run began; False when every run that did so has ended by it."""
        try:
            return await self._store.begin(PLATFORM, number) < TRIES - 1
        except Exception as fault:
            log.warning("try could not be counted", update=number, error=type(fault).__name__)
            return True

    async def done(self, number: int) -> None:
        """It was carried out. Where that cannot be written down it is carried out again; receipts make it harmless."""
        try:
            await self._store.done(PLATFORM, number)
        except Exception as fault:
            log.warning("update could not be marked done", update=number, error=type(fault).__name__)
        finally:
            self._ours.discard(number)
            self._restored.discard(number)

    def drop_waiting(self) -> None:
        """Leave what waits to the next start."""
        with suppress(asyncio.QueueEmpty):
            while True:
                self.get_nowait()
                self.task_done()

    async def let_go(self) -> None:
        """What was not carried out is free for others at once."""
        if self._ours:
            with suppress(Exception):  # without the database it is free when its time is over
                await self._store.let_go(PLATFORM, sorted(self._ours))


@dataclass(slots=True)
class _Lane:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0


class Lanes(BaseUpdateProcessor):
    """One lane for each card and for each person in a chat: in order within a lane, side by side otherwise."""

    __slots__ = ("_lanes", "_running")

    def __init__(self) -> None:
        super().__init__(AT_ONCE)
        self._lanes: dict[str, _Lane] = {}
        self._running: set[asyncio.Task[Any]] = set()

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Wait for the lane, then carry it out."""
        task = asyncio.current_task()
        if task is not None:
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        try:
            async with self._in_lane(lane_of(update)):
                await coroutine
        finally:
            _close(coroutine)

    @asynccontextmanager
    async def _in_lane(self, name: str) -> AsyncIterator[None]:
        lane = self._lanes.setdefault(name, _Lane())
        lane.users += 1
        try:
            async with lane.lock:
                yield
        finally:
            lane.users -= 1
            if not lane.users:
                del self._lanes[name]

    async def finish(self, within: float) -> None:
        """Let what runs finish for a moment, then end it: it is stored, and the next start carries it out."""
        if not self._running:
            return
        _, late = await asyncio.wait(self._running, timeout=within)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to put away."""


def _close(coroutine: Awaitable[Any]) -> None:
    """One that never began is put away without a warning; for one that ended this does nothing."""
    if inspect.iscoroutine(coroutine):
        coroutine.close()


GivenUp = Callable[[Update, str], Awaitable[None]]


class DurableApplication(Application[Any, Any, Any, Any, Any, Any]):
    """Marks an update done when it was carried out, or when it failed three times; then `given_up` tells the person.

    What an earlier run left is carried out one by one: the one at which the program ends is then known for certain.
    """

    def __init__(self, *, queue: DurableQueue, given_up: GivenUp, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._queue = queue
        self._given_up = given_up
        self._faults: dict[int, Exception] = {}
        self._one_by_one = asyncio.Lock()

    async def process_update(self, update: object) -> None:
        """Carry it out, in up to three tries; whatever happens, the loop goes on."""
        if not isinstance(update, Update):
            return
        if self._queue.is_restored(update.update_id):
            async with self._one_by_one:
                await self._carry_out_again(update)
        else:
            await self._carry_out(update)
        await self._queue.done(update.update_id)

    async def _carry_out_again(self, update: Update) -> None:
        if await self._queue.begin(update.update_id):
            await self._carry_out(update)
        else:
            await self._give_up(update, "the program ended each time it was carried out")

    async def _carry_out(self, update: Update) -> None:
        for number in range(1, TRIES + 1):
            fault = await self._try(update)
            if fault is None or _is_settled(update, fault):
                break
            await self._failed(update, fault, number)

    async def process_error(self, update: object, error: Exception, *args: Any, **kwargs: Any) -> bool:
        """Keep the fault for `process_update`; no further handler sees the update."""
        if isinstance(update, Update):
            self._faults[update.update_id] = error
        return True

    async def _try(self, update: Update) -> Exception | None:
        try:
            await super().process_update(update)
        except Exception as fault:
            return fault
        return self._faults.pop(update.update_id, None)

    async def _failed(self, update: Update, fault: Exception, number: int) -> None:
        """Wait before the next try, or say that it was given up, with an id that is also in the log."""
        if number < TRIES:
            log.warning("update failed", update=update.update_id, error=type(fault).__name__, tried=number)
            await asyncio.sleep(_pause(fault, number))
            return
        await self._give_up(update, f"it failed {TRIES} times", fault)

    async def _give_up(self, update: Update, reason: str, fault: Exception | None = None) -> None:
        ident = secrets.token_hex(4)
        log.error("update given up", id=ident, update=update.update_id, reason=reason, exc_info=fault)
        with suppress(Exception):
            await self._given_up(update, ident)


def _is_settled(update: Update, fault: Exception) -> bool:
    """Whether Telegram will not let us say it, however often we try: blocked, thrown out, gone."""
    settled = isinstance(fault, TelegramError) and is_final(fault)
    if settled:
        log.warning("answer refused", update=update.update_id, error=str(fault))
    return settled


def _pause(fault: Exception, number: int) -> float:
    return min(seconds(fault), LONGEST_PAUSE) if isinstance(fault, RetryAfter) else PAUSES[number - 1]


def lane_of(update: object) -> str:
    """What has to stay in order: presses on one card, and everything else that one person does in one chat."""
    if not isinstance(update, Update):
        return ""
    query, chat, who = update.callback_query, update.effective_chat, update.effective_user
    if query and query.message and chat and (query.data or "").startswith("v1:"):
        return f"{chat.id}/{query.message.message_id}"
    return f"{chat.id if chat else ''}:{who.id if who else ''}"


def _parsed(payload: str, bot: Any) -> Update | None:
    try:
        return Update.de_json(json.loads(payload), bot)
    except Exception:
        return None
