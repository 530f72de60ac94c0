"""A letter that a mail server finds too large leaves without its files and says so, to the reader and on the card."""

import asyncio
from collections.abc import AsyncIterator, Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from bot.app import letter_writer
from bot.backoffice import Backoffice
from bot.bridge import Bridge
from bot.commands.verbs import VERBS
from bot.config import SmtpConfig
from bot.desk.changes import Writing
from bot.desk.people import Actor
from bot.desk.views import TicketView
from bot.outgoing.notifier import Notifier
from bot.outgoing.packing import Packer
from handlers.mail.mailer import SmtpMailer
from storage.models import Delivery
from tests.faults.smtp_server import PostOffice
from tests.servers import until


@pytest.fixture
async def post() -> AsyncIterator[PostOffice]:
    """A mail server that takes at most 100 kB."""
    made = PostOffice(size=100_000)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def notifier(office: Backoffice, post: PostOffice) -> AsyncIterator[Notifier]:
    """What sends letters there."""
    bridge = Bridge()
    mailer = SmtpMailer(SmtpConfig(host="127.0.0.1", port=post.port, security="none", sender="support@example.org"))
    made = Notifier(bridge, Packer(office.desk, letter_writer(office), VERBS), [], mailer, office.clock)
    working = asyncio.create_task(made.run(lambda: None))
    yield made
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    await mailer.close()
    bridge.close()


Reply = Callable[..., None]


@pytest.fixture
def reply(office: Backoffice, ticket: TicketView, bob: Actor) -> Reply:
    """Bob answers Ann with a plan of so many bytes, or none."""
    office.desk.settings.set("undo_seconds", 0, "test")

    def answer(text: str, size: int = 0) -> None:
        keep = office.desk.files.keep
        files = (keep(b"x" * size, "the_plan.pdf", "application/pdf"),) if size else ()
        office.desk.tickets.reply(ticket.reference, Writing(text, files=files), bob, to=["ann@acme.example"])

    return answer


def answers(state: str) -> bool:
    """Whether the letter to Ann with Bob's answer has come to this state."""
    letters = Delivery.select().where(Delivery.kind == "letter")
    return [letter.state for letter in letters if letter.payload["letter"] == "reply"] == [state]


@pytest.mark.row("MO-07")
@pytest.mark.usefixtures("notifier")
async def test_a_letter_that_is_too_large_leaves_without_its_files_and_says_so(
    office: Backoffice, post: PostOffice, reply: Reply
) -> None:
    reply("Here is the plan.", size=200_000)
    await until(lambda: answers("sent"))

    letter = message_from_bytes(post.letters[-1].content, policy=default)
    assert isinstance(letter, EmailMessage)
    body = letter.get_body(("plain",))
    assert body is not None and "Here is the plan." in body.get_content()
    assert "takes no letter that large: the_plan.pdf (200 kB). Please ask us." in body.get_content()
    assert list(letter.iter_attachments()) == []
    assert office.desk.tickets.view(1).last.kind == "letter_lighter"  # type: ignore[union-attr]


@pytest.mark.row("MO-07")
@pytest.mark.usefixtures("notifier")
async def test_a_letter_that_is_too_large_without_files_fails_plainly(
    office: Backoffice, post: PostOffice, reply: Reply
) -> None:
    reply("word " * 40_000)
    await until(lambda: answers("failed"))

    (undelivered,) = office.desk.tickets.view(1).undelivered
    assert undelivered.error.startswith("552 ")
    assert not any(b"word word" in letter.content for letter in post.letters)
