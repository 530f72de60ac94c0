"""Commands that are left in the middle: by whoever reads their output, or with Ctrl-C."""

import signal
import socket
import subprocess
from collections.abc import Iterator

import pytest

from tests.bot.cli.conftest import Shell

MAILBOX = """
[[mailbox]]
name = "support"
address = "support@example.org"
host = "127.0.0.1"
port = {port}
security = "none"
username = "support"
password = "correct-horse-battery"
"""


@pytest.fixture
def silent_server() -> Iterator[socket.socket]:
    """A server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(60)
        yield server


def begin(deskbell: Shell, *words: str) -> "subprocess.Popen[str]":
    """Start it."""
    return subprocess.Popen(
        deskbell.command(*words),
        cwd=deskbell.folder,
        env=deskbell.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def interrupted(command: "subprocess.Popen[str]", server: socket.socket) -> tuple[int, str, str]:
    """Press Ctrl-C while the command waits for this server; its exit code and what it said."""
    connection, _ = server.accept()
    with connection:
        command.send_signal(signal.SIGINT)
        said, complained = command.communicate(timeout=60)
    return command.returncode, said.strip(), complained.strip()


@pytest.mark.parametrize(
    "words",
    ["settings list", "settings list --json", "agent list", "ticket help --as bob@example.org", "export", "--help"],
)
def test_a_command_that_nobody_listens_to_any_more_ends_without_a_word(deskbell: Shell, words: str) -> None:
    deskbell("agent", "add", "bob@example.org", "--name", "Bob", "--role", "admin")

    begun = begin(deskbell, *words.split())
    assert begun.stdout and begun.stderr
    begun.stdout.close()

    assert begun.stderr.read() == ""
    assert begun.wait(60) in (0, 1)


def test_ctrl_c_ends_a_command_without_a_word(deskbell: Shell, silent_server: socket.socket) -> None:
    deskbell.configure(MAILBOX.format(port=silent_server.getsockname()[1]))
    collecting = begin(deskbell, "collect")

    assert interrupted(collecting, silent_server) == (130, "", "")


def test_ctrl_c_ends_a_verb_without_a_word(deskbell: Shell, silent_server: socket.socket) -> None:
    url = f"postgresql://desk:desk@127.0.0.1:{silent_server.getsockname()[1]}/desk"
    deskbell.environment = {**deskbell.environment, "DESKBELL_DATABASE__URL": url}
    listing = begin(deskbell, "ticket", "list", "--as", "bob@example.org")

    assert interrupted(listing, silent_server) == (130, "", "")
