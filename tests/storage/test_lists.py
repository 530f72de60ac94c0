"""Lists: every order goes on page by page, forwards and backwards, without a ticket missing or coming twice."""

from datetime import timedelta

import pytest

from bot.backoffice import Backoffice
from bot.clock import SetClock
from bot.desk.opening import Opening
from bot.desk.people import Actor, Client
from storage.models import Ticket
from storage.queries import lists
from storage.queries.lists import SORTS, Filter, Order

pytestmark = pytest.mark.database
EVERYONE = Filter(reader_id=1)
ORDERS = [Order(), *(Order(name, descending=down) for name in SORTS for down in (False, True))]
SEVERITIES = ("LOW", "HIGH", "NORMAL", "BLOCKING")


@pytest.fixture
def tickets(office: Backoffice, clock: SetClock, ann: Client) -> list[str]:
    """Twenty-three tickets of all severities, some with a deadline, some at the same moment."""
    made = []
    for number in range(23):
        clock.move(minutes=number % 3)
        opening = Opening(f"Printer {number}", "It burns", client=ann, severity=SEVERITIES[number % 4])
        made.append(office.desk.tickets.open(opening, Actor("client", "Ann", "mail")).reference)
    due = clock.now() + timedelta(hours=1)
    Ticket.update(due_at=due).where(Ticket.id.in_([3, 9, 11])).execute()
    Ticket.update(due_at=due - timedelta(minutes=5)).where(Ticket.id == 7).execute()
    return made


def whole(order: Order, wanted: Filter = EVERYONE) -> list[str]:
    """The references of a list, in its order."""
    return [ticket.reference for batch in lists.every(wanted, order) for ticket in batch]


def told(page: lists.Page) -> list[str]:
    """The references of a page."""
    return [ticket.reference for ticket in page.tickets]


@pytest.mark.row("F13")
@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_pages_that_follow_each_other_are_the_list(office: Backoffice, tickets: list[str], order: Order) -> None:
    page = lists.page(EVERYONE, order, 5)
    found = told(page)

    while page.has_more and page.last:
        page = lists.next_page(EVERYONE, order, 5, page.last)
        found += told(page)

    assert found == whole(order)
    assert sorted(found) == sorted(tickets)


@pytest.mark.row("F13")
@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_the_page_before_a_page_is_found_from_there(office: Backoffice, tickets: list[str], order: Order) -> None:
    third = lists.page(EVERYONE, order, 5, skip=10)
    assert third.first

    before = lists.previous_page(EVERYONE, order, 5, third.first)

    assert told(before) == whole(order)[5:10]
    assert told(third) == whole(order)[10:15]


@pytest.mark.row("F13")
def test_the_most_severe_come_first_and_among_them_the_newest(office: Backoffice, tickets: list[str]) -> None:
    found = [(row.severity.code, -row.id) for batch in lists.every(EVERYONE, Order("severity", True)) for row in batch]

    ranks = ["BLOCKING", "HIGH", "NORMAL", "LOW"]
    assert found == sorted(found, key=lambda pair: (ranks.index(pair[0]), pair[1]))


@pytest.mark.row("F13")
@pytest.mark.parametrize(("descending", "first"), [(False, 7), (True, 11)])
def test_what_is_not_due_comes_last_either_way(
    office: Backoffice, tickets: list[str], descending: bool, first: int
) -> None:
    found = [row for batch in lists.every(EVERYONE, Order("due", descending)) for row in batch]

    assert found[0].id == first
    assert [row.due_at is None for row in found] == [False] * 4 + [True] * 19


@pytest.mark.row("F13")
def test_counting_ends_where_it_would_take_long(
    office: Backoffice, tickets: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "COUNTED", 10)

    page = lists.page(EVERYONE, Order(), 5)

    assert (page.total, page.has_more) == (11, True)


def test_a_place_that_is_in_no_list_gives_an_empty_page(office: Backoffice, tickets: list[str]) -> None:
    nowhere = lists.Place(7, None, 3)

    assert lists.next_page(EVERYONE, Order("due"), 5, nowhere).tickets == []
