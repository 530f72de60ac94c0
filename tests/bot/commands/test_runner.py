"""The one door for requests: repeats are harmless, forgeries are refused, strangers change nothing."""

from dataclasses import replace
from typing import Any

import pytest

from bot.backoffice import Backoffice
from bot.clock import SetClock
from bot.commands.requests import Caller, Request, Spot
from bot.desk import people
from bot.desk.pairing import Pairings
from bot.desk.people import Actor
from bot.desk.views import TicketView
from bot.desk.workflow import Status
from bot.outgoing.cards import Answer
from storage.models import Receipt, Refused, Ticket
from storage.queries import deliveries
from storage.queries import tickets as rows
from storage.queries.people import link_account

pytestmark = pytest.mark.database

BOB = Caller("cli", "bob@example.org")
CAROL = Caller("cli", "carol@example.org")
VIC = Caller("cli", "vic@example.org")
PHONE = Caller("telegram", "7001", "Bob")
CARD = Spot("slack", "C1", "1.1")


def ask(office: Backoffice, words: str | tuple[str, ...] = "", caller: Caller = BOB, **request: Any) -> Answer:
    """What the desk answers."""
    return office.runner.run(Request(caller, words=words, **request))


def press(office: Backoffice, verb: str, ticket: int, caller: Caller = BOB, version: int = 1, **request: Any) -> Answer:
    """What the desk answers to a button."""
    fields = {"ticket": str(ticket)}
    return ask(office, caller=caller, verb=verb, fields=fields, version=version, pressed=True, **request)


def kinds(ticket: TicketView) -> list[str]:
    """What happened to a ticket, in order."""
    return [event.kind for event in rows.events(ticket.id)]


def hang(ticket: TicketView, clock: SetClock) -> None:
    """The ticket's card hangs at CARD."""
    deliveries.hang(
        ticket.id, "slack:C1", version=1, at=clock.now(), platform=CARD.platform, channel="C1", message=CARD.message
    )


# repeats -------------------------------------------------------------------------------------------------------------


def test_the_same_request_again_gets_the_same_answer_and_does_nothing(office: Backoffice, ticket: TicketView) -> None:
    first = ask(office, "note 1 It burns", receipt="slack:1")

    again = ask(office, "note 1 It burns", receipt="slack:1")

    assert not first.refused
    assert (again.text, again.reference, again.version) == (first.text, first.reference, first.version)
    assert kinds(ticket) == ["opened", "noted"]


def test_a_new_ticket_is_made_once_however_often_it_is_asked_for(office: Backoffice) -> None:
    answers = [ask(office, "new contact:ann@acme.example My printer", receipt="slack:1") for _ in range(3)]

    assert {answer.reference for answer in answers} == {"TS2603-0001"}
    assert Ticket.select().count() == 1


def test_a_refusal_that_counts_is_the_same_again(office: Backoffice) -> None:
    first = ask(office, "pair 000000x", receipt="slack:1")

    again = ask(office, "pair 000000x", receipt="slack:1")

    assert (first.refused, again) == (True, first)


def test_the_buttons_of_an_answer_are_there_again(office: Backoffice, ticket: TicketView) -> None:
    first = ask(office, "reply 1 Water", receipt="slack:1")

    again = ask(office, "reply 1 Water", receipt="slack:1")

    assert [button.verb for button in first.buttons] == ["undo"]
    assert again == replace(first, data=None)


def test_what_was_refused_may_be_tried_again(office: Backoffice, ticket: TicketView, carol: Actor) -> None:
    refused = ask(office, "resume 1", receipt="slack:1")
    office.desk.tickets.wait(ticket.reference, carol)

    again = ask(office, "resume 1", receipt="slack:1")

    assert (refused.refused, again.refused) == (True, False)
    assert [row.key for row in Receipt.select()] == ["slack:1"]


# what was typed ------------------------------------------------------------------------------------------------------


def test_a_verb_with_a_slip_is_answered_with_the_nearest(office: Backoffice, ticket: TicketView) -> None:
    answer = ask(office, "tkae 1")

    assert (answer.refused, answer.exit_code) == (True, 2)
    assert "Did you mean `take`?" in answer.text
    assert kinds(ticket) == ["opened"]


def test_a_hidden_verb_cannot_be_typed(office: Backoffice) -> None:
    assert "I do not know “start”" in ask(office, "start abc").text


def test_a_ticket_that_is_not_there_is_not_found(office: Backoffice, ticket: TicketView) -> None:
    answer = ask(office, "take 99")

    assert (answer.refused, answer.text) == (True, "There is no ticket 99 that you can see.")


