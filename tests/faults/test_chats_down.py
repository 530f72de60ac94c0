"""A chat that is down, or both: whoever is on call is told another way within a minute, and nothing is lost or doubled.

The whole bot on a clock that is moved by hand; what was told, and when, is read from the platforms' own ledgers.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest

from storage.database import session
from tests.played import Played, played

NIGHT = datetime(2026, 3, 5, 3, 12)  # noqa: DTZ001 (a wall clock's)
BOSS = "boss@example.org"
PLACES = ("group", "carol", "slack")
OTHER = {"slack": "telegram", "telegram": "slack"}
FOR_EVER = 100_000
STEP, LONG_STEP = 0.5, 5.0
REFERENCE = re.compile(r"TS2603-\d{4}")


class Desk:
    """Carol, who is in both chats, is rung for what is BLOCKING, every five minutes; the boss is written to."""

    def __init__(self, desk: Played) -> None:
        self.played = desk
        self._down = {
            "slack": lambda: desk.slack.faults.http("*", 503, times=FOR_EVER),
            "telegram": lambda: desk.telegram.faults.fail("*", code=503, n=FOR_EVER),
        }
        self._up = {"slack": desk.slack.faults.clear, "telegram": desk.telegram.faults.clear}

    def prepare(self) -> None:
        """Done once, in a thread of its own."""
        desk = self.played.demo.office.desk
        with session():
            desk.escalating.chains.set("", "BLOCKING", ["carol@example.org 5m"], desk.clock.now())
            desk.settings.set("notify_address", BOSS, "Bob")

    def down(self, *platforms: str) -> None:
        """These answer 503 to everything."""
        for platform in platforms:
            self._down[platform]()

    def up(self, *platforms: str) -> None:
        """These are well again."""
        for platform in platforms:
            self._up[platform]()

    async def pass_by(self, minutes: float, step: float = STEP) -> None:
        """Let so many minutes pass, little by little."""
        until = self.played.clock.monotonic() + minutes * 60
        while self.played.clock.monotonic() < until:
            await self.played.pass_by(minutes=step)

    def rung(self, platform: str) -> list[float]:
        """When Carol was called there."""
        if platform == "telegram":
            return [one.date for one in self.played.telegram.messages(self.played.carol) if "📟" in one.text]
        lines = [one for card in self.in_slack() for one in self.played.slack.messages(self.channel, thread_ts=card)]
        return [float(one.ts) for one in lines if "📟" in one.words and "<@U0CAROL>" in str(one.to_dict())]

    @property
    def channel(self) -> str:
        return self.played.cast.channel

    def in_slack(self) -> list[str]:
        """The cards there, the oldest first, by what Slack calls them."""
        return [
            one.ts for one in self.played.slack.messages(self.channel) if not one.thread_ts or one.thread_ts == one.ts
        ]

    def cards(self) -> dict[str, list[str]]:
        """Which tickets' cards hang where, in the order in which they came."""
        bubbles = {"group": self.played.cast.group, "carol": self.played.carol}
        hung = {
            name: [one.text for one in self.played.telegram.messages(chat) if one.keyboard]
            for name, chat in bubbles.items()
        }
        words = [self.played.slack.message(self.channel, ts).words for ts in self.in_slack()]
        hung["slack"] = [text for text in words if "Take it" in text]
        return {name: [_reference(text) for text in texts] for name, texts in hung.items()}

    def alarms(self) -> list[str]:
        """Of which tickets the boss reads that nobody could be rung."""
        return [_reference(subject) for subject in self.played.letters(BOSS) if "Nobody could be rung" in subject]


def _reference(text: str) -> str:
    found = REFERENCE.search(text)
    assert found is not None, text
    return found[0]


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Desk]:
    """It is 03:12."""
    await asyncio.to_thread(folder.mkdir, exist_ok=True)
    async with played(folder, NIGHT) as running:
        desk = Desk(running)
        await asyncio.to_thread(desk.prepare)
        yield desk


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with opened(tmp_path) as desk:
        yield desk


@pytest.fixture(autouse=True)
def _sound(desks_hold: None) -> None:
    """What must always be true is looked at when the test is over."""


async def one_is_down(desk: Desk, broken: str, *, step: float) -> None:
    """Half an hour without one chat. AssertionError where somebody was told late, twice, or not at all."""
    working, began = OTHER[broken], desk.played.clock.now().timestamp()
    desk.down(broken)
    await desk.played.write("BLOCKING: the shop is down")
    await desk.pass_by(1)
    in_time = [at for at in desk.rung(working) if at - began <= 60]
    await desk.pass_by(29, step)
    meanwhile, silent = desk.rung(working), desk.rung(broken)
    desk.up(broken)
    await desk.pass_by(6, 1.0)

    assert len(in_time) == 1
    assert len(meanwhile) >= 6
    assert all(240 < later - one < 400 for one, later in pairwise(meanwhile))
    assert silent == []
    assert desk.alarms() == []
    assert desk.cards() == {place: ["TS2603-0001"] for place in PLACES}
    assert len(desk.rung(broken)) <= 2  # the last of those that waited, and the one of that time


async def both_are_down(desk: Desk, tickets: int, *, step: float) -> None:
    """Two hours without both. AssertionError where the boss does not hear of it, or a card is missing, late, twice."""
    desk.down("slack", "telegram")
    for number in range(tickets):
        await desk.played.write(f"BLOCKING: {number}")
    before = desk.alarms()
    await desk.pass_by(2)
    letters = desk.alarms()
    await desk.pass_by(118, step)
    nothing = desk.cards()
    desk.up("slack", "telegram")
    await desk.pass_by(6, 1.0)

    references = [f"TS2603-{number + 1:04}" for number in range(tickets)]
    assert before == []
    assert sorted(letters) == references
    assert nothing == {place: [] for place in PLACES}
    assert desk.cards() == dict.fromkeys(PLACES, references)


@pytest.mark.row("CO-08")
@pytest.mark.parametrize("broken", ["slack", "telegram"])
async def test_while_one_chat_is_down_the_other_tells_whoever_is_on_call_within_a_minute(
    desk: Desk, broken: str
) -> None:
    await one_is_down(desk, broken, step=LONG_STEP)


@pytest.mark.row("CO-09")
async def test_while_both_are_down_a_letter_leaves_and_the_cards_come_in_order_afterwards(desk: Desk) -> None:
    await both_are_down(desk, 4, step=LONG_STEP)


@pytest.mark.row("CO-09")
async def test_where_a_chat_takes_the_ring_no_letter_leaves(desk: Desk) -> None:
    await desk.played.write("BLOCKING: the shop is down")

    await desk.pass_by(4)

    assert len(desk.rung("telegram")) == len(desk.rung("slack")) == 1
    assert desk.alarms() == []


@pytest.mark.row("CO-09")
async def test_what_waits_for_its_next_try_goes_before_what_is_new(desk: Desk) -> None:
    desk.down("slack", "telegram")
    await desk.played.write("BLOCKING: the shop is down")
    await desk.pass_by(4)
    desk.up("slack", "telegram")

    await desk.played.write("BLOCKING: the till, too")

    in_order = ["TS2603-0001", "TS2603-0002"]
    assert desk.cards() == dict.fromkeys(PLACES, in_order)


async def full(folder: Path) -> None:
    """Half an hour without one, two hours without both and 12 tickets, half a minute at a time."""
    for broken in OTHER:
        async with opened(folder / broken) as desk:
            await one_is_down(desk, broken, step=STEP)
    async with opened(folder / "both") as desk:
        await both_are_down(desk, 12, step=STEP)
