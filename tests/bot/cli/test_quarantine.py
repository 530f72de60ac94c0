"""Mails that could not be read: seen, read again and given up from the command line."""

import json
from datetime import UTC, datetime

import pytest

from bot.backoffice import open_backoffice
from bot.config import load_config
from storage.database import close_database, session
from storage.queries import mails as rows
from tests.bot.cli.conftest import Shell

MAILBOX = """
[[mailbox]]
name = "support"
address = "support@example.org"
host = "localhost"
username = "support"
password = "correct-horse-battery"
"""
MAIL = (
    b"From: Ann <ann@acme.example>\r\nTo: support@example.org\r\nSubject: Printer\r\n"
    b"Message-ID: <one@acme.example>\r\n\r\nIt is on fire.\r\n"
)


def put_aside(deskbell: Shell, content: bytes) -> int:
    """A mail in quarantine, with its bytes unless there are none; its number."""
    office = open_backoffice(load_config(deskbell.folder / "deskbell.toml", {}))
    moment = datetime(2026, 3, 4, 12, tzinfo=UTC)
    kept = office.desk.files.keep(content, "mail.eml", "message/rfc822") if content else None
    with session():
        rows.store(
            [
                {
                    "mailbox": "support",
                    "uidvalidity": 1,
                    "uid": len(content),
                    "identity": str(len(content)),
                    "sha256": kept.sha256 if kept else "",
                    "size": len(content),
                    "state": "quarantined",
                    "reason": "it is poison",
                    "attempts": 3 if content else 0,
                    "received_at": moment,
                    "stored_at": moment,
                    "finished_at": moment,
                    "tidied": True,
                }
            ]
        )
        number = rows.quarantined()[-1].id
    close_database()
    return number


@pytest.fixture
def poison(deskbell: Shell) -> int:
    """The number of Ann's mail in quarantine."""
    deskbell.configure(MAILBOX)
    return put_aside(deskbell, MAIL)


def test_what_could_not_be_read_is_listed_and_shown(deskbell: Shell, poison: int) -> None:
    listed = json.loads(deskbell("quarantine", "--json").stdout)
    shown = json.loads(deskbell("quarantine", "show", str(poison), "--json").stdout)
    raw = deskbell("quarantine", "show", str(poison), "--raw").stdout

    assert [(one["id"], one["reason"]) for one in listed] == [(poison, "it is poison")]
    assert shown["head"].splitlines()[0] == "From: Ann <ann@acme.example>"
    assert raw.encode() == MAIL.replace(b"\r\n", b"\n")


def test_a_mail_that_can_be_read_now_becomes_a_ticket(deskbell: Shell, poison: int) -> None:
    retried = json.loads(deskbell("quarantine", "retry", str(poison), "--json").stdout)

    (ticket,) = [json.loads(line) for line in deskbell("export").stdout.splitlines()]
    assert (ticket["subject"], ticket["requester"]) == ("Printer", "ann@acme.example")
    assert [(one["state"], one["ticket"]) for one in retried] == [("ticket", ticket["reference"])]
    assert deskbell("quarantine", "--json").stdout == "[]\n"


def test_a_mail_that_is_put_aside_again_ends_with_1(deskbell: Shell, poison: int) -> None:
    deskbell.configure("  [[mailbox.rule]]", '  name = "odd"', '  subject = "Printer"', '  action = "quarantine"')

    retried = deskbell("quarantine", "retry", str(poison))

    assert (retried.returncode, retried.stdout) == (
        1,
        f"{poison}: quarantined (rule “odd” (subject matches Printer))\n",
    )


def test_a_mail_that_is_given_up_is_gone_from_the_list(deskbell: Shell, poison: int) -> None:
    dropped = deskbell("quarantine", "drop", str(poison))
    again = deskbell("quarantine", "drop", str(poison))

    assert (dropped.returncode, deskbell("quarantine", "--json").stdout) == (0, "[]\n")
    assert (again.returncode, again.stderr) == (1, f"There is no mail {poison} in quarantine.\n")


def test_a_mail_that_was_never_taken_is_said_to_lie_in_its_folder(deskbell: Shell) -> None:
    deskbell.configure(MAILBOX)
    number = put_aside(deskbell, b"")

    refused = deskbell("quarantine", "retry", str(number))

    assert (refused.returncode, refused.stdout) == (1, "")
    assert "it lies in Deskbell-Quarantine. Move it back to INBOX" in refused.stderr


@pytest.mark.parametrize(
    ("command", "sentence"),
    [("quarantine", "Nothing is in quarantine.\n"), ("deliveries", "Nothing waits and nothing failed.\n")],
)
def test_an_empty_list_says_so_and_is_empty_for_machines(deskbell: Shell, command: str, sentence: str) -> None:
    assert deskbell(command).stdout == sentence
    assert json.loads(deskbell(command, "--json").stdout) == []
