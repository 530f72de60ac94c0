"""Settings, dictionaries and agents from the command line: what follows is said, JSON is alone, faults are one line."""

import json

import pytest

from tests.bot.cli.conftest import Shell


@pytest.mark.row("C1")
def test_setting_a_mask_shows_the_next_references(deskbell: Shell) -> None:
    done = deskbell("settings", "set", "numbering_mask", "A-{yyyy}-{0000@1}")
    told = json.loads(deskbell("settings", "get", "numbering_mask", "--json").stdout)

    assert done.stdout.splitlines()[0] == "numbering_mask = A-{yyyy}-{0000@1}  (set)"
    assert "-0001, A-" in done.stdout.splitlines()[1]
    assert (told["value"], told["origin"], told["default"]) == ("A-{yyyy}-{0000@1}", "set", "")


@pytest.mark.row("N3", "N4")
def test_setting_a_footer_shows_a_letter(deskbell: Shell) -> None:
    done = deskbell("settings", "set", "letter_footer", "**Your** {group} team")

    assert done.stdout.splitlines()[1:] == ["A letter looks like this now:", "…", "", "Your ‹group› team"]


@pytest.mark.row("C6", "C7")
def test_setting_business_hours_says_when_the_desk_opens(deskbell: Shell) -> None:
    done = deskbell("settings", "set", "business_hours", "mon-sun 00:00-24:00")

    assert done.stdout.splitlines()[1] == "The desk is staffed now."


def test_a_value_from_the_file_is_said_to_come_from_there(deskbell: Shell) -> None:
    file = deskbell.folder / "deskbell.toml"
    file.write_text("warn_at = 60\n" + file.read_text())

    listed = {one["name"]: one for one in json.loads(deskbell("settings", "list", "--json").stdout)}

    assert (listed["warn_at"]["value"], listed["warn_at"]["origin"]) == (60, "file")
    assert (listed["letters"]["value"], listed["letters"]["origin"]) == ("on", "default")


def test_settings_go_to_a_file_and_come_back(deskbell: Shell) -> None:
    deskbell("settings", "set", "warn_at", "50")
    deskbell("settings", "export", "mine.toml")
    deskbell("settings", "reset", "warn_at")

    done = deskbell("settings", "import", "mine.toml", "--json")

    assert json.loads(done.stdout) == {"changed": ["warn_at"], "dry_run": False}
    assert deskbell("settings", "get", "warn_at").stdout == "50\n"


@pytest.mark.parametrize(
    ("words", "code", "line"),
    [
        (("settings", "set", "warn_at", "-5"), 2, "warn_at must be a whole number from 1 to 100"),
        (("settings", "set", "warn_it", "5"), 1, "There is no setting warn_it. Did you mean warn_at?"),
        (("settings", "import", "missing.toml"), 2, "missing.toml cannot be read"),
        (("settings", "export", "no/where.toml"), 1, "no/where.toml cannot be written"),
        (("dictionary", "list", "colour"), 2, "There is no dictionary colour."),
        (("dictionary", "set", "severity", "HIGH", "colour"), 2, "colour is not NAME=VALUE."),
        (("dictionary", "set", "severity", "HIGH", "rings=perhaps"), 2, "rings: It must be yes or no"),
        (("dictionary", "remove", "type", "OTHER"), 1, "OTHER is the default."),
        (("agent", "add", "nobody"), 1, "nobody is not an address."),
        (("agent", "add", "bob@example.org", "--language", "de"), 2, "de is not a language I speak."),
    ],
)
def test_a_fault_is_one_line_and_a_code(deskbell: Shell, words: tuple[str, ...], code: int, line: str) -> None:
    refused = deskbell(*words)

    assert (refused.returncode, refused.stdout) == (code, "")
    assert refused.stderr.startswith(line)
    assert refused.stderr.count("\n") == 1


@pytest.mark.row("D4", "C11")
def test_a_group_is_added_limited_and_removed(deskbell: Shell) -> None:
    deskbell("agent", "add", "bob@example.org", "--role", "admin")

    made = deskbell("dictionary", "add", "group", "billing", "label:fr=Facturation", "agents=bob@example.org", "--json")
    seen = json.loads(deskbell("agent", "show", "bob@example.org", "--json").stdout)
    gone = deskbell("dictionary", "remove", "group", "BILLING", "--json")

    told = json.loads(made.stdout)
    assert (told["code"], told["label:fr"], told["agents"]) == ("BILLING", "Facturation", "bob@example.org")
    assert seen["groups"] == ["BILLING"]
    assert json.loads(gone.stdout) == {"code": "BILLING", "removed": True, "archived": False}


@pytest.mark.row("CF-05", "DB-09")
def test_an_entry_in_use_is_kept_out_of_use(deskbell: Shell) -> None:
    deskbell("agent", "add", "bob@example.org", "--role", "admin")
    deskbell("ticket", "new", "type:COM", "Printer", "--as", "bob@example.org")

    removed = deskbell("dictionary", "remove", "type", "COM")
    listed = json.loads(deskbell("ticket", "list", "all", "type:COM", "--as", "bob@example.org", "--json").stdout)

    assert removed.stdout == "COM is in use: it is kept and put out of use\n"
    assert [one["type"] for one in listed] == ["COM"]


@pytest.mark.row("C10")
def test_whoever_leaves_is_told_of_with_their_open_tickets(deskbell: Shell) -> None:
    deskbell("agent", "add", "bob@example.org", "--role", "admin")
    deskbell("agent", "add", "carol@example.org")
    deskbell("ticket", "new", "assignee:carol@example.org", "Printer", "--as", "bob@example.org")

    kept = deskbell("agent", "remove", "bob@example.org")
    gone = deskbell("agent", "remove", "carol@example.org")

    assert (kept.returncode, kept.stderr) == (1, "bob is the last admin. Make somebody else admin first.\n")
    assert gone.stdout == "carol@example.org is removed; 1 open ticket is still assigned to them\n"


def test_what_was_changed_is_in_the_export(deskbell: Shell) -> None:
    deskbell("settings", "set", "warn_at", "50")
    deskbell("dictionary", "set", "type", "HELP", "label:en=Questions")

    exported = [json.loads(line) for line in deskbell("export", "--what", "events").stdout.splitlines()]

    assert [(one["kind"], one["ticket"], one["about"]) for one in exported] == [
        ("setting_changed", None, "warn_at"),
        ("dictionary_changed", None, "type HELP"),
    ]
    assert exported[1]["new"] == {"label:en": "Questions"}
