"""The pretend mail server with real clients: imap-tools reads its mailbox, aiosmtplib writes through it."""

import asyncio
import imaplib
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any, TypeVar

import aiosmtplib
import imap_tools
import pytest
from imap_tools import MailBoxUnencrypted

from bot.sandbox.mail import PretendMail

T = TypeVar("T")
CLIENT = "Ann <ann@acme.example>"
DESK = "support@example.org"


@pytest.fixture
async def mail() -> AsyncIterator[PretendMail]:
    pretend = PretendMail()
    await pretend.start()
    yield pretend
    await pretend.stop()


async def with_box(mail: PretendMail, work: Callable[[MailBoxUnencrypted], T], password: str = "sandbox") -> T:
    """Do the work in a thread, logged in to the desk's mailbox."""

    def connected() -> T:
        with MailBoxUnencrypted("127.0.0.1", mail.imap_port, timeout=5).login("support", password) as box:
            return work(box)

    return await asyncio.to_thread(connected)


async def send(mail: PretendMail, to: str, text: str = "Hello", **headers: str) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = f"Example Support <{DESK}>", to, "Re: Printer"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    await aiosmtplib.send(message, hostname="127.0.0.1", port=mail.smtp_port, start_tls=False)


async def test_a_client_s_mail_is_read_with_everything_in_it(mail: PretendMail) -> None:
    await mail.write(CLIENT, DESK, "Imprimante cassée", "À l'aide ☕", attachments=[("log.txt", b"E 42", "text/plain")])

    (found,) = await with_box(mail, lambda box: list(box.fetch(mark_seen=False)))

    assert (found.uid, found.from_, found.subject) == ("1", "ann@acme.example", "Imprimante cassée")
    assert found.text.strip() == "À l'aide ☕"
    assert [(one.filename, one.payload) for one in found.attachments] == [("log.txt", b"E 42")]
    assert found.flags == ()
    assert found.headers["authentication-results"] == ("sandbox.example;\r\n dmarc=pass header.from=acme.example",)


async def test_a_mail_is_delivered_byte_for_byte_and_dated_by_the_server(mail: PretendMail) -> None:
    raw = b"From: ann@acme.example\r\nSubject: =?broken\r\n\r\n8-bit: \xff\xfe {12}\r\n"
    mail.deliver("support", raw, at=datetime(2026, 11, 24, 12, tzinfo=UTC).timestamp())

    def work(box: MailBoxUnencrypted) -> Any:
        return box.client.uid("fetch", "1:*", "(UID RFC822.SIZE INTERNALDATE BODY.PEEK[])")[1]

    answer = await with_box(mail, work)

    assert answer[0][1] == raw
    assert f"RFC822.SIZE {len(raw)}".encode() in answer[0][0]
    assert b'INTERNALDATE "24-Nov-2026 12:00:00 +0000"' in answer[0][0]


async def test_reading_marks_seen_unless_it_only_peeks(mail: PretendMail) -> None:
    mail.deliver("support", b"Subject: one\r\n\r\n1\r\n")

    def work(box: MailBoxUnencrypted) -> list[list[str]]:
        unseen = []
        for mark_seen in (False, True):
            list(box.fetch(mark_seen=mark_seen))
            unseen.append(box.uids(imap_tools.AND(seen=False)))
        return unseen

    assert await with_box(mail, work) == [["1"], []]


async def test_handled_mail_moves_to_a_folder_made_for_it(mail: PretendMail) -> None:
    for number in range(3):
        mail.deliver("support", b"Subject: %d\r\n\r\n.\r\n" % number)

    def work(box: MailBoxUnencrypted) -> tuple[list[str], list[str]]:
        box.folder.create("Deskbell/Done")
        box.move(["1", "3"], "Deskbell/Done")
        left = box.uids()
        box.folder.set("Deskbell/Done")
        return left, [one.subject for one in box.fetch()]

    assert await with_box(mail, work) == (["2"], ["0", "2"])


