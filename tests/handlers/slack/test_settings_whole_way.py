"""Settings in a real Slack form: a section is chosen, its fields appear, what differs is set, faults stay."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox.slack import View
from storage.database import session
from tests.handlers.slack.house import CHANNEL, House, open_house


@pytest.fixture
async def house(tmp_path: Path, over_http: bool) -> AsyncIterator[House]:
    async with open_house(tmp_path, http=over_http) as running:
        yield running


def blocks(view: View) -> list[str]:
    """The fields of a form."""
    return [str(block["block_id"]) for block in view.blocks if block["type"] == "input"]


async def opened(house: House, *chosen: tuple[str, str]) -> View:
    """The form after these choices in it."""
    view = await (await house.slack.slash("U0BOB", CHANNEL, "settings")).until_view()
    for block, option in chosen:
        before = view.updates
        await house.slack.press_in_view("U0BOB", view.id, "value", option=option, block_id=block)
        await house.until(lambda before=before: view.updates > before)  # type: ignore[misc]
    return view


@pytest.mark.row("C6", "C7")
async def test_a_section_is_chosen_and_what_differs_is_set(house: House) -> None:
    view = await opened(house, ("section", "Deadlines"))

    done = await house.slack.submit("U0BOB", view.id, {"response_delay": "4", "delays_count": "business_hours"})

    assert (done.error, done.closed) == (None, True)
    with session():
        settings = house.office.desk.settings
        assert (settings.get("response_delay"), settings.get("delays_count")) == (4.0, "business_hours")
        assert settings.origin("warn_at") == "default"
    await house.until(lambda: done.ephemerals)
    assert "response_delay = 4" in done.ephemerals[0].words


async def test_a_fault_stays_at_its_field_and_nothing_is_set(house: House) -> None:
    view = await opened(house, ("section", "Deadlines"))

    refused = await house.slack.submit("U0BOB", view.id, {"response_delay": "soon", "warn_at": "50"})

    assert (refused.closed, refused.field_errors) == (
        False,
        {"response_delay": "response_delay must be a number from 0 to 8760"},
    )
    with session():
        assert house.office.desk.settings.origin("warn_at") == "default"


@pytest.mark.row("C9")
async def test_another_entry_shows_its_own_properties(house: House) -> None:
    first = await opened(house, ("section", "Severities"), ("severity.entry", "HIGH · High"))
    shown = blocks(first)

    done = await house.slack.submit("U0BOB", first.id, {"HIGH.label:en": "Very high", "HIGH.default": "yes"})

    assert "HIGH.label:en" in shown and "HIGH.rings" in shown
    assert (done.error, done.closed) == (None, True)
    with session():
        values = house.office.desk.dictionaries.find("severity", "HIGH").values
    assert (values["label:en"], values["default"], values["label:fr"]) == ("Very high", "yes", "Haute")


@pytest.mark.row("C9")
async def test_a_group_s_form_opens_saves_and_adds(house: House) -> None:
    view = await opened(house, ("section", "Groups"), ("group.entry", "a new one"))

    done = await house.slack.submit("U0BOB", view.id, {"+new.code": "billing", "+new.slack_channel": "#billing"})

    assert (done.error, done.closed) == (None, True)
    with session():
        assert house.office.desk.dictionaries.find("group", "BILLING").values["slack_channel"] == "#billing"


@pytest.mark.row("C10")
async def test_an_agent_gets_no_form(house: House) -> None:
    asked = await house.slack.slash("U0CAROL", CHANNEL, "settings")

    assert "you need the role admin" in (asked.ephemerals[0].words if asked.ephemerals else str(asked.ack))
    assert house.slack.open_views("U0CAROL") == []
