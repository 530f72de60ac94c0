"""A mailbox whose server misbehaves: every mail comes to its end once, in time, and people hear of it once."""

import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.backoffice import Backoffice
from bot.commands.requests import Caller, Request
from bot.errors import MailboxError
from storage.database import session
from storage.models import Attachment, Mail
from tests.faults.imap_server import Connection, FaultImap, numbered
from tests.faults.mailboxes import PASSWORD, Watched, accounted_for, notices, states, subjects, watched

Meet = Callable[..., tuple[Watched, FaultImap]]


@pytest.fixture
def meet(office: Backoffice) -> Iterator[Meet]:
    """A function that starts a server with some switches, and support's mailbox there."""
    with ExitStack() as stack:

        def start(*, mails: int = 3, timeout: float = 5.0, **given: object) -> tuple[Watched, FaultImap]:
            own = {name: given.pop(name) for name in ("name", "batch", "done_folder", "folder") if name in given}
            server = FaultImap(mails=numbered(mails), **given)  # type: ignore[arg-type]
            stack.callback(server.stop)
            return stack.enter_context(watched(office, server, timeout=timeout, **own)), server

        yield start


def all_of(count: int) -> list[str]:
    """The subjects of so many mails."""
    return sorted(f"Request {number}" for number in range(1, count + 1))


@pytest.mark.row("MI-01", "INV-01")
def test_a_mail_cut_off_in_the_middle_comes_with_the_next_round_and_is_not_flagged_before(meet: Meet) -> None:
    mailbox, server = meet(drop_mid_literal=2)

    mailbox.round()
    before = (states(), server.seen())
    server.switches.drop_mid_literal = 0
    mailbox.round()

    assert before == ({1: "ticket", 2: "new", 3: "ticket"}, [1, 3])
    assert (subjects(), server.seen()) == (all_of(3), [1, 2, 3])
    assert accounted_for(server)


@pytest.mark.row("MI-01", "MI-03")
def test_no_mail_is_flagged_before_it_is_kept(meet: Meet) -> None:
    mailbox, server = meet()
    kept: list[int] = []

    def look(connection: Connection, tag: str) -> None:
        with session():
            kept.append(Mail.select().count())
        connection.say(f"{tag} OK done")

    server.manners["STORE"] = look

    mailbox.round()

    assert kept[0] == 3


@pytest.mark.row("MI-04", "INV-01")
@pytest.mark.parametrize("command", ["GREETING", "LOGIN", "SELECT", "SEARCH", "STORE"])
def test_an_outage_is_one_line_in_the_log_and_its_end_another(meet: Meet, command: str) -> None:
    mailbox, server = meet(bye_on=command)

    with capture_logs() as logged:
        for _ in range(3):
            mailbox.round()
        server.switches.bye_on = ""
        mailbox.round()

    told = [entry["event"] for entry in logged if entry["event"].startswith("mailbox")]
    assert told == ["mailbox failed", "mailbox read again"] if command != "STORE" else len(told) <= 2
    assert subjects() == all_of(3)
    assert accounted_for(server)


@pytest.mark.row("MI-04", "INV-01")
def test_a_server_that_goes_down_while_it_sends_loses_nothing(meet: Meet) -> None:
    mailbox, server = meet(bye_on="FETCH")

    mailbox.round()
    server.switches.bye_on = ""
    mailbox.round()

    assert subjects() == all_of(3)
    assert accounted_for(server)


@pytest.mark.row("MI-05")
@pytest.mark.parametrize("command", ["GREETING", "LOGIN", "SELECT", "SEARCH", "FETCH", "STORE", "LOGOUT"])
def test_silence_ends_the_round_and_keeps_nobody_waiting(office: Backoffice, meet: Meet, command: str) -> None:
    mailbox, server = meet(silent_on=command, timeout=0.4)
    caller = Caller("cli", "bob@example.org", "Bob")
    round_ = threading.Thread(target=mailbox.round)

    begun = time.monotonic()
    round_.start()
    office.runner.run(Request(caller, "new", ("Scanner",)))
    answered = time.monotonic() - begun
    round_.join(20)
    ended = time.monotonic() - begun
    server.switches.silent_on = ""
    mailbox.round()

    assert answered < 1
    assert ended < 10
    assert set(subjects()) >= set(all_of(3))


@pytest.mark.row("MI-05", "MI-06")
def test_a_round_loses_little_time_on_a_server_that_gives_nothing_out(office: Backoffice, meet: Meet) -> None:
    mailbox, server = meet(mails=8, batch=1)

    def slow(connection: Connection, _tag: str) -> None:
        mailbox.clock.move(seconds=30)
        connection.cut()

    server.manners["FETCH"] = slow
    begun = office.clock.monotonic()

    mailbox.round()
    lost = office.clock.monotonic() - begun
    del server.manners["FETCH"]
    mailbox.round()

    assert lost <= 60
    assert subjects() == all_of(8)


