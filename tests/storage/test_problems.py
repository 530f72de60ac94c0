"""Tickets that look alike are found by their signs, however many tickets there are."""

from datetime import timedelta

import pytest

from storage.models import Problem, Ticket, TicketSign
from storage.queries import problems
from storage.rows import db
from tests.benchmarks.filling import NOW
from tests.storage.test_plans import full, plan  # noqa: F401  (a fixture)

pytestmark = [pytest.mark.database, pytest.mark.row("SP")]
WINDOW = timedelta(minutes=15)


@pytest.fixture
def signed(full: None) -> Ticket:  # noqa: F811
    """Every ticket has a sign of its own and one that a hundred others have; the newest one."""
    moments = list(Ticket.select(Ticket.id, Ticket.created_at))
    rows = [
        {"ticket": one.id, "sign": sign, "created_at": one.created_at}
        for one in moments
        for sign in (f"subject:{one.id}", f"error:acme.example:{one.id % 30}")
    ]
    for start in range(0, len(rows), 200):
        TicketSign.insert_many(rows[start : start + 200]).execute()
    db.execute_sql("ANALYZE")
    return Ticket.select().order_by(Ticket.id.desc()).first()


def test_tickets_alike_are_found_by_an_index(signed: Ticket, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, object]] = []
    execute = db.obj.execute_sql

    def spy(sql: str, params: object = None, *more: object) -> object:
        asked.append((sql, params))
        return execute(sql, params, *more)

    with monkeypatch.context() as patch:
        patch.setattr(db.obj, "execute_sql", spy)
        problems.alike(signed, WINDOW, 200)
        problems.count_alike(signed, WINDOW)

    found = [plan(sql, params) for sql, params in asked]
    assert ["ticket_sign" in one for one in found] == [True] * 4
    assert ["ticket_sign_sign" in one for one in found] == [False, True, False, True]
    assert [one for one in found if "SCAN t1" in one or "Seq Scan on ticket" in one] == []


def test_the_tickets_of_a_problem_are_found_by_an_index(signed: Ticket) -> None:
    problem = Problem.create(title="VPN", created_at=NOW)
    query = Ticket.select().where(Ticket.problem == problem.id)

    assert "ticket_problem" in plan(*query.sql())
