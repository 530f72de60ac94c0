"""`deskbell backup` beside a running bot, and `deskbell restore` where one runs and where none does."""

import json

from tests.bot.cli.conftest import Shell
from tests.bot.cli.test_running import Start, port, start  # noqa: F401 (fixtures)


def test_a_backup_is_taken_while_the_bot_runs_and_restored_when_it_does_not(deskbell: Shell, start: Start) -> None:  # noqa: F811
    deskbell("agent", "add", "bob@example.org", "--name", "Bob", "--role", "admin")
    deskbell("ticket", "--as", "bob@example.org", "new", "Printer on fire")
    bot = start()
    taken = deskbell("backup", "desk.zip", "--json")
    deskbell("ticket", "--as", "bob@example.org", "new", "Later")
    beside = deskbell("restore", "desk.zip", "--replace")
    bot.terminate()
    bot.wait(20)
    without = deskbell("restore", "desk.zip")

    restored = deskbell("restore", "desk.zip", "--replace")

    listed = json.loads(deskbell("ticket", "--as", "bob@example.org", "list", "all", "--json").stdout)
    assert json.loads(taken.stdout)["rows"]["ticket"] == 1
    assert (beside.returncode, "already works on desk.db" in beside.stderr) == (3, True)
    assert (without.returncode, "--replace moves it aside" in without.stderr) == (1, True)
    assert (restored.returncode, restored.stderr) == (0, "")
    assert [ticket["subject"] for ticket in listed] == ["Printer on fire"]


def test_a_backup_that_cannot_be_written_or_read_is_one_line(deskbell: Shell) -> None:
    nowhere = deskbell("backup", "no/such/folder/desk.zip")
    missing = deskbell("restore", "missing.zip")

    assert (nowhere.returncode, nowhere.stderr) == (1, "no/such/folder/desk.zip: No such file or directory\n")
    assert missing.returncode == 1
    assert missing.stderr.startswith("missing.zip cannot be read as a backup: ")
    assert missing.stderr.count("\n") == 1
