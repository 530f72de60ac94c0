"""Full text: what is found by which words, and that it follows every change in the same transaction."""

import pytest

from bot.backoffice import Backoffice
from bot.desk.changes import Writing
from bot.desk.opening import Opening
from bot.desk.people import Actor, Client, client_of
from bot.desk.views import TicketView
from storage.database import transaction
from storage.models import Message, ThirdParty, Ticket
from storage.queries import search
from storage.queries.people import add_third_party

pytestmark = pytest.mark.database
SIGNS = ('"', "%", "_", "*", "\\", "'", "<->", "\x00")
OPERATORS = (
    *(*SIGNS, "' OR 1=1 --", '"printer zebra', "printer OR zebra", "NOT printer", "NEAR(printer, fire)", "printer AND"),
    *("^printer zebra", "document:zebra", "print*", "print%", "pr_nter", "'a' & !b"),
)


def found(text: str, most: int = 100) -> list[int]:
    """The tickets that hold these words, the newest first; all ways of asking agree."""
    newest = search.newest(Ticket.select(Ticket.id), text, most)
    assert sorted(row.id for row in search.holding(Ticket.select(Ticket.id), text)) == sorted(newest)
    return newest


def opened(office: Backoffice, subject: str, text: str = "", client: Client | None = None) -> TicketView:
    """A ticket that came by mail."""
    client = client or client_of("ann@acme.example", "Ann")
    return office.desk.tickets.open(Opening(subject, text, client=client), Actor("client", client.name, "mail"))


@pytest.mark.row("F13")
@pytest.mark.parametrize("word", ["printer", "PRINTER", "help", "ts2603", "0001", "ann", "acme", "burns"])
def test_a_ticket_is_found_by_any_of_its_words(office: Backoffice, ticket: TicketView, word: str, bob: Actor) -> None:
    office.desk.tickets.note(ticket.reference, Writing("It burns"), bob)

    assert found(word) == [ticket.id]


@pytest.mark.row("F13")
def test_all_words_must_be_there_wherever_they_stand(office: Backoffice) -> None:
    both = opened(office, "The printer", "is on fire")
    opened(office, "The printer", "is out of paper")

    assert found("fire printer") == [both.id]
    assert found("fire paper") == []


@pytest.mark.row("F13")
def test_the_newest_ticket_comes_first(office: Backoffice) -> None:
    first, second, third = (opened(office, "Printer").id for _ in range(3))

    assert found("printer") == [third, second, first]
    assert search.newest(Ticket.select(Ticket.id), "printer", 2) == [third, second]


@pytest.mark.row("F13")
@pytest.mark.parametrize("word", ["ete", "été", "ÉTÉ", "e\u0301te\u0301", "Ete"])
def test_accents_and_case_do_not_matter(office: Backoffice, word: str) -> None:
    ticket = opened(office, "Fermé l'Été")

    assert found(word) == [ticket.id]


@pytest.mark.row("DB-12")
@pytest.mark.parametrize("typed", OPERATORS)
def test_operators_are_only_words(office: Backoffice, ticket: TicketView, typed: str) -> None:
    assert found(typed) == []


@pytest.mark.row("DB-12")
@pytest.mark.parametrize("typed", ["not printer or fire", "a_b 100%", 'say "hello"', "x:y & !z", "C'est l'été"])
def test_odd_signs_are_found_by_what_was_typed(office: Backoffice, typed: str) -> None:
    opened(office, "The printer is on fire")
    ticket = opened(office, f"I wrote {typed}")

    assert found(typed) == [ticket.id]


@pytest.mark.row("F13")
def test_a_new_subject_is_found_and_the_old_one_not(office: Backoffice, ticket: TicketView) -> None:
    with transaction():
        Ticket.update(subject="The scanner").where(Ticket.id == ticket.id).execute()

    assert found("scanner") == [ticket.id]
    assert found("printer") == []


@pytest.mark.row("F13")
def test_a_client_is_found_by_its_new_name(office: Backoffice) -> None:
    party = add_third_party(["acme.example"], name="Acme", code="ACME", created_at=office.clock.now())
    ticket = opened(office, "Printer")

    with transaction():
        ThirdParty.update(name="Globex").where(ThirdParty.id == party.id).execute()

    assert found("globex") == [ticket.id]


@pytest.mark.row("F13", "R:deletion purges")
def test_what_was_purged_is_not_found(office: Backoffice, ticket: TicketView, bob: Actor) -> None:
    office.desk.tickets.note(ticket.reference, Writing("A secret word"), bob)

    with transaction():
        Message.update(text="").where(Message.ticket == ticket.id).execute()

    assert found("secret") == []
    assert found("printer") == [ticket.id]


@pytest.mark.row("F16")
def test_messages_are_found_in_the_ticket_they_were_moved_to(
    office: Backoffice, ticket: TicketView, bob: Actor
) -> None:
    office.desk.tickets.note(ticket.reference, Writing("It burns"), bob)
    other = opened(office, "Another")

    with transaction():
        Message.update(ticket=other.id, number=9).where(Message.text == "It burns").execute()

    assert found("burns") == [other.id]


def test_what_did_not_come_to_pass_is_not_found(office: Backoffice, ticket: TicketView, bob: Actor) -> None:
    with pytest.raises(KeyError), transaction():
        office.desk.tickets.note(ticket.reference, Writing("It burns"), bob)
        raise KeyError

    assert found("burns") == []


@pytest.mark.row("R:200 kB body")
def test_a_very_long_text_is_kept_and_found_by_its_beginning(office: Backoffice) -> None:
    text = " ".join(f"word{number}" for number in range(60_000))

    ticket = opened(office, "Long", text)

    assert found("word7") == [ticket.id]
    assert Message.get(Message.ticket == ticket.id).text == text


def test_a_ticket_with_more_words_than_fit_is_opened_all_the_same(office: Backoffice, bob: Actor) -> None:
    ticket = opened(office, "Long")
    for part in range(12):
        text = " ".join(f"{part}w{number:07d}" for number in range(10_000))
        office.desk.tickets.note(ticket.reference, Writing(text), bob)

    assert found("long") == [ticket.id]
    assert Message.select().where(Message.ticket == ticket.id).count() == 13
