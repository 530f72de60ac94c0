"""Steady loads: mails and presses come as fast as they may, for as long as is asked; nothing is late or grows."""

from __future__ import annotations

import itertools
import signal
import subprocess
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

from bot.backoffice import open_backoffice
from bot.config import load_config
from bot.desk import invariants
from storage.database import close_database, session
from storage.models import Mail
from tests.benchmarks import chat
from tests.benchmarks.letterbox import Letterbox
from tests.bot.cli.conftest import Shell
from tests.dovecot import Dovecot, dovecot, running
from tests.faults.test_killed_collecting import CONFIGURATION
from tests.played import played
from tests.servers import free_port, until

__all__ = ["dovecot"]

MAILS_A_SECOND, LONGEST_LAG, LARGEST = 20, 30.0, 400
SLOWEST = 1.0
SECONDS = 4
MORNING = datetime(2026, 3, 5, 8)  # noqa: DTZ001 (a wall clock's)
SLOW, MANY = 2.0, 5


@dataclass
class Seen:
    """What came of a load: seconds from a mail's delivery to its ticket, and megabytes of the bot as it went on."""

    lags: list[float] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


@pytest.mark.row("LD-01", "INV-14")
def test_mails_that_come_steadily_wait_for_nothing(tmp_path: Path, dovecot: Dovecot) -> None:
    seen = take_mails(tmp_path, dovecot, SECONDS)

    check_mails(seen, SECONDS)


def check_mails(seen: Seen, seconds: int) -> None:
    """AssertionError when one waited too long, one is missing, or the bot grew too large."""
    assert len(seen.lags) == seconds * MAILS_A_SECOND
    assert max(seen.lags) < LONGEST_LAG
    assert max(seen.megabytes) < LARGEST
    assert seen.broken == []


def take_mails(folder: Path, server: Dovecot, seconds: int) -> Seen:
    """Deliver twenty mails a second to a running bot and look on."""
    user, seen = f"load{seconds}", Seen()
    bot = _started(folder, server, user)
    box, begun = Letterbox(seed=seconds, ours=()), time.monotonic()
    try:
        for second in range(seconds):
            first = second * MAILS_A_SECOND
            server.deliver(user, *map(box.mail, range(first, first + MAILS_A_SECOND)))
            seen.megabytes.append(_megabytes(bot.pid))
            time.sleep(max(0.0, begun + second + 1 - time.monotonic()))
        seen.lags = _lags(folder, seconds * MAILS_A_SECOND)
        seen.megabytes.append(_megabytes(bot.pid))
    finally:
        bot.send_signal(signal.SIGTERM)
        bot.wait(20)
    made = open_backoffice(load_config(folder / "deskbell.toml", {}))
    with session():
        seen.broken = list(invariants.broken(made.desk.files))
    close_database()
    return seen


def _started(folder: Path, server: Dovecot, user: str) -> subprocess.Popen[bytes]:
    shell, config = Shell(folder), folder / "deskbell.toml"
    server.deliver(user)
    url = f"sqlite:///{folder}/desk.db"
    words = CONFIGURATION.format(url=url, port=server.port, user=user, password=server.password, done="")
    config.write_text(words.replace("batch = 5", 'batch = 50\nfirst_contact = "all"'))
    config.chmod(0o600)
    shell.configure("[web]", f'listen = "127.0.0.1:{free_port()}"')
    with (folder / "said").open("wb") as said:
        return subprocess.Popen(shell.command("run"), cwd=folder, env=shell.environment, stdout=said, stderr=said)


def _lags(folder: Path, mails: int) -> list[float]:
    """Wait until all are there; how long each had waited in the mailbox by the time it was finished."""
    open_backoffice(load_config(folder / "deskbell.toml", {}))
    end = time.monotonic() + LONGEST_LAG + 30
    while _finished() < mails and time.monotonic() < end:
        time.sleep(0.05)
    with session():
        rows = list(Mail.select().where(Mail.finished_at.is_null(False)))
    close_database()
    return [(row.finished_at - row.received_at).total_seconds() for row in rows]


def _finished() -> int:
    with session():
        return int(Mail.select().where(Mail.finished_at.is_null(False)).count())


def _megabytes(pid: int) -> float:
    """What the process and those below it hold in memory."""
    pages = sum(int(Path(f"/proc/{one}/statm").read_text().split()[1]) for one in _family(pid))
    return pages * 4096 / 1_000_000


def _family(pid: int) -> list[int]:
    lists = [path.read_text().split() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    return [pid, *(one for child in itertools.chain(*lists) for one in _family(int(child)))]


@pytest.mark.row("LD-02")
def test_presses_and_commands_that_come_steadily_are_acknowledged_at_once(tmp_path: Path) -> None:
    check_presses(chat.measure(tmp_path, SECONDS // 2)["bot"])


def check_presses(taken: chat.Taken) -> None:
    """AssertionError when one was acknowledged late."""
    assert taken.late == 0
    assert taken.p99 < SLOWEST


@pytest.mark.row("LD-03")
async def test_a_slow_slack_makes_neither_telegram_nor_letters_wait(tmp_path: Path) -> None:
    async with played(tmp_path, MORNING) as desk:
        desk.slack.faults.delay = SLOW
        begun = time.monotonic()
        for number in range(MANY):
            await desk.mail.write("Ann <ann@acme.example>", desk.cast.desk, f"Printer {number}", "Please help!")
        await until(lambda: sum(bool(one.keyboard) for one in desk.telegram.messages(desk.cast.group)) == MANY)
        await until(lambda: len(desk.letters()) == MANY)
        took, in_slack = time.monotonic() - begun, len(desk.slack.messages(desk.cast.channel))
        desk.slack.faults.delay = 0.0
        await desk.settled()

    assert took < MANY * SLOW
    assert in_slack < MANY


def full(folder: Path) -> str:
    """Ten minutes of mails, five of presses."""
    folder.mkdir(parents=True, exist_ok=True)
    with running() as server:
        seen = take_mails(folder, server, 600)
    check_mails(seen, 600)
    presses = chat.measure(folder / "chat", 300)["bot"]
    check_presses(presses)
    began, ended = seen.megabytes[60], max(seen.megabytes[-60:])
    return (
        f"{len(seen.lags)} mails, longest wait {max(seen.lags):.1f} s, {began:.0f} MB after a minute, {ended:.0f} MB "
        f"in the last; {len(presses.seconds)} presses and commands, p99 {presses.p99 * 1000:.0f} ms"
    )
