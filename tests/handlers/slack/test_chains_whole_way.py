"""A chain of escalation in a real Slack: filled into a modal, looked at, changed, and saved."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox.slack import View
from storage.database import session
from tests.handlers.slack.house import CHANNEL, House, open_house


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as running:
        yield running


async def press(house: House, view: View, action: str, **chosen: str) -> None:
    """A choice or a button in a modal, until that is drawn anew."""
    before = view.updates
    await house.slack.press_in_view("U0BOB", view.id, action, **chosen)
    await house.until(lambda: view.updates > before)


async def test_a_chain_is_filled_in_looked_at_changed_and_saved(house: House) -> None:
    view = await (await house.slack.slash("U0BOB", CHANNEL, "escalation")).until_view()
    await press(house, view, "value", option="a new one", block_id="which")
    typed = {"+new.group": "all", "+new.severity": "Blocking", "+new.steps": "carol@example.org 5m\nchannel"}

    refused = await house.slack.submit("U0BOB", view.id, {**typed, "+new.steps": "carol"})
    await house.slack.submit("U0BOB", view.id, typed)
    await house.until(lambda: "at once: Carol" in view.words)
    await press(house, view, "form:edit")
    await house.slack.submit("U0BOB", view.id, {"+new.rounds": "2"})
    await house.until(lambda: "2 times in all" in view.words)
    saved = await house.slack.submit("U0BOB", view.id, {})

    assert refused.field_errors == {"+new.steps": "A step rings an address, rota:CODE or channel, not “carol”."}
    assert (saved.error, saved.closed) == (None, True)
    with session():
        assert house.office.desk.escalating.chains.every() == [
            {
                "group": "",
                "severity": "BLOCKING",
                "steps": ["carol@example.org 5m", "channel"],
                "rounds": 2,
                "causes": ["new", "overdue", "client"],
            }
        ]
