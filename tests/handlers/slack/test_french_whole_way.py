"""The whole way of an agent who chose French: what Slack's own parts say is French as well."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.desk import staff
from bot.desk.people import DESK
from storage.database import session
from tests.handlers.slack.house import ANN, CHANNEL, House, open_house


@pytest.fixture
async def house(tmp_path: Path, over_http: bool) -> AsyncIterator[House]:
    async with open_house(tmp_path, http=over_http) as running:
        with session():
            staff.change("carol@example.org", running.office.clock, DESK, language="fr")
        await running.mail.write(ANN, "support@example.org", "Printer on fire", "Please help.")
        yield running


async def test_the_buttons_of_a_form_are_in_its_reader_s_language(house: House) -> None:
    card = await house.card()

    view = await (await house.slack.press("U0CAROL", CHANNEL, card, "verb:reply")).until_view()

    assert view.content["title"]["text"] == "Répondre au client"
    assert view.content["close"]["text"] == "Annuler"


async def test_a_ticket_is_shown_in_its_reader_s_language(house: House) -> None:
    await house.card()

    await house.slack.slash("U0CAROL", CHANNEL, "show 1")
    await house.until(lambda: house.slack.ephemerals("U0CAROL"))

    shown = json.dumps(house.slack.ephemerals("U0CAROL")[0].all_blocks, ensure_ascii=False)
    assert "Responsable" in shown and "Assignee" not in shown
