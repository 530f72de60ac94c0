"""`oncall` and `rotas` in chats: who it is, when oneself, shifts that change hands, rotas kept in a form."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.backoffice import Backoffice
from bot.commands.requests import Caller
from bot.desk import oncall, people
from bot.desk.audit import at_the_server
from bot.desk.views import TicketView
from bot.outgoing.cards import Answer, Field
from tests.bot.commands.asking import BOB, CAROL, VIC, ask
from tests.conftest import NOON


def press(office: Backoffice, verb: str, caller: Caller, **fields: str) -> Answer:
    """What the desk answers to a form that was filled in, or to a button without one."""
    return ask(office, caller=caller, verb=verb, fields=fields, submitted=True)


def fields(answer: Answer) -> dict[str, Field]:
    """The fields of the form by key."""
    assert answer.form is not None, answer.text
    return {field.key: field for field in answer.form.fields}


def chosen(office: Backoffice, caller: Caller = BOB, **choices: str) -> dict[str, str]:
    """What the form of rotas holds after these choices, with its draft."""
    answer = ask(office, caller=caller, verb="rotas", fields=choices, changed="what")
    return {key: field.value for key, field in fields(answer).items()} | {
        "draft": answer.form.draft if answer.form else ""
    }


@pytest.fixture
def nights(office: Backoffice) -> None:
    """Bob and Carol take turns from Monday at eight; this week is Bob's."""
    office.desk.settings.set("timezone", "Europe/Paris", "test")
    office.desk.rotas.add("NIGHTS", at_the_server(), name="Nights")
    typed = {"members": "bob, carol", "starts": "2026-03-02"}
    office.desk.rotas.set_layer("NIGHTS", typed, at_the_server())


# who it is -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("caller", "sentence"),
    [
        (BOB, "You are on call until 9 Mar 08:00 (Nights)."),
        (CAROL, "You are on call from 9 Mar 08:00 to 16 Mar 08:00 (Nights)."),
        (VIC, "You are not on call in the coming four weeks."),
    ],
)
def test_everybody_reads_who_is_on_call_and_when_they_are(
    office: Backoffice, nights: None, caller: Caller, sentence: str
) -> None:
    answer = ask(office, "oncall", caller)

    assert answer.text == sentence
    assert answer.lines == ("📟 Nights (NIGHTS): Bob until 9 Mar 08:00 · then Carol from 9 Mar 08:00",)


def test_a_rota_is_shown_with_its_next_shifts_and_gaps(office: Backoffice, nights: None) -> None:
    office.desk.rotas.set_layer("NIGHTS", {"ends": "2026-03-16"}, at_the_server(), 1)

    lines = ask(office, "oncall nights").lines

    assert lines[1:] == (
        "13:00 – 9 Mar 08:00 Bob",
        "9 Mar 08:00 – 16 Mar 08:00 Carol",
        "⚠️ nobody: 16 Mar 08:00 – 1 Apr 14:00",
    )


def test_whoever_is_on_call_without_an_end_in_sight_reads_of_none(office: Backoffice, nights: None) -> None:
    office.desk.rotas.set_layer("NIGHTS", {"members": "bob"}, at_the_server(), 1)

    answer = ask(office, "oncall")

    assert (answer.text, *answer.lines) == ("You are on call (Nights).", "📟 Nights (NIGHTS): Bob")


def test_without_a_rota_that_is_said(office: Backoffice) -> None:
    assert ask(office, "oncall").text == "There is no rota yet."
    assert ask(office, "oncall DAYS").text == "There is no rota DAYS; there is none yet."


def test_the_buttons_are_those_that_make_sense_for_the_reader(office: Backoffice, nights: None) -> None:
    buttons = {who.name: [one.verb for one in ask(office, "oncall", who).buttons] for who in (BOB, CAROL, VIC)}

    assert buttons == {
        "Bob": ["shift_takeover", "shift_swap", "handover", "rotas"],
        "Carol": ["shift_takeover", "shift_swap"],
        "Vic": [],
    }


# shifts that change hands --------------------------------------------------------------------------------------------


