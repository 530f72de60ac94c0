"""Keeps a loop running: starts it, and when it fails says so once and starts it again, later and later.

One loop's failure is nobody else's: every part of the running bot has a supervisor of its own.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

from bot.errors import AdapterError
from bot.health import Health
from storage.database import DatabaseBusy, DatabaseUnavailable

log = structlog.get_logger("deskbell.supervisor")

PAUSES = (1.0, 2.0, 5.0, 15.0, 30.0, 60.0)
AFTER_PERMANENT = 300.0
LOOK_EVERY = 0.25

Serve = Callable[[Callable[[], None]], Awaitable[None]]


async def supervise(name: str, serve: Serve, health: Health) -> None:
    """Run `serve(up)` for ever; ends only by cancellation."""
    failures = 0

    def up() -> None:
        nonlocal failures
        failures = 0
        if health.up(name):
            log.info("up", part=name)

    while True:
        pause = PAUSES[min(failures, len(PAUSES) - 1)]
        try:
            await serve(up)
            error = "ended unexpectedly"
        except AdapterError as fault:
            error = str(fault)
            pause = AFTER_PERMANENT if fault.permanent else pause
        except (DatabaseBusy, DatabaseUnavailable):
            error, pause = "the database is busy or away", PAUSES[0]
        except Exception as fault:
            log.exception("failed", part=name)
            error = f"unexpected: {type(fault).__name__}"
        failures += 1
        if health.down(name, error):
            log.error("down", part=name, error=error, again_in_s=pause)
        await asyncio.sleep(pause)


def in_turn(is_ours: Callable[[], bool], serve: Serve, stand_by: Callable[[], object]) -> Serve:
    """The same, but only while it is this process's turn; until then `stand_by()` is called again and again."""

    async def served(up: Callable[[], None]) -> None:
        lost = True
        while lost:
            while not is_ours():
                stand_by()
                await asyncio.sleep(LOOK_EVERY)
            lost = await _until_lost(is_ours, serve(up))

    return served


async def _until_lost(is_ours: Callable[[], bool], serving: Awaitable[None]) -> bool:
    """Whether it was ended because somebody else's turn has come; False when it ended by itself. Raises what it did."""
    task = asyncio.ensure_future(serving)
    try:
        while is_ours() and not task.done():
            await asyncio.wait({task}, timeout=LOOK_EVERY)
        if task.done():
            await task
        return not task.done()
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await task
