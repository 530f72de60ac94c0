"""A backlog of mails, and the process killed twice while it drains: all come in once, at a good pace."""

import hashlib
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.backoffice import open_backoffice
from bot.config import load_config
from bot.desk import invariants
from storage.database import close_database, session
from storage.models import Mail
from tests.dovecot import Dovecot, dovecot, running
from tests.faults.test_killed_collecting import CONFIGURATION

__all__ = ["dovecot"]

KILLS, SLOWEST = 2, 20
FOREVER = 3600


def mail(number: int) -> bytes:
    """A mail of one client among many: those of a single one would be held back."""
    return (
        f"From: ann{number}@acme.example\r\nTo: support@example.org\r\nSubject: Request {number}\r\n"
        f"Message-ID: <{number}@acme.example>\r\n\r\nPlease help, {number}.\r\n"
    ).encode()


def drained(folder: Path, url: str, server: Dovecot, mails: int, *, seed: int) -> tuple[int, float]:
    """How many kills landed in the work, and the mails a second while it went on. AssertionError when one is amiss."""
    user, config, chance = f"backlog{mails}", folder / "deskbell.toml", random.Random(seed)
    config.write_text(
        CONFIGURATION.format(url=url, port=server.port, user=user, password=server.password, done="").replace(
            "batch = 5", "batch = 50"
        )
    )
    server.deliver(user, *map(mail, range(mails)))
    landed, begun = 0, time.monotonic()
    for _ in range(KILLS):
        landed += _killed(config, after=chance.uniform(0.5, 1.0) * mails / 400)
    assert _collecting(config).wait(FOREVER) == 0
    pace = mails / (time.monotonic() - begun)
    _check(config, mails)
    return landed, pace


def _collecting(config: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "bot", "collect", "--json", "--config", str(config)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _killed(config: Path, *, after: float) -> bool:
    """Begin, kill after so many seconds; whether it was still at work."""
    process = _collecting(config)
    try:
        process.wait(after + 1.0)  # a second until it has begun
    except subprocess.TimeoutExpired:
        process.kill()
    return process.wait() == -signal.SIGKILL


def _check(config: Path, mails: int) -> None:
    office = open_backoffice(load_config(config, {}))
    with session():
        kept = {row.sha256: row.state for row in Mail.select()}
        wrong = list(invariants.broken(office.desk.files))
    close_database()
    assert wrong == []
    assert kept == {hashlib.sha256(mail(number)).hexdigest(): "ticket" for number in range(mails)}


@pytest.mark.row("MI-30", "INV-01", "INV-02")
def test_a_backlog_comes_in_once_whatever_is_killed(tmp_path: Path, dovecot: Dovecot) -> None:
    landed, _ = drained(tmp_path, f"sqlite:///{tmp_path}/desk.db", dovecot, 300, seed=1)

    assert landed


def full(folder: Path, url: str) -> str:
    """10,000 mails, at 20 a second or more."""
    with running() as server:
        landed, pace = drained(folder, url.format("desk"), server, 10_000, seed=1)
    assert landed == KILLS
    assert pace >= SLOWEST
    return f"10,000 mails, {landed} kills, {pace:.0f} mails/s"
