"""The bot as polling sees it: every answer to getUpdates is looked at, so that trouble is known and told in words."""

import time
from collections.abc import Callable
from typing import Any

import structlog
from telegram import Update
from telegram.error import Conflict, InvalidToken, NetworkError, TelegramError
from telegram.ext import ExtBot

from bot.errors import AdapterError

log = structlog.get_logger("deskbell.telegram")

LOST_AFTER = 30.0
ALLOWED = ("message", "callback_query", "my_chat_member")
TOKEN_REFUSED = "telegram: token was refused: copy it again from @BotFather"
APART = "stop it, or give this one a token of its own (@BotFather)"
CONFLICT = f"telegram: another program polls this bot (409 Conflict): {APART}"
WEBHOOK_SET = f"telegram: another program has set a webhook for this bot (409 Conflict): {APART}"


def conflict(fault: Conflict) -> str:
    """What a 409 means: a second poller, or a webhook."""
    return WEBHOOK_SET if "webhook" in fault.message else CONFLICT


class PollingBot(ExtBot[None]):
    """Reports each answer: `on_well()` for a good one, `on_trouble(AdapterError)` when it cannot go on."""

    def __init__(
        self, *args: Any, on_well: Callable[[], None], on_trouble: Callable[[AdapterError], None], **kwargs: Any
    ):
        self._on_well = on_well
        self._on_trouble = on_trouble
        self._well_at = time.monotonic()
        super().__init__(*args, **kwargs)

    async def get_updates(self, *args: Any, **kwargs: Any) -> tuple[Update, ...]:
        """As in the library, but nothing other than TelegramError leaves here: anything else would end the polling."""
        try:
            updates = await super().get_updates(*args, **kwargs)
        except TelegramError as fault:
            self._trouble(fault)
            raise
        except Exception as fault:
            log.error("updates could not be read", error=type(fault).__name__)
            raise NetworkError("the updates could not be read") from None
        self._well_at = time.monotonic()
        self._on_well()
        return updates

    def _trouble(self, fault: TelegramError) -> None:
        if isinstance(fault, InvalidToken):
            self._on_trouble(AdapterError(TOKEN_REFUSED, permanent=True))
        elif isinstance(fault, Conflict):
            self._on_trouble(AdapterError(conflict(fault)))
        elif time.monotonic() - self._well_at > LOST_AFTER:
            self._on_trouble(AdapterError(f"telegram: does not answer ({type(fault).__name__})"))
