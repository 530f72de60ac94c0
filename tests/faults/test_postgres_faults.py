"""PostgreSQL restarts, runs out of connections, or hangs up: what was asked for is done all the same, and done once."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from bot.backoffice import Backoffice
from bot.bridge import Bridge, BridgedCommands
from bot.commands.requests import Caller, Request
from bot.desk.views import TicketView
from bot.outgoing.cards import Answer
from storage.models import Message
from storage.rows import db
from tests.faults.test_many_processes import ALL, scene
from tests.postgres import Postgres

HANDLERS, ACKNOWLEDGED = 50, 3.0


@pytest.fixture
def bridge() -> Iterator[Bridge]:
    made = Bridge()
    yield made
    made.close()


@pytest.fixture
def few(postgres: Postgres, database_url: str) -> Iterator[None]:
    """The server takes five connections, from everybody together."""
    postgres.restart("-c", "max_connections=5", "-c", "superuser_reserved_connections=0", "-c", "max_wal_senders=0")
    yield
    postgres.restart()


def note(text: str) -> Request:
    """Bob writes something down."""
    return Request(Caller("cli", "bob@example.org"), verb="note", fields={"reference": "1", "text": text}, receipt=text)


def notes() -> Counter[str]:
    return Counter(message.text for message in Message.select().where(Message.kind == "note"))


def hang_up(url: str, *, waiting: bool = False) -> int:
    """End every connection but the test's own, or of these only those that wait for a lock; how many."""
    chosen = "AND wait_event_type = 'Lock'" if waiting else ""
    ours = db.execute_sql("SELECT pg_backend_pid()").fetchone()[0]
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        ended = connection.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            f" WHERE datname = current_database() AND pid NOT IN (pg_backend_pid(), {ours}) {chosen}"
        ).fetchone()
    return int(ended[0]) if ended else 0


@pytest.mark.database("postgres")
@pytest.mark.row("DB-05")
async def test_after_the_server_hung_up_the_next_request_is_served(
    office: Backoffice, ticket: TicketView, bridge: Bridge, database_url: str
) -> None:
    commands = BridgedCommands(bridge, office.runner, lambda: None)
    await asyncio.gather(*(commands(note(f"Before {number}.")) for number in range(4)))

    ended = hang_up(database_url)
    answers = await asyncio.gather(*(commands(note(f"After {number}.")) for number in range(4)))

    assert ended >= 1
    assert not any(answer.refused for answer in answers)
    assert len(notes()) == 8 and set(notes().values()) == {1}


@pytest.mark.database("postgres")
@pytest.mark.row("DB-05", "DB-03")
async def test_a_request_that_was_cut_off_is_begun_anew_and_done_once(
    office: Backoffice, ticket: TicketView, bridge: Bridge, database_url: str
) -> None:
    commands = BridgedCommands(bridge, office.runner, lambda: None)
    with closing(psycopg.connect(database_url)) as holding:
        holding.execute("SELECT id FROM ticket FOR UPDATE")
        asked = asyncio.ensure_future(commands(note("Held up.")))
        async with asyncio.timeout(2):
            while not hang_up(database_url, waiting=True):
                await asyncio.sleep(0.02)
        holding.rollback()
        answer = await asked

    assert not answer.refused
    assert notes() == {"Held up.": 1}


@pytest.mark.database("postgres")
@pytest.mark.row("DB-04")
async def test_fifty_handlers_share_five_connections_and_each_is_answered_in_time(
    few: None, office: Backoffice, ticket: TicketView, bridge: Bridge
) -> None:
    commands = BridgedCommands(bridge, office.runner, lambda: None)
    begun, late = time.monotonic(), []

    async def ask(number: int) -> Answer:
        answer = await commands(note(f"Note {number}."))
        late.append(time.monotonic() - begun)
        return answer

    answers = await asyncio.gather(*map(ask, range(HANDLERS)))

    done = [not answer.refused for answer in answers]
    assert notes() == {f"Note {number}.": 1 for number in range(HANDLERS) if done[number]}
    assert sum(done) > HANDLERS / 4
    assert max(late) < ACKNOWLEDGED


@pytest.mark.database("postgres")
@pytest.mark.row("DB-03", "INV-01", "INV-03")
async def test_a_restart_of_the_server_under_load_loses_nothing(
    postgres: Postgres, tmp_path: Path, database_url: str
) -> None:
    with closing(psycopg.connect(database_url, autocommit=True)) as connection:
        connection.execute(f"ALTER DATABASE {connection.info.dbname} SET synchronous_commit = on")
    async with scene(tmp_path, database_url, (ALL, ALL)) as made:
        working = asyncio.ensure_future(made.work(4))
        await asyncio.sleep(2)
        postgres.restart()
        await working
        made.landed["postgres"] = len(made.bots)

        await made.finish()
        made.check()
