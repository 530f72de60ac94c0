"""On call in a real Slack: who it is, a shift offered in a form and taken with one press, a rota kept in a form."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.desk import oncall
from bot.desk.audit import at_the_server
from bot.sandbox.slack import Message, View
from storage.database import session
from tests.handlers.slack.house import CHANNEL, House, open_house

AT_SERVER = at_the_server()


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as running:
        with session():
            running.office.desk.rotas.add("NIGHTS", AT_SERVER, name="Nights", zone="UTC")
            typed = {"members": "bob@example.org", "starts": "2020-01-01"}
            running.office.desk.rotas.set_layer("NIGHTS", typed, AT_SERVER)
        yield running


def on_duty(house: House) -> str:
    """Whoever is on call now."""
    with session():
        now = oncall.on_duty("NIGHTS", house.office.clock.now())
    return now.name if now else ""


def choices(view: View, field: str) -> list[str]:
    """What can be chosen in a field."""
    (block,) = [one for one in view.blocks if one.get("block_id") == field]
    return [option["text"]["text"] for option in block["element"]["options"]]


async def chosen(house: House, *choices: tuple[str, str]) -> View:
    """The form of rotas after these choices in it."""
    view = await (await house.slack.slash("U0BOB", CHANNEL, "rotas")).until_view()
    for block, option in choices:
        before = view.updates
        await house.slack.press_in_view("U0BOB", view.id, "value", option=option, block_id=block)
        await house.until(lambda before=before: view.updates > before)  # type: ignore[misc]
    return view


def said(house: House, words: str) -> list[Message]:
    """What was said in the channel with these words."""
    return [one for one in house.slack.messages(CHANNEL) if words in one.text]


async def test_a_shift_is_offered_in_a_form_and_taken_with_one_press(house: House) -> None:
    asked = await house.slack.slash("U0BOB", CHANNEL, "oncall")
    await asked.until_text()
    form = await house.slack.press("U0BOB", CHANNEL, asked.ephemerals[0].ts, "verb:shift_swap")
    view = await form.until_view()
    await house.slack.submit("U0BOB", view.id, {"shift": choices(view, "shift")[0], "to": "everybody"})
    await house.until(lambda: said(house, "offers a shift"))

    offer = said(house, "offers a shift")[0].ts
    await house.slack.press("U0CAROL", CHANNEL, offer, "verb:swap_accept")

    await house.until(lambda: said(house, "Carol takes Bob's shift of Nights"))
    (settled,) = said(house, "Carol takes Bob's shift of Nights")
    assert settled.ts == offer
    assert [block["type"] for block in settled.blocks] == ["rich_text"]
    assert "You are on call (Nights)" in asked.text
    assert on_duty(house) == "Carol"


async def test_a_layer_is_added_in_a_form(house: House) -> None:
    view = await chosen(house, ("which", "NIGHTS · Nights"), ("what", "A new layer"))

    done = await house.slack.submit("U0BOB", view.id, {"NIGHTS.layer:2.members": "carol@example.org"})

    assert (done.error, done.closed) == (None, True)
    assert on_duty(house) == "Carol"


async def test_a_layer_is_removed_in_a_form(house: House) -> None:
    view = await chosen(house, ("which", "NIGHTS · Nights"), ("what", "Remove layer 1"))

    done = await house.slack.submit("U0BOB", view.id, {})

    assert (done.error, done.closed) == (None, True)
    assert on_duty(house) == ""


async def test_one_s_own_page_says_who_is_on_call(house: House) -> None:
    await house.slack.open_home("U0CAROL")
    await house.until(lambda: "U0CAROL" in house.slack.workspace.homes)

    assert "Nights (NIGHTS): Bob" in house.slack.workspace.homes["U0CAROL"].words
