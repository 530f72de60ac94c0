"""One problem of many clients, as people ask for it: linked, answered, closed and taken back, typed and in forms."""

from typing import Any

import pytest

from bot.backoffice import Backoffice
from bot.commands.requests import Request
from bot.desk.views import TicketView
from bot.desk.workflow import Status
from bot.outgoing.cards import Answer, Form
from storage.models import Delivery, Event, Message
from storage.queries import deliveries
from tests.bot.commands.test_lifecycle_verbs import CAROL, SLACK_BOB, VIC, ask, form_of, submit
from tests.bot.desk.test_problems import others, three, write  # noqa: F401  (a fixture)

pytestmark = [pytest.mark.row("SP"), pytest.mark.database]
ONE, TWO, THREE = (f"TS2603-000{n}" for n in (1, 2, 3))
ADDRESSES = ["ann@anns.example", "paul@pauls.example", "zoe@zoes.example"]


@pytest.fixture
def linked(office: Backoffice, three: list[TicketView]) -> list[TicketView]:  # noqa: F811
    """The three tickets, one problem by Bob's word."""
    assert not ask(office, "problem 3 The portal").refused
    return three


def now(office: Backoffice, ticket: TicketView) -> TicketView:
    """The ticket as it is."""
    return office.desk.tickets.view(ticket.id)


def letters(kind: str) -> list[tuple[str, list[str], str]]:
    """(address, readers shown, state) of the letters of a kind."""
    found = [row for row in Delivery.select().order_by(Delivery.id) if row.payload.get("letter") == kind]
    return sorted((row.channel, row.payload["to"], row.state) for row in found)


# linking -------------------------------------------------------------------------------------------------------------


def test_on_the_command_line_all_that_look_alike_are_linked(office: Backoffice, three: list[TicketView]) -> None:  # noqa: F811
    answer = ask(office, "problem 3 The portal", CAROL)

    assert answer.text == "3 tickets are one problem now: “The portal”."
    assert answer.lines == (ONE, TWO)
    assert [now(office, ticket).problem for ticket in three] == ["The portal"] * 3


def test_others_may_be_named_and_one_may_be_taken_out_again(office: Backoffice, three: list[TicketView]) -> None:  # noqa: F811
    four = write(office, "Cannot log in")

    ask(office, "problem 3 with:2,4")
    answer = ask(office, "problem 2 with:none")

    assert answer.text == "TS2603-0002 stands for itself again."
    assert (others(office, four), now(office, four).problem) == ([THREE], "The portal is down")


def test_in_a_chat_those_alike_are_shown_to_choose_from(office: Backoffice, three: list[TicketView]) -> None:  # noqa: F811
    press = ask(office, verb="problem", caller=SLACK_BOB, fields={"reference": "3"}, pressed=True)
    form = form_of(press)
    others, title = form.fields

    answer = submit(office, form, **{"with": TWO, "title": "Portal"})

    assert [option.label for option in others.options] == [
        "All 2 of them",
        "TS2603-0002 · Paul · The portal is down",
        "TS2603-0001 · Ann · The portal is down",
    ]
    assert (others.value, title.value) == (f"{TWO},{ONE}", "The portal is down")
    assert answer.text == "2 tickets are one problem now: “Portal”."
    assert now(office, three[0]).problem_id is None


def test_all_of_them_may_be_chosen_with_one_press(office: Backoffice, three: list[TicketView]) -> None:  # noqa: F811
    form = form_of(ask(office, "problem 3", SLACK_BOB))

    submit(office, form, **{"with": "all"})

    assert len(others(office, three[2])) == 2


def test_without_any_choice_nothing_is_linked(office: Backoffice, three: list[TicketView]) -> None:  # noqa: F811
    form = form_of(ask(office, "problem 3", SLACK_BOB))

    answer = submit(office, form, **{"with": ""})

    assert list(answer.faults) == ["with"]
    assert now(office, three[2]).problem_id is None


def test_a_viewer_links_nothing(office: Backoffice, three: list[TicketView]) -> None:  # noqa: F811
    assert "you need the role agent" in ask(office, "problem 3", VIC).text


