"""A pretend Telegram: the Bot API of one bot on loopback, as strict as the real one, and the people who talk to it."""

import time
from collections.abc import Callable

from bot.sandbox.telegram.faults import Faults, Floods
from bot.sandbox.telegram.gestures import Gesture
from bot.sandbox.telegram.messages import Button, Message
from bot.sandbox.telegram.people import People
from bot.sandbox.telegram.places import Chat, File, Person, Topic
from bot.sandbox.telegram.web import BotApi
from bot.sandbox.telegram.world import Call, Listener, World

__all__ = ["Button", "Call", "Chat", "File", "Gesture", "Message", "Person", "PretendTelegram", "Topic"]

TOKEN = "7000000001:sandbox-AAAAAAAAAAAAAAAAAAAAAAAAAAA"


class PretendTelegram(People):
    """Start it, point a bot's `api_url` at it, and let people write and press. Times come from `clock`, in seconds.

    `dated` is where messages have their times from, if it is not the clock that limits how long things may take.
    """

    def __init__(
        self,
        *,
        token: str = TOKEN,
        username: str = "deskbell_bot",
        clock: Callable[[], float] = time.time,
        dated: Callable[[], float] | None = None,
    ) -> None:
        super().__init__(World(token, username, clock, dated))
        self.token = token
        self.username = username
        self.api_url = ""
        self._server = BotApi(self.world)

    async def start(self, port: int = 0) -> None:
        """Listen on a free port, or on this one; `api_url` says where."""
        port = await self._server.start(port)
        self.api_url = f"http://127.0.0.1:{port}"

    async def stop(self) -> None:
        """Be unreachable; what exists stays, and `start(port)` brings it back."""
        await self._server.stop()

    def number_from(self, number: int) -> None:
        """Number updates and messages from here on, so that a bot that kept those of an earlier run meets new ones."""
        self.world.number_from(number)

    def subscribe(self, callback: Listener) -> None:
        """Call it with a small dict ("what": message, edited, deleted, answer, topic, …) at every visible change."""
        self.world.subscribe(callback)

    @property
    def calls(self) -> list[Call]:
        """Every call of the bot, oldest first."""
        return self.world.calls

    def calls_of(self, method: str) -> list[Call]:
        """The calls of one method."""
        return [call for call in self.calls if call.method == method]

    @property
    def faults(self) -> Faults:
        """What goes wrong next, on purpose."""
        return self.world.faults

    @property
    def floods(self) -> Floods:
        """Telegram's limits on speed; set `is_on`."""
        return self.world.floods