@pytest.mark.row("MI-06")
@pytest.mark.parametrize("command", ["SEARCH", "FETCH"])
def test_a_trickle_ends_the_round(meet: Meet, command: str) -> None:
    mailbox, server = meet(trickle_on=command, mails=1, timeout=0.5)
    begun = time.monotonic()

    mailbox.round()
    ended = time.monotonic() - begun
    server.switches.trickle_on = ""
    mailbox.round()

    assert ended < 10
    assert subjects() == all_of(1)


@pytest.mark.row("MI-07", "INV-01", "INV-02")
def test_mails_numbered_anew_are_known_again_and_said_once(meet: Meet) -> None:
    mailbox, server = meet(mails=50)
    mailbox.round()

    server.reset_uids()
    server.add(*numbered(1, first=51))
    for _ in range(3):
        mailbox.round()

    assert subjects() == all_of(51)
    assert [text for text in notices() if "anew" in text] == [
        "📬 The server numbers the mails of INBOX in support anew: all are looked at, none is taken twice."
    ]
    assert accounted_for(server)


@pytest.mark.row("MI-07")
def test_an_emptied_folder_numbered_anew_is_said_once(meet: Meet) -> None:
    mailbox, server = meet()
    mailbox.round()
    server.mails.clear()

    server.reset_uids()
    for _ in range(3):
        mailbox.round()

    assert len([text for text in notices() if "anew" in text]) == 1


@pytest.mark.row("MI-08")
def test_a_folder_that_is_gone_is_named_told_once_and_stops_no_other_mailbox(meet: Meet) -> None:
    gone, _ = meet(no_on="SELECT", folder="Clients")
    other, _ = meet(name="sales")

    gone.pass_time(3 * 3600)
    other.round()

    assert 'mailbox "support"' in gone.error
    assert '"Clients"' in gone.error
    assert len([text for text in notices() if "has not been read" in text]) == 1
    assert subjects() == all_of(3)


@pytest.mark.row("MI-09", "INV-09")
def test_a_refused_password_is_tried_four_times_an_hour_and_never_shown(meet: Meet) -> None:
    mailbox, server = meet(no_on="LOGIN")

    with capture_logs() as logged:
        mailbox.pass_time(3600)

    assert 2 <= len(server.ledger.logins) <= 5
    assert len([text for text in notices() if "has not been read" in text]) == 1
    assert PASSWORD not in "".join((repr(logged), mailbox.error, *notices()))


@pytest.mark.row("MI-10", "INV-02")
def test_a_server_that_takes_no_flags_gives_each_mail_once(meet: Meet) -> None:
    mailbox, server = meet(store_no=True)

    with capture_logs() as logged:
        for _ in range(3):
            mailbox.round()

    assert subjects() == all_of(3)
    assert sorted(server.ledger.sent) == [1, 2, 3]
    assert [entry["event"] for entry in logged].count("the server does not mark mails") == 1


@pytest.mark.row("MI-11", "INV-02")
def test_a_flag_whose_answer_is_lost_doubles_nothing(meet: Meet) -> None:
    mailbox, server = meet(drop_after_cmd="STORE")

    mailbox.round()
    server.switches.drop_after_cmd = ""
    mailbox.round()

    assert subjects() == all_of(3)
    assert accounted_for(server)


@pytest.mark.row("MI-12", "INV-02")
def test_mails_listed_and_sent_twice_make_one_ticket_each(meet: Meet) -> None:
    mailbox, server = meet(dup_search=True)

    mailbox.round()

    assert subjects() == all_of(3)
    assert accounted_for(server)


@pytest.mark.row("MI-13", "INV-01")
def test_a_mail_that_vanishes_before_it_is_fetched_holds_nobody_up(meet: Meet) -> None:
    mailbox, server = meet(expunge_uid=2)

    paused = mailbox.round()

    assert (paused, subjects()) == (0, ["Request 1", "Request 3"])
    assert accounted_for(server, but=(2,))


@pytest.mark.row("MI-14", "INV-02")
def test_the_last_old_mail_is_not_taken_for_a_new_one(meet: Meet) -> None:
    mailbox, server = meet()
    mailbox.round()

    mailbox.round()

    asked = [line for line in server.heard if "UID FETCH 4:*" in line]
    assert len(asked) == 1
    assert server.ledger.sent == [1, 2, 3]
    assert len(Mail.select()) == 3


@pytest.mark.row("MI-15")
def test_a_lie_about_a_size_costs_no_memory_and_no_other_mail(meet: Meet) -> None:
    mailbox, server = meet(lie_size=9_000_000_000)
    before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()

    mailbox.round()
    ended = time.monotonic() - begun
    server.switches.lie_size = 0
    mailbox.round()

    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000
    assert ended < 4
    assert subjects() == all_of(3)


@pytest.mark.row("MI-16")
def test_a_flood_of_lines_that_nobody_asked_for_ends(meet: Meet) -> None:
    mailbox, server = meet(flood=200_000, timeout=2)
    begun = time.monotonic()

    mailbox.round()
    ended = time.monotonic() - begun
    server.switches.flood = 0
    mailbox.round()

    assert ended < 20
    assert subjects() == all_of(3)


