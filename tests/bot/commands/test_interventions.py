"""Interventions as people ask for them: typed, pressed, in forms, and when a ticket is closed."""

from datetime import UTC, datetime

import pytest

from bot.backoffice import Backoffice
from bot.clock import SetClock
from bot.commands.requests import Caller, Request
from bot.desk.opening import Opening
from bot.desk.people import Actor
from bot.desk.views import TicketView
from bot.desk.workflow import Status
from bot.desk.worksheet import InterventionView
from bot.outgoing.cards import Answer
from storage.models import Event
from storage.queries import people as people_rows
from tests.bot.commands.test_lifecycle_verbs import CAROL, PHONE, SLACK_BOB, VIC, ask, form_of, now, submit
from tests.bot.commands.test_runner import CARD, hang


def press(office: Backoffice, answer: Answer, verb: str, caller: Caller = SLACK_BOB) -> Answer:
    """What the desk answers to a button under an answer."""
    assert verb in [button.verb for button in answer.buttons]
    fields = {"reference": answer.reference}
    return office.runner.run(Request(caller, verb, fields=fields, version=answer.version, pressed=True))


def only(office: Backoffice, ticket: TicketView) -> InterventionView:
    """The ticket's only intervention."""
    (one,) = office.desk.tickets.interventions.of(ticket.id)
    return one


def buttons(answer: Answer) -> list[str]:
    """What may be pressed under an answer."""
    return [button.verb.removeprefix("intervention") for button in answer.buttons]


# typed ---------------------------------------------------------------------------------------------------------------


@pytest.mark.row("F6")
def test_one_is_planned_by_typing(office: Backoffice, ticket: TicketView) -> None:
    answer = ask(office, "intervention 1 at:2026-03-05T09:00 technician:carol Bring a drum")

    assert (
        answer.text
        == "FI2603-0001 is there for TS2603-0001.\nFI2603-0001 (draft) · TS2603-0001 · The printer is on fire"
    )
    assert answer.lines == (
        "Client: Ann <ann@acme.example>",
        "Technician: Carol",
        "Planned for: 5 Mar 09:00",
        "Description: Bring a drum",
    )
    assert only(office, ticket).planned_at == datetime(2026, 3, 5, 9, tzinfo=UTC)


@pytest.mark.row("F6", "D18")
def test_work_that_is_done_is_planned_written_and_validated_by_typing(office: Backoffice, ticket: TicketView) -> None:
    ask(office, "intervention 1 at:09:00 time:1h30 Replaced the drum")
    said = [
        ask(office, f"intervention fi2603-0001 {words}").text.partition(".\n")[0]
        for words in ("time:30m Cleaned it", "remove 2", "time:15m", "validate", "done")
    ]

    assert said == [
        "30 min noted in FI2603-0001",
        "Line 2 of FI2603-0001 is gone",
        "15 min noted in FI2603-0001",
        "FI2603-0001 is validated",
        "FI2603-0001 is done",
    ]
    done = only(office, ticket)
    assert [(line.at.hour, line.minutes, line.text) for line in done.lines] == [
        (9, 90, "Replaced the drum"),
        (12, 15, ""),
    ]
    assert (done.state, done.description, now(office, ticket).minutes) == ("done", "Please help", 105)


@pytest.mark.row("F6")
def test_its_plans_are_changed_by_typing(office: Backoffice, ticket: TicketView) -> None:
    ask(office, "intervention 1 at:monday Bring a drum")

    answer = ask(office, "intervention FI2603-0001 at:2026-03-06 technician:carol")

    assert answer.text.startswith("FI2603-0001 is changed.")
    assert answer.lines[1:3] == ("Technician: Carol", "Planned for: 6 Mar 09:00")


@pytest.mark.row("F6")
def test_without_further_words_the_open_one_is_shown(office: Backoffice, ticket: TicketView) -> None:
    ask(office, "intervention 1")

    shown = [ask(office, words) for words in ("intervention 1", "intervention FI2603-0001")]

    assert [answer.reference for answer in shown] == ["FI2603-0001"] * 2
    assert len(office.desk.tickets.interventions.of(ticket.id)) == 1


