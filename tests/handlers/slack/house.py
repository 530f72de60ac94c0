"""A whole desk on the pretend Slack and mail server, everything in between real: what tests of the whole way share."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from bot.app import App
from bot.backoffice import Backoffice, open_backoffice
from bot.config import load_config
from bot.desk import people
from bot.sandbox.mail import Letter, PretendMail
from bot.sandbox.slack import PretendSlack
from storage.database import close_database, session
from storage.queries import tickets
from tests.servers import free_port

ANN, CHANNEL = "Ann <ann@acme.example>", "C0SUPPORT"
CONFIGURATION = """
[database]
url = "sqlite:///desk.db"
[web]
listen = "127.0.0.1:{web}"
[slack]
bot_token = "{slack.bot_token}"
app_token = "{slack.app_token}"
channel = "#support"
api_url = "{slack.api_url}"
[smtp]
host = "127.0.0.1"
port = {mail.smtp_port}
security = "none"
sender = "Example Support <support@example.org>"
[[mailbox]]
name = "support"
address = "support@example.org"
host = "127.0.0.1"
port = {mail.imap_port}
security = "none"
username = "support"
password = "sandbox"
{more}
"""


@dataclass
class House:
    """A running bot with its pretend platforms."""

    office: Backoffice
    slack: PretendSlack
    mail: PretendMail

    @property
    def address(self) -> str:
        """Where its own web server listens."""
        return f"http://{self.office.config.web.listen}"

    async def ready(self) -> None:
        """Wait until every part has been up."""
        async with asyncio.timeout(15), aiohttp.ClientSession() as client:
            while not await _is_ready(client, f"{self.address}/readyz"):
                await asyncio.sleep(0.02)

    async def until(self, true: Callable[[], object], seconds: float = 30) -> None:
        """Wait until something is true."""
        async with asyncio.timeout(seconds):
            while not true():
                await asyncio.sleep(0.02)

    async def card(self) -> str:
        """The ts of the first card in the channel, as soon as the desk knows that it hangs."""
        await self.until(lambda: self.slack.messages(CHANNEL) and _hangs(self.slack.messages(CHANNEL)[0].ts))
        return self.slack.messages(CHANNEL)[0].ts

    @property
    def shown(self) -> str:
        return self.slack.messages(CHANNEL)[0].text

    def lines(self, ts: str) -> list[str]:
        return [message.text for message in self.slack.messages(CHANNEL, thread_ts=ts)]

    def letters(self, words: str) -> list[Letter]:
        return [letter for letter in self.mail.letters("ann@acme.example") if words in letter.subject + letter.text]


def _hangs(ts: str) -> bool:
    with session():
        return tickets.id_of_posting("slack", CHANNEL, ts) is not None


async def _is_ready(client: aiohttp.ClientSession, address: str) -> bool:
    try:
        async with client.get(address) as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False


@asynccontextmanager
async def open_house(folder: Path, *, more: str = "", http: bool = False) -> AsyncIterator[House]:
    """A running bot with Bob (admin) and Carol; `more` are further lines of its mailbox, `http` is Slack's mode."""
    async with AsyncExitStack() as running:
        slack, mail = PretendSlack(), PretendMail()
        for server in (slack, mail):
            await server.start()
            running.push_async_callback(server.stop)
        _furnish(slack)
        office = _open_office(folder, slack, mail, more, _over_http(slack) if http else {})
        running.callback(close_database)
        house = House(office, slack, mail)
        stop = asyncio.Event()
        working = asyncio.create_task(App(office).run(stop))
        running.push_async_callback(lambda: working)
        running.callback(stop.set)
        if http:
            slack.deliver_to = f"{house.address}/slack/events"
        await house.ready()
        yield house


def _furnish(slack: PretendSlack) -> None:
    for user, name in (("U0BOB", "bob"), ("U0CAROL", "carol"), ("U0EVE", "eve")):
        slack.add_member(user, name, f"{name}@example.org")
    slack.add_member("U0GUEST", "carl", "carol2@example.org", guest=True)
    slack.add_channel(CHANNEL, "support", members=("U0BOB", "U0CAROL", "U0EVE", "U0GUEST"))


def _over_http(slack: PretendSlack) -> Mapping[str, str]:
    return {"DESKBELL_SLACK__MODE": "http", "DESKBELL_SLACK__SIGNING_SECRET": slack.signing_secret}


def _open_office(
    folder: Path, slack: PretendSlack, mail: PretendMail, more: str, environment: Mapping[str, str]
) -> Backoffice:
    text = CONFIGURATION.format(slack=slack, mail=mail, web=free_port(), more=more)
    (folder / "deskbell.toml").write_text(text)
    office = open_backoffice(load_config(folder / "deskbell.toml", environment))
    with session():
        people.add_agent("bob@example.org", "Bob", "admin", office.clock)
        people.add_agent("carol@example.org", "Carol", "agent", office.clock)
        people.add_agent("carol2@example.org", "Carl", "agent", office.clock)
        office.desk.settings.set("undo_seconds", 0, "test")
    return office
