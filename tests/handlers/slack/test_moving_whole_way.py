"""Cards of tickets that leave: moved to another group's channel, deleted, merged. Only Slack and mail are pretend."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.database import session, transaction
from storage.models import TicketGroup
from tests.handlers.slack.house import ANN, CHANNEL, House, open_house

BILLING = "C0BILLING"


@pytest.fixture
async def house(tmp_path: Path, over_http: bool) -> AsyncIterator[House]:
    """A running desk whose group BILLING has a channel of its own."""
    async with open_house(tmp_path, http=over_http) as running:
        running.slack.add_channel(BILLING, "billing", members=("U0BOB", "U0CAROL"))
        with session(), transaction():
            TicketGroup.create(code="BILLING", labels={"en": "Billing"}, slack_channel="#billing")
        yield running


def shown_in(house: House, channel: str) -> str:
    """What the first message of a channel shows."""
    messages = house.slack.messages(channel)
    return messages[0].text if messages else ""


@pytest.mark.row("F2", "W1")
async def test_a_ticket_that_changes_its_group_hangs_there_and_the_old_card_says_so(house: House) -> None:
    await house.mail.write(ANN, "support@example.org", "Wrong invoice", "Please look.")
    card = await house.card()

    await house.slack.slash("U0BOB", CHANNEL, "edit 1 group:BILLING")

    await house.until(lambda: "Wrong invoice" in shown_in(house, BILLING))
    await house.until(lambda: "has moved to Billing" in shown_in(house, CHANNEL))
    assert "Wrong invoice" not in shown_in(house, CHANNEL)
    assert house.slack.messages(CHANNEL)[0].ts == card

    await house.slack.slash("U0BOB", CHANNEL, "edit 1 group:OTHER")

    await house.until(lambda: "Wrong invoice" in shown_in(house, CHANNEL))
    await house.until(lambda: "has moved to" in shown_in(house, BILLING))


@pytest.mark.row("F10", "W1")
async def test_the_card_of_a_deleted_ticket_is_one_line_until_it_comes_back(house: House) -> None:
    await house.mail.write(ANN, "support@example.org", "Not for you", "My password is swordfish.")
    await house.card()
    assert "swordfish" in house.slack.messages(CHANNEL)[0].words

    view = await (await house.slack.slash("U0BOB", CHANNEL, "delete 1")).until_view()
    await house.slack.submit("U0BOB", view.id)

    await house.until(lambda: "was deleted by Bob" in house.shown)
    assert "swordfish" not in house.slack.messages(CHANNEL)[0].words

    await house.slack.slash("U0BOB", CHANNEL, "undo")
    await house.until(lambda: "swordfish" in house.slack.messages(CHANNEL)[0].words)


@pytest.mark.row("F16")
async def test_an_answer_to_a_merged_ticket_lands_in_the_one_that_stays(house: House) -> None:
    await house.mail.write(ANN, "support@example.org", "First", "One.")
    await house.mail.write(ANN, "support@example.org", "Second", "Two.")
    await house.until(lambda: len(house.slack.messages(CHANNEL)) == 2)
    await house.until(lambda: len(house.letters("We have received your message")) == 2)
    letter = house.letters("-0002]")[0]

    await house.slack.slash("U0BOB", CHANNEL, "merge 2 1")
    await house.mail.write(ANN, letter.answer_to, f"Re: {letter.subject}", "And three.", in_reply_to=letter)

    first = house.slack.messages(CHANNEL)[0]
    await house.until(lambda: any("And three." in line for line in house.lines(first.ts)))
    await house.until(lambda: any("merged into" in message.text for message in house.slack.messages(CHANNEL)))
