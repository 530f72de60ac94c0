"""A phone is linked by a code that works once, for ten minutes, in private, for whoever it was meant for."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from bot.backoffice import Backoffice
from bot.clock import SetClock
from bot.commands.linking import BOT_NAME
from bot.commands.requests import Caller, Request
from bot.desk import staff
from bot.desk.audit import at_the_server
from bot.desk.pairing import LIFE, TRIES, Pairings
from bot.desk.people import Actor
from bot.desk.views import TicketView
from bot.outgoing.cards import Answer
from storage.models import Account, Event, Pairing, Refused
from storage.queries import desk as desk_rows

pytestmark = [pytest.mark.database, pytest.mark.row("CI-24")]

BOB, CAROL = Caller("cli", "bob@example.org"), Caller("cli", "carol@example.org")
PHONE, EVE = Caller("telegram", "7001", "Bob B."), Caller("telegram", "6666", "Eve")
TOO_MANY = "Too many wrong codes. Try again in ten minutes."


def ask(office: Backoffice, caller: Caller, verb: str, words: str = "", **request: Any) -> Answer:
    """What the desk answers."""
    return office.runner.run(Request(caller, verb=verb, words=words, **request))


def press(office: Backoffice, caller: Caller, ticket: TicketView, verb: str = "take") -> Answer:
    fields = {"ticket": str(ticket.id)}
    return ask(office, caller, verb, fields=fields, version=1, pressed=True, receipt=f"{caller.id}:{verb}")


def token(office: Backoffice, caller: Caller = BOB) -> str:
    """What stands in the address that an agent is given."""
    desk_rows.jot(BOT_NAME, "deskbell_bot", office.clock.now() + 10 * LIFE)
    return ask(office, caller, "pair").link.rpartition("?start=")[2]


def digits(office: Backoffice, caller: Caller = PHONE) -> str:
    """What a phone is shown."""
    shown = ask(office, caller, "pair").text.replace("`", " ").split()
    return next(word for word in shown if word.isdecimal())


def phones() -> dict[str, str]:
    """Who has which phone."""
    rows = Account.select().where(Account.platform == "telegram")
    return {row.agent.name: row.external_id for row in rows}


def refusals() -> list[tuple[str, str, str]]:
    return [(row.caller, row.verb, row.reason) for row in Refused.select().order_by(Refused.id)]


def changes() -> list[tuple[str, str, object, object]]:
    """What was written down of phones."""
    rows = Event.select().where(Event.kind.in_(("phone_linked", "phone_unlinked"))).order_by(Event.id)
    return [(row.kind, row.actor_name, row.old["telegram"], row.new["telegram"]) for row in rows]


@pytest.mark.parametrize("asked", [token, digits])
def test_a_code_is_long_random_and_kept_only_as_a_hash(office: Backoffice, asked: Any) -> None:
    codes = {asked(office) for _ in range(5)}

    assert len(codes) == 5
    kept = "".join(str(row) for row in Pairing.select().dicts())
    assert not any(code in kept for code in codes)


def test_an_address_fits_what_telegram_takes(office: Backoffice) -> None:
    code = token(office)

    assert len(code) >= 32
    assert len(code) <= 64
    assert all(letter.isalnum() or letter in "_-" for letter in code)


def test_an_address_links_whoever_asked_for_it_and_nobody_else(office: Backoffice) -> None:
    code = token(office, CAROL)

    ask(office, PHONE, "start", code)

    assert phones() == {"Carol": "7001"}


@pytest.mark.parametrize(("minutes", "linked"), [(9.9, True), (10, False), (11, False)])
def test_an_address_lives_ten_minutes(office: Backoffice, clock: SetClock, minutes: float, linked: bool) -> None:
    code = token(office)
    clock.move(minutes=minutes)

    answer = ask(office, PHONE, "start", code)

    assert (answer.refused, bool(phones())) == (not linked, linked)


@pytest.mark.parametrize(("minutes", "linked"), [(9.9, True), (10, False)])
def test_digits_live_ten_minutes(office: Backoffice, clock: SetClock, minutes: float, linked: bool) -> None:
    code = digits(office)
    clock.move(minutes=minutes)

    answer = ask(office, BOB, "pair", code)

    assert (answer.refused, bool(phones())) == (not linked, linked)


def test_digits_work_once(office: Backoffice) -> None:
    code = digits(office)

    answers = [ask(office, caller, "pair", code) for caller in (BOB, CAROL)]

    assert [answer.refused for answer in answers] == [False, True]
    assert phones() == {"Bob": "7001"}


def test_of_two_phones_that_open_an_address_at_once_one_is_linked(office: Backoffice) -> None:
    code = token(office)

    with ThreadPoolExecutor(2) as both:
        answers = list(both.map(lambda phone: ask(office, phone, "start", code), (PHONE, EVE)))

    assert sorted(answer.refused for answer in answers) == [False, True]
    assert len(phones()) == 1


def test_a_phone_that_opens_wrong_addresses_waits_after_five(office: Backoffice, clock: SetClock) -> None:
    wrong = [ask(office, EVE, "start", f"guess{number}", receipt=f"telegram:{number}") for number in range(TRIES)]
    code = token(office)
    late = [ask(office, EVE, "start", code), ask(office, EVE, "start", code)]
    other = ask(office, PHONE, "start", code)
    clock.move(minutes=10)
    again = ask(office, EVE, "start", "guess")

    assert all("wrong or too old" in answer.text for answer in [*wrong, again])
    assert [answer.text for answer in late] == [TOO_MANY] * 2
    assert (other.refused, phones()) == (False, {"Bob": "7001"})


def test_an_agent_who_types_wrong_digits_waits_after_five_and_hinders_nobody(office: Backoffice) -> None:
    code = digits(office)
    wrong = [ask(office, CAROL, "pair", f"{number}x") for number in range(TRIES)]
    late = ask(office, CAROL, "pair", code)
    other = ask(office, BOB, "pair", code)

    assert all("wrong or too old" in answer.text for answer in wrong)
    assert (late.text, other.refused) == (TOO_MANY, False)
    assert phones() == {"Bob": "7001"}


def test_a_right_code_makes_the_wrong_ones_before_it_forgotten(office: Backoffice) -> None:
    for phone in (EVE, replace(EVE, id="6667")):
        for number in range(TRIES - 1):
            ask(office, PHONE, "start", f"guess{number}")
            ask(office, CAROL, "pair", f"{number}x")
        linked = [ask(office, PHONE, "start", token(office)), ask(office, CAROL, "pair", digits(office, phone))]

    assert [answer.refused for answer in linked] == [False, False]


def test_wrong_codes_leave_a_trace(office: Backoffice) -> None:
    ask(office, EVE, "start", "guess")
    ask(office, CAROL, "pair", "000000x")

    assert refusals() == [("6666", "start", "WrongCode"), ("carol@example.org", "pair", "WrongCode")]


def test_a_code_that_others_have_seen_counts_no_more(office: Backoffice) -> None:
    code = token(office)

    in_group = ask(office, replace(PHONE, private=False), "start", code)
    stolen = ask(office, EVE, "start", code)

    assert "Others have seen this code" in in_group.text
    assert (in_group.refused, stolen.refused, phones()) == (True, True, {})


def test_digits_are_shown_in_private_only(office: Backoffice) -> None:
    answer = ask(office, replace(PHONE, private=False), "pair")

    assert answer.text == "Write `/pair` to me in a private chat."
    assert list(Pairing.select()) == []


def test_an_address_is_opened_in_telegram_and_nowhere_else(office: Backoffice) -> None:
    code = token(office)

    elsewhere = ask(office, Caller("slack", "U0EVE", "Eve"), "start", code)

    assert (elsewhere.refused, phones()) == (True, {})


def test_digits_asked_for_again_replace_those_before(office: Backoffice) -> None:
    first, second = digits(office), digits(office)

    answers = [ask(office, BOB, "pair", code) for code in (first, second)]

    assert [answer.refused for answer in answers] == [True, False]
    assert "Bob B." in answers[1].text


def test_digits_that_somebody_had_before_are_given_again_but_never_to_two_at_once(
    office: Backoffice, monkeypatch: pytest.MonkeyPatch, clock: SetClock
) -> None:
    drawn = iter([7, 7, 8, 7])
    monkeypatch.setattr("bot.desk.pairing.secrets.randbelow", lambda _: next(drawn))

    first, second = digits(office, PHONE), digits(office, EVE)
    clock.move(minutes=10)
    third = digits(office, PHONE)

    assert (first, second, third) == ("000007", "000008", "000007")


def test_a_stranger_leaves_little_behind(office: Backoffice, ticket: TicketView) -> None:
    for number in range(20):
        digits(office, EVE)
        press(office, EVE, ticket, ("take", "close")[number % 2])

    assert Pairing.select().count() == 2


def test_the_last_press_is_carried_out_after_pairing_and_only_once(office: Backoffice, ticket: TicketView) -> None:
    refused = press(office, PHONE, ticket)
    first = ask(office, PHONE, "start", token(office), receipt="telegram:2")
    again = ask(office, PHONE, "start", token(office), receipt="telegram:3")

    assert refused.unrecognised
    assert first.text == "This phone is linked to Bob.\nTS2603-0001 is yours."
    assert again.text == "This phone is linked to Bob."


def test_a_press_of_long_ago_is_not_carried_out(office: Backoffice, ticket: TicketView, clock: SetClock) -> None:
    press(office, PHONE, ticket)
    clock.move(minutes=11)

    linked = ask(office, PHONE, "start", token(office))

    assert linked.text == "This phone is linked to Bob."
    assert office.desk.tickets.view(ticket.id).assignee is None


def test_nobody_s_press_is_carried_out_for_somebody_else(office: Backoffice, ticket: TicketView) -> None:
    press(office, EVE, ticket)

    linked = ask(office, PHONE, "start", token(office))

    assert linked.text == "This phone is linked to Bob."
    assert office.desk.tickets.view(ticket.id).assignee is None


def test_a_person_has_one_phone_and_a_phone_one_person(office: Backoffice) -> None:
    for caller, phone in ((BOB, PHONE), (BOB, EVE), (CAROL, EVE)):
        ask(office, phone, "start", token(office, caller))

    assert phones() == {"Carol": "6666"}
    assert ask(office, PHONE, "list").unrecognised


def test_after_unpair_the_phone_is_a_stranger_s(office: Backoffice, ticket: TicketView) -> None:
    ask(office, PHONE, "start", token(office))
    before = press(office, PHONE, ticket, "read")
    gone = ask(office, PHONE, "unpair")
    after = press(office, PHONE, ticket)

    assert (before.refused, gone.text) == (False, "Your Telegram is not linked any more.")
    assert after.unrecognised
    assert ask(office, BOB, "unpair").text == "No Telegram is linked to you."


def test_linking_and_unlinking_are_written_down(office: Backoffice) -> None:
    ask(office, PHONE, "start", token(office))
    ask(office, BOB, "pair", digits(office, EVE))
    ask(office, EVE, "unpair")

    assert changes() == [
        ("phone_linked", "Bob", None, "7001"),
        ("phone_linked", "Bob", "7001", "6666"),
        ("phone_unlinked", "Bob", "6666", None),
    ]


def test_who_is_no_agent_any_more_is_not_linked(office: Backoffice, carol: Actor) -> None:
    assert carol.agent is not None
    code = Pairings(office.clock).token_for(carol.agent)
    staff.change("carol@example.org", office.clock, at_the_server(), active=False)

    answer = ask(office, PHONE, "start", code)

    assert (answer.refused, phones()) == (True, {})
