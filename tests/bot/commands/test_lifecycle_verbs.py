"""Editing, ending, joining, deleting and timing as people ask for them: typed, pressed, and in forms."""

from typing import Any

import pytest

from bot.backoffice import Backoffice
from bot.clock import SetClock
from bot.commands.requests import Caller, Request
from bot.desk.changes import Writing
from bot.desk.opening import Opening
from bot.desk.people import Actor, client_of
from bot.desk.views import TicketView
from bot.desk.workflow import Status
from bot.outgoing.cards import Answer, Form
from bot.texts import Words
from handlers.slack.forms import form_view
from storage.models import CustomField, Delivery
from storage.queries import people as people_rows
from storage.queries import tickets as rows

BOB = Caller("cli", "bob@example.org")
CAROL = Caller("cli", "carol@example.org")
VIC = Caller("cli", "vic@example.org")
SLACK_BOB = Caller("slack", "U1", "Bob", "bob@example.org")
PHONE = Caller("telegram", "7001", "Bob")


def ask(office: Backoffice, words: str = "", caller: Caller = BOB, **request: Any) -> Answer:
    """What the desk answers."""
    return office.runner.run(Request(caller, words=words, **request))


def submit(office: Backoffice, form: Form, caller: Caller = SLACK_BOB, **filled: str) -> Answer:
    """What the desk answers to a form sent as it was shown, but for what was filled in."""
    asked = {field.key: field.value for field in form.fields if field.kind != "shown"}
    values = {"reference": form.reference, **asked, **filled}
    fields = {key: value for key, value in values.items() if value}
    request = Request(caller, form.verb, fields=fields, version=form.version, submitted=True)
    return office.runner.run(request)


def form_of(answer: Answer) -> Form:
    """The form that an answer opens."""
    assert answer.form is not None, answer.text
    return answer.form


def now(office: Backoffice, ticket: TicketView) -> TicketView:
    """The ticket as it is."""
    return office.desk.tickets.view(ticket.id)


@pytest.fixture
def phone(office: Backoffice, bob: Actor, clock: SetClock) -> Caller:
    """Bob's phone, linked."""
    assert bob.agent is not None
    people_rows.link_account(bob.agent.id, "telegram", PHONE.id, "Bob", clock.now())
    return PHONE


# reading -------------------------------------------------------------------------------------------------------------


@pytest.mark.row("S3")
@pytest.mark.parametrize(("caller", "status"), [(BOB, Status.READ), (VIC, Status.UNREAD)])
def test_a_ticket_is_read_when_an_agent_looks_at_it_and_not_when_a_viewer_does(
    office: Backoffice, ticket: TicketView, caller: Caller, status: Status
) -> None:
    answer = ask(office, "show 1", caller)

    assert not answer.refused
    assert now(office, ticket).status is status


# editing -------------------------------------------------------------------------------------------------------------


@pytest.mark.row("F2")
def test_fields_are_edited_as_they_are_typed(office: Backoffice, ticket: TicketView) -> None:
    CustomField.create(code="order", labels={"en": "Order"}, kind="number", choices=[])

    answer = ask(office, 'edit 1 severity:high subject:"It burns" assignee:carol tag:vip order:12 progress:5')

    assert answer.text == "TS2603-0001 is changed."
    edited = now(office, ticket)
    assert (edited.severity.code, edited.subject, edited.tags) == ("HIGH", "It burns", ("vip",))
    assert (edited.assignee and edited.assignee.name, edited.custom, edited.progress) == ("Carol", {"order": "12"}, 5)


@pytest.mark.row("F2")
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("edit 1", "Which fields? For example: edit TS2603-0001 severity:HIGH"),
        ("edit 1 severity:HIHG", "There is no severity HIHG. Did you mean HIGH?"),
        ("edit 1 colour:red", "I do not understand “colour:red”. Usage: edit REF [key:value …]"),
    ],
)
def test_what_cannot_be_edited_is_said(office: Backoffice, ticket: TicketView, words: str, sentence: str) -> None:
    answer = ask(office, words)

    assert (answer.refused, answer.text) == (True, sentence)


