"""Every hostile mail, in random order with Ann's between them: each comes to its right end, and hurts no other."""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.backoffice import Backoffice, open_backoffice
from bot.clock import SetClock
from bot.config import load_config
from bot.desk import invariants
from bot.intake.finishing import TRIES, Finisher
from bot.intake.reader import Reader
from bot.intake.reading import ParsedMail, identity_of
from storage.database import close_database, session, snapshot
from storage.models import Delivery, Event, Mail, Message, Ticket
from storage.queries import mails as rows
from tests.conftest import CONFIG, NOON
from tests.faults.hostile.shape import Hostile
from tests.faults.hostile_mails import broken, catalogue, good, named

SECONDS, MEGABYTES = 5.0, 250
POISON = ("mime-nest-multipart-1000",)
UNCLEAN = set(map(chr, [*range(9), *range(11, 32), *range(127, 160), *range(0x202A, 0x202F), *range(0xD800, 0xE000)]))


@dataclass
class Watchful(Reader):
    """A reader that notes what it read, how long that took and how much memory it had by then, by SHA-256."""

    mails: dict[str, ParsedMail] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    megabytes: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__(seconds=SECONDS)

    def read(self, raw: bytes | Path) -> ParsedMail:
        """The same."""
        assert isinstance(raw, Path)
        self._forget_peak()
        begun = time.monotonic()
        try:
            self.mails[raw.name] = super().read(raw)
            return self.mails[raw.name]
        finally:
            self.seconds[raw.name] = time.monotonic() - begun
            self.megabytes[raw.name] = self._peak()

    def _forget_peak(self) -> None:
        if self.pid:
            Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    def _peak(self) -> float:
        if not self.pid:
            return 0.0
        status = Path(f"/proc/{self.pid}/status").read_text()
        return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")), 0.0)


class Run:
    """Mails put into support's mailbox and brought to their end."""

    def __init__(self, office: Backoffice, mails: list[Hostile]) -> None:
        self.office = office
        self.mails = mails
        self.reader = Watchful()

    def finish(self) -> None:
        """All of them, the failed ones as often as the bot tries."""
        rows.store(self._row(uid, one.raw) for uid, one in enumerate(self.mails, 1))
        finisher = Finisher(self.office.desk, self.office.config.mailboxes[0], self.reader)
        try:
            for _ in range(TRIES):
                list(finisher.finish(rows.new("support", self.office.clock.now())))
        finally:
            self.reader.close()

    def _row(self, uid: int, raw: bytes) -> dict[str, object]:
        now, digest = self.office.clock.now(), hashlib.sha256(raw).hexdigest()
        self.office.desk.files.store({digest: raw})
        place = {"mailbox": "support", "uidvalidity": 1, "uid": uid, "received_at": now, "stored_at": now}
        return {**place, "identity": identity_of(raw), "sha256": digest, "size": len(raw)}

    def faults(self) -> Iterator[str]:
        """A sentence for each mail that did not end as it should."""
        ended = {row.uid: row for row in Mail.select()}
        for uid, one in enumerate(self.mails, 1):
            yield from (f"{one.name}: {fault}" for fault in self._faults_of(one, ended[uid]))

    def _faults_of(self, one: Hostile, row: Mail) -> Iterator[str]:
        if row.state not in one.expected.states:
            yield f"{row.state} ({row.reason})"
        if row.sha256 in self.reader.mails:
            yield from one.expected.faults(self.reader.mails[row.sha256])
        if self.reader.seconds.get(row.sha256, 0.0) > SECONDS:
            yield f"{self.reader.seconds[row.sha256]:.1f} s"
        if self.reader.megabytes.get(row.sha256, 0.0) > MEGABYTES:
            yield f"{self.reader.megabytes[row.sha256]:.0f} MB"


def in_disorder(seed: int) -> list[Hostile]:
    """Everything there is, a good mail after every fifth; a twin never comes before the mail that it repeats."""
    chance = random.Random(seed)
    mails = [*catalogue(), *broken(seed)]
    chance.shuffle(mails)
    late = [one for one in mails if one.twin]
    mails = [one for one in mails if not one.twin] + late
    return [each for number, one in enumerate(mails) for each in ([one, good(number)] if number % 5 == 0 else [one])]


def unclean() -> Iterator[str]:
    """What stands in the store and may not: control characters, lone surrogates, characters that turn the text."""
    texts = [(f"subject {row.id}", row.subject) for row in Ticket.select()]
    texts += [(f"text {row.id}", row.text + row.full_text + row.author_name) for row in Message.select()]
    for what, text in texts:
        if found := UNCLEAN & set(text):
            yield f"{what}: {sorted(found)!r}"


