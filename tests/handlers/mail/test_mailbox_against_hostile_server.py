"""The mailbox against a server that lies, floods, falls silent or hangs up: an error in time, never a wrong mail."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from structlog.testing import capture_logs

from bot.errors import MailboxError
from handlers.mail.mailbox import ImapMailbox
from tests.faults.imap_server import (
    MAIL,
    Connection,
    FaultImap,
    Reply,
    goodbye,
    refuse,
    silent,
    trickle,
)
from tests.handlers.mail.conftest import mailbox_config

TIMEOUT = 1.0


@pytest.fixture
def meet() -> Iterator[Callable[..., tuple[ImapMailbox, FaultImap]]]:
    """A function that starts a server with some manners, and a mailbox there."""
    servers: list[FaultImap] = []

    def start(manners: dict[str, Reply] | None = None, **given: object) -> tuple[ImapMailbox, FaultImap]:
        capabilities = given.pop("capabilities", None)
        server = FaultImap(manners, **({"capabilities": str(capabilities)} if capabilities else {}))
        servers.append(server)
        return ImapMailbox(mailbox_config(port=server.port, **given), timeout=TIMEOUT), server

    yield start
    for server in servers:
        server.stop()


Meet = Callable[..., tuple[ImapMailbox, FaultImap]]


def _round(mailbox: ImapMailbox) -> None:
    mailbox.open()
    uids = [mail.uid for mail in mailbox.waiting(after=0)]
    list(mailbox.fetch(uids))
    mailbox.mark_seen(uids)


def _bodies(connection: Connection, tag: str, *, announced: int = len(MAIL), uids: tuple[int, ...] = (1, 2, 3)) -> None:
    for uid in uids:
        connection.say(f"* {uid} FETCH (UID {uid} BODY[] {{{announced}}}")
        connection.sock.sendall(MAIL + b")\r\n")
    connection.say(f"{tag} OK done")


def _once_asked_for_bodies(server: FaultImap, reply: Reply) -> None:
    """Sizes as usual, bodies by `reply`."""

    def answer(connection: Connection, tag: str) -> None:
        if "BODY" in server.heard[-1]:
            reply(connection, tag)
        else:
            connection.say(*server.usual("UID FETCH"), f"{tag} OK done")

    server.manners["UID FETCH"] = answer


@pytest.mark.row("MI-05")
@pytest.mark.parametrize("command", ["GREETING", "CAPABILITY", "LOGIN", "SELECT", "UID FETCH", "UID STORE"])
def test_silence_ends_in_time(meet: Meet, command: str) -> None:
    mailbox, server = meet({command: silent})
    if command == "UID STORE":
        _once_asked_for_bodies(server, _bodies)
    begun = time.monotonic()

    with pytest.raises(MailboxError, match="does not answer in time"):
        _round(mailbox)

    assert time.monotonic() - begun < TIMEOUT + 10


@pytest.mark.row("MI-05")
def test_a_server_that_does_not_answer_logout_is_left(meet: Meet) -> None:
    mailbox, _ = meet({"LOGOUT": silent})
    mailbox.open()
    begun = time.monotonic()

    mailbox.close()

    assert time.monotonic() - begun < 10


@pytest.mark.row("MI-06")
@pytest.mark.parametrize("command", ["GREETING", "SELECT", "UID FETCH"])
def test_a_trickle_ends_in_time(meet: Meet, command: str) -> None:
    mailbox, _ = meet({command: trickle})
    begun = time.monotonic()

    with pytest.raises(MailboxError, match="does not answer in time"):
        _round(mailbox)

    assert time.monotonic() - begun < TIMEOUT + 10


@pytest.mark.row("MI-04")
@pytest.mark.parametrize("command", ["LOGIN", "SELECT", "UID FETCH", "UID STORE"])
def test_a_goodbye_is_an_error_and_open_connects_again(meet: Meet, command: str) -> None:
    mailbox, server = meet({command: goodbye})
    if command == "UID STORE":
        _once_asked_for_bodies(server, _bodies)

    with pytest.raises(MailboxError) as caught:
        _round(mailbox)
    del server.manners[command]

    assert not caught.value.permanent
    assert mailbox.open() == 7


@pytest.mark.row("MI-01")
def test_a_connection_cut_in_the_middle_of_a_mail_gives_no_half_mail(meet: Meet) -> None:
    mailbox, server = meet()

    def cut(connection: Connection, _tag: str) -> None:
        connection.say(f"* 1 FETCH (UID 1 BODY[] {{{len(MAIL)}}}")
        connection.sock.sendall(MAIL[:20])
        connection.cut()

    _once_asked_for_bodies(server, cut)

    with pytest.raises(MailboxError, match="closed the connection"):
        _round(mailbox)

    assert not any("STORE" in line for line in server.heard)


@pytest.mark.row("MI-15")
def test_a_lie_about_the_size_is_not_believed(meet: Meet) -> None:
    mailbox, server = meet()
    _once_asked_for_bodies(server, lambda connection, tag: _bodies(connection, tag, announced=9_000_000_000))

    with pytest.raises(MailboxError, match="announces 9000000000 bytes"):
        _round(mailbox)


@pytest.mark.row("MI-16")
def test_a_flood_of_lines_ends(meet: Meet) -> None:
    def flood(connection: Connection, tag: str) -> None:
        for _ in range(2_000):
            connection.say(*["* 5 EXISTS flood flood flood flood"] * 100)
        connection.say(f"{tag} OK done")

    mailbox, server = meet()
    server.manners["UID STORE"] = flood
    _once_asked_for_bodies(server, _bodies)
    begun = time.monotonic()

    with pytest.raises(MailboxError):
        _round(mailbox)

    assert time.monotonic() - begun < TIMEOUT + 10


def test_a_line_without_an_end_ends(meet: Meet) -> None:
    mailbox, _ = meet({"SELECT": lambda connection, _tag: connection.sock.sendall(b"* OK " + b"x" * 3_000_000)})

    with pytest.raises(MailboxError, match="line without an end"):
        mailbox.open()


@pytest.mark.row("MI-12")
def test_a_mail_listed_twice_comes_once(meet: Meet) -> None:
    mailbox, server = meet()
    _once_asked_for_bodies(server, lambda connection, tag: _bodies(connection, tag, uids=(1, 1, 2, 3, 3)))
    mailbox.open()
    mailbox.waiting(after=0)

    fetched = [uid for uid, _ in mailbox.fetch([1, 2, 3])]

    assert fetched == [1, 2, 3]


@pytest.mark.row("MI-13")
def test_what_came_counts_although_a_gone_mail_made_the_server_refuse(meet: Meet) -> None:
    mailbox, server = meet()

    def some(connection: Connection, tag: str) -> None:
        connection.say(f"* 1 FETCH (BODY[] {{{len(MAIL)}}}")
        connection.sock.sendall(MAIL + b" UID 1)\r\n")
        connection.say(f"{tag} NO [EXPUNGEISSUED] some of the mails are gone")

    mailbox.open()
    mailbox.waiting(after=0)
    _once_asked_for_bodies(server, some)
    usual = server.usual
    server.usual = lambda command: () if command == "UID FETCH" else usual(command)  # type: ignore[method-assign]

    fetched = list(mailbox.fetch([1, 2]))

    assert fetched == [(1, MAIL)]


def test_mails_that_are_there_and_refused_are_an_error(meet: Meet) -> None:
    mailbox, server = meet()
    _once_asked_for_bodies(server, refuse("[SERVERBUG] disk trouble"))

    with pytest.raises(MailboxError, match="does not give out mails that it has"):
        _round(mailbox)


def test_a_refused_list_is_not_an_empty_one(meet: Meet) -> None:
    mailbox, _ = meet({"UID FETCH": refuse("not now")})
    mailbox.open()

    with pytest.raises(MailboxError, match="refuses FETCH: not now"):
        mailbox.waiting(after=0)


@pytest.mark.row("MI-10")
def test_a_refused_flag_is_warned_about_once(meet: Meet) -> None:
    mailbox, _ = meet({"UID STORE": refuse("read-only")})
    mailbox.open()

    with capture_logs() as logged:
        mailbox.mark_seen([1])
        mailbox.mark_seen([2])

    assert [entry["event"] for entry in logged] == ["the server does not mark mails"]


@pytest.mark.row("MI-10")
def test_a_read_only_folder_is_read(meet: Meet) -> None:
    mailbox, server = meet(
        {"SELECT": lambda connection, tag: connection.say("* 3 EXISTS", f"{tag} OK [READ-ONLY] look, do not touch")}
    )

    validity = mailbox.open()

    assert validity == 7
    assert any("EXAMINE" in line for line in server.heard)
    assert len(mailbox.waiting(after=0)) == 3


def test_a_refused_move_leaves_the_mails_marked(meet: Meet) -> None:
    mailbox, server = meet({"UID MOVE": refuse("[TRYCREATE] no such folder"), "CREATE": refuse("not allowed")})
    mailbox.open()

    with capture_logs() as logged:
        mailbox.move([1, 2], "Done")

    assert [entry["event"] for entry in logged] == ['the server does not move mails to "Done"']
    assert server.heard[-1].endswith(r"UID STORE 1,2 +FLAGS.SILENT (\Seen)")


@pytest.mark.row("MI-09")
@pytest.mark.parametrize(("words", "permanent"), [("no", True), ("[UNAVAILABLE] directory is down", False)])
def test_a_refused_login_is_final_unless_the_server_says_otherwise(meet: Meet, words: str, permanent: bool) -> None:
    mailbox, _ = meet({"LOGIN": refuse(words)})

    with pytest.raises(MailboxError, match="login refused") as caught:
        mailbox.open()

    assert caught.value.permanent is permanent


def test_without_starttls_nothing_is_said_in_clear(meet: Meet) -> None:
    mailbox, server = meet(security="starttls")

    with pytest.raises(MailboxError, match="nothing is read in clear text") as caught:
        mailbox.open()

    assert caught.value.permanent
    assert not any("LOGIN" in line for line in server.heard)


def test_words_slipped_in_before_tls_are_refused(meet: Meet) -> None:
    mailbox, _ = meet(
        {"STARTTLS": lambda one, tag: one.sock.sendall(f"{tag} OK go\r\n* CAPABILITY IMAP4rev1 EVIL\r\n".encode())},
        security="starttls",
        capabilities="IMAP4rev1 STARTTLS",
    )

    with pytest.raises(MailboxError, match="refused STARTTLS"):
        mailbox.open()


@pytest.mark.row("SE-18")
def test_a_line_break_in_a_name_never_reaches_the_server(meet: Meet) -> None:
    mailbox, server = meet()
    mailbox._config = mailbox._config.model_copy(update={"username": 'ann"\r\nX1 DELETE "INBOX'})

    with pytest.raises(MailboxError, match="control character"):
        mailbox.open()

    assert not any("DELETE" in line for line in server.heard)


def test_a_lost_connection_ends_the_wait_with_an_error(meet: Meet) -> None:
    def begin_and_leave(connection: Connection, _tag: str) -> None:
        connection.say("+ idling")
        threading.Timer(0.2, connection.cut).start()

    mailbox, _ = meet({"IDLE": begin_and_leave})
    mailbox.open()
    mailbox.waiting(after=0)
    begun = time.monotonic()

    with pytest.raises(MailboxError, match="connection"):
        mailbox.wait(30)

    assert time.monotonic() - begun < 10


def test_news_before_the_server_is_ready_to_push_are_news(meet: Meet) -> None:
    mailbox, server = meet({"IDLE": lambda connection, _tag: connection.say("* 4 EXISTS", "+ idling")})
    server.manners["DONE"] = lambda connection, _tag: connection.say(f"{server.heard[-2].split()[0]} OK done")
    mailbox.open()
    mailbox.waiting(after=0)

    assert mailbox.wait(30)


def test_a_server_without_a_uidvalidity_is_refused(meet: Meet) -> None:
    mailbox, _ = meet({"SELECT": lambda connection, tag: connection.say("* 3 EXISTS", f"{tag} OK done")})

    with pytest.raises(MailboxError, match="no UIDVALIDITY"):
        mailbox.open()
