"""Lists, searches and histories as people ask for them: which tickets, in which order, page by page, and to whom."""

from datetime import timedelta

import pytest

from bot.backoffice import Backoffice
from bot.clock import SetClock
from bot.commands.requests import Caller, Request
from bot.desk.changes import Writing
from bot.desk.opening import Opening
from bot.desk.people import Actor, client_of
from bot.desk.views import TicketView
from bot.outgoing.cards import Answer
from storage.models import Contract, CustomField, CustomValue, GroupAgent, Project, Tag, Ticket, TicketGroup
from storage.queries import dictionaries, lists, people

pytestmark = pytest.mark.database
BOB = Caller("slack", "U0BOB", "Bob", email="bob@example.org")
CAROL = Caller("slack", "U0CAROL", "Carol", email="carol@example.org")
VIC = Caller("slack", "U0VIC", "Vic", email="vic@example.org")
FILTERS = "type:HELP group:SALES severity:HIGH client:ACME contact:ann@acme.example assignee:carol@example.org".split()
FILTERS += "project:P-1 contract:K-1 tag:vip status:assigned origin:phone since:1d order:77 custom.order:77".split()


def ask(office: Backoffice, words: str, caller: Caller = BOB) -> Answer:
    """What the desk answers in a chat."""
    return office.runner.run(Request(caller, words=words))


def shown(office: Backoffice, words: str, caller: Caller = BOB) -> list[str]:
    """The references that a list shows, page by page, each asked for as its buttons do."""
    answer = ask(office, words, caller)
    assert not answer.refused, answer.text
    found = [row.reference for row in answer.rows]
    while answer.page < answer.pages:
        answer = ask(office, answer.again.replace("{page}", str(answer.page + 1)), caller)
        found += [row.reference for row in answer.rows]
    return found


def opened(office: Backoffice, subject: str, address: str = "ann@acme.example", **values: str) -> TicketView:
    """A ticket that came by mail."""
    client = client_of(address, "Ann")
    opening = Opening(subject, "Please help", client=client, **values)  # type: ignore[arg-type]
    return office.desk.tickets.open(opening, Actor("client", client.name, "mail"))


@pytest.fixture
def acme(office: Backoffice) -> int:
    """Ann's company."""
    return people.add_third_party(["acme.example"], name="Acme Corp", code="ACME", created_at=office.clock.now()).id


@pytest.fixture
def sales(office: Backoffice) -> int:
    """A group that only Carol sees."""
    row = dictionaries.default("group")
    values = {name: value for name, value in row.__data__.items() if name != "id"}
    made = TicketGroup.create(**{**values, "code": "SALES", "is_default": False, "restricted": True})
    carol = people.agent_by_email("carol@example.org")
    assert carol is not None
    GroupAgent.create(group=made, agent=carol)
    return made.id


@pytest.fixture
def many(office: Backoffice, acme: int) -> list[str]:
    """Thirty-five tickets, the newest first."""
    return [opened(office, f"Printer {number}").reference for number in range(35)][::-1]


# which ---------------------------------------------------------------------------------------------------------------


@pytest.mark.row("F13")
@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("list", "3"),
        ("list mine", "3"),
        ("list open", "6 5 4 3 1"),
        ("list all", "6 5 4 3 2 1"),
        ("list unassigned", "6 5 1"),
        ("list overdue", "5"),
        ("list waiting", "6"),
        ("list closed", "2"),
        ("list assignee:nobody", "6 5 1"),
        ("list assignee:carol@example.org", "4"),
        ("list open status:waiting,unread", "6 5 1"),
        ("list status:closed", "2"),
        ("list open sort:created", "1 3 4 5 6"),
        ("list all sort:-reference", "6 5 4 3 2 1"),
        ("list all since:2026-03-04", "6 5 4 3 2 1"),
        ("list all since:30m", "6"),
        ("search five", "5"),
        ("list closed five", ""),
        ("list all printer", "6 5 4 3 2 1"),
    ],
)
def test_a_list_shows_what_was_asked_for(
    office: Backoffice, clock: SetClock, bob: Actor, carol: Actor, words: str, wanted: str
) -> None:
    tickets = office.desk.tickets
    refs = [opened(office, f"Printer {name}").reference for name in "one two three four five".split()]
    clock.move(hours=1)
    refs.append(opened(office, "Printer six").reference)
    tickets.close(refs[1], bob)
    tickets.take(refs[2], bob)
    tickets.take(refs[3], carol)
    Ticket.update(due_at=clock.now() - timedelta(minutes=1)).where(Ticket.reference == refs[4]).execute()
    tickets.wait(refs[5], bob)

    assert [str(int(ref[-4:])) for ref in shown(office, words)] == wanted.split()


