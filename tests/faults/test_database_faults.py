"""The database is killed in the middle of a step, is of a newer program, is damaged, or loses its power."""

import hashlib
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bot.backoffice import open_backoffice
from bot.config import load_config
from bot.desk import invariants, people
from bot.desk.opening import Opening
from bot.desk.people import Actor
from storage import database, schema
from storage.models import Ticket
from storage.rows import db
from tests.bot.cli.conftest import Shell
from tests.servers import wait_until

ROOT = Path(__file__).parents[2]
KILLS = 10

# kill -9 inside a migration ------------------------------------------------------------------------------------------


@pytest.mark.row("DB-06")
@pytest.mark.database(empty=True)
def test_a_kill_inside_a_step_leaves_it_done_or_undone(database_url: str) -> None:
    places = kill_inside_steps(database_url, KILLS, seed=1)

    assert len(places) == KILLS


def kill_inside_steps(url: str, kills: int, seed: int) -> list[int]:
    """Kill the migration so often, each time at some statement; the statements. In the end the schema is whole."""
    statements, chance, places = _statements(url), random.Random(seed), []
    whole = _schema(url)
    _wash(url)
    while len(places) < kills:
        place = chance.randint(1, statements // 2)
        if _killed_at(url, place):
            places.append(place)
        if not _pending(url):
            assert _schema(url) == whole
            _wash(url)
    database.open_database(url)
    schema.migrate()
    database.close_database()
    assert _schema(url) == whole
    return places


def _killed_at(url: str, statement: int) -> bool:
    """Whether the process that migrated was killed at its so manyth statement."""
    child = os.fork()
    if child == 0:
        database.open_database(url)
        _count(lambda number: os.kill(os.getpid(), signal.SIGKILL) if number == statement else None)
        schema.migrate()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def _statements(url: str) -> int:
    """How many statements all steps have."""
    counted: list[int] = []
    with pytest.MonkeyPatch.context() as patch:
        database.open_database(url)
        _count(counted.append, patch)
        schema.migrate()
        database.close_database()
    return len(counted)


def _count(do: Callable[[int], Any], patch: pytest.MonkeyPatch | None = None) -> None:
    """Tell the number of each statement before it is carried out."""
    execute, number = db.obj.execute_sql, iter(range(1, 1_000_000))

    def counted(*words: Any, **names: Any) -> Any:
        do(next(number))
        return execute(*words, **names)

    (patch or pytest.MonkeyPatch()).setattr(db.obj, "execute_sql", counted)


_SCHEMA = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name",
    "postgresql": """
        SELECT table_name || '.' || column_name, data_type || is_nullable || coalesce(column_default, '')
            FROM information_schema.columns WHERE table_schema = 'public'
        UNION SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
        UNION SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        UNION SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2
    """,
}


def _schema(url: str) -> list[tuple[str, str]]:
    database.open_database(url)
    with database.session():
        found = db.execute_sql(_SCHEMA[url.partition(":")[0]]).fetchall()
    database.close_database()
    return list(found)


def _pending(url: str) -> list[str]:
    database.open_database(url)
    left = schema.pending_migrations()
    database.close_database()
    return left


def _wash(url: str) -> None:
    """From the beginning again: all steps were done."""
    if url.startswith("sqlite"):
        for file in Path(url.removeprefix("sqlite:///")).parent.glob(f"{Path(url).name}*"):
            file.unlink()
        return
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")


@pytest.fixture
def deskbell(tmp_path: Path) -> Iterator[Shell]:
    """The program, with an empty desk; what became of it is looked at by the tests alone."""
    yield Shell(tmp_path)
    (tmp_path / "deskbell.toml").unlink()


def furnish(deskbell: Shell) -> None:
    """Bob and a ticket."""
    made = open_backoffice(load_config(deskbell.folder / "deskbell.toml", {}))
    with database.session():
        people.add_agent("bob@example.org", "Bob", "admin", made.clock)
        made.desk.tickets.open(Opening("Printer on fire", ""), Actor.of(people.agent("bob@example.org"), "slack"))
    database.close_database()


# another program's, or damaged ---------------------------------------------------------------------------------------


@pytest.mark.row("DB-07")
@pytest.mark.parametrize("words", ["run", "check", "ticket --as bob@example.org list"])
def test_a_database_of_a_newer_program_is_refused_and_left_as_it_is(deskbell: Shell, words: str) -> None:
    furnish(deskbell)
    file = deskbell.folder / "desk.db"
    with sqlite3.connect(file) as connection:
        connection.execute("INSERT INTO schema_migration (name, applied) VALUES ('9999_wings', '2030-01-01')")
    connection.close()
    before = hashlib.sha256(file.read_bytes()).hexdigest()

    ended = deskbell(*words.split())

    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1)
    assert "9999_wings of a newer Deskbell: install that version" in ended.stderr
    assert hashlib.sha256(file.read_bytes()).hexdigest() == before


def at_its_head(content: bytearray, chance: random.Random) -> None:
    content[:16] = chance.randbytes(16)