@pytest.mark.row("F2", "F12")
def test_the_timeline_tells_what_an_edit_changed(office: Backoffice, ticket: TicketView) -> None:
    ask(office, "edit 1 severity:HIGH contact:paul@acme.example")

    lines = ask(office, "log 1").lines

    assert lines[-1].splitlines()[1:] == ["Severity: NORMAL → HIGH", "Client's address changed"]


@pytest.mark.row("F2")
def test_a_form_that_is_sent_as_it_was_changes_nothing(office: Backoffice, ticket: TicketView) -> None:
    ask(office, "edit 1 tag:vip cc:zoe@acme.example")
    form = form_of(ask(office, "edit 1", SLACK_BOB))

    answer = submit(office, form)

    assert answer.text == "Nothing changes on TS2603-0001."


@pytest.mark.row("F2")
def test_what_is_emptied_in_a_form_is_empty(office: Backoffice, ticket: TicketView) -> None:
    ask(office, "edit 1 tag:vip cc:zoe@acme.example")
    form = form_of(ask(office, "edit 1", SLACK_BOB))

    submit(office, form, tag="", severity="LOW", assignee="carol@example.org")

    edited = now(office, ticket)
    assert (edited.tags, edited.severity.code) == ((), "LOW")
    assert edited.assignee is not None
    assert [reader.address for reader in edited.watchers] == ["zoe@acme.example"]


@pytest.mark.row("F2")
def test_the_second_of_two_editors_is_shown_the_difference_and_may_confirm(
    office: Backoffice, ticket: TicketView
) -> None:
    form = form_of(ask(office, "edit 1", SLACK_BOB))
    ask(office, "edit 1 severity:HIGH tag:carols", CAROL)

    conflict = form_of(submit(office, form, severity="LOW", subject="Mine"))

    assert now(office, ticket).severity.code == "HIGH"
    assert conflict.fields[0].value.splitlines() == ["Severity: NORMAL → HIGH · you: LOW", "Tags: – → carols"]
    assert {field.key: field.value for field in conflict.fields[1:]} == {"severity": "LOW", "subject": "Mine"}

    assert submit(office, conflict).text == "TS2603-0001 is changed."
    edited = now(office, ticket)
    assert (edited.severity.code, edited.subject, edited.tags) == ("LOW", "Mine", ("carols",))


@pytest.mark.row("F2")
def test_even_the_confirmation_is_shown_what_changed_since(office: Backoffice, ticket: TicketView) -> None:
    form = form_of(ask(office, "edit 1", SLACK_BOB))
    ask(office, "edit 1 severity:HIGH", CAROL)
    conflict = form_of(submit(office, form, severity="LOW"))
    ask(office, "edit 1 severity:BLOCKING", CAROL)

    again = form_of(submit(office, conflict))

    assert again.fields[0].value == "Severity: HIGH → BLOCKING · you: LOW"


@pytest.mark.row("F2")
def test_a_note_in_between_disturbs_no_editor(office: Backoffice, ticket: TicketView) -> None:
    form = form_of(ask(office, "edit 1", SLACK_BOB))
    ask(office, "note 1 Hm", CAROL)

    assert submit(office, form, severity="LOW").text == "TS2603-0001 is changed."


@pytest.mark.row("F2")
def test_the_phone_asks_which_field_first_and_sets_only_that(
    office: Backoffice, ticket: TicketView, phone: Caller
) -> None:
    ask(office, "edit 1 tag:vip")
    first = form_of(ask(office, "edit 1", phone))

    second = form_of(submit(office, first, phone, field="severity"))
    submit(office, second, phone, severity="HIGH")

    edited = now(office, ticket)
    assert [field.key for field in second.fields] == ["severity"]
    assert (edited.severity.code, edited.tags) == ("HIGH", ("vip",))