def test_a_shift_is_offered_and_accepted_with_one_press(office: Backoffice, nights: None) -> None:
    form = fields(ask(office, verb="shift_swap"))
    mine = form["shift"].options[0].value

    offered = press(office, "shift_swap", BOB, shift=mine, to="+all")
    accepted = ask(office, caller=CAROL, verb="swap_accept", fields={"reference": offered.reference}, pressed=True)

    assert [one.label for one in form["to"].options] == ["everybody", "Carol"]
    assert accepted.text == "✅ Carol takes Bob's shift of Nights: 13:00 – 9 Mar 08:00."
    assert oncall.on_duty("NIGHTS", NOON) == people.agent("carol@example.org")


def test_an_offer_is_seen_and_accepted_where_one_asks_who_is_on_call(office: Backoffice, nights: None) -> None:
    mine = fields(ask(office, verb="shift_swap"))["shift"].options[0].value
    press(office, "shift_swap", BOB, shift=mine, to="carol@example.org")

    seen = ask(office, "oncall", CAROL)
    offer = fields(ask(office, caller=CAROL, verb="swap_accept"))["offer"].options[0]

    assert seen.lines[-1].startswith("🔁 Bob offers Carol a shift of Nights")
    assert "swap_accept" in [one.verb for one in seen.buttons]
    assert not press(office, "swap_accept", CAROL, offer=offer.value).refused


def test_an_offer_is_withdrawn_with_a_press(office: Backoffice, nights: None) -> None:
    mine = fields(ask(office, verb="shift_swap"))["shift"].options[0].value
    offered = press(office, "shift_swap", BOB, shift=mine, to="+all")

    withdrawn = ask(office, verb=offered.buttons[0].verb, fields={"reference": offered.reference}, pressed=True)

    assert withdrawn.text.startswith("↩ Bob keeps the shift of Nights")
    assert press(office, "swap_accept", CAROL, reference=offered.reference).refused


def test_somebody_else_s_shift_is_taken_over(office: Backoffice, nights: None) -> None:
    shift = fields(ask(office, caller=CAROL, verb="shift_takeover"))["shift"].options[0].value

    answer = press(office, "shift_takeover", CAROL, shift=shift)

    assert answer.text == "You are on call until 9 Mar 08:00 (Nights)."
    assert oncall.on_duty("NIGHTS", NOON) == people.agent("carol@example.org")


@pytest.mark.parametrize("verb", ["shift_takeover", "shift_swap", "swap_accept", "swap_withdraw", "rotas"])
def test_viewers_press_none_of_it(office: Backoffice, nights: None, verb: str) -> None:
    assert press(office, verb, VIC, reference="1", shift="x", to="+all").text.startswith("For `")


@pytest.mark.parametrize(
    "shift", ["", "NIGHTS", "NIGHTS|now|then", "NIGHTS|2026-03-04T12:00|2026-03-05T12:00", "|" * 9]
)
def test_a_forged_shift_has_no_effect(office: Backoffice, nights: None, shift: str) -> None:
    press(office, "shift_takeover", CAROL, shift=shift)
    press(office, "shift_swap", BOB, shift=shift, to="+all")

    assert oncall.on_duty("NIGHTS", NOON) == people.agent("bob@example.org")
    assert office.desk.swaps.offers() == []


@pytest.mark.parametrize("number", ["9", "x", "-1", "9" * 20, "٣"])
def test_a_forged_offer_has_no_effect(office: Backoffice, nights: None, number: str) -> None:
    assert press(office, "swap_accept", CAROL, reference=number).text.startswith("There is no offer")


# kept in a form ------------------------------------------------------------------------------------------------------


def test_a_rota_is_made_in_a_form(office: Backoffice) -> None:
    form = chosen(office, which="+new")

    made = press(office, "rotas", BOB, **{**form, "+new.code": "days", "+new.name": "Days"})

    assert made.text == "DAYS is changed."
    assert office.desk.rotas.find("DAYS").name == "Days"


def test_a_layer_is_added_and_changed_in_a_form(office: Backoffice, nights: None) -> None:
    new = chosen(office, which="NIGHTS", what="layer:2")
    press(office, "rotas", BOB, **{**new, "NIGHTS.layer:2.members": "carol", "NIGHTS.layer:2.days": "day"})

    old = chosen(office, which="NIGHTS", what="layer:2")
    press(office, "rotas", BOB, **{**old, "NIGHTS.layer:2.hours": "mon-fri 18:00-20:00"})

    rota = office.desk.rotas.find("NIGHTS")
    assert (old["NIGHTS.layer:2.members"], rota.layers[1].days) == ("carol@example.org", 1)
    assert rota.hours == ("", "mon-fri 18:00-20:00")