def test_the_loser_is_told_who_has_it_and_offered_to_take_over(office: Backoffice, ticket: TicketView) -> None:
    ask(office, "take 1")

    answer = ask(office, "take 1", CAROL)

    assert answer.refused
    assert answer.text.startswith("Already taken by Bob")
    assert [button.verb for button in answer.buttons] == ["takeover"]


def test_a_viewer_is_refused_and_the_try_is_recorded(office: Backoffice, ticket: TicketView) -> None:
    answer = ask(office, "take 1", VIC)

    assert answer.refused
    assert "you need the role agent" in answer.text
    assert [(row.verb, row.reason, row.caller) for row in Refused.select()] == [("take", "NotAllowed", VIC.id)]


def test_a_closed_ticket_is_not_marked_as_read(office: Backoffice, ticket: TicketView) -> None:
    ask(office, "close 1 Watered")

    answer = ask(office, "read 1")

    assert (answer.refused, answer.text) == (True, "TS2603-0001 is Closed. Reopen it first.")


@pytest.mark.parametrize("typed", ["7001", "@7001", "@Sam_OnCall"])
def test_a_colleague_is_named_as_the_platform_knows_them(office: Backoffice, ticket: TicketView, typed: str) -> None:
    asker = Caller("telegram", "7002")
    for number, address, name in (("7001", "carol@example.org", "@sam_oncall"), ("7002", "bob@example.org", "Bob")):
        link_account(people.agent(address).id, "telegram", number, name, office.clock.now())

    answer = ask(office, f"assign 1 {typed}", asker)

    assert answer.text == "TS2603-0001 is Carol's now."
    assert ask(office, "assign 1 @sam_oncall").refused


def test_the_undo_under_an_answer_takes_back_nothing_of_another_ticket(office: Backoffice, ticket: TicketView) -> None:
    other = ask(office, "new contact:dan@acme.example Toner", receipt="slack:1")
    ask(office, "reply 1 Water")
    ask(office, f"reply {other.reference} Ink")

    first = ask(office, verb="undo", fields={"reference": ticket.reference}, version=2, pressed=True)
    again = ask(office, verb="undo", fields={"reference": ticket.reference}, version=2, pressed=True)

    assert first.text == "The reply to TS2603-0001 was taken back."
    assert again.text == "Too late: nothing of yours on TS2603-0001 can be taken back any more."
    assert "reply_withdrawn" not in kinds(office.desk.tickets.view(2))


def test_a_deletion_is_taken_back_by_the_button_under_its_answer(office: Backoffice, ticket: TicketView) -> None:
    answer = ask(office, "delete 1")

    undone = ask(office, verb="undo", fields={"reference": answer.reference}, version=answer.version, pressed=True)

    assert undone.text == "TS2603-0001 is back."


# forgeries -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [99, -1])
def test_a_press_for_a_version_that_does_not_exist_is_refused(
    office: Backoffice, ticket: TicketView, version: int
) -> None:
    answer = press(office, "take", ticket.id, version=version)

    assert answer.refused
    assert answer.text == "This button does not belong to TS2603-0001."
    assert kinds(ticket) == ["opened"]


@pytest.mark.parametrize("number", ["99", "-1", "1; drop table ticket", "9" * 40, "²"])
def test_a_press_for_a_ticket_that_does_not_exist_is_refused(
    office: Backoffice, ticket: TicketView, number: str
) -> None:
    answer = ask(office, verb="take", fields={"ticket": number}, version=1, pressed=True)

    assert answer.refused
    assert answer.text.startswith("There is no ticket")
    assert kinds(ticket) == ["opened"]


def test_a_press_on_a_message_that_is_no_card_of_the_ticket_is_refused(
    office: Backoffice, ticket: TicketView, clock: SetClock
) -> None:
    hang(ticket, clock)

    forged = press(office, "take", ticket.id, spot=Spot("slack", "C1", "9.9"))
    real = press(office, "take", ticket.id, spot=CARD)

    assert forged.text == "This button is out of date. `show TS2603-0001` tells more."
    assert (forged.refused, real.refused) == (True, False)
    assert kinds(ticket) == ["opened", "taken"]


