"""No list, search or history reads a table from its beginning: each asks an index, which gives the order as well.

Looked at in a desk with a few thousand tickets, of which the database knows how its values are spread.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bot.clock import SetClock
from storage import database, schema
from storage.models import Ticket
from storage.queries import deadlines, lists, search, silence, tickets, timeline
from storage.queries.lists import Filter, Order
from storage.rows import db
from tests.benchmarks.filling import NOW, fill
from tests.benchmarks.prose import FREQUENT, RARE, SOMETIMES

pytestmark = pytest.mark.database
TICKETS = 3000
OPEN: dict[str, Any] = {"open_only": True}
# What is asked for is rare: where much of a table is, its own order serves as well.
LISTS: dict[str, tuple[str, dict[str, Any], Order]] = {
    "mine": ("ticket_open_assignee", {**OPEN, "assignee_id": 999}, Order()),
    "unassigned": ("ticket_open_assignee|ticket_open", {**OPEN, "unassigned": True}, Order()),
    "open": ("ticket_open", OPEN, Order()),
    "open by creation": ("ticket_open_created", OPEN, Order("created")),
    "open by activity": ("ticket_open_updated", OPEN, Order("updated", True)),
    "open by severity": ("ticket_open_severity|ticket_open", OPEN, Order("severity", True)),
    "open by deadline": ("ticket_open_due", OPEN, Order("due")),
    "overdue": ("ticket_open_due", {"overdue_at": NOW}, Order()),
    "waiting": ("ticket_waiting", {"statuses": (5, 7)}, Order()),
    "closed": ("ticket_ended|ticket_pkey", {"open_only": False}, Order()),
    "all": ("ticket_pkey", {}, Order()),
    "all by creation": ("ticket_created", {}, Order("created")),
    "all by activity": ("ticket_updated", {}, Order("updated", True)),
    "all by severity": ("ticket_by_severity|ticket_pkey", {}, Order("severity", True)),
    "all by reference": ("ticket_reference_key", {}, Order("reference")),
    "since": ("ticket_created", {"created_since": NOW}, Order()),
    "on hold": ("ticket_open_status", {"statuses": (7,)}, Order()),
    "of a client": ("ticket_third_party", {"third_party_id": 999}, Order()),
    "open of a client": ("ticket_open_third_party", {**OPEN, "third_party_id": 999}, Order()),
    "of a contact": ("ticket_requester_address", {"requester_addresses": ("ann3@client3.example",)}, Order()),
    "of a project": ("ticket_project", {"project_id": 1}, Order()),
    "of a contract": ("ticket_contract", {"contract_id": 1}, Order()),
    "of a type": ("ticket_by_type", {"type_id": 999}, Order()),
    "of a group": ("ticket_by_group", {"group_id": 999}, Order()),
    "of a severity": ("ticket_by_severity", {"severity_id": 999}, Order()),
    "of an origin": ("ticket_by_origin", {"origin": "fax"}, Order()),
    "with a tag": ("ticket_tag_tag", {"tag": "vip"}, Order()),
    "with an own field": ("custom_value_value", {"custom": ((1, "77"),)}, Order()),
}
ABOUT_TICKETS = re.compile('FROM "(ticket|event)" AS')
SQLITE_NAMES = {"ticket_pkey": "SCAN t1", "ticket_reference_key": "sqlite_autoindex_ticket_1"}


@pytest.fixture
def full(database_url: str) -> Iterator[None]:
    """A desk with many tickets."""
    database.open_database(database_url)
    schema.migrate()
    fill(TICKETS, SetClock(NOW))
    with database.session():
        if not database.is_sqlite():
            for way in ("seqscan", "bitmapscan", "sort"):  # good for so few rows, and never for many
                db.execute_sql(f"SET enable_{way} = off")
        yield
    database.close_database()


def plans(monkeypatch: pytest.MonkeyPatch, ask: Callable[[], object]) -> list[str]:
    """How the database goes about each question for tickets, their events and words that is asked."""
    asked: list[tuple[str, Any]] = []
    execute = db.obj.execute_sql

    def spy(sql: str, params: Any = None, *more: Any) -> Any:
        asked.append((sql, params))
        return execute(sql, params, *more)

    with monkeypatch.context() as patch:
        patch.setattr(db.obj, "execute_sql", spy)
        ask()
    return [plan(sql, params) for sql, params in asked if ABOUT_TICKETS.search(sql)]


def plan(sql: str, params: Any) -> str:
    """How the database goes about one question."""
    word = "EXPLAIN QUERY PLAN" if database.is_sqlite() else "EXPLAIN"
    return "\n".join(row[-1] for row in db.execute_sql(f"{word} {sql}", params).fetchall())


def reads(found: str, index: str) -> bool:
    """Whether an index is read, and nothing is put in order afterwards or read from its beginning without one."""
    known = SQLITE_NAMES if database.is_sqlite() else {}
    names = "|".join(known.get(name, name) for name in index.split("|"))
    sorted_later = re.search(r"TEMP B-TREE|(^|-> ) *Sort +\(", found, re.MULTILINE)
    return not sorted_later and re.search(rf"\b({names})\b", found) is not None


@pytest.mark.row("F13", "F11")
def test_every_list_is_given_by_an_index_in_its_order(full: None, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {}

    for name, (index, wanted, order) in LISTS.items():
        first, *_ = plans(monkeypatch, lambda: lists.page(Filter(1, **wanted), order, 10))  # noqa: B023 (called here)
        if not reads(first, index):
            wrong[name] = first

    assert wrong == {}, "\n".join(f"{name}: {found}" for name, found in wrong.items())


@pytest.mark.row("F13")
@pytest.mark.parametrize("text", [RARE, f"{SOMETIMES} {FREQUENT}"])
def test_words_are_looked_up_in_the_index_of_words(full: None, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    if not database.is_sqlite():
        db.execute_sql("SET enable_bitmapscan = on")

    found = plans(monkeypatch, lambda: search.newest(Ticket.select(Ticket.id), text, 20))

    index = "VIRTUAL TABLE INDEX" if database.is_sqlite() else "search_words_words"
    asked = [step for step in found if "search_words" in step or "t2" in step]
    assert asked
    assert index in asked[-1]
    assert [step for step in asked if "TEMP B-TREE" in step] == []


@pytest.mark.row("F12")
def test_a_timeline_is_given_by_an_index_in_its_order(full: None, monkeypatch: pytest.MonkeyPatch) -> None:
    *_, events = plans(monkeypatch, lambda: timeline.part(7, 0, 30))

    assert reads(events, "event_ticket"), events


@pytest.mark.row("D1")
@pytest.mark.parametrize("letters", ["", "TS"])
def test_a_short_reference_is_given_by_an_index(full: None, monkeypatch: pytest.MonkeyPatch, letters: str) -> None:
    (found,) = plans(monkeypatch, lambda: tickets.id_of_number(letters, 42))

    assert reads(found, "ticket_number"), found


@pytest.mark.row("N9")
def test_whose_client_is_silent_is_given_by_an_index_in_its_order(full: None, monkeypatch: pytest.MonkeyPatch) -> None:
    to_remind, to_close, reminded = plans(
        monkeypatch,
        lambda: [
            list(silence.to_remind(NOW, 25)),
            list(silence.to_close(NOW, None, 25)),
            list(silence.to_close(NOW, NOW, 25)),
        ],
    )

    assert reads(to_remind, "ticket_unreminded|ticket_silent"), to_remind
    assert reads(to_close, "ticket_silent"), to_close
    assert reads(reminded, "ticket_silent"), reminded


@pytest.mark.row("C6", "C7")
def test_what_is_due_is_given_by_an_index_in_its_order(full: None, monkeypatch: pytest.MonkeyPatch) -> None:
    due, *_ = plans(monkeypatch, lambda: list(deadlines.to_tell(NOW, 50)))

    assert reads(due, "ticket_next_alert"), due
