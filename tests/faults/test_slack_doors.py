"""Slack's door under a locked database, hostile words and forms that are older than their ticket."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.desk.people import agent
from bot.sandbox.slack.gesture import Gesture
from storage.database import session
from storage.models import Message
from tests.faults.locked import locked
from tests.handlers.slack.house import ANN, CHANNEL, House, open_house

HOSTILE = (
    "'; DROP TABLE ticket; --",
    "show ' OR 1=1 --",
    "list sort:assignee__password",
    "list type:%' UNION SELECT * FROM agent",
    "show 99999999999999999999999999999",
    "show -1",
    "list page:-1",
    "list page:1e9",
    "list page:999999999999999999999",
    "note 1 " + "x" * 7000,
    "new " + "[" * 3000,
    "{{7*7}} ${7*7} <%= 7*7 %>",
    "note 1 {reference} {0} %s %(a)s",
    "show \u202e\u0001\x1b[31mred",
    "search \U0001f600\u0301\u0489",
    "search " + "a" * 3000,
    "list key:value:key:value",
    'list tag:"unfinished',
    "close list:all TEXT " * 20,
    "note 1 <!channel> <@U1> &lt;!here&gt;",
    "settings retention_days 1e309",
    "snooze 1 in 99999999 years",
    "time 1 999999999999h",
    "help ../../etc/passwd",
    "/ticket /ticket",
    "   ",
    "—",
    "\u0130stanbul",
)


@pytest.fixture
async def house(tmp_path: Path, over_http: bool) -> AsyncIterator[House]:
    async with open_house(tmp_path, http=over_http) as running:
        await running.mail.write(ANN, "support@example.org", "Printer on fire", "It burns.")
        await running.card()
        yield running


def notes() -> list[str]:
    with session():
        return sorted(one.text for one in Message.select().where(Message.kind == "note"))


async def fifty(house: House) -> list[Gesture]:
    asked = [house.slack.slash("U0BOB", CHANNEL, f"note 1 number {number:02}") for number in range(50)]
    return list(await asyncio.gather(*asked))


@pytest.mark.row("CI-04")
async def test_fifty_commands_wait_for_a_locked_database_and_each_is_done_once(house: House, tmp_path: Path) -> None:
    with locked(tmp_path):
        asking = asyncio.ensure_future(fifty(house))
        await asyncio.sleep(1.5)
    answered = await asking

    assert {gesture.error for gesture in answered} == {None}
    assert all("Noted on" in gesture.text for gesture in answered)
    assert notes() == [f"number {number:02}" for number in range(50)]


@pytest.mark.row("CI-04", "DB-01")
async def test_who_asks_while_it_is_locked_for_long_reads_that_nothing_was_done(house: House, tmp_path: Path) -> None:
    with locked(tmp_path):
        answered = await house.slack.slash("U0BOB", CHANNEL, "note 1 in vain")

    assert (answered.error, answered.acked) == (None, True)
    assert "try again" in answered.text
    assert notes() == []


@pytest.mark.row("CI-17")
async def test_hostile_words_are_answered_in_words(house: House) -> None:
    for words in HOSTILE:
        answered = await house.slack.slash("U0BOB", CHANNEL, words)

        assert (answered.error, answered.acked) == (None, True), words
        assert answered.text or answered.view or await answered.until_view(), words
        assert "Traceback" not in answered.text, words
        assert "Something went wrong" not in answered.text, (words, answered.text)
        assert "49" not in answered.text or "7*7" not in words


@pytest.mark.row("CI-18")
async def test_a_form_older_than_its_ticket_shows_what_changed_and_loses_nothing(house: House) -> None:
    view = await (await house.slack.slash("U0BOB", CHANNEL, "edit 1")).until_view()
    await house.slack.slash("U0CAROL", CHANNEL, "edit 1 severity:HIGH")

    done = await house.slack.submit("U0BOB", view.id, {"subject": "Printer in flames", "severity": "LOW"})

    assert not done.closed
    assert "Changed meanwhile" in view.words
    with session():
        ticket = house.office.desk.tickets.find("1", agent("bob@example.org"))
    assert (ticket.subject, ticket.severity.code) == ("Printer on fire", "HIGH")