@pytest.mark.row("F6")
@pytest.mark.parametrize(
    ("words", "sentence", "code"),
    [
        ("intervention FI2603-0009 done", "There is no intervention FI2603-0009 that you can see.", 1),
        ("intervention FI2603-0001 done", "FI2603-0001 is a draft. Validate it first.", 1),
        ("intervention FI2603-0001 validate", "FI2603-0001 says nothing yet of what was done.", 1),
        ("intervention FI2603-0001 remove 1", "FI2603-0001 has no line 1.", 1),
        ("intervention FI2603-0001 remove one", "FI2603-0001 has no line one.", 2),
        ("intervention FI2603-0001 Replaced it", "How long did that take? For example: intervention FI", 2),
        ("intervention FI2603-0001 time:long Replaced it", "I do not understand the time “long”.", 2),
        ("intervention 1 at:someday Look", "I do not understand the time “someday”.", 2),
        ("intervention 1 at:0001-01-01 Look", "I do not understand the time “0001-01-01”.", 2),
        ("intervention 1 technician:nobody@example.org Look", "There is no agent nobody@example.org.", 1),
    ],
)
def test_what_cannot_be_is_said_and_not_done(
    office: Backoffice, ticket: TicketView, words: str, sentence: str, code: int
) -> None:
    ask(office, "intervention 1")

    answer = ask(office, words)

    assert answer.refused
    assert answer.text.startswith(sentence)
    assert answer.exit_code == code
    assert (only(office, ticket).state, only(office, ticket).lines) == ("draft", ())


@pytest.mark.row("F6", "C10")
def test_a_viewer_sees_them_with_the_ticket_and_makes_none(office: Backoffice, ticket: TicketView) -> None:
    ask(office, "intervention 1 at:2026-03-05")

    card = ask(office, "show 1", VIC).card

    assert card is not None
    assert "🔧 FI2603-0001 (draft): Bob, 5 Mar 09:00" in card.notes
    assert ask(office, "intervention 1 More", VIC).refused


# programs, the timeline ----------------------------------------------------------------------------------------------


@pytest.mark.row("F6")
def test_programs_get_the_ticket_with_all_of_its_interventions(office: Backoffice, ticket: TicketView) -> None:
    answer = ask(office, "intervention 1 at:2026-03-04T09:00 time:90m Replaced it")

    assert isinstance(answer.data, dict)
    assert answer.data["reference"] == ticket.reference
    assert answer.data["interventions"] == [answer.data["intervention"]]
    assert answer.data["intervention"]["lines"] == [
        {"number": 1, "at": "2026-03-04T09:00:00+00:00", "minutes": 90, "text": "Replaced it"}
    ]
    shown = ask(office, "show 1").data
    assert isinstance(shown, dict)
    assert shown["interventions"] == answer.data["interventions"]


@pytest.mark.row("F6", "F12")
def test_the_timeline_names_them(office: Backoffice, ticket: TicketView) -> None:
    ask(office, "intervention 1 time:90m Replaced it")

    lines = ask(office, "log 1").lines

    assert [line.splitlines()[-1] for line in lines[1:]] == ["FI2603-0001"] * 2
    assert lines[1].startswith("Intervention planned by Bob · 12:00")


@pytest.mark.row("F6")
def test_one_that_is_done_stands_below_the_card(office: Backoffice, ticket: TicketView) -> None:
    for words in ("intervention 1 time:90m Replaced it", "intervention FI2603-0001 validate"):
        ask(office, words)
    assert ask(office, "show 1").lines == ()

    ask(office, "intervention FI2603-0001 done")

    shown = ask(office, "show 1")
    assert shown.lines == ("🔧 FI2603-0001 (done): Bob, 1 h 30",)
    assert shown.card is not None and not any("FI2603" in note for note in shown.card.notes)


# forms and buttons ---------------------------------------------------------------------------------------------------


@pytest.mark.row("F6")
def test_in_a_chat_a_prefilled_form_opens(office: Backoffice, ticket: TicketView) -> None:
    ask(office, "assign 1 carol")

    form = form_of(ask(office, "intervention 1", SLACK_BOB))

    values = {field.key: field.value for field in form.fields}
    assert values == {
        "client": "Ann",
        "subject": "The printer is on fire",
        "text": "Please help",
        "at": "",
        "technician": "carol@example.org",
        "time": "",
        "done": "",
    }
    assert submit(office, form, time="1h", done="Replaced it", at="09:00").text.startswith("FI2603-0001 is there")
    made = only(office, ticket)
    assert (made.lines[0].text, made.lines[0].at.hour, made.description) == ("Replaced it", 9, "Please help")


