"""The desk's own mailbox and mailer against the pretend mail server."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.config import MailboxConfig, SmtpConfig
from bot.errors import MailboxError
from bot.sandbox.mail import PretendMail
from handlers.mail.mailbox import ImapMailbox
from handlers.mail.mailer import SmtpMailer

CLIENT, DESK = "Ann <ann@acme.example>", "support@example.org"


@pytest.fixture
async def mail() -> AsyncIterator[PretendMail]:
    pretend = PretendMail()
    await pretend.start()
    yield pretend
    await pretend.stop()


def mailbox(mail: PretendMail, **changes: Any) -> ImapMailbox:
    values: dict[str, Any] = {
        "name": "support",
        "address": DESK,
        "host": "127.0.0.1",
        "port": mail.imap_port,
        "security": "none",
        "username": "support",
        "password": "sandbox",
    }
    return ImapMailbox(MailboxConfig(**(values | changes)))


def mailer(mail: PretendMail) -> SmtpMailer:
    return SmtpMailer(SmtpConfig(host="127.0.0.1", port=mail.smtp_port, security="none", sender=f"Support <{DESK}>"))


async def test_a_client_s_mail_is_seen_fetched_marked_and_moved(mail: PretendMail) -> None:
    def work() -> tuple[int, bytes, list[int]]:
        box = mailbox(mail)
        box.open()
        (waiting,) = box.waiting(after=0)
        ((uid, raw),) = box.fetch([waiting.uid])
        box.mark_seen([uid])
        box.move([uid], "Done")
        left = [one.uid for one in box.waiting(after=0)]
        box.close()
        return waiting.size, raw, left

    await mail.write(CLIENT, DESK, "Printer on fire", "It burns.")

    size, raw, left = await asyncio.to_thread(work)

    done = mail.mailboxes["support"].folder("Done")
    assert size == len(raw)
    assert b"Subject: Printer on fire" in raw
    assert left == []
    assert done is not None
    assert [one.flags for one in done.mails] == [{"\\Seen"}]


async def test_a_new_mail_ends_the_wait(mail: PretendMail) -> None:
    loop = asyncio.get_running_loop()

    def work() -> tuple[bool, int]:
        box = mailbox(mail)
        box.open()
        assert box.waiting(after=0) == []
        loop.call_soon_threadsafe(mail.deliver, "support", b"Subject: news\r\n\r\n.\r\n")
        pushed = box.wait(20)
        found = len(box.waiting(after=0))
        box.close()
        return pushed, found

    assert await asyncio.to_thread(work) == (True, 1)


async def test_a_wait_is_ended_by_waking(mail: PretendMail) -> None:
    box = mailbox(mail)
    await asyncio.to_thread(box.open)
    await asyncio.to_thread(box.waiting, after=0)
    waiting = asyncio.create_task(asyncio.to_thread(box.wait, 60))
    async with asyncio.timeout(10):
        while not waiting.done():
            box.wake()
            await asyncio.sleep(0.02)

    assert await waiting is False
    await asyncio.to_thread(box.close)


async def test_a_wrong_password_is_told_as_such(mail: PretendMail) -> None:
    box = mailbox(mail, password="wrong")

    with pytest.raises(MailboxError, match="password") as refusal:
        await asyncio.to_thread(box.open)

    assert refusal.value.permanent


async def test_a_letter_reaches_its_reader_and_the_desk_s_own_mailbox(mail: PretendMail) -> None:
    ours = mailer(mail)
    letter = b"From: Support <support@example.org>\r\nTo: ann@acme.example\r\nSubject: Re: Printer\r\n\r\nFixed.\r\n"

    refused = await ours.send(letter, sender=DESK, recipients=["ann@acme.example", "support+abc@example.org"])
    await ours.close()

    (received,) = mail.letters("ann@acme.example")
    assert refused == {}
    assert received.text.strip() == "Fixed."
    assert len(mail.mailboxes["support"].inbox.mails) == 1


async def test_one_refused_reader_is_reported_with_the_server_s_answer(mail: PretendMail) -> None:
    mail.refuse("gone@acme.example")
    ours = mailer(mail)

    refused = await ours.send(
        b"Subject: Hello\r\n\r\nHello\r\n", sender=DESK, recipients=["gone@acme.example", "ann@acme.example"]
    )
    await ours.close()

    assert {address: refusal.code for address, refusal in refused.items()} == {"gone@acme.example": 550}
    assert len(mail.letters("ann@acme.example")) == 1