LOCK = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
time.sleep(3.5)
connection.execute("COMMIT")
"""


@pytest.mark.row("MI-31", "INV-01")
def test_a_locked_database_is_waited_for_and_no_mail_is_flagged_meanwhile(meet: Meet, database_url: str) -> None:
    mailbox, server = meet()
    command = [sys.executable, "-c", LOCK, database_url.removeprefix("sqlite:///")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as locker:
        assert locker.stdout is not None
        locker.stdout.readline()
        round_ = threading.Thread(target=mailbox.round)
        round_.start()
        round_.join(2.5)
        meanwhile = (round_.is_alive(), locker.poll(), server.seen())
        round_.join(20)

    assert meanwhile == (True, None, [])
    assert subjects() == all_of(3)
    assert server.seen() == [1, 2, 3]
    assert accounted_for(server)


ATTACHED = b"""From: Ann <ann@acme.example>
To: support@example.org
Subject: Request 1
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="x"

--x
Content-Type: text/plain

See the picture.
--x
Content-Type: image/png
Content-Disposition: attachment; filename="fire.png"
Content-Transfer-Encoding: base64

aGVscA==
--x--
""".replace(b"\n", b"\r\n")


@pytest.mark.row("MI-33", "INV-01")
def test_a_folder_that_takes_no_files_makes_no_ticket_without_them(meet: Meet, tmp_path: Path) -> None:
    mailbox, server = meet(mails=0)
    server.add(ATTACHED, *numbered(1, first=2))
    files = tmp_path / "data" / "files"
    files.parent.mkdir(exist_ok=True)
    files.write_text("in the way")

    paused = [mailbox.round() for _ in range(5)]
    meanwhile = (subjects(), server.seen(), mailbox.error)
    files.unlink()
    mailbox.round()

    assert all(paused)
    assert meanwhile[:2] == ([], [])
    assert "cannot keep files" in meanwhile[2]
    assert subjects() == all_of(2)
    assert [file.name for file in Attachment.select() if file.name.endswith("png")] == ["fire.png"]
    assert accounted_for(server)


@pytest.mark.row("MI-35")
def test_an_hour_without_the_server_is_few_tries_and_few_lines(meet: Meet) -> None:
    mailbox, server = meet()
    server.stop()

    with capture_logs() as logged:
        mailbox.pass_time(3600)

    assert mailbox.pauses == sorted(mailbox.pauses)
    assert max(mailbox.pauses) == 300
    assert len([entry for entry in logged if entry["log_level"] in ("warning", "error")]) <= 7


@pytest.mark.row("MI-35")
def test_a_round_that_raises_every_time_is_few_lines_too(meet: Meet, monkeypatch: pytest.MonkeyPatch) -> None:
    mailbox, _ = meet()
    monkeypatch.setattr(mailbox.collector, "round", lambda: 1 / 0)

    with capture_logs() as logged:
        mailbox.pass_time(3600)

    assert "ZeroDivisionError" in mailbox.error
    assert 1 <= len([entry for entry in logged if entry["log_level"] in ("warning", "error")]) <= 7


@pytest.mark.row("MI-34")
@pytest.mark.parametrize("jump", [-3600.0, 86_400.0])
def test_a_jump_of_the_clock_takes_no_mail_twice_and_leaves_none(meet: Meet, jump: float) -> None:
    mailbox, server = meet()
    mailbox.round()

    mailbox.clock.move(seconds=jump)
    server.add(*numbered(2, first=4))
    paused = mailbox.round()

    assert (paused, subjects()) == (0, all_of(5))


@pytest.mark.row("MI-41", "INV-01")
def test_a_mail_that_a_person_reads_while_it_is_fetched_is_taken_all_the_same(meet: Meet) -> None:
    mailbox, server = meet()
    server.flags[1].add(r"\Seen")

    def read_meanwhile(connection: Connection, tag: str) -> None:
        server.flags[2].add(r"\Seen")
        del server.manners["FETCH"], server.mails[3]
        server._fetch(connection, server.heard[-1].partition(" ")[2])
        connection.say(r"* 2 FETCH (FLAGS (\Seen))", "* 3 EXPUNGE", f"{tag} OK done")

    server.manners["FETCH"] = read_meanwhile

    mailbox.round()

    assert subjects() == all_of(2)
    assert accounted_for(server, but=(3,))


@pytest.mark.row("SE-18")
@pytest.mark.parametrize("setting", ["username", "password", "folder"])
def test_a_line_break_in_the_configuration_never_reaches_the_server(meet: Meet, setting: str) -> None:
    mailbox, server = meet()
    client = mailbox.collector._mailbox
    evil = 'x"\r\nX1 DELETE "INBOX'
    value = type(client._config.password)(evil) if setting == "password" else evil  # type: ignore[attr-defined]
    client._config = client._config.model_copy(update={setting: value})  # type: ignore[attr-defined]

    with suppress(MailboxError):
        client.open()

    assert all(line.split()[1] in ("CAPABILITY", "LOGIN", "SELECT", "EXAMINE") for line in server.heard)
