"""The whole way with Slack over HTTP: the bot's own web server takes what Slack posts, and nothing that is forged."""

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from bot.sandbox.slack.http_mode import body_of
from storage.database import session
from storage.queries import tickets
from tests.handlers.slack.house import ANN, CHANNEL, House, open_house


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path, http=True) as running:
        yield running


def notes(house: House) -> list[str]:
    """The notes of the first ticket."""
    with session():
        return [message.text for message in tickets.messages(1) if message.kind == "note"]


async def test_a_press_and_a_form_do_over_http_what_they_do_over_socket_mode(house: House) -> None:
    await house.mail.write(ANN, "support@example.org", "Printer on fire", "Please help.")
    card = await house.card()

    taken = await house.slack.press("U0BOB", CHANNEL, card, "verb:take")
    view = await (await house.slack.press("U0BOB", CHANNEL, card, "verb:note")).until_view()
    noted = await house.slack.submit("U0BOB", view.id, {"text": "Water."})

    assert (taken.status, noted.status, noted.closed) == (200, 200, True)
    await house.until(lambda: "Note by Bob" in house.shown)
    assert notes(house) == ["Water."]


async def test_a_request_with_a_wrong_signature_is_refused_and_changes_nothing(house: House) -> None:
    await house.mail.write(ANN, "support@example.org", "Printer on fire", "Please help.")
    card = await house.card()
    taken = await house.slack.press("U0EVE", CHANNEL, card, "verb:take")
    body, kind = body_of("interactive", {**taken.payload, "user": {"id": "U0BOB", "team_id": house.slack.team}})

    forged = await house.slack.http.post(body, {**house.slack.http.headers(body, kind), "X-Slack-Signature": "v0=0"})

    assert forged.status == 401
    with session():
        assert house.office.desk.tickets.view(1).assignee is None


async def test_the_same_request_sent_again_gets_the_same_answer_and_has_no_second_effect(house: House) -> None:
    await house.mail.write(ANN, "support@example.org", "Printer on fire", "Please help.")
    await house.card()
    first = await house.slack.slash("U0BOB", CHANNEL, "note 1 Water.")
    body, kind = urlencode(first.payload), "application/x-www-form-urlencoded"
    headers = {**house.slack.http.headers(body, kind), "X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "timeout"}

    again = await house.slack.http.post(body, headers)

    assert (again.status, again.payload) == (200, first.ack)
    assert notes(house) == ["Water."]