@pytest.mark.row("F13", "D5", "D13", "D14", "D19", "D20")
@pytest.mark.parametrize("typed", FILTERS)
def test_each_filter_shows_the_tickets_it_names_and_no_others(
    office: Backoffice, clock: SetClock, acme: int, sales: int, carol: Actor, typed: str
) -> None:
    old = opened(office, "Another", "eve@elsewhere.example")
    Ticket.update(created_at=clock.now() - timedelta(days=9)).where(Ticket.id == old.id).execute()
    meant = opened(office, "Printer", type="HELP", group="SALES", severity="HIGH", assignee="carol@example.org")
    about = {"third_party": acme, "created_at": clock.now()}
    project = Project.create(reference="P-1", name="Project", **about)
    contract = Contract.create(reference="K-1", name="Contract", **about)
    Ticket.update(project=project, contract=contract, origin="phone").where(Ticket.id == meant.id).execute()
    Tag.create(ticket=meant.id, tag="vip")
    field = CustomField.create(code="order", labels={})
    CustomValue.create(ticket=meant.id, field=field, value="77")
    key, _, value = typed.partition(":")

    answer = office.runner.run(Request(CAROL, "list", fields={"scope": "all", key: value}))

    assert [row.reference for row in answer.rows] == [meant.reference]


@pytest.mark.row("F13")
def test_the_command_line_gets_the_whole_list_with_its_labels(office: Backoffice, many: list[str]) -> None:
    Tag.create(ticket=35, tag="vip")
    caller = Caller("cli", "bob@example.org")

    answer = office.runner.run(Request(caller, words=("list", "all")))

    assert isinstance(answer.data, list)
    assert [ticket["reference"] for ticket in answer.data] == many
    assert [ticket["tags"] for ticket in answer.data[:2]] == [["vip"], []]


# pages ---------------------------------------------------------------------------------------------------------------


@pytest.mark.row("F13")
@pytest.mark.parametrize("words", ["list all", "list all sort:created", "list all printer", "list all sort:-severity"])
def test_the_buttons_of_a_list_go_through_all_of_it_and_back(office: Backoffice, many: list[str], words: str) -> None:
    assert sorted(shown(office, words), reverse=True) == many

    second = ask(office, f"{words} page:2") if "printer" not in words else ask(office, "list all page:2 printer")
    third = ask(office, second.again.replace("{page}", "3"))
    back = ask(office, third.again.replace("{page}", "2"))

    assert (third.page, third.pages, back.page) == (3, 4, 2)
    assert back.rows == second.rows


@pytest.mark.row("F13")
def test_what_comes_in_meanwhile_makes_no_ticket_come_twice(office: Backoffice, many: list[str]) -> None:
    first = ask(office, "list all")
    opened(office, "A new one")

    second = ask(office, first.again.replace("{page}", "2"))

    assert [row.reference for row in second.rows] == many[10:20]


@pytest.mark.row("F13")
def test_where_counting_ends_more_pages_are_offered_all_the_same(
    office: Backoffice, many: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "COUNTED", 20)

    first, third = ask(office, "list all"), ask(office, "list all page:3")

    assert (first.text, first.pages) == ("more than 20 tickets", 2)
    assert (third.page, third.pages) == (3, 4)
    assert shown(office, "list all") == many


@pytest.mark.row("DB-11")
@pytest.mark.parametrize("page", ["0", "-1", "x", "99999999999999999999999", "1.5", "²", "1~2", "2~1~x~y"])
def test_a_page_that_is_none_is_refused(office: Backoffice, page: str) -> None:
    answer = ask(office, f"list all page:{page}")

    assert answer.refused
    assert "is no page number" in answer.text


@pytest.mark.row("DB-11")
@pytest.mark.parametrize("words", ["show 99999999999999999999999", "list all since:99999999999d", "log 1 page:9e99"])
def test_huge_numbers_are_a_plain_refusal(office: Backoffice, ticket: TicketView, words: str) -> None:
    answer = ask(office, words)

    assert answer.refused
    assert "Something went wrong" not in answer.text


# refusals ------------------------------------------------------------------------------------------------------------


@pytest.mark.row("SE-16")
@pytest.mark.parametrize("name", ["token", "group__password", "created;drop", "assignee.email", "--due", "due,id"])
def test_an_order_that_is_not_in_the_table_is_refused(office: Backoffice, ticket: TicketView, name: str) -> None:
    answer = ask(office, f"list all sort:{name}")

    assert answer.refused
    assert "created, updated, due, severity, reference" in answer.text


@pytest.mark.row("SE-16")
def test_a_filter_that_is_not_in_the_table_is_only_words(office: Backoffice, ticket: TicketView) -> None:
    assert shown(office, "list all token:x") == []
    assert shown(office, "list all printer") == [ticket.reference]


@pytest.mark.row("SE-15", "C11")
@pytest.mark.parametrize(
    "words",
    ["list all", "search printer", "list all sort:due", "client ACME", "client ann@acme.example", "list all tag:vip"],
)
def test_tickets_of_a_group_that_one_does_not_see_are_in_no_list(
    office: Backoffice, acme: int, sales: int, words: str
) -> None:
    seen, hidden = opened(office, "Printer"), opened(office, "Printer", group="SALES")
    Tag.create(ticket=seen.id, tag="vip")
    Tag.create(ticket=hidden.id, tag="vip")

    assert shown(office, words, BOB) == [seen.reference]
    assert sorted(shown(office, words, CAROL)) == [seen.reference, hidden.reference]


