"""The database: models and schema agree, migrations run once, events stand, and a moment has a time zone."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from peewee import DatabaseError

from storage import database, exclusive, schema
from storage.database import session, transaction
from storage.models import ALL, Event, Jotting
from storage.rows import Row, db

pytestmark = pytest.mark.database
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


@pytest.fixture
def opened(database_url: str) -> Iterator[None]:
    """An open database; nothing was asked of it yet."""
    database.open_database(database_url)
    yield
    database.close_database()


@pytest.fixture
def desk(opened: None) -> None:
    """An open database, brought up to date."""
    schema.migrate()


@pytest.fixture
def event(desk: None) -> Event:
    """Something that happened."""
    with session(), transaction():
        return Event.create(kind="opened", actor="desk", platform="desk", at=NOON)


@pytest.mark.parametrize("model", ALL, ids=lambda model: model.__name__)
def test_a_model_has_the_columns_of_its_table(desk: None, model: type[Row]) -> None:
    with session():
        columns = {column.name: column.null for column in db.get_columns(model._meta.table_name)}

    fields = {field.column_name: field.null for field in model._meta.sorted_fields}
    assert set(fields) == set(columns)
    keys = {field.column_name for field in model._meta.get_primary_keys()}
    assert {name: null for name, null in fields.items() if name not in keys} == {
        name: null for name, null in columns.items() if name not in keys
    }


def test_every_table_has_a_model(desk: None) -> None:
    with session():
        others = ("sqlite_", "migration", "schema_", "search_")
        tables = {table for table in db.get_tables() if not table.startswith(others)}

    assert tables == {model._meta.table_name for model in ALL}


@pytest.mark.database(empty=True)
def test_of_many_who_migrate_at_once_one_takes_each_step(opened: None) -> None:
    wanted = schema.pending_migrations()
    done: list[list[str]] = []
    threads = [threading.Thread(target=lambda: done.append(schema.migrate())) for _ in range(4)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    left = schema.pending_migrations()

    assert wanted
    assert sorted(done) == [[], [], [], wanted]
    assert left == []


def test_a_database_of_a_newer_version_is_left_alone(
    desk: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = tmp_path / "older"
    steps.mkdir()
    first = sorted(schema.MIGRATIONS.glob("[0-9]*.py"))[0]
    (steps / first.name).write_bytes(first.read_bytes())
    monkeypatch.setattr(schema, "MIGRATIONS", steps)

    with pytest.raises(schema.SchemaNewer, match="of a newer Deskbell"):
        schema.migrate()


def test_an_event_cannot_be_changed(event: Event) -> None:
    with session(), pytest.raises(DatabaseError, match="never changed"):
        Event.update(kind="closed").where(Event.id == event.id).execute()

    with session():
        assert Event.get_by_id(event.id).kind == "opened"


def test_an_event_cannot_be_deleted(event: Event) -> None:
    with session(), pytest.raises(DatabaseError, match="events are never"):
        Event.delete().where(Event.id == event.id).execute()

    with session():
        assert Event.select().count() == 1


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a time zone"):
        Jotting.expires_at.db_value(NOON.replace(tzinfo=None))


def test_a_moment_comes_back_in_utc(desk: None) -> None:
    in_paris = NOON.astimezone(timezone(timedelta(hours=1)))

    with session(), transaction():
        Jotting.create(key="now", value=1, expires_at=in_paris)
    with session():
        read = Jotting.get_by_id("now").expires_at

    assert (read, read.utcoffset()) == (NOON, timedelta(0))


def test_what_fails_half_way_leaves_nothing(desk: None) -> None:
    with pytest.raises(KeyError), session(), transaction():
        Jotting.create(key="now", value=1, expires_at=NOON)
        raise KeyError

    with session():
        assert Jotting.select().count() == 0


def test_what_others_write_is_not_seen_in_a_snapshot(desk: None) -> None:
    def write() -> None:
        with session(), transaction():
            Jotting.create(key="now", value=1, expires_at=NOON)

    with session(), database.snapshot():
        before = Jotting.select().count()
        other = threading.Thread(target=write)
        other.start()
        other.join(30)
        during = Jotting.select().count()

    with session():
        assert (before, during, Jotting.select().count()) == (0, 0, 1)


@pytest.mark.database("sqlite")
def test_who_does_not_get_the_write_lock_in_time_is_told_so(desk: None) -> None:
    held, tried = threading.Event(), threading.Event()

    def hold() -> None:
        with session(), transaction():
            held.set()
            tried.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(10)
    with session(patience=0.1), pytest.raises(database.DatabaseBusy), transaction():
        pass
    tried.set()
    holder.join(10)

    with session(), transaction():
        Jotting.create(key="now", value=1, expires_at=NOON)


@pytest.mark.database("sqlite")
def test_a_second_process_is_told_who_works_already(desk: None) -> None:
    with (
        exclusive.only_one("serve"),
        pytest.raises(exclusive.AlreadyRunning, match="already works on"),
        exclusive.only_one("serve"),
    ):
        pass
