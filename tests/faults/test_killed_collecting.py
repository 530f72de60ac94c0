"""kill -9 in the middle of collecting: nothing is lost and nothing happens twice, wherever it lands."""

import hashlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot.backoffice import open_backoffice
from bot.config import load_config
from storage.database import close_database, session
from storage.models import Mail
from storage.queries import exports
from tests.dovecot import Dovecot, dovecot

__all__ = ["dovecot"]

MAILS = 100
PLACES = [
    "intake.before_store",
    "intake.after_store",
    "intake.after_flag",
    "intake.before_finish",
    "intake.after_finish",
    "act.before_commit",
]
CONFIGURATION = """
[database]
url = "{url}"
[smtp]
host = "127.0.0.1"
sender = "support@example.org"
[[mailbox]]
name = "support"
address = "support@example.org"
host = "127.0.0.1"
port = {port}
security = "none"
username = "{user}"
password = "{password}"
batch = 5
done_folder = "{done}"
"""


def mail(number: int) -> bytes:
    """A client's mail."""
    return (
        f"From: Ann <ann@acme.example>\r\nTo: support@example.org\r\nSubject: Request {number}\r\n"
        f"Message-ID: <{number}@acme.example>\r\nDate: Tue, 24 Nov 2026 12:00:00 +0000\r\n\r\n"
        f"Please help, {number}.\r\n"
    ).encode()


def collect(config: Path, fail: str = "") -> subprocess.CompletedProcess[str]:
    """One `deskbell collect` in a process of its own, which may be told where to die."""
    environ = {**os.environ, "DESKBELL_FAIL": fail}
    command = [sys.executable, "-m", "bot", "collect", "--json", "--config", str(config)]
    return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.row("INV-01", "INV-02", "MI-02", "MI-03")
def test_ten_kills_lose_and_double_nothing(tmp_path: Path, database_url: str, dovecot: Dovecot) -> None:
    user, done_folder = "killed", "Done"
    config = tmp_path / "deskbell.toml"
    server = {"port": dovecot.port, "user": user, "password": dovecot.password, "done": done_folder}
    config.write_text(CONFIGURATION.format(url=database_url, **server))
    dovecot.deliver(user, *(mail(number) for number in range(MAILS)))

    landed = 0
    for number in range(10):
        place = PLACES[number % len(PLACES)]
        killed = collect(config, f"{place}:{1 + number // len(PLACES)}")
        landed += killed.returncode == -signal.SIGKILL
    last, again = collect(config), collect(config)

    assert landed >= 8
    assert last.returncode == 0, last.stderr
    assert json.loads(again.stdout)["mailboxes"][0]["seen"] == 0
    open_backoffice(load_config(config, {}))
    with session():
        kept = {row.sha256: row.state for row in Mail.select()}
        subjects = sorted(row.subject for row in exports.tickets())
    close_database()
    assert kept == {hashlib.sha256(mail(number)).hexdigest(): "ticket" for number in range(MAILS)}
    assert subjects == sorted(f"Request {number}" for number in range(MAILS))
    assert len(dovecot.mails(user, done_folder)) == MAILS
