"""`handover` in chats: notes by words, in a form and on the phone; what waits is shown to whoever may accept it."""

from datetime import timedelta

import pytest

from bot.backoffice import Backoffice
from bot.clock import SetClock
from bot.desk import people
from bot.desk.audit import at_the_server
from bot.desk.opening import Opening
from bot.desk.people import Actor
from bot.outgoing.packing import Packer
from storage.models import Delivery, Handover
from storage.queries import notices
from storage.queries import people as people_rows
from tests.bot.commands.asking import BOB, CAROL, PHONE, VIC, ask
from tests.bot.commands.test_oncall import fields, press
from tests.conftest import NOON

AT_SERVER = at_the_server()
MORNING = NOON.replace(hour=8) + timedelta(days=1)


@pytest.fixture
def nights(office: Backoffice) -> None:
    """Bob and Carol take turns day by day from eight to eight; today is Bob's, by the only rota."""
    office.desk.rotas.add("NIGHTS", AT_SERVER, name="Nights", zone="UTC")
    typed = {"members": "bob, carol", "days": "day", "starts": "2026-03-04"}
    office.desk.rotas.set_layer("NIGHTS", typed, AT_SERVER)
    office.desk.handovers.look()


def change(office: Backoffice, clock: SetClock) -> Handover:
    """Carol comes on call."""
    clock.move(hours=(MORNING - clock.now()).total_seconds() / 3600)
    office.desk.handovers.look()
    return Handover.get(Handover.at == MORNING)


def notes() -> str:
    """What was noted."""
    return Handover.select().order_by(Handover.id.desc()).get().notes


@pytest.mark.parametrize("words", ["handover nights The disk is full.", "handover The disk is full."])
@pytest.mark.usefixtures("nights")
def test_a_text_is_a_line_of_the_notes_with_the_rota_or_without(office: Backoffice, words: str) -> None:
    ask(office, words)
    answer = ask(office, "handover NIGHTS ACME calls at nine.")

    assert answer.text == "Noted for the hand-over of Nights."
    assert notes() == "The disk is full.\nACME calls at nine."


@pytest.mark.parametrize(
    ("caller", "words", "sentence"),
    [
        (CAROL, "handover NIGHTS Mine", "You are not on call in Nights, and hand nothing over."),
        (CAROL, "handover", "You are not on call now, and nothing waits for you to accept it."),
        (CAROL, "handover DAYS", "There is no rota DAYS. There are: NIGHTS."),
        (
            VIC,
            "handover NIGHTS Mine",
            "For `handover` you need the role agent; yours is viewer. An admin can change it.",
        ),
    ],
)
@pytest.mark.usefixtures("nights")
def test_whoever_hands_nothing_over_is_told_so(office: Backoffice, caller: object, words: str, sentence: str) -> None:
    answer = ask(office, words, caller)  # type: ignore[arg-type]

    assert (answer.refused, answer.text) == (True, sentence)


@pytest.mark.usefixtures("nights")
def test_where_one_hands_over_by_several_rotas_it_is_asked_which(office: Backoffice) -> None:
    office.desk.rotas.add("DAYS", AT_SERVER, zone="UTC")
    office.desk.rotas.set_layer("DAYS", {"members": "bob"}, AT_SERVER)

    form = fields(ask(office, "handover"))

    assert [option.value for option in form["rota"].options] == ["DAYS", "NIGHTS"]


@pytest.mark.usefixtures("nights")
def test_a_form_that_another_note_has_overtaken_is_refused(office: Backoffice) -> None:
    form = ask(office, "handover").form
    assert form is not None
    ask(office, "handover The disk is full.")

    answer = press(office, "handover_notes", BOB, draft=form.draft, notes="Everything is fine.")

    assert answer.text == "Somebody else has changed this meanwhile. Please open it again."
    assert notes() == "The disk is full."


@pytest.mark.usefixtures("nights")
def test_on_the_phone_lines_and_tickets_are_added(office: Backoffice, bob: Actor) -> None:
    people_rows.link_account(people.agent("bob@example.org").id, "telegram", "7001", "Bob", NOON)
    first, second = (
        office.desk.tickets.open(Opening(name, assignee="bob@example.org"), bob) for name in ("One", "Two")
    )
    ask(office, "handover The disk is full.")

    for ticket, line in ((first, "ACME calls."), (second, "")):
        form = ask(office, "handover", PHONE).form
        assert form is not None
        press(office, "handover_notes", PHONE, draft=form.draft, text=line, tickets=str(ticket.id))

    assert notes() == "The disk is full.\nACME calls."
    assert Handover.get().chosen == [first.id, second.id]


@pytest.mark.usefixtures("nights")
def test_whoever_comes_sees_all_of_it_with_a_button(office: Backoffice, clock: SetClock, bob: Actor) -> None:
    office.desk.tickets.open(Opening("Printer", assignee="bob@example.org"), bob)
    ask(office, "handover " + "Long. " * 500)
    one = change(office, clock)

    answer = ask(office, "handover", CAROL)

    assert [button.verb for button in answer.buttons] == ["handover_accept"]
    assert (answer.reference, answer.lines[1].count("Long.")) == (str(one.id), 500)
    assert "Printer" in answer.lines[-1]


@pytest.mark.usefixtures("nights")
def test_a_reminder_stands_under_the_post_and_calls_by_name(office: Backoffice, clock: SetClock) -> None:
    people_rows.link_account(people.agent("carol@example.org").id, "slack", "U0CAROL", "Carol", NOON)
    one = change(office, clock)
    notices.hang(
        "handover", one.id, "slack:#support", channel="C0SUPPORT", message="1.2", platform="slack", topic=0, at=NOON
    )
    clock.move(minutes=31)
    office.desk.handovers.look()

    packed = Packer(office.desk, None, ()).claim("slack", (), 10)

    (reminder,) = [each for each in packed if "waits for you" in each.line]
    assert (reminder.hanging, reminder.place.channel) == ("1.2", "C0SUPPORT")
    assert reminder.mention is not None
    assert reminder.mention.id == "U0CAROL"


@pytest.mark.usefixtures("nights")
def test_a_reminder_is_not_sent_any_more_once_somebody_has_accepted(
    office: Backoffice, clock: SetClock, carol: Actor
) -> None:
    one = change(office, clock)
    clock.move(minutes=31)
    office.desk.handovers.look()
    office.desk.handovers.accept(one.id, carol)

    packed = Packer(office.desk, None, ()).claim("slack", (), 10)

    assert not [each for each in packed if "waits for you" in each.line]
    assert Delivery.select().where(Delivery.external_id == "settled before").count() == 1
