"""Replies and notes as verbs: nothing leaves a chat unseen, nobody is written to by mistake, no text is lost."""

from typing import Any

import pytest

from bot.backoffice import Backoffice
from bot.clock import SetClock
from bot.commands.requests import Caller, Enclosure, Request
from bot.desk import canned, people
from bot.desk.canned import Ready
from bot.desk.views import TicketView
from bot.outgoing.cards import Answer, Form
from storage.models import Delivery, GroupAgent, Message, TicketGroup
from storage.queries import deliveries, labels

BOB = Caller("cli", "bob@example.org")
CHAT = Caller("slack", "U0BOB", "Bob", "bob@example.org")


def typed(office: Backoffice, words: str) -> Answer:
    """What the desk answers on the command line."""
    return office.runner.run(Request(BOB, words=words))


def chat(office: Backoffice, words: str = "", **request: Any) -> Answer:
    """What the desk answers in a chat."""
    return office.runner.run(Request(CHAT, words=words, **request))


def submitted(office: Backoffice, verb: str = "reply", **fields: str) -> Answer:
    """What it answers to a form that was filled in."""
    return chat(office, verb=verb, fields={"reference": "TS2603-0001", **fields}, submitted=True)


def letters(kind: str = "reply") -> list[str]:
    """The addresses that letters of a kind wait for."""
    waiting = [row for row in Delivery.select().where(Delivery.kind == "letter") if row.state == "pending"]
    return [row.channel for row in waiting if row.payload["letter"] == kind]


def form_of(answer: Answer) -> Form:
    """The form that an answer opens."""
    assert answer.form is not None, answer.text
    return answer.form


def values(form: Form) -> dict[str, str]:
    """What stands in a form, by key."""
    return {field.key: field.value for field in form.fields}


# who gets it ---------------------------------------------------------------------------------------------------------


@pytest.mark.row("F5")
def test_on_the_command_line_a_reply_goes_to_the_usual_readers(office: Backoffice, ticket: TicketView) -> None:
    labels.add_watcher(ticket.id, "dan@acme.example")

    answer = typed(office, "reply 1 Hello")

    message = Message.get(Message.kind == "reply")
    assert not answer.refused
    assert (message.recipients, message.cc) == (["ann@acme.example"], ["dan@acme.example"])
    assert letters() == ["ann@acme.example", "dan@acme.example"]


@pytest.mark.row("F5")
def test_who_is_left_out_is_said(office: Backoffice, ticket: TicketView) -> None:
    labels.add_watcher(ticket.id, "carol@example.org")

    answer = typed(office, "reply 1 Hello")
    shown = form_of(chat(office, "reply 1 Hello"))

    assert answer.lines == ("Left out: carol@example.org is an agent",)
    assert "Left out: carol@example.org is an agent" in values(shown).values()


@pytest.mark.row("F5")
def test_chosen_readers_take_the_place_of_the_usual_ones(office: Backoffice, ticket: TicketView) -> None:
    labels.add_watcher(ticket.id, "dan@acme.example")

    typed(office, "reply 1 to:Eva@acme.example,eva@acme.example cc:fay@acme.example Hello")

    assert letters() == ["eva@acme.example", "fay@acme.example"]


@pytest.mark.row("F5", "R:no addresses leak")
@pytest.mark.parametrize(
    ("to", "said"),
    [
        ("carol@example.org", "carol@example.org is an agent"),
        ("support+x@example.org", "is our own address"),
        ("ann", "ann is not an address"),
        (",".join(f"p{n}@acme.example" for n in range(51)), "At most 50"),
    ],
)
def test_who_cannot_be_written_to_is_said_at_the_field(
    office: Backoffice, ticket: TicketView, to: str, said: str
) -> None:
    answer = submitted(office, text="Hello", to=to)

    assert said in answer.faults["to"]
    assert letters() == []


@pytest.mark.row("D11")
@pytest.mark.parametrize("notify", ["none", "milestones", "all"])
def test_a_reply_always_goes_whatever_the_client_is_told_otherwise(
    office: Backoffice, ticket: TicketView, notify: str
) -> None:
    typed(office, f"edit 1 notify:{notify}")

    typed(office, "reply 1 Hello")

    assert letters() == ["ann@acme.example"]


@pytest.mark.row("D11")
def test_with_letters_off_nothing_is_written_and_the_agent_is_told(office: Backoffice, ticket: TicketView) -> None:
    office.desk.settings.set("letters", "off", "test")

    answer = typed(office, "reply 1 Hello")

    assert (answer.refused, "Letters are switched off" in answer.text) == (True, True)
    assert Message.select().where(Message.kind == "reply").count() == 0


def test_only_its_own_keys_are_taken_out_of_a_text(office: Backoffice, ticket: TicketView) -> None:
    typed(office, "reply 1 status:fixed, type:done")

    assert Message.get(Message.kind == "reply").text == "status:fixed, type:done"


# before it leaves ----------------------------------------------------------------------------------------------------


@pytest.mark.row("F4")
def test_in_a_chat_nothing_leaves_that_was_not_shown(office: Backoffice, ticket: TicketView) -> None:
    asked = form_of(chat(office, "reply 1"))
    shown = form_of(submitted(office, text="Hello", to="ann@acme.example"))
    before = letters()

    done = submitted(office, draft=shown.draft)

    assert (asked.confirm, values(asked)["to"]) == (False, "ann@acme.example")
    assert (shown.confirm, shown.title, [button.argument for button in shown.buttons]) == (
        True, "This will be sent", ["edit", "private"],
    )  # fmt: skip
    assert any("Hello" in field.value for field in shown.fields)
    assert (before, letters()) == ([], ["ann@acme.example"])
    assert [button.verb for button in done.buttons] == ["undo"]