def test_where_nothing_looks_alike_it_is_said_how_others_are_named(office: Backoffice, ticket: TicketView) -> None:
    answer = ask(office, "problem 1")

    assert answer.faults == {"with": "Which tickets are the same problem? For example: problem TS2603-0001 with:42,43"}


def test_the_card_offers_it_and_then_says_that_it_is_one_problem(office: Backoffice, three: list[TicketView]) -> None:  # noqa: F811
    before = ask(office, "show 3").card
    ask(office, "problem 3 The portal")
    after = ask(office, "show 3").card

    assert before is not None
    assert "🧩 2 tickets look like this one" in before.notes
    assert after is not None
    assert after.notes[-2:] == (
        "🧩 one problem with others: The portal",
        f"🧩 together with {ONE}, {TWO}",
    )


# one answer ----------------------------------------------------------------------------------------------------------


def test_one_answer_reaches_each_requester_in_their_own_ticket_and_shows_nobody_the_others(
    office: Backoffice, linked: list[TicketView]
) -> None:
    answer = ask(office, "reply 3 problem:all It works again.")

    assert answer.text == "3 of 3 requesters are answered, each in their own ticket."
    assert answer.lines == (f"✅ {ONE}", f"✅ {TWO}", f"✅ {THREE}")
    assert letters("reply") == [(address, [address], "pending") for address in ADDRESSES]
    replies = Message.select().where(Message.kind == "reply").order_by(Message.ticket)
    assert [(said.ticket_id, said.text, said.recipients) for said in replies] == [
        (ticket.id, "It works again.", [address]) for ticket, address in zip(linked, ADDRESSES, strict=True)
    ]


def test_a_plain_reply_reaches_this_requester_alone(office: Backoffice, linked: list[TicketView]) -> None:
    ask(office, "reply 3 Only you")

    assert [address for address, *_ in letters("reply")] == ["zoe@zoes.example"]


def test_readers_chosen_for_this_ticket_get_nothing_of_the_others(office: Backoffice, linked: list[TicketView]) -> None:
    ask(office, "reply 3 problem:all to:kim@kims.example cc:lou@lous.example It works again.")

    assert [(address, to) for address, to, _ in letters("reply")] == [
        ("ann@anns.example", ["ann@anns.example"]),
        ("kim@kims.example", ["kim@kims.example"]),
        ("lou@lous.example", ["kim@kims.example"]),
        ("paul@pauls.example", ["paul@pauls.example"]),
    ]


def test_what_one_ticket_refuses_stops_no_other(office: Backoffice, linked: list[TicketView]) -> None:
    ask(office, "edit 2 contact:-")

    answer = ask(office, "reply 3 problem:all It works again.")

    assert answer.text == "2 of 3 requesters are answered, each in their own ticket."
    assert answer.lines == (f"✅ {ONE}", f"⚠️ {TWO} has nobody to write to.", f"✅ {THREE}")


def test_the_preview_says_who_else_is_answered(office: Backoffice, linked: list[TicketView]) -> None:
    form = form_of(ask(office, verb="reply", caller=SLACK_BOB, fields={"reference": "3"}, pressed=True))
    preview = form_of(submit(office, form, text="It works again.", problem="all"))

    answer = send(office, preview)

    asked = next(field for field in form.fields if field.key == "problem")
    assert [option.label for option in asked.options] == [
        "Only TS2603-0003",
        "All 3 requesters, each in their own ticket",
    ]
    assert asked.value == "this"
    assert [field.value for field in preview.fields if field.label == "The problem"] == [
        f"The same text goes to the requesters of {ONE}, {TWO}, each in a letter and a language of their own."
    ]
    assert answer.text == "3 of 3 requesters are answered, each in their own ticket."
    assert len(letters("reply")) == 3


def send(office: Backoffice, preview: Form) -> Answer:
    """What the desk answers when the preview is accepted."""
    fields: dict[str, Any] = {"reference": preview.reference, "draft": preview.draft}
    return office.runner.run(Request(SLACK_BOB, "reply", fields=fields, version=preview.version, submitted=True))


def test_undo_takes_the_answer_back_from_all_of_them(office: Backoffice, linked: list[TicketView]) -> None:
    ask(office, "reply 3 problem:all It works again.")

    answer = ask(office, "undo")

    assert answer.text.splitlines() == [f"The reply to {one} was taken back." for one in (THREE, TWO, ONE)]
    assert {state for *_, state in letters("reply")} == {"withdrawn"}
    assert ask(office, "undo").text.endswith("stands for itself again.")


