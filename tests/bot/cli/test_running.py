"""`deskbell run` as a process: one at a time on SQLite, and a killed one is in nobody's way."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from tests.bot.cli.conftest import Shell
from tests.servers import free_port, until, wait_for_port

Start = Callable[[], "subprocess.Popen[str]"]


@pytest.fixture
def port(deskbell: Shell) -> int:
    """Where the bot of `deskbell` listens."""
    port = free_port()
    deskbell.configure("[web]", f'listen = "127.0.0.1:{port}"')
    return port


@pytest.fixture
def start(deskbell: Shell, port: int) -> Iterator[Start]:
    """Start the bot and return when it listens; what still runs at the end is killed."""
    with ExitStack() as running:

        def begin() -> "subprocess.Popen[str]":
            bot = subprocess.Popen(
                deskbell.command("run"),
                cwd=deskbell.folder,
                env=deskbell.environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            running.callback(_end, bot)
            wait_for_port(port)
            return bot

        yield begin


def _end(bot: "subprocess.Popen[str]") -> None:
    bot.kill()
    bot.communicate()


def is_ready(port: int) -> bool:
    """Whether every part of the bot is up."""
    try:
        with urlopen(f"http://127.0.0.1:{port}/readyz", timeout=10) as answer:
            return bool(answer.status == 200)
    except HTTPError:
        return False


@pytest.mark.row("PR-09")
def test_a_second_bot_on_one_file_ends_with_3_and_names_the_first(deskbell: Shell, start: Start) -> None:
    first = start()

    second = deskbell("run")

    assert (second.returncode, second.stdout) == (3, "")
    assert second.stderr.splitlines() == [f"database.url: process {first.pid} already works on desk.db"]
    assert first.poll() is None


@pytest.mark.row("PR-09")
async def test_a_bot_that_was_killed_leaves_no_lock(start: Start, port: int) -> None:
    first = start()
    first.kill()
    first.wait()

    second = start()

    await until(lambda: is_ready(port))
    assert second.poll() is None


@pytest.mark.row("PR-02")
def test_a_bot_that_is_asked_to_stop_ends_with_0(start: Start) -> None:
    bot = start()

    bot.terminate()
    said, _ = bot.communicate(timeout=10)

    assert (bot.returncode, said) == (0, "")


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("run", "--roles", "nobody"), "--roles: there is no role nobody"),
        (("quarantin",), "No such command 'quarantin'."),
        (("deliveries", "retry", "--foo"), "No such option: --foo"),
        (("collect",), "no mailbox is configured"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(deskbell: Shell, words: tuple[str, ...], line: str) -> None:
    refused = deskbell(*words)

    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith(line)
    assert refused.stderr.count("\n") == 1


@pytest.mark.row("CF-02")
def test_checking_the_configuration_needs_no_database(deskbell: Shell) -> None:
    checked = deskbell("check", "--config-only", "--json")

    assert [one["ok"] for one in json.loads(checked.stdout)] == [True]
    assert [path.name for path in deskbell.folder.iterdir()] == ["deskbell.toml"]


@pytest.mark.row("CF-02")
def test_a_configuration_is_read_without_the_library_of_the_database(deskbell: Shell) -> None:
    program = "import sys; from bot.config import load_config; load_config(); print('peewee' in sys.modules)"

    read = subprocess.run(
        [sys.executable, "-c", program],
        cwd=deskbell.folder,
        env=deskbell.environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (read.stdout, read.stderr) == ("False\n", "")


@pytest.mark.parametrize(
    ("words", "example"),
    [
        (("--help",), "list open"),
        (("assign", "--help"), "assign 42 carol@example.org"),
        (("--help", "undo"), "undo"),
    ],
)
def test_the_help_for_verbs_has_an_example_and_needs_neither_agent_nor_configuration(
    deskbell: Shell, words: tuple[str, ...], example: str
) -> None:
    (deskbell.folder / "deskbell.toml").unlink()

    helped = deskbell("ticket", *words)

    assert (helped.returncode, helped.stderr) == (0, "")
    assert helped.stdout.splitlines()[-1] == f"Example: deskbell ticket {example} --as bob@example.org"


def test_a_ticket_is_shown_with_its_fields(deskbell: Shell) -> None:
    deskbell("agent", "add", "bob@example.org", "--name", "Bob", "--role", "admin")
    deskbell("ticket", "new", "severity:HIGH", "tag:vip", "Printer on fire", "--as", "bob@example.org")

    shown = deskbell("ticket", "show", "1", "--as", "bob@example.org").stdout

    assert "Group: Other · Type: Other · Severity: " in shown
    assert "Tags: vip" in shown


def test_a_part_that_does_not_answer_is_named_once(deskbell: Shell) -> None:
    api = f"http://127.0.0.1:{free_port()}"
    deskbell.configure("[telegram]", 'token = "123:abc"', "chat = -100123", f'api_url = "{api}"')

    checked = deskbell("check")

    assert checked.returncode == 1
    assert f"FAIL  telegram: {api} does not answer" in checked.stdout
