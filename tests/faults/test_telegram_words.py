"""Hostile words typed in Telegram and hostile tickets shown there, by the real bot: answered in words, literal."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox.telegram import Message
from bot.sandbox.telegram.entities import cut, units
from storage.database import session
from storage.models import Ticket
from tests.faults.telegram_house import House, open_house
from tests.faults.test_slack_doors import HOSTILE
from tests.handlers.telegram.test_literal import LIVE, alive
from tests.servers import until

LONGEST = 4096
TYPED = (
    *HOSTILE,
    "show 9223372036854775808",
    "note 1 " + "🎫" * 2000,
    "take ١٢",
    "note 1 " + LIVE,
    "take 1 @nobody " + LIVE,
)


@pytest.fixture
async def house(tmp_path: Path, over_http: bool) -> AsyncIterator[House]:
    """With one ticket, which Bob may answer from his phone."""
    async with open_house(tmp_path, http=over_http) as running:
        running.open("Printer on fire")
        await running.card()
        yield running


def typed(words: str) -> str:
    """What a person can send in one message."""
    return cut(f"/ticket {words}", 0, LONGEST)


async def answers(house: House, text: str) -> list[Message]:
    """What Bob reads after he wrote this to the bot."""
    gesture = await house.telegram.say(house.bob, house.bob, text)
    await until(lambda: gesture.sent or gesture.edited)
    await gesture.settled(quiet=0.02)
    return [*gesture.sent, *gesture.edited]


@pytest.mark.row("CI-17", "SE-02")
async def test_hostile_words_are_answered_in_words_and_act_on_nothing(house: House) -> None:
    for words in TYPED:
        said = await answers(house, typed(words))

        assert said, words
        text = "\n".join(message.text for message in said)
        assert not re.search("Traceback|Something went wrong|OperationalError", text), (words, text)
        assert "49" not in text or "7*7" not in words
        assert [
            part for message in said for part in alive(message.formatted) if part[1] not in ("/help", "/mine")
        ] == []
        assert max(units(message.text) for message in said) <= LONGEST
    with session():
        assert Ticket.select().count() == 1


@pytest.mark.row("CI-17")
async def test_hostile_answers_to_a_question_are_answered_in_words(house: House) -> None:
    for words in ("", "'; DROP TABLE ticket; --", "\x00\u202e", "9" * 400, LIVE, "x" * LONGEST, "/cancel"):
        await answers(house, "/edit 1")

        said = await answers(house, words or "\u200b")

        assert said, words
        assert not re.search("Traceback|Something went wrong", "".join(message.text for message in said)), words


@pytest.mark.row("SE-02", "CO-11")
async def test_a_hostile_ticket_is_shown_as_it_was_written_and_calls_nobody(house: House) -> None:
    subject = LIVE[:200]
    (reference,) = house.open(subject)
    await house.card(number=1)
    for line in (
        f"/note {reference} {LIVE}",
        f"/show {reference}",
        "/list",
        f"/search {LIVE[:60]}",
        f"/timeline {reference}",
    ):
        await answers(house, line)

    shown = [one for chat in (house.group, house.bob.id) for one in house.said("", chat)]
    assert len(shown) >= 7
    assert [part for message in shown for part in alive(message.formatted)] == []
    assert any(subject[:100] in message.text for message in house.said("", house.bob.id))
    assert subject[:100] in house.cards()[1].text