def anywhere(content: bytearray, chance: random.Random) -> None:
    """Every page but the first has a hundred bytes that are not its own."""
    for page in range(1, len(content) // 4096):
        content[page * 4096 : page * 4096 + 100] = chance.randbytes(100)


def cut_short(content: bytearray, chance: random.Random) -> None:
    del content[len(content) // 3 :]


@pytest.mark.row("DB-08")
@pytest.mark.parametrize(
    ("words", "damage"),
    [("run", at_its_head), ("check", cut_short), ("ticket --as bob@example.org list all", anywhere)],
    ids=["run", "check", "list"],
)
def test_a_damaged_file_is_said_to_be_damaged_and_what_helps(
    deskbell: Shell,
    words: str,
    damage: Callable[[bytearray, random.Random], None],
) -> None:
    furnish(deskbell)
    file = deskbell.folder / "desk.db"
    content = bytearray(file.read_bytes())
    damage(content, random.Random(7))
    file.write_bytes(content)

    ended = deskbell(*words.split())

    assert ended.returncode != 0
    assert "Traceback" not in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert "desk.db" in ended.stderr
    assert "deskbell restore" in ended.stderr


def test_a_damaged_desk_is_brought_back_from_its_backup(deskbell: Shell) -> None:
    furnish(deskbell)
    deskbell("backup", "desk.zip")
    (deskbell.folder / "desk.db").write_bytes(b"no database at all")

    refused, restored = deskbell("restore", "desk.zip"), deskbell("restore", "desk.zip", "--replace")

    assert (refused.returncode, "--replace" in refused.stderr) == (1, True)
    assert (restored.returncode, restored.stderr) == (0, "")
    assert "Printer on fire" in deskbell("ticket", "--as", "bob@example.org", "list", "all").stdout


# the power goes ------------------------------------------------------------------------------------------------------

SNAPSHOTS = 10


@pytest.mark.row("DB-13")
def test_after_a_power_cut_all_that_was_said_to_be_done_is_there(tmp_path: Path) -> None:
    cut_the_power(tmp_path, SNAPSHOTS, seed=3)


def cut_the_power(folder: Path, snapshots: int, seed: int) -> None:
    """Stop two writers at random moments and look at copies of the files as they are then."""
    chance = random.Random(seed)
    said = folder / "said"
    writers = [_writer(folder, said) for _ in range(2)]
    try:
        wait_until(lambda: said.exists() and said.stat().st_size > 100)
        for number in range(snapshots):
            time.sleep(chance.uniform(0.01, 0.2))
            _check_copy(folder, folder / f"copy-{number}", said, writers)
    finally:
        for writer in writers:
            writer.kill()
            writer.wait()


def _check_copy(folder: Path, copy: Path, said: Path, writers: list["subprocess.Popen[bytes]"]) -> None:
    copy.mkdir()
    for writer in writers:
        writer.send_signal(signal.SIGSTOP)
    done = said.read_text().split("\n")[:-1]
    for name in ("desk.db", "desk.db-wal"):
        shutil.copy(folder / name, copy / name)
    for writer in writers:
        writer.send_signal(signal.SIGCONT)
    made = open_backoffice(load_config(_configured(copy), {}))
    with database.session():
        assert list(invariants.broken(made.desk.files)) == []
        there = {row.reference for row in Ticket.select(Ticket.reference)}
    database.close_database()
    assert set(done) - there == set()
    shutil.rmtree(copy)


def _writer(folder: Path, said: Path) -> "subprocess.Popen[bytes]":
    """A process that opens tickets and says of each that it is there."""
    config = _configured(folder)
    return subprocess.Popen([sys.executable, "-c", WRITER, str(config), str(said)], cwd=ROOT)


WRITER = """
import sys
import time
from pathlib import Path
from bot.backoffice import open_backoffice
from bot.config import load_config
from bot.desk.opening import Opening
from bot.desk.people import Actor, client_of
from storage.database import session

office = open_backoffice(load_config(Path(sys.argv[1]), {}))
with open(sys.argv[2], "a", buffering=1) as said, session(patience=20):
    while True:
        opening = Opening("Help", "x" * 5000, client=client_of("ann@acme.example", "Ann"))
        said.write(office.desk.tickets.open(opening, Actor("client", "Ann", "chat")).reference + "\\n")
        time.sleep(0.02)  # a desk that grows faster than it can be looked at tells no more
"""


def _configured(folder: Path) -> Path:
    file = folder / "deskbell.toml"
    if not file.exists():
        file.write_text(f'data_dir = "{folder}/data"\n[database]\nurl = "sqlite:///{folder}/desk.db"\n')
        file.chmod(0o600)
    return file


# the full form -------------------------------------------------------------------------------------------------------


def full(folder: Path) -> str:
    """Fifty kills inside steps with three seeds, a hundred power cuts."""
    folder.mkdir(parents=True, exist_ok=True)
    places = [kill_inside_steps(f"sqlite:///{folder}/steps.db", 50, seed) for seed in (1, 2, 3)]
    (folder / "power").mkdir()
    cut_the_power(folder / "power", 100, seed=3)
    return f"{sum(map(len, places))} kills inside steps, at statements {sorted(set().union(*places))}; 100 power cuts"