@pytest.mark.row("F2")
def test_a_fault_is_said_at_its_field(office: Backoffice, ticket: TicketView) -> None:
    form = form_of(ask(office, "edit 1", SLACK_BOB))

    answer = submit(office, form, progress="lots")

    assert answer.faults == {"progress": "Progress is a whole number from 0 to 100, not “lots”."}


# ending --------------------------------------------------------------------------------------------------------------


def told() -> list[str]:
    """Who gets a closing letter."""
    return sorted(row.channel for row in Delivery.select() if row.payload.get("letter") == "closing")


@pytest.mark.row("F8", "C5")
@pytest.mark.parametrize(
    ("words", "letters"),
    [
        ("close 1 Put out", ["ann@acme.example"]),
        ("close 1 notify:no Put out", []),
        ("close 1 notify:yes Put out", ["ann@acme.example"]),
        ("close 1 notify:zoe@acme.example,kim@acme.example Put out", ["kim@acme.example", "zoe@acme.example"]),
        ("abandon 1 Put out", []),
        ("abandon 1 notify:yes Put out", ["ann@acme.example"]),
    ],
)
def test_who_is_told_at_the_end_is_typed(
    office: Backoffice, ticket: TicketView, words: str, letters: list[str]
) -> None:
    answer = ask(office, words)

    assert not answer.refused, answer.text
    assert (told(), now(office, ticket).resolution) == (letters, "Put out")


@pytest.mark.row("C5")
@pytest.mark.parametrize(
    ("preset", "value", "letters"),
    [("always", "yes", 1), ("ask_yes", "yes", 1), ("ask_no", "no", 0), ("never", None, 0)],
)
def test_the_closing_form_is_preset_by_the_setting(
    office: Backoffice, ticket: TicketView, preset: str, value: str | None, letters: int
) -> None:
    office.desk.settings.set("notify_on_close", preset, "Bob")
    form = form_of(ask(office, verb="close", caller=SLACK_BOB, fields={"reference": "1"}, pressed=True))

    submit(office, form, text="Put out")

    assert next((field.value for field in form.fields if field.key == "notify"), None) == value
    assert len(told()) == letters


@pytest.mark.row("C5")
def test_where_no_letter_goes_out_at_closing_nobody_can_be_told(office: Backoffice, ticket: TicketView) -> None:
    office.desk.settings.set("notify_on_close", "never", "Bob")

    answer = ask(office, "close 1 notify:yes Put out")

    assert (answer.refused, now(office, ticket).status) == (True, Status.UNREAD)


@pytest.mark.row("F8")
def test_of_several_readers_each_may_be_left_out_in_the_form(office: Backoffice, ticket: TicketView) -> None:
    ask(office, "edit 1 cc:zoe@acme.example,kim@acme.example")
    form = form_of(ask(office, verb="close", caller=SLACK_BOB, fields={"reference": "1"}, pressed=True))

    submit(office, form, to="ann@acme.example, kim@acme.example")

    assert told() == ["ann@acme.example", "kim@acme.example"]


@pytest.mark.row("F8")
def test_many_are_closed_with_a_result_for_each_and_one_that_is_refused_stops_no_other(
    office: Backoffice, ticket: TicketView, bob: Actor
) -> None:
    second, third = (office.desk.tickets.open(Opening(subject), bob) for subject in ("Two", "Three"))
    office.desk.tickets.close(second.reference, bob)

    answer = ask(office, "close 1,2,3 Tidied up")

    assert answer.text == "2 of 3 tickets are closed."
    assert answer.lines == (
        "✅ TS2603-0001",
        "⚠️ TS2603-0002 is Closed. Reopen it first.",
        "✅ TS2603-0003",
    )
    assert [now(office, one).resolution for one in (ticket, third)] == ["Tidied up"] * 2


@pytest.mark.row("F8")
def test_a_list_is_closed_by_its_filters(office: Backoffice, ticket: TicketView, bob: Actor) -> None:
    kept = office.desk.tickets.open(Opening("Two"), bob)
    ask(office, "edit 1 severity:LOW")

    answer = ask(office, "close list:open severity:LOW Tidied up")

    assert answer.text == "1 of 1 tickets are closed."
    assert (now(office, ticket).status, now(office, kept).status) == (Status.CLOSED, Status.UNREAD)


