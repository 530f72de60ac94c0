"""The whole way of second thoughts: a reply taken back in time or too late, and taking over from the menu."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox.slack import Message
from storage.database import session
from tests.handlers.slack.house import ANN, CHANNEL, House, open_house


@pytest.fixture
async def house(tmp_path: Path, over_http: bool) -> AsyncIterator[House]:
    async with open_house(tmp_path, http=over_http) as running:
        yield running


async def replied(house: House, undo_seconds: float) -> Message:
    """Bob has sent a reply: what he was whispered, with *Undo* under it."""
    with session():
        house.office.desk.settings.set("undo_seconds", undo_seconds, "test")
    await house.mail.write(ANN, "support@example.org", "Printer on fire", "Please help.")
    card = await house.card()
    view = await (await house.slack.press("U0BOB", CHANNEL, card, "verb:reply")).until_view()
    await house.slack.submit("U0BOB", view.id, {"text": "Water?"})
    await house.slack.submit("U0BOB", view.id)
    await house.until(lambda: house.slack.ephemerals("U0BOB"))
    return house.slack.ephemerals("U0BOB")[0]


async def test_a_reply_that_was_taken_back_says_so_where_it_could_be(house: House) -> None:
    whisper = await replied(house, 30)

    await house.slack.press("U0BOB", CHANNEL, whisper.ts, "verb:undo")

    await house.until(lambda: "was taken back" in house.slack.ephemerals("U0BOB")[0].words)
    assert "Undo" not in house.slack.ephemerals("U0BOB")[0].words
    assert len(house.slack.ephemerals("U0BOB")) == 1


async def test_whoever_is_too_late_is_told_and_cannot_press_again(house: House) -> None:
    whisper = await replied(house, 0)
    await house.until(lambda: house.letters("Water?"))

    await house.slack.press("U0BOB", CHANNEL, whisper.ts, "verb:undo")

    await house.until(lambda: "Too late: nothing of yours" in house.slack.ephemerals("U0BOB")[0].words)
    assert "verb:undo" not in str(house.slack.ephemerals("U0BOB")[0].all_blocks)


async def test_taking_over_from_the_menu_names_the_holder_first(house: House) -> None:
    await house.mail.write(ANN, "support@example.org", "Printer on fire", "Please help.")
    card = await house.card()
    await house.slack.press("U0BOB", CHANNEL, card, "verb:take")
    await house.until(lambda: "Taken by Bob" in house.shown)

    await house.slack.press("U0CAROL", CHANNEL, card, "more", option="Take over")
    await house.until(lambda: house.slack.ephemerals("U0CAROL"))
    question = house.slack.ephemerals("U0CAROL")[0]
    before = house.shown
    await house.slack.press("U0CAROL", CHANNEL, question.ts, "verb:takeover")

    assert "Bob has this ticket. Take it over?" in question.words
    assert "Taken by Bob" in before
    await house.until(lambda: "Taken over by Carol" in house.shown)
