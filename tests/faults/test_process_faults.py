"""The process is told to stop in every way, has no room, no files, no memory, or nobody to talk to."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from bot.intake.finishing import TRIES
from tests.bot.cli.conftest import Shell
from tests.dovecot import Dovecot, dovecot, mail_user
from tests.faults.hostile_mails import catalogue, named
from tests.faults.test_killed_collecting import CONFIGURATION, mail
from tests.servers import free_port, wait_until

__all__ = ["dovecot", "mail_user"]

MEMORY = 400 * 1024 * 1024
DESCRIPTORS = 64
CHILDREN = 1
"""One reader for each mailbox, whatever comes."""


class Bot:
    """`deskbell run` in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.shell, self.port = Shell(folder), free_port()
        self.shell.configure("[web]", f'listen = "127.0.0.1:{self.port}"')
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, limit: Callable[[], None] | None = None, **where: Any) -> "subprocess.Popen[bytes]":
        """Start it and wait until it is ready."""
        self.process = subprocess.Popen(
            self.shell.command("run"), cwd=self.shell.folder, env=self.shell.environment, preexec_fn=limit, **where
        )
        wait_until(self.is_ready)
        return self.process

    def is_ready(self) -> bool:
        """Whether it answers."""
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def tried(self) -> str:
        """What a ticket's number is that is made beside it."""
        self.shell("agent", "add", "bob@example.org", "--name", "Bob", "--role", "admin")
        return self.shell("ticket", "--as", "bob@example.org", "new", "Printer", "--json").stdout


@pytest.fixture
def bot(tmp_path: Path) -> Iterator[Bot]:
    """A bot that is killed in the end, should it still run."""
    made = Bot(tmp_path)
    yield made
    if made.process is not None and made.process.poll() is None:
        made.process.kill()
        made.process.wait()


# stopping ------------------------------------------------------------------------------------------------------------


@pytest.mark.row("PR-03")
@pytest.mark.parametrize(
    "signals",
    [(signal.SIGINT,), (signal.SIGHUP,), (signal.SIGTERM, signal.SIGTERM), (signal.SIGTERM, signal.SIGINT)],
    ids=lambda numbers: "+".join(number.name for number in numbers),
)
def test_it_stops_cleanly_however_it_is_told(bot: Bot, signals: tuple[signal.Signals, ...]) -> None:
    process = bot.start(_hearing_hangups, stderr=subprocess.PIPE)

    for number in signals:
        process.send_signal(number)
    _, said = process.communicate(timeout=20)

    assert process.returncode == 0
    assert b"Traceback" not in said
    assert json.loads(bot.shell("check", "--deep", "--json").stdout)[-1]["sentence"] == "all hold"


@pytest.mark.row("PR-03")
def test_a_hangup_that_is_ignored_is_ignored(bot: Bot) -> None:
    process = bot.start(_deaf_to_hangups)

    process.send_signal(signal.SIGHUP)

    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.5)
    assert bot.is_ready()


def _hearing_hangups() -> None:
    """Also where the tests themselves run under nohup."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def _deaf_to_hangups() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


# nothing to write to -------------------------------------------------------------------------------------------------


@pytest.mark.row("PR-08")
@pytest.mark.parametrize("place", ["closed", "full"])
def test_it_works_although_nobody_can_be_told(bot: Bot, place: str) -> None:
    with Path("/dev/full").open("wb") as full:
        process = bot.start(stdout=full, stderr=full) if place == "full" else bot.start(lambda: os.closerange(1, 3))

    assert json.loads(bot.tried())["subject"] == "Printer"
    assert bot.is_ready()
    process.terminate()
    assert process.wait(20) == 0


@pytest.mark.row("PR-07")
def test_without_file_descriptors_it_says_so_and_recovers(bot: Bot) -> None:
    said = bot.shell.folder / "said"
    with said.open("wb") as stderr:
        process = bot.start(lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS,) * 2), stderr=stderr)

    held = [_connected(bot.port) for _ in range(DESCRIPTORS + 10)]
    wait_until(lambda: "Too many open files" in said.read_text())
    for connection in held:
        connection.close()

    wait_until(bot.is_ready)
    assert process.poll() is None
    process.terminate()
    assert process.wait(20) == 0


def _connected(port: int) -> Any:
    import socket

    connection = socket.socket()
    connection.setblocking(False)
    connection.connect_ex(("127.0.0.1", port))
    return connection


# mails that want everything ------------------------------------------------------------------------------------------


@pytest.mark.row("PR-06", "SE-08", "INV-01")
def test_bombs_in_little_memory_end_and_the_good_mail_is_a_ticket(
    tmp_path: Path, dovecot: Dovecot, mail_user: str
) -> None:
    bombs = [one.raw for one in named("att-zip-bomb", "att-png-bomb", "mime-nest-*")]
    large = mail(2).replace(b"\r\n\r\n", b"\r\n\r\n" + b"x" * 70 + b"\r\n", 1) + (b"y" * 70 + b"\r\n") * 700_000
    dovecot.deliver(mail_user, *bombs, large, mail(1))
    config = _configured(tmp_path, dovecot, mail_user)

    rounds = [_collected(config, _in_little_memory) for _ in range(TRIES)]

    assert rounds[0]["seen"] == len(bombs) + 2
    assert sum(told["created"] for told in rounds) >= 1
    assert rounds[-1]["failed"] == 0


def _in_little_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _collected(config: Path, limit: Callable[[], None] | None = None) -> dict[str, Any]:
    """What a round tells of the mailbox; it ends well and says nothing of its insides."""
    command = [sys.executable, "-m", "bot", "collect", "--json", "--config", str(config)]
    ended = subprocess.run(command, preexec_fn=limit, capture_output=True, timeout=90, check=False)
    assert (ended.returncode, b"Traceback" in ended.stderr) == (0, False)
    found: dict[str, Any] = json.loads(ended.stdout)["mailboxes"][0]
    return found


@pytest.mark.row("PR-10")
def test_two_hundred_hostile_mails_have_one_reader(tmp_path: Path, dovecot: Dovecot, mail_user: str) -> None:
    dovecot.deliver(mail_user, *[one.raw for one in catalogue() if 0 < len(one.raw) < 20_000][:200])
    config = _configured(tmp_path, dovecot, mail_user)
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "collect", "--json", "--config", str(config)], stdout=subprocess.PIPE
    )

    most = 0
    while process.poll() is None:
        most = max(most, _children(process.pid))
        time.sleep(0.01)

    rounds = [json.loads(process.communicate()[0])["mailboxes"][0], _collected(config), _collected(config)]
    assert most == CHILDREN
    assert rounds[0]["seen"] >= 200
    assert rounds[-1]["failed"] == 0


def _children(pid: int) -> int:
    """How many processes it has below it."""
    try:
        lists = [path.read_text().split() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:
        return 0
    return sum(1 + _children(int(child)) for found in lists for child in found)


def _configured(folder: Path, server: Dovecot, user: str) -> Path:
    config = folder / "deskbell.toml"
    url = f"sqlite:///{folder}/desk.db"
    config.write_text(CONFIGURATION.format(url=url, port=server.port, user=user, password=server.password, done=""))
    config.chmod(0o600)
    return config
