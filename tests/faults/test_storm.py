"""A storm of new tickets: one digest in place of many rings, no ring late, every card in the end, and no mail lost.

The whole bot on a clock that is moved by hand, with Telegram's limits on speed by that clock.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import pytest

from storage.database import session
from storage.models import Event, Ticket
from tests.played import ZONE, Played, played
from tests.servers import until

NIGHT = datetime(2026, 3, 5, 3, 12)  # noqa: DTZ001 (a wall clock's)
DIGEST = re.compile(r"🌩 (\d+) tickets? waits? for somebody")
SOON, LATEST = 60, 300


class Storm:
    """Sam is rung for what is BLOCKING; above so many new tickets a minute one digest is told instead."""

    def __init__(self, desk: Played, limit: int) -> None:
        self.desk, self._limit = desk, limit
        desk.telegram.floods.is_on, desk.telegram.floods.now = True, desk.clock.monotonic

    def prepare(self) -> None:
        """Done once, in a thread of its own."""
        office = self.desk.demo.office.desk
        with session():
            office.settings.set("storm_limit", self._limit, "Bob")
            office.settings.set("auto_answers", 0, "Bob")
            office.escalating.chains.set("", "BLOCKING", ["sam@example.org 5m"], office.clock.now())

    async def mails(self, first: int, many: int) -> None:
        """So many clients write at once."""
        for number in range(first, first + many):
            sender = f"Ann <ann{number}@acme.example>"
            await self.desk.mail.write(sender, self.desk.cast.desk, f"BLOCKING: {number}", "Help!")
        await until(lambda: self.desk.tickets() == first + many, 120)

    async def until_all_hang(self, tickets: int, *, step: float) -> None:
        """Let time pass until every card hangs in both chats: twice as long as Telegram's limits make it, at most."""
        for _ in range(round(tickets * 6 / step) + 60):
            await self.desk.pass_by(seconds=step)
            if self.hung() == (tickets, tickets):
                return
        raise AssertionError(self.hung())

    def hung(self) -> tuple[int, int]:
        """How many tickets' cards hang in the channel and in the group."""
        slack, group = self.in_slack(), self.desk.telegram.messages(self.desk.cast.group)
        cards = [one for one in slack if "TS2603-" in one.text and "Unread" in one.text]
        return len(cards), len([one for one in group if one.keyboard and "TS2603-" in one.text])

    def in_slack(self) -> list:
        """What stands in the channel."""
        return self.desk.slack.messages(self.desk.cast.channel)

    def digests(self) -> tuple[int, int]:
        """How many there are in the channel and on Sam's phone."""
        phone = [one for one in self.desk.telegram.messages(self.desk.sam) if DIGEST.search(one.text)]
        return len([one for one in self.in_slack() if DIGEST.search(one.words)]), len(phone)

    def first_digest(self) -> float:
        """When the first came on Sam's phone."""
        return next(one.date for one in self.desk.telegram.messages(self.desk.sam) if DIGEST.search(one.text))

    def lags(self) -> list[float]:
        """How many seconds after its ring each call on Sam's phone came."""
        with session():
            events = Event.select().where(Event.kind == "rang")
            rang = {event.ticket.reference: event.at.timestamp() for event in events if event.ticket}
        calls = [one for one in self.desk.telegram.messages(self.desk.sam) if "📟" in one.text]
        return [one.date - rang[re.search(r"TS2603-\d+", one.text)[0]] for one in calls]  # type: ignore[index]


@asynccontextmanager
async def opened(folder: Path, limit: int) -> AsyncIterator[Storm]:
    async with played(folder, NIGHT) as desk:
        storm = Storm(desk, limit)
        await asyncio.to_thread(storm.prepare)
        yield storm


@pytest.fixture
async def storm(tmp_path: Path, desks_hold: None) -> AsyncIterator[Storm]:
    async with opened(tmp_path, 8) as storm:
        yield storm


async def storms(storm: Storm, batches: list[int], *, step: float) -> float:
    """So many BLOCKING mails, six seconds apart. AssertionError where a ring is late or a card is missing.

    The longest that a call took, in seconds.
    """
    for number, many in enumerate(batches):
        await storm.mails(sum(batches[:number]), many)
        await storm.desk.pass_by(seconds=4)
    await storm.until_all_hang(sum(batches), step=step)
    lags, began = storm.lags(), NIGHT.replace(tzinfo=ZONE).timestamp()
    assert storm.first_digest() - began <= SOON
    assert lags
    assert max(lags) <= LATEST
    assert 1 <= min(storm.digests()) <= max(storm.digests()) <= 1 + storm.desk.clock.monotonic() // LATEST
    return max(lags)


@pytest.mark.row("CO-07", "MI-30")
async def test_a_storm_is_one_digest_and_every_card_and_no_ring_comes_late(storm: Storm) -> None:
    await storms(storm, [4, 14], step=10)

    assert len(storm.lags()) < 18


@pytest.mark.row("CO-07")
async def test_one_press_under_the_digest_takes_all(storm: Storm) -> None:
    await storm.mails(0, 10)
    await storm.desk.pass_by(seconds=4)
    await storm.desk.press(storm.desk.sam, "Take all")

    with session():
        assert Ticket.select().where(Ticket.assignee.is_null()).count() == 0


async def full(folder: Path) -> str:
    """500 in a minute, at the usual limit."""
    async with opened(folder, 120) as storm:
        lag = await storms(storm, [50] * 10, step=10)
        return (
            f"500 tickets in a minute, {len(storm.lags())} calls, the last {lag:.0f} s late, digests {storm.digests()}"
        )
