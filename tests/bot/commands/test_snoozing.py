"""`snooze` in words: until a moment, until one's own shift; the answer says until when, in the reader's words."""

from zoneinfo import ZoneInfo

import pytest

from bot.backoffice import Backoffice
from bot.commands.requests import Caller
from bot.desk import people
from bot.desk.audit import at_the_server
from bot.desk.views import TicketView
from storage.queries import people as people_rows
from tests.bot.commands.asking import BOB, CAROL, ask


@pytest.fixture
def nights(office: Backoffice) -> None:
    """Bob and Carol take turns of a day from eight to eight; today is Bob's. In Paris it is 13:00."""
    office.desk.settings.set("timezone", "Europe/Paris", "test")
    office.desk.rotas.add("NIGHTS", at_the_server(), name="Nights")
    typed = {"members": "bob, carol", "days": "day", "starts": "2026-03-04"}
    office.desk.rotas.set_layer("NIGHTS", typed, at_the_server())


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("4h", "Wed 4 Mar 17:00"),
        ("09:00", "Thu 5 Mar 09:00"),
        ("monday", "Mon 9 Mar 09:00"),
        ("tomorrow at 3pm", "Thu 5 Mar 15:00"),
        ("le 3 décembre à 14h", "Thu 3 Dec 14:00"),
        ("3 january", "Sun 3 Jan 2027 09:00"),
    ],
)
def test_the_answer_says_until_when(
    office: Backoffice, nights: None, ticket: TicketView, typed: str, said: str
) -> None:
    answer = ask(office, f"snooze {ticket.reference} {typed}")

    until = office.desk.tickets.view(ticket.id).snoozed_until

    assert answer.text == f"{ticket.reference} is quiet until {said}."
    assert until is not None
    assert f"{until.astimezone(ZoneInfo('Europe/Paris')):%H:%M}" == said[-5:]


def test_the_answer_is_in_the_reader_s_language_and_zone(office: Backoffice, ticket: TicketView) -> None:
    office.desk.settings.set("language", "fr", "test")
    people_rows.change_agent(people_rows.agent_by_email("bob@example.org").id, timezone="Asia/Tokyo")  # type: ignore[union-attr]

    answer = ask(office, f"snooze {ticket.reference} demain matin")

    assert answer.text.endswith("jeu. 5 mars 09:00.")


@pytest.mark.parametrize(
    ("caller", "typed", "said"),
    [
        (BOB, "shift", "Fri 6 Mar 08:00"),
        (BOB, "my next shift", "Fri 6 Mar 08:00"),
        (BOB, "end of my shift", "Thu 5 Mar 08:00"),
        (BOB, "fin d'astreinte", "Thu 5 Mar 08:00"),
        (CAROL, "shift", "Thu 5 Mar 08:00"),
        (CAROL, "ma prochaine astreinte", "Thu 5 Mar 08:00"),
        (CAROL, "fin de ma garde", "Fri 6 Mar 08:00"),
    ],
)
def test_until_one_s_own_shift_begins_or_ends(
    office: Backoffice, nights: None, ticket: TicketView, caller: Caller, typed: str, said: str
) -> None:
    assert ask(office, f"snooze {ticket.reference} {typed}", caller).text.endswith(f"quiet until {said}.")


@pytest.mark.parametrize("typed", ["shift", "end of shift", "astreinte"])
def test_without_a_shift_that_is_refused(office: Backoffice, ticket: TicketView, typed: str) -> None:
    answer = ask(office, f"snooze {ticket.reference} {typed}")

    assert (answer.refused, answer.text) == (True, "You are not on call in the coming four weeks.")


def test_the_form_offers_one_s_next_shift_where_there_is_one(
    office: Backoffice, nights: None, ticket: TicketView
) -> None:
    people.add_agent("ada@example.org", "Ada", "agent", office.clock)
    callers = (BOB, Caller("slack", "U0ADA", "Ada", "ada@example.org"))

    forms = {one.name: ask(office, f"snooze {ticket.reference}", one, can_ask=True).form for one in callers}
    offered = {name: [option.value for option in form.fields[0].options] for name, form in forms.items() if form}

    assert offered == {"Bob": ["1h", "4h", "09:00", "monday", "shift"], "Ada": ["1h", "4h", "09:00", "monday"]}


def test_words_in_slack_s_form_go_before_the_choice_and_a_fault_stands_at_them(
    office: Backoffice, ticket: TicketView
) -> None:
    filled = {"reference": ticket.reference, "when": "1h"}

    refused = ask(office, verb="snooze", fields=filled | {"words": "yesterday"}, submitted=True)
    done = ask(office, verb="snooze", fields=filled | {"words": "tomorrow 15:00"}, submitted=True)

    assert refused.faults == {"words": "“yesterday” is Tue 3 Mar 2026 09:00; that is over."}
    assert done.text.endswith("quiet until Thu 5 Mar 15:00.")


def test_an_override_ends_so_long_after_it_begins(office: Backoffice, nights: None) -> None:
    form = ask(office, verb="rotas", fields={"which": "NIGHTS", "what": "override"}, changed="what").form
    assert form is not None
    filled = {field.key: field.value for field in form.fields} | {"draft": form.draft}
    key = "NIGHTS.override."
    typed = {f"{key}agent": "carol@example.org", f"{key}since": "demain soir", f"{key}until": "3 hours"}

    ask(office, verb="rotas", fields=filled | typed, submitted=True)

    (made,) = office.desk.rotas.find("NIGHTS").overrides
    assert [f"{moment:%d %H:%M}" for moment in (made.shift.start, made.shift.end)] == ["05 17:00", "05 20:00"]
