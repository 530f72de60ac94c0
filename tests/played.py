"""The demo on a clock that is moved by hand: the whole bot on pretend platforms, each of which keeps its own ledger.

Whoever moves the clock waits until all that is due by then has been done. The desk is in Paris.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from unittest.mock import patch
from zoneinfo import ZoneInfo

from bot.clock import SetClock
from bot.sandbox.demo import Demo
from bot.sandbox.telegram import Message
from storage.database import session
from storage.models import Delivery, Ticket
from tests.servers import until

ZONE = ZoneInfo("Europe/Paris")
A_MOMENT = 2.0


class Played:
    """A demo and its clock; `sam` and `carol` are their phones' chats."""

    def __init__(self, demo: Demo, clock: SetClock) -> None:
        self.demo, self.clock, self.cast = demo, clock, demo.cast
        self.slack, self.telegram, self.mail = demo.slack, demo.telegram, demo.mail
        self.sam, self.carol = self.cast.on_call.telegram, self.cast.second.telegram

    # time

    async def pass_by(self, **span: float) -> None:
        """So much time passes; what is due by then is done."""
        self.clock.move(**span)
        await self.settled()

    async def settled(self) -> None:
        """What is due by now is done, and what that made due in a moment: a line waits for its card."""
        await self._done()
        self.clock.move(seconds=A_MOMENT)
        await self._done()

    async def _done(self) -> None:
        await self.demo.look()
        await until(self._is_settled)

    def _is_settled(self) -> bool:
        """Nothing is due, but where the notifier tries nothing before its time."""
        shut = self.demo._app._notifier._places.all_shut()
        due = (Delivery.state == "pending") & (Delivery.next_at <= self.clock.now()) & Delivery.place.not_in(shut)
        with session():
            return not Delivery.select().where(due | (Delivery.state == "sending")).exists()

    def time(self, seconds: float) -> str:
        """A platform's time as the desk's people read it: 03:12."""
        return f"{datetime.fromtimestamp(seconds, ZONE):%H:%M}"

    # people

    async def write(self, subject: str, text: str = "Please help!") -> None:
        """Ann writes a mail; it has become a ticket, and who has to be told of it is told."""
        before = self.tickets()
        await self.mail.write("Ann <ann@acme.example>", self.cast.desk, subject, text)
        await self.until_tickets(before + 1)

    async def until_tickets(self, number: int) -> None:
        """So many mails have become tickets; who has to be told of them is told."""
        await until(lambda: self.tickets() >= number)
        await self.settled()

    async def press(self, phone: int, label: str, chat: int | None = None) -> str:
        """Press the newest button of this label in one's own chat, or in another; what the phone says."""
        cards = [one for one in self.telegram.messages(chat or phone) if any(label in row for row in one.labels)]
        gesture = await self.telegram.press(phone, chat or phone, cards[-1].id, label)
        await gesture.answered(20)
        await self.settled()
        return gesture.answer or ""

    # what is seen

    def tickets(self) -> int:
        """How many there are."""
        with session():
            return Ticket.select().count()

    def rings(self, phone: int) -> list[tuple[str, str]]:
        """What made a sound in somebody's own chat, beside cards: when, and the words."""
        loud = [one for one in self.telegram.messages(phone) if not one.silent and not one.keyboard]
        return [(self.time(one.date), one.text) for one in loud]

    def card(self, chat: int) -> Message:
        """The newest card in a chat."""
        return [one for one in self.telegram.messages(chat) if one.keyboard][-1]

    def in_slack(self) -> str:
        """The newest card in the channel, all of it."""
        return str(self.slack.messages(self.cast.channel)[-1].to_dict())

    def letters(self, address: str = "ann@acme.example") -> list[str]:
        """The subjects of what somebody got."""
        return [letter.subject for letter in self.mail.letters(address)]


@asynccontextmanager
async def played(folder: Path, at: datetime) -> AsyncIterator[Played]:
    """A demo at this moment (a wall clock's in Paris)."""
    clock = SetClock(at.replace(tzinfo=ZONE))
    with patch.dict("os.environ", {"TZ": ZONE.key}):
        demo = Demo(folder, clock=clock)
        await demo.start()
    try:
        yield Played(demo, clock)
    finally:
        await demo.stop()
