"""Several processes on one database: what is to be had once is had once, and nobody fails for having been slower."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from storage import database, schema
from storage.database import session, transaction
from storage.queries import deliveries
from storage.queries import desk as desk_rows
from tests.at_once import all_at_once, meet

pytestmark = pytest.mark.database
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
PROCESSES, DELIVERIES, NUMBERS = 3, 120, 50


@pytest.fixture
def desk(database_url: str) -> Iterator[str]:
    """The address of an open database."""
    database.open_database(database_url)
    schema.migrate()
    yield database_url
    database.close_database()


def claim_all() -> list[int]:
    """Take deliveries, five at a time, until there are none."""
    meet()
    taken: list[int] = []
    with session():
        while found := deliveries.claim("slack", [], NOON, NOON + timedelta(minutes=1), 5):
            taken += [delivery.id for delivery in found]
    return taken


def number_many() -> list[int]:
    """The next numbers of one counter."""
    meet()
    return [_number() for _ in range(NUMBERS)]


def _number() -> int:
    with session(patience=30), transaction():
        return desk_rows.next_number("TS2603")


def migrate() -> list[str]:
    """The steps taken here."""
    meet()
    return schema.migrate()


def test_each_delivery_is_taken_by_one_process(desk: str) -> None:
    with session(), transaction():
        for number in range(DELIVERIES):
            deliveries.add_notice("Hello", key=str(number), platform="slack", channel=f"C{number}", topic=0, at=NOON)

    taken = list(itertools.chain(*all_at_once(PROCESSES, claim_all, url=desk)))

    assert len(set(taken)) == len(taken) == DELIVERIES


@pytest.mark.row("DB-02", "R:two at once")
def test_no_number_is_given_twice_and_none_is_left_out(desk: str) -> None:
    given = all_at_once(PROCESSES, number_many, url=desk)

    assert sorted(itertools.chain(*given)) == list(range(1, PROCESSES * NUMBERS + 1))


@pytest.mark.database(empty=True)
def test_of_processes_that_migrate_at_once_one_takes_each_step(database_url: str) -> None:
    done = list(itertools.chain(*all_at_once(PROCESSES, migrate, url=database_url)))

    assert done
    assert len(done) == len(set(done))