@pytest.mark.row("F8")
def test_in_a_chat_one_sees_how_many_would_be_closed_first(office: Backoffice, ticket: TicketView, bob: Actor) -> None:
    office.desk.tickets.open(Opening("Two"), bob)

    form = form_of(ask(office, "close 1,2", SLACK_BOB))

    assert now(office, ticket).status is Status.UNREAD
    assert form.submit == "Close 2 tickets"
    assert form.fields[0].value == "TS2603-0001 · The printer is on fire\nTS2603-0002 · Two"
    assert submit(office, form, text="Tidied up").text == "2 of 2 tickets are closed."


@pytest.mark.row("F8", "C10")
def test_closing_many_needs_a_manager(office: Backoffice, ticket: TicketView) -> None:
    answer = ask(office, "close 1,2", CAROL)

    assert answer.refused
    assert "you need the role manager" in answer.text


@pytest.mark.row("F8")
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("close list:mine", "No tickets here."),
        ("close list:everything", "There is no list everything. There are: "),
        ("close 1,99", "There is no ticket 99 that you can see."),
        ("close 1 severity:LOW", "severity: chooses among many tickets; here only notify: is understood."),
    ],
)
def test_what_is_no_list_of_tickets_closes_nothing(
    office: Backoffice, ticket: TicketView, words: str, sentence: str
) -> None:
    answer = ask(office, words)

    assert answer.refused
    assert answer.text.startswith(sentence)
    assert now(office, ticket).status is Status.UNREAD


# deleting and taking back --------------------------------------------------------------------------------------------


@pytest.mark.row("F10")
def test_in_a_chat_one_is_asked_before_a_ticket_is_deleted(office: Backoffice, ticket: TicketView) -> None:
    form = form_of(ask(office, "delete 1", SLACK_BOB))
    assert now(office, ticket).deleted_at is None

    answer = submit(office, form)

    assert answer.text.startswith("TS2603-0001 is deleted.")
    assert [button.verb for button in answer.buttons] == ["undo"]
    assert ask(office, "show 1").text == "There is no ticket 1 that you can see."


@pytest.mark.row("F10")
@pytest.mark.parametrize("words", ["undo", "undelete 1"])
def test_a_deleted_ticket_is_brought_back_by_asking(office: Backoffice, ticket: TicketView, words: str) -> None:
    ask(office, "delete 1")

    answer = ask(office, words)

    assert answer.text == "TS2603-0001 is back."
    assert now(office, ticket).deleted_at is None


@pytest.mark.row("F10", "F13")
def test_no_list_shows_a_deleted_ticket(office: Backoffice, ticket: TicketView) -> None:
    ask(office, "delete 1")

    assert ask(office, "list all").rows == ()
    assert ask(office, "search printer").rows == ()


@pytest.mark.row("F8")
def test_a_closing_is_taken_back_by_undo(office: Backoffice, ticket: TicketView) -> None:
    closed = ask(office, "close 1 Put out")

    answer = ask(office, "undo")

    assert [button.verb for button in closed.buttons] == ["undo"]
    assert answer.text == "The closing of TS2603-0001 was taken back."
    assert now(office, ticket).status is Status.READ


# joining, timing -----------------------------------------------------------------------------------------------------


@pytest.mark.row("F16", "F17")
def test_tickets_are_merged_split_and_linked_by_typing(office: Backoffice, ticket: TicketView, bob: Actor) -> None:
    for subject in ("Two", "Three"):
        office.desk.tickets.open(Opening(subject), bob)

    said = [ask(office, words).text for words in ("merge 2 1", "link 1 3", "show 1", "unlink 1 3", "split 1 9")]

    assert said == [
        "TS2603-0002 is part of TS2603-0001 now.",
        "TS2603-0001 and TS2603-0003 are linked.",
        "",
        "TS2603-0001 and TS2603-0003 are not linked any more.",
        "TS2603-0001 has no message 9.",
    ]


