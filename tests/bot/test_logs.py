"""What is logged: one line for each record, no secret, nothing that a stranger could have put there to mislead."""

import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog

from bot import logs
from bot.config import load_config, secrets_of
from bot.logs import MASK
from tests.bot.cli.conftest import Shell
from tests.servers import free_port, wait_until

HOSTILE = (
    "a\nb",
    'a\r\n{"event": "forged", "level": "info"}',
    "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07",
    "a\x00b\x08\x08c",
    "a\u2028b\u2029c\x85d",
    "\u202etxt.exe",
    "\ud800 alone",
    "%s %(name)s {0}",
    '"}\n{"',
)
WAYS: dict[str, Callable[[str], object]] = {
    "a value": lambda text: structlog.get_logger("deskbell").warning("seen", subject=text),
    "a value in a list": lambda text: structlog.get_logger("deskbell").warning("seen", subjects=[text, {text: text}]),
    "an event": lambda text: structlog.get_logger("deskbell").warning(text),
    "an exception": lambda text: structlog.get_logger("deskbell").warning("seen", error=ValueError(text)),
    "a library's": lambda text: logging.getLogger("elsewhere").warning("seen %s", text),
}


@pytest.fixture(autouse=True)
def set_back() -> Iterator[None]:
    """Other tests log as before."""
    root, configured = logging.getLogger().handlers, structlog.get_config()
    yield
    logging.getLogger().handlers = root
    structlog.configure(**configured)


@pytest.mark.row("SE-20")
@pytest.mark.parametrize("way", WAYS)
def test_a_record_is_one_line_whatever_it_holds(way: str, capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up()

    for text in HOSTILE:
        WAYS[way](text)

    lines = capsys.readouterr().err.split("\n")[:-1]
    records = [json.loads(line) for line in lines]
    assert len(records) == len(HOSTILE)
    assert [record["level"] for record in records] == ["warning"] * len(HOSTILE)
    assert [line for line in lines if not line.isprintable()] == []


@pytest.mark.row("SE-20")
@pytest.mark.parametrize("way", WAYS)
def test_on_a_terminal_nothing_moves_the_cursor(
    way: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("NO_COLOR", "1")
    logs.set_up()

    for text in HOSTILE:
        WAYS[way](text)

    said = capsys.readouterr().err
    assert "\x1b[31m" not in said.replace("\x1b[31m\x1b[1mwarning", "")
    assert len(said.split("\n")) - 1 == len(HOSTILE)
    assert not any(sign in said for sign in ("\x1b]0;", "\x08", "\r", "\u2028", "\u202e"))


CANARIES = (
    "xoxb-1234567890-canary",
    "xapp-1-canary-0123456789",
    "123456789:canary-canary-canary-canary",
    "canary of smtp",
    "canary/of+imap",
    "canary-that-signs",
)
SECRETS = """
secret = "canary-that-signs"
data_dir = "{folder}/data"
[database]
url = "sqlite:///{folder}/desk.db"
[web]
listen = "127.0.0.1:{web}"
[slack]
bot_token = "xoxb-1234567890-canary"
app_token = "xapp-1-canary-0123456789"
channel = "#support"
api_url = "http://127.0.0.1:{port}/"
[telegram]
token = "123456789:canary-canary-canary-canary"
chat = -100
api_url = "http://127.0.0.1:{port}"
[smtp]
host = "127.0.0.1"
port = {port}
security = "none"
username = "desk"
password = "canary of smtp"
sender = "support@example.org"
[[mailbox]]
name = "support"
address = "support@example.org"
host = "127.0.0.1"
port = {port}
security = "none"
username = "support"
password = "canary/of+imap"
"""


@pytest.mark.row("SE-21", "INV-09")
def test_every_secret_of_a_configuration_is_known_and_masked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "deskbell.toml"
    file.write_text(SECRETS.format(folder=tmp_path, port=1, web=2))
    file.chmod(0o600)
    logs.set_up(secrets=secrets_of(load_config(file, {})))

    for canary in CANARIES:
        for way in WAYS.values():
            way(f"refused: {canary}")

    said = capsys.readouterr().err
    assert "canary" not in said
    assert said.count(MASK) >= len(CANARIES) * len(WAYS)


def test_a_database_s_password_is_known_as_it_is_written_and_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "deskbell.toml"
    file.write_text('[database]\nurl = "postgresql://desk:canary%20of%20postgres@localhost/desk"\n')
    file.chmod(0o600)

    found = set(secrets_of(load_config(file, {})))

    assert {"canary%20of%20postgres", "canary of postgres"} <= found


@pytest.mark.row("SE-21", "INV-09")
def test_a_bot_that_reaches_nobody_tells_no_secret(tmp_path: Path) -> None:
    bot = Shell(tmp_path)
    file = tmp_path / "deskbell.toml"
    file.write_text(SECRETS.format(folder=tmp_path, port=free_port(), web=free_port()))
    file.chmod(0o600)
    with (tmp_path / "said").open("wb") as said:
        running = subprocess.Popen(bot.command("run"), cwd=tmp_path, env=bot.environment, stdout=said, stderr=said)
    wait_until(lambda: all(part in (tmp_path / "said").read_text() for part in ("slack", "telegram", "mailbox")))
    checked = bot("check")
    running.terminate()

    assert running.wait(20) == 0
    assert checked.returncode == 1
    assert [
        text for text in ((tmp_path / "said").read_text(), checked.stdout, checked.stderr) if "canary" in text
    ] == []
