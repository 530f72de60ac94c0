"""Interventions in Slack, with its real limits: from the form to the end of the ticket."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.handlers.slack.house import ANN, CHANNEL, House, open_house


@pytest.fixture
async def house(tmp_path: Path, over_http: bool) -> AsyncIterator[House]:
    """A running desk with a mail of Ann's, whose text is longer than a form can show."""
    async with open_house(tmp_path, http=over_http) as running:
        await running.mail.write(ANN, "support@example.org", "The printer is on fire", "Please help. " * 300)
        yield running


def card_of(house: House) -> str:
    """All that the ticket's card says."""
    return house.slack.messages(CHANNEL)[0].words


@pytest.mark.row("F6", "F8", "D18")
async def test_a_visit_is_planned_written_down_validated_and_ended_with_its_ticket(house: House) -> None:
    card = await house.card()
    await house.slack.press("U0BOB", CHANNEL, card, "verb:take")
    await house.until(lambda: "Taken by Bob" in card_of(house))
    view = await (await house.slack.slash("U0BOB", CHANNEL, "intervention 1")).until_view()
    values = {"at": "2031-03-05 09:00", "time": "1h30", "done": "Replaced the drum"}
    sent = await house.slack.submit("U0BOB", view.id, values)
    assert not sent.field_errors
    await house.until(lambda: "(draft): Bob, 5 Mar 09:00" in card_of(house))

    await house.until(lambda: house.slack.ephemerals("U0BOB"))
    answer = house.slack.ephemerals("U0BOB")[-1]
    assert "Replaced the drum" in answer.words
    await house.slack.press("U0BOB", CHANNEL, answer.ts, "verb:interventionvalidate")
    await house.until(lambda: "(validated): Bob" in card_of(house))

    view = await (await house.slack.press("U0BOB", CHANNEL, card, "verb:close")).until_view()
    await house.slack.submit("U0BOB", view.id, {"text": "Put out", "intervention": "done"})
    await house.until(lambda: "Closed by Bob" in card_of(house))
    assert "🔧" not in card_of(house)
    assert "1 h 30" in card_of(house)
