"""A chat that is down, or both of them: whoever is on call is told another way within a minute, and nothing is lost."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from email import message_from_bytes
from email.policy import default
from typing import cast

import pytest

from bot.app import letter_writer
from bot.backoffice import Backoffice
from bot.bridge import Bridge
from bot.clock import SetClock
from bot.commands.verbs import VERBS
from bot.config import SmtpConfig
from bot.desk import people
from bot.desk.alerts import Alerts
from bot.desk.escalating import Escalating
from bot.desk.opening import Opening
from bot.desk.people import Actor, Client
from bot.desk.tickets import TicketService
from bot.errors import DeliveryError
from bot.outgoing.cards import Card
from bot.outgoing.notifier import Notifier
from bot.outgoing.packing import Packer
from bot.outgoing.recipients import Audience, Channels
from bot.ports import Chat, Mention, Place, Posted
from handlers.mail.mailer import SmtpMailer
from storage.models import Delivery
from storage.queries import people as people_rows
from tests.faults.smtp_server import PostOffice
from tests.servers import until

BOSS = "boss@example.org"


class Phone:
    """A chat that can be down; what it took, in order."""

    largest_file = 0

    def __init__(self, platform: str) -> None:
        self.platform = platform
        self.up = True
        self.tries = 0
        self.cards: dict[str, list[str]] = {}
        self.said: list[tuple[str, str]] = []

    async def find(self, place: Place, key: str) -> Posted | None:
        self._answer()
        return None

    async def post_card(self, place: Place, card: Card, *, key: str, silent: bool = False) -> Posted:
        self._answer()
        hung = self.cards.setdefault(place.channel, [])
        hung.append(card.reference)
        return Posted(place.channel, str(len(hung)))

    async def redraw(self, place: Place, message: str, card: Card) -> None:
        self._answer()

    async def add_line(
        self, place: Place, message: str, line: str, *, key: str, silent: bool = False, mention: Mention | None = None
    ) -> Posted:
        self._answer()
        self.said.append((place.channel, line))
        return Posted(place.channel, f"line{len(self.said)}")

    async def post_notice(self, place: Place, text: str, *, key: str, silent: bool = False) -> Posted:
        self._answer()
        self.said.append((place.channel, text))
        return Posted(place.channel, f"notice{len(self.said)}")

    def _answer(self) -> None:
        self.tries += 1
        if not self.up:
            raise DeliveryError("503 service unavailable")


class Night:
    """A desk at night with Slack, Telegram and mail, whose clock is moved by hand."""

    def __init__(self, office: Backoffice, notifier: Notifier, slack: Phone, telegram: Phone, post: PostOffice) -> None:
        self.slack, self.telegram, self.post = slack, telegram, post
        self._office, self._notifier = office, notifier
        audience = Audience(Channels("#support", "-100", mail=True), office.desk.settings)
        self.tickets = TicketService(office.clock, office.desk.settings, audience)
        self.alerts = Alerts(office.clock, office.desk.settings, audience, office.desk.alarms)
        self.escalating = Escalating(office.clock, office.desk.settings, audience, office.desk.alarms, _nobody)
        self._working = asyncio.create_task(notifier.run(lambda: None))

    def open(self, subject: str = "Fire") -> str:
        """A blocking ticket of Ann's; its reference."""
        opening = Opening(subject, "Help", client=Client("ann@acme.example", "Ann"), severity="BLOCKING")
        return self.tickets.open(opening, Actor("client", "Ann", "mail")).reference

    async def pass_by(self, minutes: float) -> None:
        """Let time pass, half a minute at a time, with all that is done meanwhile."""
        for _ in range(max(1, round(minutes * 2))):
            cast(SetClock, self._office.clock).move(seconds=30 if minutes else 0)
            self.escalating.look()
            await self.settled()

    async def settled(self) -> None:
        """Until nothing is due any more."""
        self._notifier.wake()
        now = self._office.clock.now()
        due = (Delivery.state == "sending") | ((Delivery.state == "pending") & (Delivery.next_at <= now))
        await until(lambda: not Delivery.select().where(due).exists())

    def subjects(self) -> list[str]:
        """What the boss has got that says nobody could be rung."""
        got = [message_from_bytes(one.content, policy=default) for one in self.post.letters if BOSS in one.recipients]
        return [str(one["Subject"]) for one in got if "Nobody could be rung" in str(one["Subject"])]

    def rung(self, chat: Phone) -> list[str]:
        """In which of its places a chat was rung."""
        return [place for place, line in chat.said if "📟" in line]

    async def stop(self) -> None:
        """Stop sending."""
        self._working.cancel()
        await asyncio.gather(self._working, return_exceptions=True)


def _nobody(code: str, at: datetime) -> None:
    """Nobody is on call by any rota."""


@pytest.fixture
async def night(office: Backoffice, clock: SetClock) -> AsyncIterator[Night]:
    """Sam is on call for what is blocking; the boss is written to."""
    sam = people.add_agent("sam@example.org", "Sam", "agent", clock)
    people_rows.link_account(sam.id, "telegram", "700", "sam", clock.now())
    office.desk.escalating.chains.set("", "BLOCKING", ["sam@example.org 5m"], clock.now())
    office.desk.settings.set("notify_address", BOSS, "Bob")
    office.desk.settings.set("confirmation", "off", "Bob")
    bridge, post = Bridge(), PostOffice()
    await post.start()
    config = SmtpConfig(host="127.0.0.1", port=post.port, security="none", sender="support@example.org")
    mailer, slack, telegram = SmtpMailer(config), Phone("slack"), Phone("telegram")
    chats = [cast(Chat, slack), cast(Chat, telegram)]
    notifier = Notifier(bridge, Packer(office.desk, letter_writer(office), VERBS), chats, mailer, clock)
    made = Night(office, notifier, slack, telegram, post)
    yield made
    await made.stop()
    await mailer.close()
    await post.stop()
    bridge.close()


@pytest.mark.row("CO-08")
@pytest.mark.parametrize("broken", ["slack", "telegram"])
async def test_while_one_chat_is_down_the_other_tells_whoever_is_on_call_within_a_minute(
    night: Night, broken: str
) -> None:
    phones = {"slack": night.slack, "telegram": night.telegram}
    phones[broken].up = False
    (working,) = (phone for name, phone in phones.items() if name != broken)
    night.open()

    await night.pass_by(1)
    in_time = night.rung(working)
    await night.pass_by(2)

    assert in_time == ["#support" if broken == "telegram" else "700"]
    assert night.rung(phones[broken]) == []
    assert night.subjects() == []


@pytest.mark.row("CO-09")
async def test_while_both_are_down_a_letter_leaves_and_the_cards_come_in_order_afterwards(night: Night) -> None:
    night.slack.up = night.telegram.up = False
    references = [night.open(f"Fire {number}") for number in range(4)]

    await night.pass_by(0)
    before = night.subjects()
    await night.pass_by(2)
    letters = night.subjects()
    night.slack.up = night.telegram.up = True
    await night.pass_by(6)

    assert before == []
    assert sorted(letters) == sorted(f"[{ref}] Nobody could be rung: Fire {n}" for n, ref in enumerate(references))
    assert night.slack.cards == {"#support": references}
    assert night.telegram.cards == {"-100": references, "700": references}


@pytest.mark.row("CO-09")
async def test_where_a_chat_takes_the_ring_no_letter_leaves(night: Night) -> None:
    night.open()

    await night.pass_by(4)

    assert night.rung(night.telegram) == ["700"]
    assert night.subjects() == []
    assert Delivery.select().where(Delivery.key.startswith("reserve:")).get().state == "withdrawn"