def put_right(run: Run) -> list[str]:
    """Bring a run to its end; all that is wrong then."""
    run.finish()
    moved = [row for row in Ticket.select() if abs(row.created_at - NOON) > timedelta(seconds=5)]
    acts = [row.kind for row in Event.select().where(Event.agent.is_null(False))]
    return [*run.faults(), *unclean(), *(f"{row.subject}: {row.created_at}" for row in moved), *acts]


@pytest.mark.row("MI-18", "MI-19", "MI-20", "MI-21", "MI-22", "MI-23", "MI-24", "MI-25", "MI-26", "MI-28")
@pytest.mark.row("SE-05", "SE-08", "SE-17")
def test_every_hostile_mail_comes_to_its_right_end(office: Backoffice) -> None:
    run = Run(office, in_disorder(1))

    assert put_right(run) == []
    assert len(catalogue()) >= 300


@pytest.mark.row("MI-17")
def test_a_poisoned_mail_first_is_put_aside_once_and_the_others_are_tickets(office: Backoffice) -> None:
    run = Run(office, [*named(*POISON), good(1), good(2), good(3)])

    assert put_right(run) == []

    poison = Mail.get(Mail.uid == 1)
    notices = [row.payload["text"] for row in Delivery.select().where(Delivery.kind == "post")]
    assert (poison.state, poison.attempts, poison.reason) == ("quarantined", TRIES, "parts are nested too deeply")
    assert office.desk.files.path(poison.sha256).read_bytes() == run.mails[0].raw
    assert len([text for text in notices if "nested too deeply" in text]) == 1
    assert rows.new("support", office.clock.now()) == []


@pytest.mark.database
@pytest.mark.row("MI-27")
def test_what_no_database_takes_is_stored_clean(office: Backoffice) -> None:
    mails = named(
        "body-nul", "ew-charset-rawuni", "body-entity-nul", "body-surrogates", "ew-nul", "ew-surrogate", "hdr-nul"
    )

    assert put_right(Run(office, list(mails))) == []


@pytest.mark.row("SE-06")
def test_no_name_of_an_attachment_leads_out_of_the_folder(office: Backoffice, tmp_path: Path) -> None:
    files = office.desk.files.path("0" * 64).parents[1]
    files.mkdir(parents=True, exist_ok=True)
    before = set(tmp_path.rglob("*"))

    assert put_right(Run(office, list(named("att-name-*", "body-uu-path")))) == []

    made = set(tmp_path.rglob("*")) - before
    kept = [path for path in made if path.is_file()]
    assert kept
    assert all(path.resolve().is_relative_to(files) and not path.is_symlink() for path in made)
    assert all(set(path.name) <= set("0123456789abcdef") for path in kept)


@pytest.mark.row("MI-29")
def test_a_mail_of_25_megabytes_takes_less_than_six_times_as_much(office: Backoffice) -> None:
    (one,) = named("att-zip-bomb")
    size = 24_900_000
    line = b"A" * 76 + b"\r\n"
    big = one.raw.replace(
        b"\r\n--b--",
        b"\r\n--b\r\nContent-Type: a/b\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + line * (size // 78)
        + b"\r\n--b--",
    )
    run = Run(office, [replace(one, raw=big, expected=replace(one.expected, sizes=None, files=2)), good(1)])

    assert put_right(run) == []

    digest = hashlib.sha256(big).hexdigest()
    assert run.reader.megabytes[digest] < 6 * len(big) / 1_000_000


def full(folder: Path) -> str:
    """Five orders, and five times as much damage."""
    for seed in range(5):
        place = folder / str(seed)
        place.mkdir()
        file = place / "deskbell.toml"
        file.write_text(CONFIG.format(folder=place, database=f"sqlite:///{place}/desk.db"), encoding="utf-8")
        file.chmod(0o600)
        run = Run(
            open_backoffice(load_config(file, {}), SetClock(NOON)), [*in_disorder(seed), *broken(seed + 100, 400)]
        )
        with session():
            assert (wrong := put_right(run)) == [], wrong
            with snapshot():
                assert (wrong := list(invariants.broken(run.office.desk.files))) == [], wrong
        close_database()
        slowest, most = max(run.reader.seconds.values()), max(run.reader.megabytes.values())
        print(f"order {seed}: {len(run.mails)} mails, {slowest:.1f} s and {most:.0f} MB at most")
    return "every mail came to its end"
