"""The whole way of one problem: three mails, one offer, one press, one answer to each client, one closing, one undo."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox.slack import Message
from storage.database import session
from tests.handlers.slack.house import CHANNEL, House, open_house

pytestmark = pytest.mark.row("SP")
CLIENTS = ("ann@acme.example", "paul@globex.example", "zoe@initech.example")


@pytest.fixture
async def house(tmp_path: Path, over_http: bool) -> AsyncIterator[House]:
    """Three clients have written of the same outage."""
    async with open_house(tmp_path, http=over_http) as running:
        for client, subject in zip(CLIENTS, ("The portal is down", "Portal down!", "portal DOWN again"), strict=True):
            await running.mail.write(client, "support@example.org", subject, "We cannot work.")
            await running.until(lambda: offers(running) or len(cards(running)) == 1)
        await running.until(lambda: len(cards(running)) == 3)
        await running.until(lambda: [("2 tickets" in str(one.all_blocks)) for one in offers(running)] == [True])
        yield running


def cards(house: House) -> list[Message]:
    """The cards in the channel."""
    return [one for one in house.slack.messages(CHANNEL) if one.thread_ts in (None, one.ts)]


def offers(house: House) -> list[Message]:
    """The cards with a button for it."""
    return [one for one in cards(house) if "verb:problem" in str(one.all_blocks)]


def letters(house: House, words: str) -> dict[str, list[str]]:
    """Who is named as a reader of the letters with these words, by client."""
    found = {}
    for client in CLIENTS:
        for letter in house.mail.letters(client):
            if words in letter.text:
                found[client] = [other for other in CLIENTS if other in str(letter)]
    return found


async def linked(house: House) -> str:
    """Bob has pressed *Same problem* and chosen them all; the ts of the card."""
    (offer,) = offers(house)
    view = await (await house.slack.press("U0BOB", CHANNEL, offer.ts, "verb:problem")).until_view()
    await house.slack.submit("U0BOB", view.id)
    await house.until(lambda: all("one problem with others" in str(card.all_blocks) for card in cards(house)))
    return offer.ts


async def test_one_answer_and_one_closing_reach_each_client_alone(house: House) -> None:
    card = await linked(house)

    view = await (await house.slack.press("U0BOB", CHANNEL, card, "verb:reply")).until_view()
    await house.slack.submit("U0BOB", view.id, {"text": "It works again.", "problem": "all", "then": "close"})
    await house.slack.submit("U0BOB", view.id)

    await house.until(lambda: all("Closed" in one.text for one in cards(house)))
    await house.until(lambda: house.slack.ephemerals("U0BOB"))
    assert "3 of 3 requesters are answered" in house.slack.ephemerals("U0BOB")[-1].words


async def test_what_was_sent_to_all_is_taken_back_from_all(house: House) -> None:
    with session():
        house.office.desk.settings.set("undo_seconds", 30, "test")
    card = await linked(house)
    view = await (await house.slack.press("U0BOB", CHANNEL, card, "verb:reply")).until_view()
    await house.slack.submit("U0BOB", view.id, {"text": "It works again.", "problem": "all"})
    await house.slack.submit("U0BOB", view.id)
    await house.until(lambda: "3 of 3" in str([one.words for one in house.slack.ephemerals("U0BOB")]))

    answer = next(one for one in house.slack.ephemerals("U0BOB") if "3 of 3" in one.words)
    await house.slack.press("U0BOB", CHANNEL, answer.ts, "verb:undo")

    await house.until(lambda: str([one.words for one in house.slack.ephemerals("U0BOB")]).count("was taken back") == 3)
    assert letters(house, "It works again.") == {}


async def test_letters_show_no_client_the_others(house: House) -> None:
    card = await linked(house)
    view = await (await house.slack.press("U0BOB", CHANNEL, card, "verb:reply")).until_view()
    await house.slack.submit("U0BOB", view.id, {"text": "It works again.", "problem": "all"})
    await house.slack.submit("U0BOB", view.id)

    await house.until(lambda: len(letters(house, "It works again.")) == 3)
    assert letters(house, "It works again.") == {client: [client] for client in CLIENTS}
