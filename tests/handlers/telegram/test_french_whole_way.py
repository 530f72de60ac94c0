"""The whole way of an agent who chose French, on the phone: what Telegram's own parts say is French as well."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.desk import staff
from bot.desk.people import DESK
from bot.sandbox.demo import Demo
from bot.sandbox.telegram import Person
from storage.database import session
from storage.queries import tickets
from tests.handlers.telegram.test_letters_whole_way import ANN, last, until
from tests.handlers.telegram.test_letters_whole_way import DESK as DESK_ADDRESS


def hangs(demo: Demo, message: int) -> bool:
    """Whether the desk knows that this card hangs."""
    with session():
        return tickets.id_of_posting("telegram", str(demo.cast.group), str(message)) is not None


@pytest.fixture
async def demo(tmp_path: Path, over_http: bool) -> AsyncIterator[Demo]:
    """The desk whose Sam reads French."""
    running = Demo(tmp_path, over_http=over_http)
    await running.start()
    with session():
        staff.change(running.cast.on_call.address, running.office.clock, DESK, language="fr")
    yield running
    await running.stop()


@pytest.fixture
def sam(demo: Demo) -> Person:
    """Sam's phone, which itself speaks English."""
    return demo.telegram.world.people[demo.cast.on_call.telegram]


async def test_the_buttons_of_a_question_are_in_its_reader_s_language(demo: Demo, sam: Person) -> None:
    await (await demo.telegram.say(sam, sam, "/new"))
    await (await demo.telegram.say(sam, sam, "Plus de papier"))

    assert last(demo, sam).labels == [["Passer", "Annuler"]]


async def test_what_concerns_no_verb_is_said_in_the_language_of_the_last_answer(demo: Demo, sam: Person) -> None:
    await (await demo.telegram.say(sam, sam, "/mine"))

    await (await demo.telegram.say(sam, sam, "/cancel"))

    assert last(demo, sam).text == "Il n’y a rien à annuler."


async def test_a_time_that_is_no_button_may_be_typed(demo: Demo, sam: Person) -> None:
    for said in ("/ticket new", "Plus de papier"):
        await (await demo.telegram.say(sam, sam, said))
    await (await demo.telegram.press(sam, sam, last(demo, sam).id, "Passer"))
    for said in ("/snooze 1", "jamais"):
        await (await demo.telegram.say(sam, sam, said))
    fault = last(demo, sam).text

    await (await demo.telegram.say(sam, sam, "demain"))

    assert "⚠️" in fault and "jamais" in fault
    assert "silencieux" in last(demo, sam).text


async def test_nothing_is_asked_for_a_step_that_leads_nowhere(demo: Demo, sam: Person) -> None:
    for said in ("/ticket new", "Plus de papier"):
        await (await demo.telegram.say(sam, sam, said))
    await (await demo.telegram.press(sam, sam, last(demo, sam).id, "Passer"))
    await (await demo.telegram.say(sam, sam, "/close 1 fini"))

    await (await demo.telegram.say(sam, sam, "/assign 1"))

    assert last(demo, sam).text == "TS2611-0001 est au statut Fermé. Rouvrez-le d’abord."
    assert not last(demo, sam).labels


async def test_a_card_stays_in_the_desk_s_language_whoever_presses(demo: Demo, sam: Person) -> None:
    await demo.mail.write(ANN, DESK_ADDRESS, "Printer on fire", "It burns.")
    (card,) = await until(lambda: demo.telegram.messages(demo.cast.group))
    await until(lambda: hangs(demo, card.id))

    await (await demo.telegram.press(sam, demo.cast.group, card.id, "ℹ More"))

    (card,) = demo.telegram.messages(demo.cast.group)
    assert "Unread" in card.text
    assert ["Reply…", "Note…"] in card.labels
