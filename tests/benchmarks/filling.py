"""Fills an empty desk with tickets in bulk: 2 messages and 5 events each; 2 % are open, half of these among the last.

Triggers and secondary indexes are taken away for the time of filling and put back afterwards, the full text last.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

from bot.desk import people
from storage.database import is_sqlite, session, transaction
from storage.models import Agent, Event, Message, Severity, ThirdParty, Ticket, TicketGroup, TicketType
from storage.queries import people as people_rows
from storage.rows import Row, db
from tests.benchmarks.prose import Prose

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
EVENTS = ("opened", "assigned", "taken", "replied", "closed")
AGENTS = 20
GROUPS = 10
ORIGINS = (*["mail"] * 7, "slack", "telegram", "phone")
BULK = 20_000


def fill(tickets: int, clock: Any) -> None:
    """Agents, clients and so many tickets."""
    with session():
        with transaction():
            _people(max(10, tickets // 1000), clock)
        with _bare():
            _load(Ticket, _tickets(tickets))
            _load(Message, _messages(tickets))
            _load(Event, _events(tickets))
        db.execute_sql("ANALYZE")


def _people(clients: int, clock: Any) -> None:
    for number in range(AGENTS):
        people.add_agent(f"agent{number}@example.org", f"Agent {number}", "admin", clock)
    usual = TicketGroup.get(TicketGroup.is_default).__data__
    for number in range(GROUPS):
        TicketGroup.create(**{**usual, "id": None, "code": f"GROUP{number}", "is_default": False})
    for number in range(clients):
        domain = f"client{number}.example"
        people_rows.add_third_party([domain], name=f"Client {number}", code=f"C{number}", created_at=NOW)


# rows ----------------------------------------------------------------------------------------------------------------


def _tickets(count: int) -> Iterator[dict[str, Any]]:
    dice, prose = random.Random(1), Prose(count)
    parties = [row.id for row in ThirdParty.select(ThirdParty.id)]
    agents = [row.id for row in Agent.select(Agent.id)]
    kinds = [[row.id for row in model.select(model.id)] for model in (TicketType, TicketGroup, Severity)]
    for number in range(1, count + 1):
        at = NOW - timedelta(minutes=count - number)
        is_open = dice.random() < (0.5 if number > count * 0.98 else 0.01)
        party = dice.randrange(len(parties))
        yield {
            "reference": f"TS2611-{number:04d}",
            "number": number,
            "token": f"token{number}",
            "subject": prose.subject(number),
            "description": prose.text(number, 0),
            "status": dice.choice((0, 1, 2, 3, 3, 5)) if is_open else 8,
            **dict(zip(("type", "group", "severity"), map(dice.choice, kinds), strict=True)),
            "assignee": dice.choice([*agents, None]),
            "third_party": parties[party],
            "requester_name": f"Ann {number % 5}",
            "requester_address": f"ann{number % 5}@client{party}.example",
            "origin": dice.choice(ORIGINS),
            "created_at": at,
            "last_activity_at": at + timedelta(minutes=dice.randrange(600)),
            "closed_at": None if is_open else at + timedelta(hours=4),
            **(_due(at, dice.random() < 0.1) if is_open else {}),
        }


def _due(at: datetime, is_late: bool) -> dict[str, datetime]:
    due = NOW - timedelta(minutes=5) if is_late else NOW + timedelta(hours=4)
    return {"due_at": due, "action_due_at": due, "next_alert_at": due}


def _messages(count: int) -> Iterator[dict[str, Any]]:
    prose = Prose(count)
    for number in range(1, count + 1):
        at = NOW - timedelta(minutes=count - number)
        for place, kind in enumerate(("client", "reply")):
            text = prose.text(number, place)
            address = {"author_name": "Ann", "author_address": "ann@acme.example"}
            said = {"number": place + 1, "kind": kind, "text": text, "full_text": text, "origin": "mail"}
            yield {"ticket": number, "created_at": at, **said, **address}


def _events(count: int) -> Iterator[dict[str, Any]]:
    for number in range(1, count + 1):
        at = NOW - timedelta(minutes=count - number)
        for place, kind in enumerate(EVENTS):
            message = 2 * number - 1 if kind == "opened" else 2 * number if kind == "replied" else None
            who = {"actor": "desk", "actor_name": "Deskbell", "platform": "desk"}
            yield {"ticket": number, "kind": kind, "at": at + timedelta(minutes=place), "message": message, **who}


# bulk ----------------------------------------------------------------------------------------------------------------


def _load(model: type[Row], rows: Iterable[dict[str, Any]]) -> None:
    fields = [field for field in model._meta.sorted_fields if field.name != "id"]
    columns = ", ".join(field.column_name for field in fields)
    usual = {field.name: field.default() if callable(field.default) else field.default for field in fields}

    def values(row: dict[str, Any]) -> tuple[Any, ...]:
        return tuple(field.db_value(row.get(field.name, usual[field.name])) for field in fields)

    table = model._meta.table_name
    write = _write_sqlite if is_sqlite() else _write_postgresql
    write(table, columns, len(fields), map(values, rows))


def _write_sqlite(table: str, columns: str, width: int, rows: Iterable[tuple[Any, ...]]) -> None:
    with transaction():
        marks = ", ".join(["?"] * width)
        db.connection().executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)


def _write_postgresql(table: str, columns: str, width: int, rows: Iterable[tuple[Any, ...]]) -> None:
    made = iter(rows)
    first = next(made)  # what it asks of the database has to be asked before the connection is busy
    with db.connection().cursor().copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        for row in chain([first], made):
            copy.write_row(row)
    db.connection().commit()


@contextmanager
def _bare() -> Iterator[None]:
    """Without triggers and secondary indexes of the tables that are filled; the full text is made at the end."""
    taken = _taken_sqlite() if is_sqlite() else _taken_postgresql()
    yield
    for statement in [*taken, _FULL_TEXT[is_sqlite()]]:
        db.execute_sql(statement)
    if not is_sqlite():
        db.execute_sql("VACUUM ANALYZE")


_FULL_TEXT = {
    True: "INSERT INTO search_text (rowid, document) SELECT ticket_id, document FROM search_document",
    False: "SELECT count(search_fill(id)) FROM ticket",
}
_TABLES = "('ticket', 'message', 'event')"


def _taken_sqlite() -> list[str]:
    where = f"tbl_name IN {_TABLES} AND type IN ('index', 'trigger') AND sql IS NOT NULL"
    found = db.execute_sql(f"SELECT type, name, sql FROM sqlite_master WHERE {where}").fetchall()
    for kind, name, _ in found:
        db.execute_sql(f"DROP {kind} {name}")
    db.execute_sql("PRAGMA foreign_keys = 0")
    return [sql for _, _, sql in found]


def _taken_postgresql() -> list[str]:
    where = f"tablename IN {_TABLES} AND indexname NOT LIKE '%%pkey' AND indexname NOT LIKE '%%key'"
    found = db.execute_sql(f"SELECT indexname, indexdef FROM pg_indexes WHERE {where}", (1,)[:0]).fetchall()
    for name, _ in found:
        db.execute_sql(f"DROP INDEX {name}")
    gin = db.execute_sql("SELECT indexdef FROM pg_indexes WHERE indexname = 'search_words_words'").fetchone()[0]
    db.execute_sql("DROP INDEX search_words_words")
    db.execute_sql("SET session_replication_role = replica")
    return ["SET session_replication_role = DEFAULT", *[sql for _, sql in found], gin]
