"""The pretend Telegram with Sam, Bob and Eve, the on-call group, and the adapter on it over hand-written fakes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr

from bot.config import TelegramConfig
from bot.outgoing.cards import Card
from bot.ports import Place
from bot.sandbox.telegram import Chat, Message, Person, PretendTelegram
from bot.texts import Words
from handlers.telegram import TelegramAdapter, updates
from tests.handlers.telegram.fakes import FakeCommands, FakeNotebook, FakeStanding, FakeUpdates, card
from tests.servers import free_port

GROUP = -1001234567890
SECRET = "canary_secret-0123456789"
VERBS = [("take", "take a ticket"), ("list", "list tickets"), ("note", "say something"), ("reply", "answer the client")]
VERBS += [("close", "close a ticket"), ("pair", "link your phone"), ("help", "what I can do"), ("undo", "take it back")]


class Desk:
    """One bot under test: what it was handed, and the adapter that runs."""

    def __init__(self, telegram: PretendTelegram, *, by_webhook: bool = False, **config: Any) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/telegram"
        hook = {"mode": "webhook", "webhook_url": self.url, "webhook_secret": SecretStr(SECRET)} if by_webhook else {}
        self.telegram = telegram
        self.commands = FakeCommands()
        self.notebook = FakeNotebook()
        self.updates = FakeUpdates()
        self.standing = FakeStanding()
        self.config = TelegramConfig(
            **{"token": SecretStr(telegram.token), "chat": GROUP, "api_url": telegram.api_url, **hook, **config}
        )
        self.ups = 0
        self.make()

    def make(self) -> None:
        """A new adapter on the same stores, as after a start."""
        stores = (self.commands, self.notebook, self.updates, self.standing)
        self.adapter = TelegramAdapter(self.config, *stores, Words(), VERBS)
        self._server: web.AppRunner | None = None

    async def _listen(self) -> None:
        """The bot's web server, which adapters mount their routes on."""
        server = web.Application(client_max_size=1024 * 1024)
        self.adapter.mount(server)
        self._server = web.AppRunner(server, access_log=None, shutdown_timeout=0.5)
        await self._server.setup()
        await web.TCPSite(self._server, "127.0.0.1", self.port).start()

    def _up(self) -> None:
        self.ups += 1

    async def start(self) -> None:
        if self.config.mode == "webhook" and self._server is None:
            await self._listen()
        self._task = asyncio.create_task(self.adapter.serve(self._up))
        while not self.ups and not self._task.done():
            await asyncio.sleep(0.01)
        if self._task.done():
            self._task.result()

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        if self._server is not None:
            await self._server.cleanup()
            self._server = None

    async def restart(self) -> None:
        await self.stop()
        self.ups = 0
        self.make()
        await self.start()

    async def ended(self) -> None:
        """Wait for the adapter to give up; raises what it raised."""
        await asyncio.wait_for(self._task, 10)

    async def hang(self, shown: Card | None = None, chat: int = GROUP) -> Message:
        """Hang a card, as the notifier does."""
        posted = await self.adapter.chat.post_card(Place("telegram", str(chat)), shown or card(), key="card:42")
        return next(one for one in self.telegram.messages(chat) if one.id == int(posted.message))


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What fails is tried again sooner than people need it."""
    monkeypatch.setattr(updates, "PAUSES", (0.05, 0.2))


@pytest.fixture
async def telegram() -> AsyncIterator[PretendTelegram]:
    pretend = PretendTelegram()
    await pretend.start()
    yield pretend
    await pretend.stop()


@pytest.fixture
def sam(telegram: PretendTelegram) -> Person:
    return telegram.add_person(7001, "Sam", username="sam_oncall", has_started=True)


@pytest.fixture
def bob(telegram: PretendTelegram) -> Person:
    return telegram.add_person(7002, "Bob", language_code="fr-FR")


@pytest.fixture
def eve(telegram: PretendTelegram) -> Person:
    return telegram.add_person(6666, "Eve")


@pytest.fixture
def group(telegram: PretendTelegram, sam: Person, bob: Person, eve: Person) -> Chat:
    return telegram.add_group(GROUP, "On call", members=[sam, bob, eve])


@pytest.fixture
async def desk(telegram: PretendTelegram, group: Chat, over_http: bool) -> AsyncIterator[Desk]:
    running = Desk(telegram, by_webhook=over_http)
    await running.start()
    yield running
    await running.stop()


@pytest.fixture
def until() -> Callable[[Callable[[], bool]], Awaitable[None]]:
    """Wait until something is so; TimeoutError after ten seconds."""

    async def wait(is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not is_so():
                await asyncio.sleep(0.01)

    return wait