def test_what_people_write_under_some_other_message_is_not_our_business(
    office: Backoffice, ticket: TicketView, clock: SetClock
) -> None:
    hang(ticket, clock)

    elsewhere = ask(office, verb="note", fields={"text": "Lunch?"}, spot=Spot("slack", "C1", "9.9"))
    here = ask(office, verb="note", fields={"text": "Paper jam"}, spot=CARD)

    assert (elsewhere.nothing, here.nothing) == (True, False)
    assert kinds(ticket) == ["opened", "noted"]


# people --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("caller", [Caller("slack", "U0EVE", "Eve"), PHONE, Caller("cli", "eve@evil.example")])
def test_who_is_not_known_changes_nothing_and_is_told_the_way(
    office: Backoffice, ticket: TicketView, caller: Caller
) -> None:
    answer = ask(office, "take 1", caller)

    assert (answer.refused, answer.unrecognised) == (True, True)
    assert "deskbell" in answer.text
    assert kinds(ticket) == ["opened"]


def test_an_address_the_platform_vouches_for_is_known_from_then_on(office: Backoffice, ticket: TicketView) -> None:
    first = ask(office, "take 1", Caller("slack", "U0BOB", "Bob", "bob@example.org"))
    later = ask(office, "wait 1", Caller("slack", "U0BOB"))
    other = ask(office, "resume 1", Caller("slack", "U0EVE", "Bob", "bob@example.org"))

    assert (first.refused, later.refused, other.unrecognised) == (False, False, True)


@pytest.mark.row("CI-24")
def test_a_pairing_token_links_one_phone_once(office: Backoffice, bob: Actor) -> None:
    assert bob.agent is not None
    token = Pairings(office.clock).token_for(bob.agent)

    first = ask(office, token, PHONE, verb="start")
    again = ask(office, token, Caller("telegram", "6666", "Eve"), verb="start")

    assert first.text == "This phone is linked to Bob."
    assert again.refused
    assert "wrong or too old" in again.text


@pytest.mark.row("CI-24")
def test_a_pairing_token_is_too_old_after_ten_minutes(office: Backoffice, bob: Actor, clock: SetClock) -> None:
    assert bob.agent is not None
    token = Pairings(office.clock).token_for(bob.agent)
    clock.move(minutes=11)

    answer = ask(office, token, PHONE, verb="start")

    assert answer.refused
    assert ask(office, "mine", PHONE).refused


@pytest.mark.row("CI-24")
def test_what_a_phone_pressed_before_it_was_linked_is_carried_out_once_it_is(
    office: Backoffice, ticket: TicketView, bob: Actor
) -> None:
    assert bob.agent is not None
    pressed = press(office, "take", ticket.id, PHONE, receipt="telegram:1")
    token = Pairings(office.clock).token_for(bob.agent)

    linked = ask(office, token, PHONE, verb="start", receipt="telegram:2")

    assert pressed.unrecognised
    assert linked.text == "This phone is linked to Bob.\nTS2603-0001 is yours."
    after = office.desk.tickets.view(ticket.id)
    assert (after.assignee, after.status) == (bob.agent, Status.IN_PROGRESS)


@pytest.mark.row("CI-24")
def test_what_a_phone_pressed_before_is_carried_out_when_its_digits_are_typed_elsewhere(
    office: Backoffice, ticket: TicketView
) -> None:
    press(office, "take", ticket.id, PHONE, receipt="telegram:1")
    shown = ask(office, "pair", PHONE, verb="pair")
    digits = next(word for word in shown.text.replace("`", " ").split() if word.isdecimal())

    typed = ask(office, f"pair {digits}", receipt="slack:1")

    assert typed.text == "The Telegram of Bob is linked to Bob.\nTS2603-0001 is yours."
    assert [event.platform for event in rows.events(ticket.id)] == ["mail", "telegram"]


@pytest.mark.row("CI-24")
def test_six_digits_of_a_phone_are_guessed_five_times_at_most(office: Backoffice) -> None:
    ask(office, "pair", PHONE)

    answers = [ask(office, f"pair 00000{number}x") for number in range(6)]

    assert all("wrong or too old" in answer.text for answer in answers[:5])
    assert "Too many wrong codes" in answers[5].text


@pytest.mark.row("CI-24")
def test_the_digits_a_phone_shows_link_it_to_the_agent_who_types_them(office: Backoffice, ticket: TicketView) -> None:
    shown = ask(office, "pair", PHONE)
    digits = next(word for word in shown.text.replace("`", " ").split() if word.isdecimal())

    typed = ask(office, f"pair {digits}")

    assert typed.text == "The Telegram of Bob is linked to Bob."
    assert not ask(office, "take 1", PHONE).refused
