"""Keeps a loop running: starts it, and when it fails says so once and starts it again, later and later.

One loop's failure is nobody else's: every part of the running bot has a supervisor of its own.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from bot.errors import AdapterError
from bot.health import Health

log = structlog.get_logger("deskbell.supervisor")

PAUSES = (1.0, 2.0, 5.0, 15.0, 30.0, 60.0)
AFTER_PERMANENT = 300.0

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
        except Exception as fault:
            log.exception("failed", part=name)
            error = f"unexpected: {type(fault).__name__}"
        failures += 1
        if health.down(name, error):
            log.error("down", part=name, error=error, again_in_s=pause)
        await asyncio.sleep(pause)
