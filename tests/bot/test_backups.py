"""Backups: taken while others write, restored on either database, and refused in words where they cannot be."""

import json
import os
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.backoffice import Backoffice, open_backoffice
from bot.backups import HEAD, BackupError, back_up, restore
from bot.clock import SetClock
from bot.config import Config, load_config
from bot.desk import invariants, people
from bot.desk.changes import Writing
from bot.desk.opening import Opening
from bot.desk.people import Actor, client_of
from bot.desk.views import TicketView
from storage import database, dumping
from storage.models import Mail
from tests.conftest import CONFIG, NOON
from tests.postgres import Postgres

KINDS = ["sqlite", "postgres"]


def silence(line: str) -> None:
    """Nobody watches."""


def configured(folder: Path, url: str) -> Config:
    """A configuration in a folder of its own."""
    folder.mkdir(exist_ok=True)
    file = folder / "deskbell.toml"
    file.write_text(CONFIG.format(folder=folder, database=url), encoding="utf-8")
    file.chmod(0o600)
    return load_config(file, {})


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[Backoffice]:
    """A desk with Bob; it is another one's database that is open in the end."""
    made = open_backoffice(configured(tmp_path, database_url), SetClock(NOON))
    with database.session():
        people.add_agent("bob@example.org", "Bob", "admin", made.clock)
    yield made
    database.close_database()


@pytest.fixture
def elsewhere(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Config]:
    """Another place, with nothing in it yet."""
    folder = tmp_path / "elsewhere"
    if getattr(request, "param", "sqlite") == "sqlite":
        yield configured(folder, f"sqlite:///{folder}/desk.db")
    else:
        server: Postgres = request.getfixturevalue("postgres")
        with server.empty() as url:
            yield configured(folder, url)
            database.close_database()


def opened(desk: Backoffice, subject: str, by: str = "bob@example.org") -> TicketView:
    """An agent opens a ticket."""
    with database.session():
        return desk.desk.tickets.open(Opening(subject, ""), Actor.of(people.agent(by), "slack"))


def work(desk: Backoffice) -> None:
    """Something in most tables: tickets that name each other, files, notes, letters, a mail that is not read yet."""
    with database.session():
        _work(desk)


def _work(desk: Backoffice) -> None:
    bob, ann = Actor.of(people.agent("bob@example.org"), "slack"), client_of("ann@acme.example", "Ann")
    by, tickets = Actor("client", "Ann", "mail"), desk.desk.tickets
    first, second = (tickets.open(Opening(f"Printer {n}", "Ça brûle 🔥", client=ann), by) for n in (1, 2))
    page = desk.desk.files.keep(b"%PDF-1.4", "plan.pdf", "application/pdf")
    tickets.note(first.reference, Writing("a secret", files=(page,)), bob)
    tickets.take(second.reference, bob)
    tickets.joiner.merge(first.reference, second.reference, bob)
    Mail.create(
        mailbox="support",
        uidvalidity=1,
        uid=1,
        identity="<1@acme.example>",
        sha256="ab" * 32,
        size=4,
        received_at=NOON,
        stored_at=NOON,
        content=b"\x00\xffok",
    )


def everything() -> dict[str, list[bytes]]:
    """Every row of the open database."""
    with database.session(), database.snapshot():
        return {table: sorted(dumping.lines(table)) for table in dumping.tables()}


def backed_up(desk: Backoffice, target: Path) -> Path:
    back_up(target, desk.config, desk.clock, silence)
    return target


@pytest.mark.database
@pytest.mark.parametrize("elsewhere", KINDS, indirect=True)
def test_a_desk_is_the_same_on_either_database(elsewhere: Config, desk: Backoffice, tmp_path: Path) -> None:
    work(desk)
    (desk.config.data_dir / "oauth").mkdir()
    (desk.config.data_dir / "oauth" / "support.json").write_text('{"refresh_token": "newer"}')
    before, backup = everything(), backed_up(desk, tmp_path / "desk.zip")
    database.close_database()

    summary = restore(backup, elsewhere, silence)
    after = everything()

    assert after == before
    assert len(before["message"]) > 3
    assert (elsewhere.data_dir / "oauth" / "support.json").read_text() == '{"refresh_token": "newer"}'
    assert summary.files == 1
    assert [sentence[:6] for sentence in summary.broken] == ["INV-01"]  # the mail that is made up has other bytes


@pytest.mark.database
@pytest.mark.parametrize("elsewhere", KINDS, indirect=True)
def test_a_restored_desk_goes_on_with_the_next_number(elsewhere: Config, desk: Backoffice, tmp_path: Path) -> None:
    opened(desk, "First")
    backup = backed_up(desk, tmp_path / "desk.zip")
    database.close_database()
    restore(backup, elsewhere, silence)

    following = opened(open_backoffice(elsewhere, SetClock(NOON)), "Next")

    assert following.reference == "TS2603-0002"


