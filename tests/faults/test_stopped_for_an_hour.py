"""A bot that was stopped for an hour: what came meanwhile is taken in, what fell due is told once, cards are right."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from storage.database import session
from tests.played import Played, played

REFERENCE = re.compile(r"TS2603-\d{4}")
EVENING = datetime(2026, 3, 5, 20, 0)  # noqa: DTZ001 (a wall clock's)


@pytest.fixture
async def desk(tmp_path: Path, desks_hold: None) -> AsyncIterator[Played]:
    """Somebody is to answer within half an hour; what is BLOCKING rings Carol every five minutes."""
    async with played(tmp_path, EVENING) as desk:
        await asyncio.to_thread(_prepare, desk)
        yield desk


def _prepare(desk: Played) -> None:
    office = desk.demo.office.desk
    with session():
        office.settings.set("response_delay", "0.5", "Bob")
        office.escalating.chains.set("", "BLOCKING", ["carol@example.org 5m"], office.clock.now())


def told(desk: Played) -> dict[str, list[str]]:
    """What the channel shows now: the tickets that have a card, those overdue by it, those of which that was told."""
    channel = desk.slack.messages(desk.cast.channel)
    threads = [one for card in channel for one in desk.slack.messages(desk.cast.channel, thread_ts=card.ts)]
    words = [one.words for one in (*channel, *threads)]
    cards = [text for text in words if "Take it" in text]
    return {
        "cards": [_reference(text) for text in cards],
        "overdue": [_reference(text) for text in cards if "OVERDUE" in text],
        "alerts": sorted(_reference(text) for text in words if "is overdue" in text),
    }


def _reference(text: str) -> str:
    found = REFERENCE.search(text)
    return found[0] if found else text


@pytest.mark.row("PR-04", "INV-03", "INV-08", "INV-13")
async def test_after_an_hour_everything_is_told_once_and_the_cards_are_right_within_a_minute(desk: Played) -> None:
    await desk.write("The printer is out of paper")
    await desk.write("BLOCKING: the shop is down")
    before = len(desk.rings(desk.carol))
    await desk.demo.stop_bot()
    for number in range(3):
        await desk.mail.write("Paul <paul@globex.example>", desk.cast.desk, f"Question {number}", "Hello")
    desk.clock.move(hours=1)

    await desk.demo.start_bot()
    await desk.until_tickets(5)
    for _ in range(5):
        await desk.pass_by(seconds=8)
    soon, rung = told(desk), len(desk.rings(desk.carol))
    await desk.pass_by(minutes=1)

    all_of_them = [f"TS2603-000{number}" for number in range(1, 6)]
    assert soon == {"cards": all_of_them, "overdue": all_of_them, "alerts": all_of_them}
    assert (before, rung) == (1, 2)  # what should have rung eleven times rings once
    assert told(desk) == soon
    assert len(desk.rings(desk.carol)) == rung