@pytest.mark.row("F4")
def test_a_preview_that_is_not_the_last_one_sends_nothing(office: Backoffice, ticket: TicketView) -> None:
    old = form_of(submitted(office, text="Hello"))
    submitted(office, text="Goodbye")

    answer = submitted(office, draft=old.draft)

    assert (answer.refused, letters()) == (True, [])


@pytest.mark.row("F4")
def test_a_reply_taken_back_is_offered_again(office: Backoffice, ticket: TicketView) -> None:
    typed(office, "reply 1 cc:dan@acme.example Hello")
    typed(office, "undo")

    offered = values(form_of(chat(office, "reply 1")))

    assert letters() == []
    assert (offered["text"], offered["cc"]) == ("Hello", "dan@acme.example")


def test_what_a_refused_form_held_is_offered_again_for_an_hour(
    office: Backoffice, ticket: TicketView, clock: SetClock
) -> None:
    submitted(office, text="A long letter", to="nobody")

    soon = values(form_of(chat(office, "reply 1")))["text"]
    clock.move(hours=1, seconds=1)
    later = values(form_of(chat(office, "reply 1")))["text"]

    assert (soon, later) == ("A long letter", "")


@pytest.mark.row("D8")
def test_files_are_kept_from_the_form_to_the_letter_unless_left_out(office: Backoffice, ticket: TicketView) -> None:
    file = Enclosure("plan.txt", "text/plain", b"Open the window.")
    fields = {"reference": ticket.reference, "text": "See here"}
    shown = form_of(chat(office, verb="reply", fields=fields, submitted=True, enclosures=(file,)))
    edited = form_of(chat(office, verb="reply", fields={"reference": "1", "draft": shown.draft}, changed="edit"))

    kept = form_of(submitted(office, text="See here", draft=edited.draft, kept="yes"))
    without = form_of(submitted(office, text="See here", draft=kept.draft, kept="no"))

    assert "plan.txt (16 B)" in str(values(kept))
    assert "plan.txt" not in str(values(without))


@pytest.mark.row("S6")
def test_a_reply_may_leave_the_ticket_waiting_or_closed(office: Backoffice, ticket: TicketView) -> None:
    typed(office, "reply 1 then:wait One question")
    waiting = office.desk.tickets.view(ticket.id).status.code
    typed(office, "reply 1 then:close Solved")

    closed = office.desk.tickets.view(ticket.id)
    assert (waiting, closed.status.code, closed.resolution) == ("waiting", "closed", "Solved")
    assert letters("reply_closing") == ["ann@acme.example"] and letters("closing") == []


@pytest.mark.row("F15")
def test_a_reply_kept_ready_fills_the_text_of_the_form(office: Backoffice, ticket: TicketView) -> None:
    canned.save(Ready("RESET", {"en": "Restart"}, {"en": "Dear {client}, please restart it."}))
    fields = {"reference": ticket.reference, "canned": "RESET", "cc": "dan@acme.example", "text": "x"}

    chosen = form_of(chat(office, verb="reply", fields=fields, changed="canned"))
    typed(office, "reply 1 canned:reset")

    text = next(field for field in chosen.fields if field.key == "text")
    assert (text.value, text.fresh) == ("Dear Ann, please restart it.", "RESET")
    assert values(chosen)["cc"] == "dan@acme.example"
    assert Message.get(Message.kind == "reply").text == "Dear Ann, please restart it."


# notes ---------------------------------------------------------------------------------------------------------------


@pytest.mark.row("F3", "R:note reaches nobody")
def test_a_note_reaches_only_who_was_picked(office: Backoffice, ticket: TicketView) -> None:
    typed(office, "note 1 Only for us")
    typed(office, "note 1 to:@carol,paul@partner.example,bob@example.org For you too")

    assert letters("note") == ["carol@example.org", "paul@partner.example"]
    assert letters("reply") == []


@pytest.mark.row("F3")
def test_an_agent_who_may_not_see_the_ticket_cannot_be_picked(office: Backoffice, ticket: TicketView) -> None:
    TicketGroup.update(restricted=True).execute()
    GroupAgent.create(group=TicketGroup.get(), agent=people.agent("bob@example.org").id)

    answer = typed(office, "note 1 to:carol@example.org Look")

    assert "Carol may not see TS2603-0001." in answer.text
    assert letters("note") == []


# what came back ------------------------------------------------------------------------------------------------------


def test_a_letter_that_came_back_is_tried_again_with_one_press(office: Backoffice, ticket: TicketView) -> None:
    typed(office, "reply 1 Hello")
    (letter,) = [row for row in Delivery.select() if row.payload.get("letter") == "reply"]
    deliveries.fail(letter.id, "550 no such user")
    failed = office.desk.tickets.view(ticket.id).undelivered

    answer = chat(office, verb="retry", fields={"reference": ticket.reference}, pressed=True)

    assert [(one.address, one.error) for one in failed] == [("ann@acme.example", "550 no such user")]
    assert not answer.refused
    assert letters() == ["ann@acme.example"]
    assert office.desk.tickets.view(ticket.id).undelivered == ()


def test_there_is_nothing_to_try_again_where_all_arrived(office: Backoffice, ticket: TicketView) -> None:
    answer = chat(office, verb="retry", fields={"reference": ticket.reference}, pressed=True)

    assert (answer.refused, answer.text) == (True, "No letter of TS2603-0001 waits to be tried again.")
