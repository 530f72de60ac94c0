"""Rotas kept from the command line: layers, overrides, swaps, calendars in and out."""

import json
from typing import Any

import pytest

from bot.backoffice import open_backoffice
from bot.config import load_config
from bot.desk import people
from bot.desk.people import DESK
from storage.database import close_database, session
from tests.bot.cli.conftest import Shell


@pytest.fixture
def nights(deskbell: Shell) -> Shell:
    """Bob and Carol take turns of a week."""
    office = open_backoffice(load_config(deskbell.folder / "deskbell.toml", {}))
    with session():
        people.add_agent("bob@example.org", "Bob", "manager", office.clock)
        people.add_agent("carol@example.org", "Carol", "agent", office.clock)
        office.desk.rotas.add("NIGHTS", DESK, name="Nights", zone="Europe/Paris")
        office.desk.rotas.set_layer("NIGHTS", {"members": "bob, carol", "starts": "2026-03-02"}, DESK)
    close_database()
    return deskbell


def shown(deskbell: Shell, *words: str) -> Any:
    """What a command prints as JSON."""
    done = deskbell("oncall", *words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_rota_is_made_with_its_layers(deskbell: Shell) -> None:
    deskbell("agent", "add", "bob@example.org", "--name", "Bob", "--role", "agent")

    made = shown(deskbell, "add", "nights", "--name", "Nights", "--timezone", "Europe/Paris")
    changed = shown(deskbell, "layer", "NIGHTS", "bob@example.org", "--days", "day", "--hours", "mon-fri 18:00-08:00")

    assert (made["code"], made["layers"]) == ("NIGHTS", [])
    assert (changed["layers"][0]["days"], changed["layers"][0]["hours"]) == (1, "mon-fri 18:00-08:00")


def test_a_rota_is_listed_and_shown(nights: Shell) -> None:
    (listed,) = shown(nights, "list")
    text = nights("oncall", "show", "nights").stdout.splitlines()

    assert (listed["code"], listed["timezone"], listed["gaps"]) == ("NIGHTS", "Europe/Paris", [])
    assert listed["layers"][0]["members"] == ["bob@example.org", "carol@example.org"]
    assert {listed["now"]["agent"], listed["next"]["agent"]} == {"bob@example.org", "carol@example.org"}
    assert text[1] == "  layer 1: bob@example.org, carol@example.org  7 d at 08:00  from 2026-03-02"


def test_a_group_of_slack_follows_a_rota_and_is_let_go(nights: Shell) -> None:
    kept = nights("oncall", "set", "NIGHTS", "--slack-user-group", "@OnCall").stdout
    gone = shown(nights, "set", "NIGHTS", "--slack-user-group", "-")

    assert "  Slack user group: oncall\n" in kept
    assert gone["slack_user_group"] is None


def test_an_override_is_made_and_removed(nights: Shell) -> None:
    other = shown(nights, "list")[0]["next"]["agent"]

    made = shown(nights, "override", "NIGHTS", other, "2020-01-01", "2099-01-01")
    gone = nights("oncall", "remove", "NIGHTS", "--override", str(made["overrides"][0]["number"]))

    assert (made["now"]["agent"], gone.returncode) == (other, 0)
    assert shown(nights, "show", "NIGHTS")["overrides"] == []


def test_a_shift_is_offered_and_accepted(nights: Shell) -> None:
    rota = shown(nights, "list")[0]
    mine, other = rota["now"]["agent"], rota["next"]["agent"]

    offer = shown(nights, "swap", "NIGHTS", "--as", mine, "--to", other)
    taken = shown(nights, "swap", "NIGHTS", "--as", other, "--accept", str(offer["number"]))

    assert (offer["state"], taken["state"], taken["taken_by"]) == ("open", "accepted", other)
    assert shown(nights, "show", "NIGHTS")["now"]["agent"] == other


def test_a_rota_exported_and_imported_into_another_is_the_same(nights: Shell) -> None:
    exported = nights("oncall", "export", "NIGHTS", "--output", "nights.ics")
    nights("oncall", "add", "COPY", "--timezone", "Europe/Paris")

    copy = shown(nights, "import", "COPY", "nights.ics")

    assert exported.returncode == 0
    assert [turn["agent"] for turn in copy["turns"]] == [
        turn["agent"] for turn in shown(nights, "show", "NIGHTS")["turns"]
    ]
    assert copy["calendar"]["from"] == "file"


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["show", "DAYS"], 1, "There is no rota DAYS. There are: NIGHTS."),
        (["layer", "NIGHTS", "--number", "1", "--handover", "late"], 2, "late is no time of day."),
        (["layer", "NIGHTS", "eve@example.org"], 2, "There is no agent eve@example.org."),
        (["import", "NIGHTS", "http://calendar.example/a.ics"], 1, "This is no address that begins with https://."),
        (["import", "NIGHTS", "file:///etc/passwd"], 1, "This is no address that begins with https://."),
        (["import", "NIGHTS", "deskbell.toml"], 1, "This is no calendar that I can read."),
        (["import", "NIGHTS", "nowhere.ics"], 2, "nowhere.ics: No such file or directory"),
        (["override", "NIGHTS", "bob@example.org", "2020-01-01", "2020-01-02"], 2, "This time is over"),
        (["swap", "NIGHTS", "--as", "eve@example.org"], 1, "There is no agent eve@example.org."),
    ],
)
def test_what_cannot_be_is_one_line_on_stderr(nights: Shell, words: list[str], code: int, sentence: str) -> None:
    done = nights("oncall", *words)

    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.startswith(sentence)
    assert done.stderr.count("\n") == 1


def test_a_rota_is_removed(nights: Shell) -> None:
    assert nights("oncall", "remove", "NIGHTS").returncode == 0
    assert shown(nights, "list") == []
