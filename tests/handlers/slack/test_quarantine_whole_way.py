"""The notice of a mail in quarantine in a real Slack: read again, made a ticket by hand, given up, and by whom not."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.desk import staff
from bot.desk.audit import at_the_server
from bot.sandbox.slack import Message
from storage.database import session
from storage.models import Attachment, HungNotice
from tests.bot.quarantined import put_aside, state_of
from tests.handlers.slack.house import CHANNEL, House, open_house


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as running:
        with session():
            staff.change("carol@example.org", running.office.clock, at_the_server(), role="manager")
        yield running


async def noticed(house: House) -> tuple[int, Message]:
    """A mail in quarantine and its notice in the channel."""
    mail = put_aside(house.office)
    await house.until(lambda: _hangs(mail))
    return mail, house.slack.messages(CHANNEL)[0]


def _hangs(mail: int) -> bool:
    with session():
        return HungNotice.select().where(HungNotice.number == mail).exists()


def notice(house: House) -> Message:
    """The notice as it is now."""
    return house.slack.messages(CHANNEL)[0]


@pytest.mark.row("MI-17")
async def test_a_mail_is_read_again_and_its_notice_says_what_became_of_it(house: House) -> None:
    mail, hanging = await noticed(house)

    await house.slack.press("U0CAROL", CHANNEL, hanging.ts, "verb:quarantine_retry")

    await house.until(lambda: "is TS" in notice(house).text)
    assert state_of(mail) == "ticket"
    assert "verb:quarantine" not in str(notice(house).all_blocks)


@pytest.mark.row("MI-17")
async def test_a_mail_becomes_a_ticket_by_hand_with_what_can_be_read_of_it(house: House) -> None:
    mail, hanging = await noticed(house)

    view = await (await house.slack.press("U0CAROL", CHANNEL, hanging.ts, "verb:quarantine_create")).until_view()
    await house.slack.submit("U0CAROL", view.id, {"text": "Her printer burns."})

    await house.until(lambda: "is TS" in notice(house).text)
    with session():
        made = house.office.desk.tickets.view(1)
        attached = [file.name for file in Attachment.select()]
    assert (made.subject, made.requester_address) == ("Printer on fire", "ann@acme.example")
    assert (attached, state_of(mail)) == (["mail.eml"], "ticket")
    assert "(Carol)" in notice(house).text


@pytest.mark.row("MI-17")
async def test_only_an_admin_gives_a_mail_up(house: House) -> None:
    mail, hanging = await noticed(house)

    await house.slack.press("U0CAROL", CHANNEL, hanging.ts, "verb:quarantine_drop")
    await house.until(lambda: house.slack.ephemerals("U0CAROL"))
    before = state_of(mail)
    await house.slack.press("U0BOB", CHANNEL, hanging.ts, "verb:quarantine_drop")

    await house.until(lambda: "is given up. (Bob)" in notice(house).text)
    assert "you need the role admin" in house.slack.ephemerals("U0CAROL")[0].text
    assert (before, state_of(mail)) == ("quarantined", "dropped")


async def test_a_mail_that_fails_again_has_its_buttons_again(house: House) -> None:
    mail = put_aside(house.office, b"\xff" * 10 + b"\r\n" * 3)
    await house.until(lambda: _hangs(mail))
    (house.office.desk.files.path(_hash(mail))).write_bytes(nested())

    await house.slack.press("U0BOB", CHANNEL, notice(house).ts, "verb:quarantine_retry")

    await house.until(lambda: state_of(mail) == "quarantined" and "nested" in notice(house).text)
    assert "verb:quarantine_retry" in str(notice(house).all_blocks)
    assert len(house.slack.messages(CHANNEL)) == 1


def _hash(mail: int) -> str:
    from storage.queries import mails

    with session():
        return mails.mail(mail).sha256


def nested() -> bytes:
    """A mail that nobody reads."""
    head = b"From: eve@evil.example\r\nMIME-Version: 1.0\r\n"
    opening = b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (depth, depth) for depth in range(1000)
    )
    return head + opening