@pytest.mark.row("DB-10")
@pytest.mark.database
def test_a_backup_under_load_restores_to_a_whole_desk(elsewhere: Config, desk: Backoffice, tmp_path: Path) -> None:
    taken: list[Path] = []
    over = threading.Event()
    writers = [threading.Thread(target=_write, args=(desk, number, over)) for number in range(3)]
    for writer in writers:
        writer.start()
    for number in range(3):
        taken.append(backed_up(desk, tmp_path / f"{number}.zip"))
    over.set()
    for writer in writers:
        writer.join()
    database.close_database()

    sizes = []
    for number, backup in enumerate(taken):
        there = configured(tmp_path / f"there-{number}", f"sqlite:///{tmp_path}/there-{number}/desk.db")
        summary = restore(backup, there, silence)
        restored = open_backoffice(there).desk
        with database.session():
            assert list(invariants.broken(restored.files)) == []
        database.close_database()
        sizes.append(summary.rows["ticket"])

    assert sizes == sorted(sizes)
    assert sizes[-1] > sizes[0]


def _write(desk: Backoffice, number: int, over: threading.Event) -> None:
    while not over.is_set():
        with database.session(patience=20):
            by = Actor("client", "Ann", "mail")
            file = desk.desk.files.keep(f"{number} {threading.get_ident()} {id(by)}".encode(), "a.txt", "text/plain")
            made = desk.desk.tickets.open(Opening("Help", "Now", client=client_of("ann@acme.example", "Ann")), by)
            bob = Actor.of(people.agent("bob@example.org"), "slack")
            desk.desk.tickets.note(made.reference, Writing("seen", files=(file,)), bob)


def test_a_ticket_that_is_purged_meanwhile_makes_it_begin_again(
    desk: Backoffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, tickets = opened(desk, "Gone soon"), desk.desk.tickets
    file = desk.desk.files.keep(b"secret", "a.txt", "text/plain")
    with database.session():
        bob = Actor.of(people.agent("bob@example.org"), "slack")
        tickets.note(made.reference, Writing("see", files=(file,)), bob)
    said: list[str] = []

    def purge(line: str) -> None:
        said.append(line)
        if line == "1 files":
            assert isinstance(desk.clock, SetClock)
            os.utime(desk.desk.files.path(file.sha256), (0, 0))
            with database.session():
                tickets.bin.delete(made.reference, bob)
                desk.clock.move(days=40)
                tickets.bin.purge(desk.desk.files)

    summary = back_up(tmp_path / "desk.zip", desk.config, desk.clock, purge)

    assert "a ticket was purged meanwhile: once more from the beginning" in said
    assert (summary.files, summary.broken) == (0, [])


# refusals ------------------------------------------------------------------------------------------------------------


def test_a_desk_that_is_there_stays_unless_it_is_to_be_replaced(desk: Backoffice, tmp_path: Path) -> None:
    backup = backed_up(desk, tmp_path / "desk.zip")
    opened(desk, "Later")
    with pytest.raises(BackupError, match="--replace moves it aside"):
        restore(backup, desk.config, silence)
    database.close_database()
    assert (tmp_path / "desk.db").exists()

    restore(backup, desk.config, silence, replace=True)

    assert len(everything()["ticket"]) == 1  # the line that names the columns
    database.close_database()
    database.open_database(f"sqlite:///{tmp_path}/desk.db.before-restore")
    assert len(everything()["ticket"]) == 2


def damaged(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


def of_a_newer_version(path: Path) -> None:
    _with_head(path, lambda head: head["steps"].append("9999_flying_cars"))


def of_another_format(path: Path) -> None:
    _with_head(path, lambda head: head.update(format=2))


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def no_backup(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("holiday.jpg", b"beach")


def leading_out(path: Path) -> None:
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("folder/../../../escaped", b"gotcha")


def with_a_table_of_its_own(path: Path) -> None:
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr('rows/agent" WHERE 1=1; --.jsonl', b'["id"]\n[1]\n')


def _with_head(path: Path, change: Callable[[dict[str, list[str]]], object]) -> None:
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    head = json.loads(content[HEAD])
    change(head)
    with zipfile.ZipFile(path, "w") as archive:
        for name, kept in (content | {HEAD: json.dumps(head).encode()}).items():
            archive.writestr(name, kept)


REFUSED: dict[Callable[[Path], None], str] = {
    damaged: "damaged|cannot be read",
    cut_off: "cannot be read as a backup",
    of_a_newer_version: "install that version",
    of_another_format: "install that version",
    no_backup: "is no backup of Deskbell",
    leading_out: "leads out of the data folder",
    with_a_table_of_its_own: "there is no table",
}


@pytest.mark.parametrize("spoil", REFUSED, ids=lambda spoil: spoil.__name__)
def test_what_is_no_whole_backup_changes_nothing(
    elsewhere: Config, desk: Backoffice, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    backup = backed_up(desk, tmp_path / "desk.zip")
    spoil(backup)
    database.close_database()

    with pytest.raises(BackupError, match=REFUSED[spoil]):
        restore(backup, elsewhere, silence)

    assert sorted(path.name for path in elsewhere.data_dir.parent.glob("desk.db*") if path.suffix != ".lock") == []
    assert not (tmp_path / "escaped").exists()


def test_only_its_owner_may_read_a_backup(desk: Backoffice, tmp_path: Path) -> None:
    backup = backed_up(desk, tmp_path / "desk.zip")

    assert backup.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir() if "unfinished" in path.name] == []
