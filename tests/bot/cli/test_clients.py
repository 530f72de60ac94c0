"""Clients from the command line: what is typed is kept, what is wrong is one line and an exit code."""

import json

import pytest

from tests.bot.cli.conftest import Shell


@pytest.mark.row("D9", "D10")
def test_a_client_with_its_people_is_kept_and_listed(deskbell: Shell) -> None:
    deskbell("client", "add", "ACME Corp", "--code", "acme", "--domain", "acme.example", "--language", "fr")
    deskbell("contact", "add", "ann@acme.example", "ann@home.example", "--name", "Ann", "--client", "ACME")

    listed = deskbell("client", "list", "--json")

    (acme,) = json.loads(listed.stdout)
    assert (acme["code"], acme["domains"], acme["language"]) == ("ACME", ["acme.example"], "fr")
    assert acme["contacts"][0]["addresses"] == ["ann@acme.example", "ann@home.example"]


@pytest.mark.row("D13", "D14")
def test_a_contract_s_end_is_kept(deskbell: Shell) -> None:
    deskbell("client", "add", "ACME")
    deskbell("contract", "add", "C-1", "--client", "ACME", "--ends-on", "2026-12-31")

    changed = deskbell("contract", "set", "C-1", "--support-hours", "mon-fri 09:00-18:00", "--json")

    told = json.loads(changed.stdout)
    assert (told["client"], told["ends_on"], told["support_hours"]) == ("ACME", "2026-12-31", "mon-fri 09:00-18:00")


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("client", "show", "nobody"), "There is no client nobody."),
        (("client", "erase", "ann@acme.example"), "There is no contact ann@acme.example."),
        (("client", "add", "X", "--domain", "gmail.com"), "Anybody may have an address at gmail.com"),
        (("project", "add", "P-1", "--ends-on", "2026-12-31"), "A project has no ends_on."),
    ],
)
def test_a_refusal_is_one_line_on_stderr(deskbell: Shell, words: tuple[str, ...], line: str) -> None:
    refused = deskbell(*words)

    assert refused.returncode == 1
    assert refused.stdout == ""
    assert refused.stderr.startswith(line)
    assert refused.stderr.count("\n") == 1


def test_a_file_with_a_wrong_line_takes_the_others_and_ends_with_1(deskbell: Shell) -> None:
    (deskbell.folder / "c.csv").write_text("client,addresses\nACME,ann@acme.example\nACME,nobody\n")

    dry = deskbell("client", "import", "c.csv", "--dry-run")
    before = deskbell("client", "list", "--json")
    taken = deskbell("client", "import", "c.csv", "--json")

    assert (dry.returncode, before.stdout) == (1, "[]\n")
    assert "c.csv:3: nobody is not an address." in dry.stdout
    assert json.loads(taken.stdout) == {
        "lines": 2,
        "taken": 1,
        "dry_run": False,
        "errors": [{"line": 3, "error": "nobody is not an address."}],
    }


def test_a_file_that_is_not_there_is_wrong_usage(deskbell: Shell) -> None:
    refused = deskbell("client", "import", "missing.csv")

    assert (refused.returncode, refused.stderr) == (2, "missing.csv: No such file or directory\n")