@pytest.mark.row("F10")
def test_deleted_tickets_are_in_no_list(office: Backoffice, clock: SetClock, ticket: TicketView) -> None:
    Ticket.update(deleted_at=clock.now()).where(Ticket.id == ticket.id).execute()

    assert shown(office, "list all") == []
    assert shown(office, "search printer") == []


@pytest.mark.row("DB-12")
@pytest.mark.parametrize("text", ["%", "_", '"', "* ' --"])
def test_a_search_without_a_word_is_refused(office: Backoffice, ticket: TicketView, text: str) -> None:
    answer = ask(office, f"search {text}")

    assert answer.refused
    assert answer.text == "Please give at least one word or number to look for."


@pytest.mark.row("F13", "F3")
def test_notes_are_found_by_those_who_see_the_ticket(office: Backoffice, ticket: TicketView, bob: Actor) -> None:
    office.desk.tickets.note(ticket.reference, Writing("The wizard knows"), bob)

    assert shown(office, "search wizard", VIC) == [ticket.reference]


# histories -----------------------------------------------------------------------------------------------------------


@pytest.mark.row("F11")
@pytest.mark.parametrize("name", ["ACME", "acme", "Acme Corp", '"Acme Corp"', "ann@acme.example"])
def test_the_history_of_a_client_counts_and_shows_the_last_ones(
    office: Backoffice, clock: SetClock, acme: int, bob: Actor, name: str
) -> None:
    late, closed, still = (opened(office, f"Printer {number}").reference for number in range(3))
    opened(office, "Another", "eve@elsewhere.example")
    office.desk.tickets.close(closed, bob)
    Ticket.update(due_at=clock.now()).where(Ticket.reference == late).execute()

    answer = ask(office, f"client {name}")

    assert [row.reference for row in answer.rows] == [still, closed, late]
    assert answer.text.endswith(": 2 open, 1 overdue, 3 in all")


@pytest.mark.row("F11")
def test_the_button_history_shows_the_client_s_tickets_page_by_page(office: Backoffice, many: list[str]) -> None:
    first = office.runner.run(Request(BOB, "history", fields={"reference": many[0]}))
    second = ask(office, first.again.replace("{page}", "2"))

    assert [row.reference for row in (*first.rows, *second.rows)] == many[:20]
    assert first.text == second.text == "ACME: 35 open, 0 overdue, 35 in all"


@pytest.mark.row("F11")
def test_a_person_s_history_has_what_came_from_each_of_their_addresses(office: Backoffice) -> None:
    people.add_contact(["ann@acme.example", "ann@home.example"], name="Ann", created_at=office.clock.now())
    first, second = opened(office, "Printer"), opened(office, "Printer", "ann@home.example")

    assert shown(office, "client ann@home.example") == [second.reference, first.reference]


@pytest.mark.row("F11")
@pytest.mark.parametrize("words", ["client NOBODY", "list client:NOBODY", "list project:NONE", "list contract:NONE"])
def test_the_history_of_nobody_is_refused(office: Backoffice, ticket: TicketView, words: str) -> None:
    answer = ask(office, words)

    assert answer.refused
    assert answer.text.startswith("There is no ")


@pytest.mark.row("F12")
def test_a_long_timeline_is_shown_page_by_page_the_last_one_first(
    office: Backoffice, ticket: TicketView, bob: Actor
) -> None:
    for number in range(40):
        office.desk.tickets.note(ticket.reference, Writing(f"Note {number}."), bob)

    last = ask(office, f"log {ticket.reference}")
    first = ask(office, last.again.replace("{page}", "1"))

    assert (last.page, last.pages, first.page) == (2, 2, 1)
    assert len(first.lines) + len(last.lines) == 41
    assert "Note 28." in first.lines[-1]
    assert "Note 39." in last.lines[-1]


@pytest.mark.row("F13")
@pytest.mark.parametrize(("words", "key"), [("search", "text"), ("client", "name")])
def test_what_a_search_lacks_is_asked_for_in_a_chat(office: Backoffice, words: str, key: str) -> None:
    answer = ask(office, words)

    assert answer.form is not None
    assert [field.key for field in answer.form.fields] == [key]


@pytest.mark.row("F13")
@pytest.mark.usefixtures("acme")
@pytest.mark.parametrize("words", ["client acm", "list client:acm", "client ACNE"])
def test_a_client_that_is_not_there_brings_the_nearest(office: Backoffice, words: str) -> None:
    answer = ask(office, words)

    assert answer.refused
    assert answer.text.endswith("Did you mean ACME?")


@pytest.mark.row("F13")
def test_whoever_has_no_ticket_is_told_where_the_others_are(office: Backoffice) -> None:
    mine, late = ask(office, "list"), ask(office, "list overdue")

    assert mine.text == "You have no open tickets. `list open` shows everybody's."
    assert late.text == "No tickets here."