@pytest.mark.row("F6")
@pytest.mark.parametrize(
    ("filled", "key"),
    [
        ({"at": "someday"}, "at"),
        ({"time": "long"}, "time"),
        ({"done": "Replaced it"}, "time"),
        ({"technician": "zoe@example.org"}, "technician"),
    ],
)
def test_a_fault_is_said_at_its_field_and_what_was_filled_in_is_kept(
    office: Backoffice, ticket: TicketView, filled: dict[str, str], key: str
) -> None:
    form = form_of(ask(office, "intervention 1", SLACK_BOB))

    answer = submit(office, form, text="Bring a drum", **filled)

    assert set(answer.faults) == {key}
    assert office.desk.tickets.interventions.of(ticket.id) == []
    again = {field.key: field.value for field in form_of(ask(office, "intervention 1", SLACK_BOB)).fields}
    assert again["text"] == "Bring a drum"


@pytest.mark.row("F6")
def test_the_buttons_lead_from_draft_to_done_and_back(office: Backoffice, ticket: TicketView) -> None:
    shown = submit(office, form_of(ask(office, "intervention 1", SLACK_BOB)), time="1h", done="Replaced it")
    assert buttons(shown) == ["add", "edit", "validate"]

    validated = press(office, shown, "interventionvalidate")
    done = press(office, validated, "interventiondone")
    again = press(office, done, "interventiondraft")

    assert (buttons(validated), buttons(done)) == (["done", "draft"], ["draft"])
    assert again.text.startswith("FI2603-0001 is a draft again.")


@pytest.mark.row("F6")
def test_a_button_of_a_state_that_is_over_does_nothing(office: Backoffice, ticket: TicketView) -> None:
    shown = submit(office, form_of(ask(office, "intervention 1", SLACK_BOB)), time="1h", done="Replaced it")
    ask(office, "intervention FI2603-0001 time:2h More", CAROL)

    answer = press(office, shown, "interventionvalidate")

    assert (answer.refused, only(office, ticket).state) == (True, "draft")


@pytest.mark.row("F6")
def test_work_is_added_and_plans_are_changed_in_forms(office: Backoffice, ticket: TicketView) -> None:
    shown = submit(office, form_of(ask(office, "intervention 1", SLACK_BOB)), at="2026-03-05 09:00")

    added = submit(office, form_of(press(office, shown, "interventionadd")), time="1h", text="Replaced it")
    edit = form_of(press(office, added, "interventionedit"))
    edited = submit(office, edit, subject="Drum", at="", technician="carol@example.org")

    one = only(office, ticket)
    assert {field.key: field.value for field in edit.fields}["at"] == "2026-03-05 09:00"
    assert (one.subject, one.planned_at, one.description, len(one.lines)) == ("Drum", None, "Please help", 1)
    assert (one.technician and one.technician.name, edited.refused) == ("Carol", False)


@pytest.mark.row("F6")
def test_beside_an_open_one_another_may_be_made(office: Backoffice, ticket: TicketView) -> None:
    ask(office, "intervention 1")
    shown = ask(office, verb="intervention", caller=SLACK_BOB, fields={"reference": "1"}, pressed=True)

    submit(office, form_of(press(office, shown, "interventionnew")))

    assert [one.number for one in office.desk.tickets.interventions.of(ticket.id)] == ["FI2603-0001", "FI2603-0002"]


@pytest.mark.row("F6")
def test_after_a_mention_a_button_opens_the_form(office: Backoffice, ticket: TicketView) -> None:
    answer = ask(office, "intervention 1", SLACK_BOB, can_ask=False)

    assert form_of(press(office, answer, "intervention")).verb == "intervention"


@pytest.mark.row("F6")
def test_work_without_its_time_is_asked_for_in_a_form(office: Backoffice, ticket: TicketView) -> None:
    ask(office, "intervention 1")

    form = form_of(ask(office, "intervention FI2603-0001 Replaced it", SLACK_BOB))
    submit(office, form, time="20m")

    assert [(line.minutes, line.text) for line in only(office, ticket).lines] == [(20, "Replaced it")]


