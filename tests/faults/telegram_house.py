"""A whole desk on the pretend Telegram, with a pretend Slack beside it or not: what Telegram's faults are tried on."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from bot.app import App
from bot.backoffice import Backoffice, open_backoffice
from bot.config import load_config
from bot.desk import people
from bot.desk.audit import at_the_server
from bot.desk.opening import Opening
from bot.desk.people import Actor, client_of
from bot.sandbox.slack import PretendSlack
from bot.sandbox.telegram import Chat, Message, Person, PretendTelegram
from storage.database import close_database, session
from storage.models import Delivery, Event, Refused
from storage.queries import people as people_rows
from storage.queries import tickets as ticket_rows
from tests.sections import DESK, SLACK, TELEGRAM, WEBHOOK
from tests.servers import free_port, until

GROUP, SUPPORT = -4001, "C0SUPPORT"
SAM, BOB, EVE = 7003, 7001, 6666
CONFIGURATION = DESK + TELEGRAM + "{more}"
HOOK = 'mode = "webhook"' + WEBHOOK


@dataclass
class House:
    """A running bot; `group` is its on-call chat, a basic group."""

    office: Backoffice
    telegram: PretendTelegram
    slack: PretendSlack
    group: Chat
    sam: Person
    bob: Person
    eve: Person

    @property
    def address(self) -> str:
        """Where its own web server listens."""
        return f"http://{self.office.config.web.listen}"

    async def health(self) -> dict[str, object]:
        """What `/healthz` says."""
        async with aiohttp.ClientSession() as client, client.get(f"{self.address}/healthz") as answer:
            return dict(await answer.json())

    def open(self, *subjects: str, group: str = "", severity: str = "") -> list[str]:
        """Tickets of Ann's; their references."""
        with session():
            ann = client_of("ann@acme.example", "Ann")
        openings = [Opening(one, "Please help.", client=ann, group=group, severity=severity) for one in subjects]
        with session():
            service = self.office.desk.tickets
            return [service.open(opening, Actor("client", "Ann", "mail")).reference for opening in openings]

    def name_groups(self, chats: Sequence[Chat]) -> list[str]:
        """A group of the desk's for each of these chats; their codes."""
        codes = [f"TEAM{number}" for number in range(len(chats))]
        with session():
            for code, chat in zip(codes, chats, strict=True):
                self.office.desk.dictionaries.add("group", code, {"telegram_chat": str(chat.id)}, at_the_server())
        return codes

    def cards(self, chat: Chat | int | None = None) -> list[Message]:
        """The cards that hang in a chat, oldest first."""
        shown = self.telegram.messages(self.group if chat is None else chat)
        return [message for message in shown if message.keyboard and "TS" in message.text]

    def said(self, words: str, chat: Chat | int | None = None) -> list[Message]:
        """What the bot said in a chat with these words."""
        shown = self.telegram.messages(self.group if chat is None else chat)
        return [one for one in shown if one.author is self.telegram.world.bot and words in one.text]

    def in_slack(self, words: str) -> list[str]:
        """What the team's channel in Slack shows with these words."""
        return [one.text for one in self.slack.messages(SUPPORT) if words in one.text]

    async def card(self, chat: Chat | int | None = None, number: int = 0) -> Message:
        """A card, as soon as the desk knows that it hangs."""
        place = self.group if chat is None else chat
        await until(lambda: len(self.cards(place)) > number and self._hangs(self.cards(place)[number]))
        return self.cards(place)[number]

    def _hangs(self, message: Message) -> bool:
        with session():
            return ticket_rows.id_of_posting("telegram", str(message.chat.id), str(message.id)) is not None

    def assignee(self, reference: str) -> str:
        """Who has a ticket, "" for nobody."""
        with session():
            number = ticket_rows.id_of_reference(reference)
            assignee = self.office.desk.tickets.view(number or 0).assignee
        return assignee.name if assignee else ""


def events(kind: str) -> list[Event]:
    """What of this kind was written down."""
    with session():
        return list(Event.select().where(Event.kind == kind).order_by(Event.id))


def refusals() -> list[tuple[str, str]]:
    """Verb and reason of everything that was refused."""
    with session():
        return [(row.verb, row.reason) for row in Refused.select().order_by(Refused.id)]


def deliveries(state: str) -> list[Delivery]:
    """What is in this state of being told."""
    with session():
        return list(Delivery.select().where(Delivery.state == state).order_by(Delivery.id))


@asynccontextmanager
async def open_house(
    folder: Path, *, slack: bool = False, http: bool = False, group: int = GROUP, more: str = ""
) -> AsyncIterator[House]:
    """A running bot with Sam (linked), Bob (admin, linked) and Eve, nobody; with Slack beside it where that is said."""
    async with AsyncExitStack() as running:
        telegram, team = PretendTelegram(), PretendSlack()
        for server in (telegram, team):
            await server.start()
            running.push_async_callback(server.stop)
        team.add_channel(SUPPORT, "support", members=())
        sam, bob, eve = (telegram.add_person(one, name) for one, name in ((SAM, "Sam"), (BOB, "Bob"), (EVE, "Eve")))
        chat = telegram.add_group(group, "On call", members=[sam, bob, eve])
        web = free_port()
        hook = HOOK.format(web=web) if http else ""
        sections = CONFIGURATION.format(
            url="sqlite:///desk.db", telegram=telegram, web=web, group=group, more=hook + more
        )
        sections += SLACK.format(slack=team) if slack else ""
        office = _furnished(folder, sections)
        running.callback(close_database)
        stop = asyncio.Event()
        app = App(office)
        working = asyncio.create_task(app.run(stop))
        running.push_async_callback(lambda: working)
        running.callback(stop.set)
        await until(lambda: app.health.is_ready() or working.done())
        yield House(office, telegram, team, chat, sam, bob, eve)


def _furnished(folder: Path, sections: str) -> Backoffice:
    (folder / "deskbell.toml").write_text(sections)
    office = open_backoffice(load_config(folder / "deskbell.toml", {}))
    with session():
        for name, role, phone in (("Sam", "agent", SAM), ("Bob", "admin", BOB)):
            made = people.add_agent(f"{name.lower()}@example.org", name, role, office.clock)
            people_rows.link_account(made.id, "telegram", str(phone), name, office.clock.now())
    return office
