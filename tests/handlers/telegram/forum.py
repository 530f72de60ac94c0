"""A whole desk whose team is told in a forum of the pretend Telegram, each ticket in a topic of its own."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.app import App
from bot.backoffice import Backoffice, open_backoffice
from bot.commands.requests import Caller, Request
from bot.config import load_config
from bot.desk import people
from bot.desk.opening import Opening
from bot.desk.people import Actor, client_of
from bot.desk.views import TicketView
from bot.sandbox.telegram import Chat, Message, Person, PretendTelegram, Topic
from bot.sandbox.telegram.methods.topics import emoji_of
from storage.database import close_database, session
from storage.queries import people as people_rows
from storage.queries import tickets as ticket_rows
from tests.sections import DESK, TELEGRAM
from tests.servers import free_port, until

GROUP, SAM = -1001000000001, 7003
CONFIGURATION = DESK + TELEGRAM + 'topic = "each"\n'


@dataclass
class Forum:
    """The running desk, the forum, and Sam, an agent whose phone is linked."""

    office: Backoffice
    app: App
    telegram: PretendTelegram
    group: Chat
    sam: Person

    @property
    def topics(self) -> list[Topic]:
        """The topics there are, in their order."""
        return list(self.group.topics.values())

    def messages(self, topic: Topic | None = None) -> list[Message]:
        """What stands in a topic, or in the chat itself."""
        return self.telegram.messages(self.group, topic=topic.id if topic else 0)

    def icon(self) -> str:
        """The emoji of the first topic."""
        return emoji_of(self.topics[0])

    def opens(self, subject: str = "Printer on fire", severity: str = "") -> TicketView:
        """Ann asks for something."""
        with session():
            opening = Opening(subject, "It burns.", client=client_of("ann@acme.example", "Ann"), severity=severity)
            ticket = self.office.desk.tickets.open(opening, Actor("client", "Ann", "mail"))
        self.app._wake()
        return ticket

    def types(self, *words: str) -> str:
        """Sam types this on the command line; what was answered."""
        answer = self.office.runner.run(Request(Caller("cli", "sam@example.org"), words=words, can_ask=False))
        assert not answer.refused, answer.text
        self.app._wake()
        return answer.text

    def notes(self, ticket: TicketView) -> list[str]:
        """What was noted on a ticket."""
        with session():
            return [one.text for one in ticket_rows.messages(ticket.id) if one.kind == "note"]

    async def hung(self, topics: int = 1) -> Topic:
        """The first topic, once there are so many and a card hangs in each."""
        await self.until(lambda: len(self.topics) == topics and all(self.messages(one) for one in self.topics))
        return self.topics[0]

    async def until(self, true: Callable[[], object]) -> None:
        """Wait until something is true."""
        await until(true, 15)


def configured(folder: Path, telegram: PretendTelegram) -> Path:
    """The configuration of such a desk."""
    file = folder / "deskbell.toml"
    file.write_text(
        CONFIGURATION.format(url="sqlite:///desk.db", web=free_port(), telegram=telegram, group=GROUP), encoding="utf-8"
    )
    file.chmod(0o600)
    return file


def furnished(config: Path) -> Backoffice:
    """The desk, with Sam."""
    office = open_backoffice(load_config(config, {}))
    with session():
        sam = people.add_agent("sam@example.org", "Sam", "agent", office.clock)
        people_rows.link_account(sam.id, "telegram", str(SAM), "Sam", office.clock.now())
    return office


@asynccontextmanager
async def running_forum(folder: Path, *, is_forum: bool = True, is_admin: bool = True) -> AsyncIterator[Forum]:
    """All of it, running."""
    telegram, stop = PretendTelegram(), asyncio.Event()
    await telegram.start()
    async with AsyncExitStack() as stack:
        stack.push_async_callback(telegram.stop)
        sam = telegram.add_person(SAM, "Sam", has_started=True)
        group = telegram.add_group(GROUP, "On call", members=[sam], forum=is_forum, bot_is_admin=is_admin)
        office = await asyncio.to_thread(furnished, configured(folder, telegram))
        stack.callback(close_database)
        app = App(office)
        working = asyncio.create_task(app.run(stop))

        async def ended() -> None:
            stop.set()
            await working

        stack.push_async_callback(ended)
        await until(app.health.is_ready, 15)
        yield Forum(office, app, telegram, group, sam)