def test_undo_under_the_answer_means_all_of_the_act(office: Backoffice, linked: list[TicketView]) -> None:
    sent = ask(office, "reply 3 problem:all It works again.", receipt="r1")

    ask(office, verb="undo", fields={"reference": sent.reference}, pressed=True)

    assert [button.verb for button in sent.buttons] == ["undo"]
    assert {state for *_, state in letters("reply")} == {"withdrawn"}


def test_undo_takes_back_what_has_not_left_yet(office: Backoffice, linked: list[TicketView]) -> None:
    ask(office, "reply 3 problem:all It works again.")
    gone = next(
        row for row in Delivery.select() if row.channel == "ann@anns.example" and row.payload.get("letter") == "reply"
    )
    deliveries.sent(gone.id, office.desk.clock.now(), "1")

    ask(office, "undo")

    assert [state for *_, state in letters("reply")] == ["sent", "withdrawn", "withdrawn"]


# one closing ---------------------------------------------------------------------------------------------------------


def test_one_closing_closes_all_with_a_result_for_each(office: Backoffice, linked: list[TicketView]) -> None:
    answer = ask(office, "close 3 problem:all Restarted", CAROL)

    assert answer.text == "3 of 3 tickets are closed."
    assert answer.lines == (f"✅ {ONE}", f"✅ {TWO}", f"✅ {THREE}")
    assert [(now(office, one).status, now(office, one).resolution) for one in linked] == [
        (Status.CLOSED, "Restarted")
    ] * 3
    assert letters("closing") == [(address, [address], "pending") for address in ADDRESSES]


@pytest.mark.parametrize(
    ("words", "told"),
    [("notify:no", []), ("notify:kim@kims.example", ["ann@anns.example", "kim@kims.example", "paul@pauls.example"])],
)
def test_whom_this_closing_is_told_to_by_name_is_told_nothing_of_the_others(
    office: Backoffice, linked: list[TicketView], words: str, told: list[str]
) -> None:
    ask(office, f"close 3 problem:all {words} Restarted")

    assert [address for address, *_ in letters("closing")] == told


def test_a_reply_closes_all_and_one_undo_brings_all_back(office: Backoffice, linked: list[TicketView]) -> None:
    ask(office, "reply 3 problem:all then:close It works again.")
    closed = [now(office, one).status for one in linked]

    ask(office, "undo")

    assert closed == [Status.CLOSED] * 3
    assert {now(office, one).status.is_open for one in linked} == {True}
    assert {state for *_, state in letters("reply_closing")} == {"withdrawn"}


def test_the_closing_form_asks_whether_all_are_meant(office: Backoffice, linked: list[TicketView]) -> None:
    form = form_of(ask(office, verb="close", caller=SLACK_BOB, fields={"reference": "3"}, pressed=True))

    submit(office, form, text="Restarted", problem="all")

    assert {now(office, one).status for one in linked} == {Status.CLOSED}


def test_a_ticket_of_no_problem_has_no_others(office: Backoffice, ticket: TicketView) -> None:
    form = form_of(ask(office, verb="close", caller=SLACK_BOB, fields={"reference": "1"}, pressed=True))

    answer = ask(office, "close 1 problem:all")

    assert "problem" not in [field.key for field in form.fields]
    assert answer.text == "TS2603-0001 is not a part of a problem with other open tickets."


@pytest.mark.parametrize("verb", ["reply", "close"])
def test_after_problem_stands_one_of_two_words(office: Backoffice, linked: list[TicketView], verb: str) -> None:
    answer = ask(office, f"{verb} 3 problem:some Hello")

    assert answer.faults == {"problem": "After problem: stands all or this, not some."}
    assert not Event.select().where(Event.kind.in_(["replied", "closed"])).exists()


def test_it_is_said_in_french_as_well(office: Backoffice, three: list[TicketView]) -> None:  # noqa: F811
    office.desk.settings.set("language", "fr", "Bob")

    answer = ask(office, "problem 3 Le portail")

    assert answer.text == "3 tickets ne font plus qu’un seul problème : « Le portail »."