async def test_flags_are_stored_and_deleted_mail_is_expunged(mail: PretendMail) -> None:
    for number in range(2):
        mail.deliver("support", b"Subject: %d\r\n\r\n.\r\n" % number)

    def work(box: MailBoxUnencrypted) -> tuple[list[str], list[str]]:
        box.flag("2", ["\\Flagged", "Deskbell"], True)
        box.delete("1")
        return box.uids("KEYWORD Deskbell"), box.uids()

    assert await with_box(mail, work) == (["2"], ["2"])


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ("ALL", ["1", "2", "3"]),
        ("UID 2:*", ["2", "3"]),
        ("UID 9:*", ["3"]),
        ('FROM "ann" SINCE 24-Nov-2026', ["3"]),
        ("BEFORE 24-Nov-2026", ["1"]),
        ('OR SUBJECT "printer" SUBJECT "vpn"', ["1", "2"]),
        ('NOT (TEXT "fire")', ["2", "3"]),
        ("LARGER 500", ["2"]),
        ("UNSEEN SMALLER 500 2:3", ["3"]),
    ],
)
async def test_mails_are_searched(mail: PretendMail, criteria: str, expected: list[str]) -> None:
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC).timestamp()
    mail.deliver("support", b"From: ann@acme.example\r\nSubject: Printer\r\n\r\non fire\r\n", at=noon - 86400)
    mail.deliver("support", b"From: paul@globex.example\r\nSubject: VPN\r\n\r\n" + b"x" * 600, at=noon)
    mail.deliver("support", b"From: ann@acme.example\r\nSubject: Mouse\r\n\r\n.\r\n", at=noon)

    assert await with_box(mail, lambda box: box.uids(criteria)) == expected


async def test_new_mail_is_announced_during_idle(mail: PretendMail) -> None:
    loop = asyncio.get_running_loop()
    idling = asyncio.Event()

    def work(box: MailBoxUnencrypted) -> tuple[list[bytes], float, list[str]]:
        with box.idle as idle:
            loop.call_soon_threadsafe(idling.set)
            news = idle.poll(timeout=5)
            came = time.monotonic()
        return news, came, box.uids()

    waiting = asyncio.create_task(with_box(mail, work))
    await idling.wait()
    sent = time.monotonic()
    await mail.write(CLIENT, DESK, "Printer", "On fire")
    news, came, uids = await waiting

    assert news[0] == b"* 1 EXISTS"
    assert came - sent < 4
    assert uids == ["1"]


async def test_another_connection_hears_what_came_and_went(mail: PretendMail) -> None:
    for number in range(3):
        mail.deliver("support", b"Subject: %d\r\n\r\n.\r\n" % number)
    loop = asyncio.get_running_loop()

    def work(box: MailBoxUnencrypted) -> list[Any]:
        asyncio.run_coroutine_threadsafe(with_box(mail, lambda other: other.delete("2")), loop).result(5)
        loop.call_soon_threadsafe(mail.deliver, "support", b"Subject: 4\r\n\r\n.\r\n")
        while "4" not in box.uids():
            time.sleep(0.01)
        box.client.noop()
        return [box.client.response(kind)[1] for kind in ("EXPUNGE", "EXISTS")]

    expunged, exists = await with_box(mail, work)

    assert expunged == [b"2"]
    assert exists[-1] == b"3"


async def test_a_wrong_password_is_refused(mail: PretendMail) -> None:
    with pytest.raises(imap_tools.MailboxLoginError):
        await with_box(mail, lambda box: box.uids(), password="wrong")


async def test_a_folder_made_again_has_another_uidvalidity(mail: PretendMail) -> None:
    def work(box: MailBoxUnencrypted) -> list[int]:
        validities = []
        for _ in range(2):
            box.folder.create("Again")
            validities.append(box.folder.status("Again", ["UIDVALIDITY"])["UIDVALIDITY"])
            box.folder.delete("Again")
        return validities

    first, second = await with_box(mail, work)

    assert second > first


async def test_nonsense_is_answered_with_bad_and_the_connection_stays(mail: PretendMail) -> None:
    def work(box: MailBoxUnencrypted) -> tuple[list[str], list[str]]:
        said = []
        for line in ("FETCH", "FETCH 1 (BODYSTRUCTURE)", "FROBNICATE", 'SEARCH "open'):
            mail_client = box.client
            tag = mail_client._new_tag()
            mail_client.send(tag + b" " + line.encode() + b"\r\n")
            said.append(mail_client.readline().split()[1].decode())
            mail_client.tagged_commands.pop(tag)
        return said, box.uids()

    mail.deliver("support", b"Subject: one\r\n\r\n.\r\n")

    assert await with_box(mail, work) == (["BAD"] * 4, ["1"])