@pytest.mark.row("F16")
@pytest.mark.parametrize("words", ["take 2", "close 2", "assign 2 carol@example.org", "snooze 2 4h"])
def test_nobody_is_sent_to_reopen_a_ticket_that_was_merged(
    office: Backoffice, ticket: TicketView, bob: Actor, words: str
) -> None:
    office.desk.tickets.open(Opening("Two"), bob)
    ask(office, "merge 2 1")

    answer = ask(office, words)

    assert answer.text == "TS2603-0002 was merged into TS2603-0001."


@pytest.mark.row("F16")
@pytest.mark.parametrize(("words", "key"), [("merge 1", "into"), ("link 1", "other"), ("split 1", "number")])
def test_what_was_not_typed_is_asked_for(office: Backoffice, ticket: TicketView, words: str, key: str) -> None:
    ann = client_of("ann@acme.example", "Ann")
    office.desk.tickets.client_writes(ticket.id, Writing("And smoke"), ann)

    assert key in {field.key for field in form_of(ask(office, words, SLACK_BOB)).fields}


@pytest.mark.parametrize(
    ("words", "lacking"),
    [("assign 1", "Assignee"), ("snooze 1", "Quiet until"), ("reply 1", "Text"), ("new", "Subject")],
)
def test_the_command_line_names_what_is_lacking(
    office: Backoffice, ticket: TicketView, words: str, lacking: str
) -> None:
    answer = ask(office, words)

    assert answer.text.startswith(f"Missing: {lacking}. Usage: {words.split()[0]} ")
    assert answer.exit_code == 2


@pytest.mark.row("D18")
def test_time_is_noted_and_summed(office: Backoffice, ticket: TicketView) -> None:
    ask(office, "time 1 1h30 Looked for water")

    answer = ask(office, "time 1 30m")

    assert answer.text == "30 min noted on TS2603-0001, 2 h in all."
    assert now(office, ticket).minutes == 120


@pytest.mark.row("D18")
def test_a_time_that_is_none_is_said_at_its_field(office: Backoffice, ticket: TicketView) -> None:
    form = form_of(ask(office, "time 1", SLACK_BOB))

    assert set(submit(office, form, span="soon").faults) == {"span"}
    assert ask(office, "time 1 soon").exit_code == 2


def test_an_escalation_wakes_the_ticket_and_is_said_in_the_thread(
    office: Backoffice, ticket: TicketView, bob: Actor
) -> None:
    ask(office, "snooze 1 4h")

    answer = ask(office, "escalate 1")

    assert answer.text == "TS2603-0001 is escalated."
    assert now(office, ticket).snoozed_until is None
    assert "line" in {row.kind for row in Delivery.select() if row.event_id == rows.events(ticket.id)[-1].id}


@pytest.mark.row("F8")
def test_everybody_who_usually_reads_is_chosen_at_first(office: Backoffice, ticket: TicketView) -> None:
    ask(office, "edit 1 cc:eve@partner.example")

    form = form_of(ask(office, verb="close", caller=SLACK_BOB, fields={"reference": "1"}, pressed=True))

    (people,) = (block for block in form_view(form, Words())["blocks"] if block.get("block_id") == "to")
    chosen = [option["value"] for option in people["element"]["initial_options"]]
    assert chosen == ["ann@acme.example", "eve@partner.example"]


# on the telephone ----------------------------------------------------------------------------------------------------


@pytest.mark.row("D20")
def test_whoever_calls_for_the_first_time_becomes_a_contact(office: Backoffice) -> None:
    ask(office, "new origin:phone contact:new@person.example No dial tone")
    ask(office, "new origin:phone contact:NEW@person.example Still none")

    first, second = (office.desk.tickets.view(number) for number in (1, 2))
    assert first.requester_id is not None
    assert first.requester_id == second.requester_id
