"""How quick mails are taken in: `python -m tests.benchmarks --intake`. The desk and the floor take turns.

The floor is pinned: fetch with imap-tools, which parses, parse with the standard library, one durable commit of the
raw bytes for each mail. The lean floor does not parse again. All read the same mails from a real Dovecot, in turns.
"""

from __future__ import annotations

import email
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import imap_tools

from bot import logs
from bot.backoffice import Backoffice, open_backoffice
from bot.config import load_config
from bot.desk.opening import Opening
from bot.desk.people import Actor, client_of
from bot.intake.collector import Collector
from bot.intake.reader import Reader
from handlers.mail.mailbox import ImapMailbox
from storage.database import close_database, session
from storage.queries import people as people_rows
from tests.benchmarks.letterbox import ADDRESS, CLIENTS, PEOPLE, Letterbox, Ours, client
from tests.dovecot import Dovecot, running

PORTION = 250
HEAVY_FLOOR = 4.0
"""CPU ms per mail above which the floor itself is at fault."""
CONFIG = """
data_dir = "{folder}/data"
[database]
url = "{url}"
[slack]
bot_token = "xoxb-1-2-abcdefghijkl"
app_token = "xapp-1-A-1-abcdefghijk"
channel = "#support"
[smtp]
host = "localhost"
sender = "support@example.org"
[[mailbox]]
name = "support"
address = "support@example.org"
host = "127.0.0.1"
port = {port}
security = "none"
username = "desk"
password = "{password}"
first_contact = "all"
  [[mailbox.rule]]
  name = "billing"
  subject = "/invoice|facture/i"
  set = {{ severity = "HIGH" }}
"""