@pytest.mark.row("F6")
def test_in_a_tickets_thread_its_own_number_is_enough(office: Backoffice, ticket: TicketView, clock: SetClock) -> None:
    hang(ticket, clock)

    first = ask(office, "intervention time:20m Replaced it", spot=CARD)
    second = ask(office, "intervention FI2603-0001 time:10m Cleaned it", spot=CARD)

    assert (first.refused, second.refused) == (False, False)
    assert [line.minutes for line in only(office, ticket).lines] == [20, 10]


@pytest.fixture
def phone(office: Backoffice, bob: Actor, clock: SetClock) -> Caller:
    """Bob's phone, linked."""
    assert bob.agent is not None
    people_rows.link_account(bob.agent.id, "telegram", PHONE.id, "Bob", clock.now())
    return PHONE


@pytest.mark.row("F6")
def test_the_phone_is_asked_for_date_and_time_and_may_say_none(
    office: Backoffice, ticket: TicketView, phone: Caller
) -> None:
    form = form_of(ask(office, "intervention 1", phone))
    needed = [field.key for field in form.fields if not (field.optional or field.value)]

    answer = submit(office, form, phone, at="-", time="-")

    assert needed == ["at", "time"]
    assert (answer.refused, only(office, ticket).planned_at, only(office, ticket).lines) == (False, None, ())


@pytest.mark.row("F6")
def test_in_a_group_on_the_phone_the_words_to_type_stand_in_place_of_buttons(
    office: Backoffice, ticket: TicketView, phone: Caller
) -> None:
    ask(office, "intervention 1")

    answer = ask(office, "intervention 1", Caller("telegram", phone.id, "Bob", private=False))

    assert answer.buttons == ()
    assert "Validate: /intervention FI2603-0001 validate" in answer.lines


# closing the ticket --------------------------------------------------------------------------------------------------


@pytest.mark.row("F6", "F8", "D18")
@pytest.mark.parametrize(
    ("filled", "state", "minutes"),
    [({"intervention": "done"}, "done", 60), ({}, "draft", 0), ({"intervention": "keep"}, "draft", 0)],
)
def test_closing_a_ticket_offers_to_end_its_interventions(
    office: Backoffice, ticket: TicketView, filled: dict[str, str], state: str, minutes: int
) -> None:
    ask(office, "intervention 1 time:1h Replaced it")
    form = form_of(ask(office, verb="close", caller=SLACK_BOB, fields={"reference": "1"}, pressed=True))

    submit(office, form, text="Put out", **filled)

    assert "intervention" in [field.key for field in form.fields]
    assert (now(office, ticket).status, now(office, ticket).minutes) == (Status.CLOSED, minutes)
    assert only(office, ticket).state == state


@pytest.mark.row("F6", "F8")
def test_closing_with_its_interventions_is_typed(office: Backoffice, ticket: TicketView) -> None:
    ask(office, "intervention 1 time:1h Replaced it")

    refused = ask(office, "close 1 intervention:maybe Put out")
    closed = ask(office, "close 1 intervention:done Put out")

    assert (refused.text, closed.refused) == ("intervention: is done or keep.", False)
    assert only(office, ticket).state == "done"
    assert [event.kind for event in Event.select().order_by(Event.id)][-3:] == [
        *("intervention_validated", "intervention_done", "closed")
    ]


@pytest.mark.row("F6", "F8")
def test_closing_many_ends_the_interventions_of_each(office: Backoffice, ticket: TicketView, bob: Actor) -> None:
    other = office.desk.tickets.open(Opening("Two"), bob)
    for reference in (1, 2):
        ask(office, f"intervention {reference} time:1h Replaced it")

    ask(office, "close 1,2 intervention:done Put out")

    assert [only(office, one).state for one in (ticket, other)] == ["done", "done"]


@pytest.mark.row("F8")
def test_a_ticket_without_any_is_closed_without_a_word_about_them(office: Backoffice, ticket: TicketView) -> None:
    form = form_of(ask(office, verb="close", caller=SLACK_BOB, fields={"reference": "1"}, pressed=True))

    assert "intervention" not in [field.key for field in form.fields]
    assert not ask(office, "close 1 intervention:done Put out").refused