def test_a_fault_stands_at_its_field(office: Backoffice, nights: None) -> None:
    form = chosen(office, which="NIGHTS", what="layer:1")

    refused = press(office, "rotas", BOB, **{**form, "NIGHTS.layer:1.handover": "late"})

    assert refused.faults == {"NIGHTS.layer:1.handover": "late is no time of day."}


def test_nobody_overwrites_what_somebody_else_has_changed(office: Backoffice, nights: None) -> None:
    form = chosen(office, which="NIGHTS", what="layer:1")
    office.desk.rotas.set_layer("NIGHTS", {"handover": "09:00"}, at_the_server(), 1)

    refused = press(office, "rotas", BOB, **{**form, "NIGHTS.layer:1.days": "day"})

    assert refused.text.startswith("Somebody else has changed this meanwhile.")


def test_an_override_is_made_and_removed_in_a_form(office: Backoffice, nights: None) -> None:
    form = chosen(office, which="NIGHTS", what="override")
    key = "NIGHTS.override."
    typed = {f"{key}agent": "carol@example.org", f"{key}since": "2026-03-04 10:00", f"{key}until": "2026-03-04 20:00"}

    press(office, "rotas", BOB, **{**form, **typed})
    (made,) = office.desk.rotas.find("NIGHTS").overrides
    press(office, "rotas", BOB, **chosen(office, which="NIGHTS", what=f"undo:{made.id}"))

    assert made.shift.start == datetime(2026, 3, 4, 10, tzinfo=ZoneInfo("Europe/Paris")).astimezone(UTC)
    assert office.desk.rotas.find("NIGHTS").overrides == ()


def test_a_layer_is_removed_in_a_form(office: Backoffice, nights: None) -> None:
    press(office, "rotas", BOB, **chosen(office, which="NIGHTS", what="remove:1"))

    assert office.desk.rotas.find("NIGHTS").layers == ()


def test_agents_keep_no_rotas(office: Backoffice, nights: None) -> None:
    assert ask(office, "rotas", CAROL).text.startswith("For `rotas` you need the role manager")


def test_the_command_line_lists_them(office: Backoffice, nights: None) -> None:
    answer = ask(office, "rotas", Caller("cli", "bob@example.org"))

    assert answer.lines == ("NIGHTS — Nights",)


# tickets for whoever is on call --------------------------------------------------------------------------------------


@pytest.mark.row("D12")
@pytest.mark.parametrize("words", ["assign 1 oncall", "assign 1 oncall:NIGHTS", "edit 1 assignee:oncall"])
def test_a_ticket_is_given_to_whoever_is_on_call(
    office: Backoffice, nights: None, ticket: TicketView, words: str
) -> None:
    ask(office, words, CAROL)

    given = office.desk.tickets.view(ticket.id).assignee
    assert given is not None
    assert given.name == "Bob"


def test_it_is_said_when_nobody_is_on_call(office: Backoffice, nights: None, ticket: TicketView) -> None:
    office.desk.rotas.remove_layer("NIGHTS", 1, at_the_server())

    assert ask(office, "assign 1 oncall").text == "Nobody is on call in Nights now."


def test_a_ticket_is_opened_for_whoever_is_on_call(office: Backoffice, nights: None) -> None:
    form = fields(ask(office, "new assignee:oncall The printer is on fire", CAROL))

    opened = press(office, "new", CAROL, **{key: field.value for key, field in form.items()})

    bob = people.agent("bob@example.org")
    assert office.desk.tickets.find(opened.reference, bob).assignee == bob


def test_the_form_of_an_assignment_offers_whoever_is_on_call(
    office: Backoffice, nights: None, ticket: TicketView
) -> None:
    options = fields(ask(office, "assign 1"))["who"].options

    assert [(one.value, one.label) for one in options[-2:]] == [("oncall", "whoever is on call"), ("nobody", "nobody")]


def test_one_s_own_page_says_who_is_on_call(office: Backoffice, nights: None) -> None:
    panels = {panel.title: panel for panel in ask(office, caller=CAROL, verb="home").panels}

    assert panels["On call"].lines == (
        "📟 Nights (NIGHTS): Bob until 9 Mar 08:00 · then Carol from 9 Mar 08:00",
        "You are on call from 9 Mar 08:00 to 16 Mar 08:00 (Nights).",
    )
    assert [one.verb for one in panels["On call"].buttons] == ["shift_takeover", "shift_swap"]