@dataclass(slots=True)
class Taken:
    """What one of them took: mails, seconds of the clock, CPU seconds of this process and of the reading one."""

    mails: int = 0
    seconds: float = 0
    cpu: float = 0
    child: float = 0

    def __iadd__(self, other: Taken) -> Taken:
        for name in ("mails", "seconds", "cpu", "child"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        return self

    @property
    def rate(self) -> float:
        """Mails a second."""
        return self.mails / self.seconds

    def per_mail(self, seconds: float) -> float:
        """Milliseconds for one mail."""
        return seconds * 1000 / self.mails


@dataclass(slots=True)
class Run:
    """All of them in all, and the desk in each portion."""

    floor: Taken = field(default_factory=Taken)
    lean: Taken = field(default_factory=Taken)
    desk: Taken = field(default_factory=Taken)
    portions: list[Taken] = field(default_factory=list)

    def add(self, *, floor: Taken, lean: Taken, desk: Taken) -> None:
        """One more portion."""
        assert floor.mails == lean.mails == desk.mails
        self.floor += floor
        self.lean += lean
        self.desk += desk
        self.portions.append(desk)


def measure(folder: Path, mails: int, url: str = "") -> Run:
    """Take so many mails in, in a folder that is empty."""
    folder.mkdir(parents=True)
    with running() as server, _office(folder, url, server) as office, _logged(folder):
        letterbox, run = Letterbox(1, _letters(office, max(50, mails // 20))), Run()
        desk = _Desk(office)
        floor, lean = (_Floor(folder / f"{name}.db", server, again=name == "floor") for name in ("floor", "lean"))
        for start in range(0, mails, PORTION):
            portion = [letterbox.mail(number) for number in range(start, min(mails, start + PORTION))]
            for user in ("desk", floor.user(start), lean.user(start)):
                server.deliver(user, *portion)
            takers = {"desk": desk.take, "floor": floor.take, "lean": lean.take}
            run.add(**{name: takers[name]() for name in _in_turn(list(takers), start // PORTION)})
        desk.close()
    return run


def _in_turn(names: list[str], turn: int) -> list[str]:
    """Each is the first one time in so many."""
    first = turn % len(names)
    return names[first:] + names[:first]


def shown(run: Run) -> str:
    """The result in words, with whatever makes it worth less."""
    floor, lean, desk = run.floor, run.lean, run.desk
    few = max(1, 500 // PORTION)
    first, last, whole = map(_cpu, (run.portions[:few], run.portions[-few:], run.portions))
    lines = [
        f"{floor.mails:,} mails, in turns of {PORTION}",
        f"floor  {floor.rate:6.0f} mails/s   CPU {floor.per_mail(floor.cpu):.2f} ms per mail",
        f"lean   {lean.rate:6.0f} mails/s   CPU {lean.per_mail(lean.cpu):.2f} ms per mail",
        f"desk   {desk.rate:6.0f} mails/s   CPU {desk.per_mail(desk.cpu):.2f} ms per mail, "
        f"and {desk.per_mail(desk.child):.2f} ms in the process that reads",
        f"ratio  {desk.rate / floor.rate:6.2f}, to the lean floor {desk.rate / lean.rate:.2f}",
        f"CPU of a mail by that of the first 500: in all {whole / first:.2f}, of the last 500 {last / first:.2f}",
    ]
    if floor.per_mail(floor.cpu) > HEAVY_FLOOR:
        lines.append(f"The floor takes more than {HEAVY_FLOOR} ms CPU per mail: this machine is too busy to tell.")
    return "\n".join(lines)


def _cpu(portions: list[Taken]) -> float:
    return sum(desk.cpu + desk.child for desk in portions) / sum(desk.mails for desk in portions)


# who takes ------------------------------------------------------------------------------------------------------------


class _Desk:
    """The desk's own way, whole: ledger, reading, threading, rules, tickets, deliveries, full text, flags."""

    def __init__(self, office: Backoffice) -> None:
        config = office.config.mailboxes[0]
        self._mailbox, self._reader = ImapMailbox(config), Reader()
        self._collector = Collector(office.desk, config, self._mailbox, self._reader)
        self._collector.round()
        self._reader.read(b"Subject: begin\r\n\r\n")

    def take(self) -> Taken:
        """What waits."""
        child = self._child()
        began, used = time.perf_counter(), time.process_time()
        done = self._collector.round()
        taken = Taken(done.seen, time.perf_counter() - began, time.process_time() - used, self._child() - child)
        assert done.quarantined == done.failed == done.ignored == 0, done
        return taken

    def _child(self) -> float:
        """CPU seconds that the reading process has used (Linux)."""
        return int(Path(f"/proc/{self._reader.pid}/schedstat").read_text().split()[0]) / 1e9

    def close(self) -> None:
        self._mailbox.close()
        self._reader.close()


class _Raw(imap_tools.MailMessage):
    """A message of imap-tools, which parses it, with its bytes."""

    def __init__(self, fetched: list[Any]) -> None:
        self.raw: bytes = self._get_message_data_parts(fetched)[0]
        super().__init__(fetched)


class _Floor:
    """imap-tools' fetch, email.message_from_bytes where they are parsed `again`, one durable commit for each mail."""

    def __init__(self, path: Path, server: Dovecot, *, again: bool) -> None:
        self._name, self._again = path.stem, again
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = wal")
        self._db.execute("PRAGMA synchronous = full")
        self._db.execute("CREATE TABLE mail (id INTEGER PRIMARY KEY, content BLOB NOT NULL)")
        self._server = server
        self._user = ""

    def user(self, start: int) -> str:
        """Whose mailbox holds the next portion."""
        self._user = f"{self._name}-{start}"
        return self._user

    def take(self) -> Taken:
        """What waits."""
        began, used, mails = time.perf_counter(), time.process_time(), 0
        box = imap_tools.MailBoxUnencrypted("127.0.0.1", self._server.port)
        box.email_message_class = _Raw  # type: ignore[assignment]
        with box.login(self._user, self._server.password):
            fetched: Iterator[Any] = box.fetch(mark_seen=False)
            for mail in fetched:
                if self._again:
                    email.message_from_bytes(mail.raw)
                self._db.execute("BEGIN IMMEDIATE")
                self._db.execute("INSERT INTO mail (content) VALUES (?)", (mail.raw,))
                self._db.execute("COMMIT")
                mails += 1
        return Taken(mails, time.perf_counter() - began, time.process_time() - used)


# around them ---------------------------------------------------------------------------------------------------------


@contextmanager
def _office(folder: Path, url: str, server: Dovecot) -> Iterator[Backoffice]:
    file = folder / "deskbell.toml"
    values = {"folder": folder, "url": url or f"sqlite:///{folder}/desk.db"}
    file.write_text(CONFIG.format(**values, port=server.port, password=server.password), encoding="utf-8")
    file.chmod(0o600)
    yield open_backoffice(load_config(file, {}))
    close_database()


@contextmanager
def _logged(folder: Path) -> Iterator[None]:
    """The desk logs as it does in earnest, into a file."""
    stderr = sys.stderr
    with (folder / "log").open("w", encoding="utf-8") as sys.stderr:
        logs.set_up()
        try:
            yield
        finally:
            sys.stderr = stderr


def _letters(office: Backoffice, count: int) -> list[Ours]:
    """Clients that are known, and a ticket with a letter of ours for some people."""
    with session():
        for number in range(CLIENTS):
            name = f"Client {number}"
            domain = f"client{number}.example"
            people_rows.add_third_party([domain], name=name, code=f"C{number}", created_at=office.clock.now())
        return [_letter(office, client(number % PEOPLE)) for number in range(count)]


def _letter(office: Backoffice, address: str) -> Ours:
    opening = Opening(subject=f"Opened before by {address}", text="It does not work.", client=client_of(address))
    token = office.desk.tickets.open(opening, Actor("client", address, "mail")).token
    signer = office.desk.signer
    return Ours(address, signer.message_id(token, "c1", "example.org"), signer.reply_address(ADDRESS, token))
