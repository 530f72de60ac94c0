"""One night, the whole way: a mail at 03:12, phones that ring, somebody who takes it, and the change of shift at 08:00.

The desk's clock is moved by hand; everything else is as it runs: the mailbox, Bolt, python-telegram-bot, the letters.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from bot.sandbox import night
from bot.sandbox.panes.night import MAIL
from storage.database import session
from tests.played import Played, played

NIGHT = datetime(2026, 3, 5, 3, 12)  # noqa: DTZ001 (a wall clock's)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Played]:
    """It is 03:12; Sam is rung first, and five minutes later whoever is second on call."""
    async with played(tmp_path, NIGHT) as desk:
        await asyncio.to_thread(_furnish, desk)
        yield desk


def _furnish(desk: Played) -> None:
    with session():
        night.furnish(desk.demo.office.desk, desk.cast)


async def test_a_blocking_mail_at_night_rings_one_after_the_other_until_somebody_takes_it(desk: Played) -> None:
    await desk.write(**MAIL)
    first, card, confirmed = desk.rings(desk.sam), desk.in_slack(), desk.letters()
    await desk.pass_by(minutes=4)
    nobody_else = desk.rings(desk.carol)
    await desk.pass_by(minutes=1)
    second = desk.rings(desk.carol)
    said = await desk.press(desk.carol, "✅ Take it")
    await desk.pass_by(minutes=30)

    assert [at for at, _ in first] == ["03:12"]
    assert "Sam" in first[0][1]
    assert "Unread" in card
    assert confirmed == ["[TS2603-0001] We have received your message"]
    assert nobody_else == []
    assert [at for at, _ in second] == ["03:17"]
    assert said == "TS2603-0001 is yours."
    assert "Taken by Carol · 03:17 (Telegram)" in desk.in_slack()
    assert all("Taken by Carol" in desk.card(chat).text for chat in (desk.cast.group, desk.sam, desk.carol))
    assert (len(desk.rings(desk.sam)), len(desk.rings(desk.carol))) == (1, 1)


async def test_whoever_took_it_is_asked_an_hour_later_and_hands_it_over_in_the_morning(desk: Played) -> None:
    await desk.write(**MAIL)
    await desk.pass_by(minutes=5)
    await desk.press(desk.carol, "✅ Take it")

    await desk.pass_by(minutes=59)
    in_peace = len(desk.rings(desk.carol))
    await desk.pass_by(minutes=1)
    asked = desk.rings(desk.carol)[-1]
    await desk.pass_by(hours=3, minutes=42)
    before = len(desk.slack.messages(desk.cast.channel))
    await desk.pass_by(minutes=1)
    told = desk.slack.messages(desk.cast.channel)[-1]
    change = told.words
    await desk.slack.press("U0BOB", desk.cast.channel, told.ts, "verb:handover_accept")
    await desk.pass_by(seconds=5)

    assert in_peace == 1
    assert asked[0] == "04:17"
    assert "are you still on it?" in asked[1]
    assert before == 1
    assert desk.time(float(told.ts)) == "08:00"
    assert "Carol hands over to Bob" in change
    assert "TS2603-0001" in change
    assert "Accepted by Bob" in desk.slack.message(desk.cast.channel, told.ts).words


async def test_what_is_not_blocking_makes_no_sound_at_night(desk: Played) -> None:
    await desk.write("The printer is out of paper")
    await desk.pass_by(hours=1)

    (told,) = desk.telegram.messages(desk.cast.group)
    assert told.silent
    assert desk.telegram.messages(desk.sam) == desk.telegram.messages(desk.carol) == []


async def test_a_ring_that_could_not_leave_makes_no_sound_once_somebody_has_the_ticket(desk: Played) -> None:
    desk.telegram.faults.fail("sendMessage", code=503, n=1000)
    await desk.write(**MAIL)
    card = desk.slack.messages(desk.cast.channel)[-1]
    await desk.slack.press("U0BOB", desk.cast.channel, card.ts, "verb:take")
    await desk.pass_by(minutes=2)
    desk.telegram.faults.clear()

    await desk.pass_by(minutes=6)

    assert "Taken by Bob" in desk.card(desk.sam).text
    assert desk.rings(desk.sam) == []
