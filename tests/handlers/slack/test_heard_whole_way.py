"""Messages of Slack that become tickets or notes: shortcuts, signs, changes that are followed."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.desk.people import agent
from bot.desk.views import TicketView
from bot.sandbox.slack import View
from storage.database import session
from storage.models import Attachment, Delivery, Message
from tests.handlers.slack.house import CHANNEL, House, open_house

HELP = "C0HELP"


@pytest.fixture(params=[False, True], ids=["socket", "http"])
async def house(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[House]:
    async with open_house(tmp_path, http=request.param) as running:
        running.slack.add_channel(HELP, "help", members=("U0BOB", "U0CAROL", "U0EVE"))
        yield running


def ticket(house: House, number: str = "1") -> TicketView:
    with session():
        return house.office.desk.tickets.find(number, agent("bob@example.org"))


def notes(house: House) -> list[str]:
    with session():
        return [one.text for one in Message.select().where((Message.kind == "note") & Message.withdrawn_at.is_null())]


async def said(house: House, text: str = "The printer burns\nPlease help", user: str = "U0CAROL") -> str:
    file = ("smoke.txt", b"smoke", "text/plain")
    return (await house.slack.say(user, HELP, text, files=[file])).ts


async def asked(house: House, shortcut: str, ts: str) -> View:
    gesture = await house.slack.shortcut("U0BOB", shortcut, channel=HELP, ts=ts)
    view = await gesture.until_view()
    await house.until(lambda: "Loading" not in view.words)
    return view


async def opened(house: House) -> str:
    """The ts of a card."""
    await house.mail.write("Ann <ann@acme.example>", "support@example.org", "Printer on fire", "It burns.")
    return await house.card()


async def test_a_message_becomes_a_ticket_with_its_words_files_and_the_way_back(house: House) -> None:
    ts = await said(house)
    view = await asked(house, "make_ticket", ts)

    done = await house.slack.submit("U0BOB", view.id, {})

    assert done.error is None
    made = ticket(house)
    assert made.subject == "The printer burns"
    assert "Please help" in made.description
    assert ts.replace(".", "") in made.description
    with session():
        assert [file.name for file in Attachment.select()] == ["smoke.txt"]


async def test_the_second_time_the_ticket_is_shown(house: House) -> None:
    ts = await said(house)
    await house.slack.submit("U0BOB", (await asked(house, "make_ticket", ts)).id, {})

    again = await asked(house, "make_ticket", ts)

    assert f"This message is {ticket(house).reference} already." in again.words
    with session(), pytest.raises(Exception, match="2"):
        house.office.desk.tickets.find("2", agent("bob@example.org"))


async def test_two_forms_of_one_message_make_one_ticket(house: House) -> None:
    ts = await said(house)
    first = await asked(house, "make_ticket", ts)
    await house.slack.submit("U0BOB", first.id, {})
    second = await asked(house, "make_ticket", await said(house, "Something else"))

    await house.slack.submit("U0BOB", second.id, {})

    assert ticket(house, "2").subject == "Something else"


async def test_a_clients_message_makes_the_writer_the_requester(house: House) -> None:
    house.slack.add_member("U0DAN", "dan", "dan@acme.example")
    await house.slack.join("U0DAN", HELP)
    view = await asked(house, "make_ticket", await said(house, user="U0DAN"))

    await house.slack.submit("U0BOB", view.id, {})

    assert ticket(house).requester_address == "dan@acme.example"


async def test_a_message_is_added_to_a_ticket_as_a_note(house: House) -> None:
    await opened(house)
    view = await asked(house, "add_to_ticket", await said(house, "Room 12"))

    done = await house.slack.submit("U0BOB", view.id, {"into": ticket(house).reference})

    assert done.error is None
    assert notes(house)[0].startswith("Room 12")


async def test_a_new_ticket_is_opened_from_anywhere(house: House) -> None:
    view = await (await house.slack.shortcut("U0BOB", "new_ticket")).until_view()

    done = await house.slack.submit("U0BOB", view.id, {"subject": "Printer on fire"})

    assert done.error is None
    await house.until(lambda: f"{ticket(house).reference} is open." in view.words)


async def test_a_stranger_reads_that_nobody_knows_them(house: House) -> None:
    ts = await said(house)

    view = await (await house.slack.shortcut("U0EVE", "make_ticket", channel=HELP, ts=ts)).until_view()

    await house.until(lambda: "I do not know you" in view.words)


async def test_eyes_under_a_card_take_it(house: House) -> None:
    card = await opened(house)

    await house.slack.react("U0CAROL", CHANNEL, card, "eyes")

    await house.until(lambda: ticket(house).assignee)
    assert ticket(house).assignee.email == "carol@example.org"  # type: ignore[union-attr]


async def test_a_tick_under_a_card_offers_to_close_it(house: House) -> None:
    card = await opened(house)

    await house.slack.react("U0CAROL", CHANNEL, card, "white_check_mark")

    await house.until(whispered(house, "U0CAROL"))
    offer = house.slack.ephemerals("U0CAROL", CHANNEL)[-1]
    view = await (await house.slack.press("U0CAROL", CHANNEL, offer.ts, "verb:close")).until_view()
    assert view.content["callback_id"] == "form:close"


async def test_a_ticket_sign_offers_a_ticket_in_the_channels_named_for_it_alone(house: House) -> None:
    with session():
        house.office.desk.settings.set("ticket_channels", "#help", "test")
    ts = await said(house)
    elsewhere = (await house.slack.say("U0CAROL", CHANNEL, "Not here")).ts

    await house.slack.react("U0BOB", CHANNEL, elsewhere, "ticket")
    await house.slack.react("U0BOB", HELP, ts, "ticket")

    await house.until(whispered(house, "U0BOB", HELP))
    offer = house.slack.ephemerals("U0BOB", HELP)[-1]
    view = await (await house.slack.press("U0BOB", HELP, offer.ts, "verb:make")).until_view()
    await house.slack.submit("U0BOB", view.id, {})
    assert ticket(house).subject == "The printer burns"
    assert house.slack.ephemerals("U0BOB", CHANNEL) == []


async def test_a_note_follows_its_message_until_it_is_deleted(house: House) -> None:
    card = await opened(house)
    note = await house.slack.say("U0CAROL", CHANNEL, "Room 12", thread_ts=card)
    await house.until(lambda: notes(house) == ["Room 12"])

    await house.slack.edit_message("U0CAROL", CHANNEL, note.ts, "Room 13")
    await house.until(lambda: notes(house) == ["Room 13"])
    await house.slack.delete_message("U0CAROL", CHANNEL, note.ts)

    await house.until(lambda: notes(house) == [])


def whispered(house: House, user: str, channel: str = CHANNEL) -> Callable[[], object]:
    return lambda: house.slack.ephemerals(user, channel)


async def test_a_reference_in_the_channel_is_answered_in_its_thread_once_an_hour(house: House) -> None:
    await opened(house)
    reference = ticket(house).reference
    first = await house.slack.say("U0EVE", CHANNEL, f"How is {reference} going?")
    await house.slack.say("U0EVE", CHANNEL, f"{reference}?")

    await house.until(lambda: house.lines(first.ts))

    assert house.lines(first.ts) == [f"📌 {reference} · Printer on fire: Unread, nobody"]
    assert [call.arguments.get("thread_ts") for call in house.slack.calls_of("chat.postMessage")][1:] == [first.ts]


async def test_a_reference_elsewhere_or_where_it_is_switched_off_stays_unanswered(house: House) -> None:
    await opened(house)
    reference = ticket(house).reference
    await house.slack.say("U0BOB", HELP, f"How is {reference} going?")
    with session():
        house.office.desk.settings.set("mention_lines", "off", "test")
    await house.slack.say("U0BOB", CHANNEL, f"How is {reference} going?")

    await house.slack.slash("U0BOB", CHANNEL, "note 1 done")

    await house.until(lambda: notes(house) == ["done"])
    with session():
        assert Delivery.select().where(Delivery.key.startswith("mentioned:")).count() == 0