async def test_what_the_bot_sends_lands_in_the_client_s_letters(mail: PretendMail) -> None:
    heard: list[dict[str, Any]] = []
    mail.subscribe(heard.append)

    await send(
        mail, "ann@acme.example", "It is fixed.", Reply_To="support+abc@example.org", Message_ID="<1@example.org>"
    )

    (letter,) = mail.letters("Ann@ACME.example")
    assert (letter.subject, letter.text.strip(), letter.html) == ("Re: Printer", "It is fixed.", "")
    assert (letter.sender, letter.answer_to) == ("Example Support <support@example.org>", "support+abc@example.org")
    assert letter.message_id == "<1@example.org>"
    assert heard == [{"what": "letter", "address": "ann@acme.example", "subject": "Re: Printer"}]


async def test_a_client_s_answer_goes_to_the_reply_address_in_its_thread(mail: PretendMail) -> None:
    headers = {"Reply_To": "support+abc@example.org", "Message_ID": "<2@example.org>", "References": "<1@acme.example>"}
    await send(mail, "ann@acme.example", "Is it fixed?", **headers)

    await mail.write(CLIENT, DESK, "Re: Printer", "Yes!", in_reply_to=mail.letters("ann@acme.example")[0])

    (answer,) = await with_box(mail, lambda box: list(box.fetch()))
    assert answer.to == ("support+abc@example.org",)
    assert answer.headers["delivered-to"] == ("support+abc@example.org",)
    assert answer.headers["in-reply-to"] == ("<2@example.org>",)
    assert answer.headers["references"] == ("<1@acme.example> <2@example.org>",)
    assert answer.text.startswith("Yes!")
    assert "> Is it fixed?" in answer.text


async def test_a_refused_recipient_does_not_stop_the_others(mail: PretendMail) -> None:
    mail.refuse("gone@acme.example")
    client = aiosmtplib.SMTP(hostname="127.0.0.1", port=mail.smtp_port, start_tls=False)
    recipients = ["gone@acme.example", "ann@acme.example"]
    async with client:
        refused, _ = await client.sendmail(DESK, recipients, b"Subject: Hello\r\n\r\nHello\r\n")

    assert refused["gone@acme.example"].code == 550
    assert len(mail.letters("ann@acme.example")) == 1
    assert mail.letters("gone@acme.example") == []


async def test_a_mail_refused_for_now_can_be_sent_again(mail: PretendMail) -> None:
    mail.refuse_mails("451 4.3.0 Try again later")

    with pytest.raises(aiosmtplib.SMTPDataError, match=r"4\.3\.0"):
        await send(mail, "ann@acme.example")
    await send(mail, "ann@acme.example")

    assert len(mail.letters("ann@acme.example")) == 1


async def test_logging_in_to_send_is_possible_and_a_wrong_password_refused(mail: PretendMail) -> None:
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=mail.smtp_port, start_tls=False) as client:
        with pytest.raises(aiosmtplib.SMTPAuthenticationError):
            await client.login("support", "wrong")
        code, _ = await client.login("support", "sandbox")

    assert code == 235


async def test_after_an_outage_everything_is_still_there(mail: PretendMail) -> None:
    mail.deliver("support", b"Subject: one\r\n\r\n.\r\n")
    ports = {"imap_port": mail.imap_port, "smtp_port": mail.smtp_port}

    await mail.stop()
    with pytest.raises(ConnectionRefusedError):
        await with_box(mail, lambda box: box.uids())
    await mail.start(**ports)

    assert await with_box(mail, lambda box: box.uids()) == ["1"]


async def test_a_dropped_connection_is_noticed_by_the_client(mail: PretendMail) -> None:
    loop = asyncio.get_running_loop()

    def work(box: MailBoxUnencrypted) -> None:
        loop.call_soon_threadsafe(mail.drop_connections)
        for _ in range(500):
            box.client.noop()
            time.sleep(0.01)

    with pytest.raises((imaplib.IMAP4.abort, OSError)):
        await with_box(mail, work)
