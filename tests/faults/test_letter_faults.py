"""Letters through a server that misbehaves: what leaves, how often, when, and what the ticket says when it does not."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from email import message_from_bytes
from email.policy import default
from typing import Any, cast

import pytest

from bot.app import letter_writer
from bot.backoffice import Backoffice
from bot.bridge import Bridge
from bot.clock import SetClock
from bot.commands.verbs import VERBS
from bot.config import SmtpConfig
from bot.desk.changes import Writing
from bot.desk.opening import Opening
from bot.desk.people import Actor, Client
from bot.desk.views import TicketView
from bot.outgoing.cards import Card
from bot.outgoing.notifier import Notifier
from bot.outgoing.packing import Packer
from bot.ports import Chat, Place, Posted
from handlers.mail.mailer import SmtpMailer
from storage.models import Delivery, Event
from tests.faults.smtp_server import PostOffice
from tests.servers import until

ANN, DAN, PAUL = "ann@acme.example", "dan@acme.example", "paul@partner.example"
MINUTE, HOUR, DAY = 60, 3600, 86_400
Start = Callable[..., Awaitable["Sending"]]


class Sending:
    """A desk that sends its letters to a post office."""

    def __init__(self, post: PostOffice, mailer: SmtpMailer, notifier: Notifier, clock: SetClock) -> None:
        self.post, self._mailer, self._notifier, self.clock = post, mailer, notifier, clock
        self._working = asyncio.create_task(notifier.run(lambda: None))

    def letters(self, kind: str = "reply") -> dict[str, Delivery]:
        """Deliveries of one kind of letter, by recipient."""
        found = Delivery.select().where(Delivery.kind == "letter").order_by(Delivery.id)
        return {one.channel: one for one in found if one.payload["letter"] == kind}

    def states(self, kind: str = "reply") -> dict[str, str]:
        """What became of them."""
        return {address: letter.state for address, letter in self.letters(kind).items()}

    def taken(self, address: str = ANN) -> int:
        """How many letters the post office has for somebody."""
        return sum(address in letter.recipients for letter in self.post.letters)

    async def settled(self) -> None:
        """Until nothing is due any more."""
        self._notifier.wake()
        now, letters = self.clock.now(), Delivery.kind == "letter"
        due = (Delivery.state == "sending") | ((Delivery.state == "pending") & (Delivery.next_at <= now))
        await until(lambda: not Delivery.select().where(letters & due).exists())

    async def stop(self) -> None:
        """Stop sending, as the desk does when it is stopped."""
        self._working.cancel()
        await asyncio.gather(self._working, return_exceptions=True)
        await self._mailer.close()

    async def wait(self, **span: float) -> None:
        """Let time pass."""
        self.clock.move(**span)
        await self.settled()


@pytest.fixture
async def start(office: Backoffice, clock: SetClock, ticket: TicketView) -> AsyncIterator[Start]:
    """Starts sending to a post office with these manners; Ann's confirmation has left by then if the office lets it."""
    bridge, ends = Bridge(), []

    async def sending(
        *chats: Chat, patience: float = 5, security: str = "none", confirms: bool = False, **manners: Any
    ) -> Sending:
        office.desk.settings.set("undo_seconds", 0, "test")
        if not confirms:
            Delivery.delete().where(Delivery.kind == "letter").execute()
        post = PostOffice(**manners)
        await post.start()
        config = SmtpConfig(host="127.0.0.1", port=post.port, security=security, sender="support@example.org")
        mailer = SmtpMailer(config, timeout=patience)
        notifier = Notifier(bridge, Packer(office.desk, letter_writer(office), VERBS), chats, mailer, clock)
        made = Sending(post, mailer, notifier, clock)
        ends.extend([made.stop, post.stop])
        return made

    yield sending
    for end in ends:
        await end()
    bridge.close()


@pytest.fixture
def reply(office: Backoffice, ticket: TicketView, bob: Actor) -> Callable[..., None]:
    """Bob answers Ann, and whoever else."""

    def answer(*others: str, text: str = "We are on it.") -> None:
        office.desk.tickets.reply(ticket.reference, Writing(text), bob, to=[ANN], cc=others)

    return answer


Reply = Callable[..., None]


def ids(post: PostOffice) -> list[str]:
    """The Message-IDs of what the post office took."""
    return [str(message_from_bytes(letter.content, policy=default)["Message-ID"]) for letter in post.letters]


# passing refusals ----------------------------------------------------------------------------------------------------


@pytest.mark.row("MO-01")
async def test_a_greylisted_letter_leaves_after_five_and_ten_minutes(start: Start, reply: Reply) -> None:
    sending = await start(greylist=2)
    reply()
    tries = []
    for minutes in (0, 4, 1, 9, 1):
        await sending.wait(minutes=minutes)
        tries.append((sending.post.put_off[ANN], sending.taken()))

    assert tries == [(1, 0), (1, 0), (2, 0), (2, 0), (2, 1)]
    assert sending.states() == {ANN: "sent"}


@pytest.mark.row("MO-01")
async def test_a_letter_is_tried_for_five_days_and_then_visibly_given_up(
    office: Backoffice, start: Start, reply: Reply
) -> None:
    sending = await start(answers={"RCPT": "451 4.3.0 try later"})
    reply()
    await sending.settled()
    gaps: list[float] = []
    while (letter := sending.letters()[ANN]).state == "pending":
        gaps.append((letter.next_at - sending.clock.now()).total_seconds())
        await sending.wait(seconds=gaps[-1])

    assert gaps[0] == 5 * MINUTE
    assert gaps == sorted(gaps) and gaps[-1] == HOUR
    assert 5 * DAY < sum(gaps) <= 5 * DAY + HOUR
    (undelivered,) = office.desk.tickets.view(1).undelivered
    assert (undelivered.address, undelivered.error) == (ANN, "451 4.3.0 try later")
    assert sending.taken() == 0


@pytest.mark.row("MO-01")
async def test_a_letter_that_is_tried_again_by_hand_has_its_days_anew(
    office: Backoffice, start: Start, reply: Reply, ticket: TicketView, bob: Actor
) -> None:
    sending = await start(answers={"RCPT": "550 5.1.1 no such user"})
    reply()
    await sending.wait(days=6)
    sending.post.manners.answers = {}
    sending.post.manners.greylist = 1

    office.desk.tickets.retry_letters(ticket.reference, bob)
    await sending.settled()
    await sending.wait(hours=1)

    assert sending.states() == {ANN: "sent"}


# refusals for good ---------------------------------------------------------------------------------------------------


@pytest.mark.row("MO-02")
async def test_a_letter_refused_for_good_is_not_tried_again_and_the_team_is_told(
    office: Backoffice, start: Start, reply: Reply
) -> None:
    sending = await start(rcpt={ANN: "550 5.1.1 no such user"})
    reply()
    await sending.settled()
    for _ in range(3):
        await sending.wait(days=1)

    assert sending.states() == {ANN: "failed"}
    assert sum(line.startswith("RCPT") for line in sending.post.said) == 1
    assert office.desk.tickets.view(1).undelivered[0].error == "550 5.1.1 no such user"
    (event,) = Event.select().where(Event.kind == "bounced")
    (line,) = Delivery.select().where((Delivery.kind == "line") & (Delivery.event == event))
    packed = Packer(office.desk, None, VERBS)._line(line)
    assert packed.line == f"📭 A letter to {ANN} could not be delivered: 550 5.1.1 no such user"


@pytest.mark.row("MO-03")
async def test_of_three_readers_only_the_one_who_was_put_off_is_written_to_again(start: Start, reply: Reply) -> None:
    sending = await start(rcpt={DAN: "450 4.2.1 busy"})
    reply(DAN, PAUL)
    await sending.settled()
    before = sending.states()
    sending.post.manners.rcpt = {}
    await sending.wait(minutes=5)

    assert before == {ANN: "sent", DAN: "pending", PAUL: "sent"}
    assert sending.states() == dict.fromkeys((ANN, DAN, PAUL), "sent")
    assert [sending.taken(address) for address in (ANN, DAN, PAUL)] == [1, 1, 1]
    assert len(set(ids(sending.post))) == 1


# lost and silent -----------------------------------------------------------------------------------------------------


@pytest.mark.row("MO-04", "INV-03")
async def test_a_letter_whose_receipt_was_lost_goes_once_more_under_the_same_id(start: Start, reply: Reply) -> None:
    sending = await start(drop_after_data=1)
    reply()
    await sending.settled()
    lost = sending.states()
    await sending.wait(minutes=5)
    await sending.wait(days=1)

    assert (lost, sending.states()) == ({ANN: "pending"}, {ANN: "sent"})
    assert sending.taken() == 2
    assert len(set(ids(sending.post))) == 1


@pytest.mark.row("MO-05")
@pytest.mark.parametrize("moment", ["CONNECT", "EHLO", "MAIL", "TEXT"])
async def test_a_silent_server_is_given_up_on_and_tried_later(start: Start, reply: Reply, moment: str) -> None:
    sending = await start(patience=0.2, silent={moment})
    reply()
    await sending.settled()
    error = sending.letters()[ANN].error
    sending.post.manners.silent = ()
    await sending.wait(minutes=5)

    assert "does not answer in time" in error
    assert sending.states() == {ANN: "sent"}


@pytest.mark.row("MO-05")
async def test_no_other_process_sends_what_a_silent_server_holds(start: Start, reply: Reply) -> None:
    sending = await start(patience=60, silent={"CONNECT"})
    reply()
    await until(lambda: sending.post.connections)
    for _ in range(10):
        sending.clock.move(minutes=1)
        sending._notifier.wake()
        claimed_until = sending.letters()[ANN].claimed_until
        await until(lambda seen=claimed_until: sending.letters()[ANN].claimed_until != seen)  # type: ignore[misc]

    letter = sending.letters()[ANN]
    sending.post.hang_up()
    assert (letter.state, letter.attempts) == ("sending", 1)
    assert letter.claimed_until is not None and letter.claimed_until > sending.clock.now()


# TLS -----------------------------------------------------------------------------------------------------------------


@pytest.mark.row("MO-06")
async def test_without_starttls_the_letter_fails_with_a_clear_sentence_and_nothing_was_said(
    office: Backoffice, start: Start, reply: Reply
) -> None:
    sending = await start(security="starttls")
    reply()
    await sending.settled()

    assert sending.states() == {ANN: "failed"}
    assert "nothing is sent in clear" in office.desk.tickets.view(1).undelivered[0].error
    assert {line.split()[0] for line in sending.post.said} <= {"EHLO", "QUIT"}


# packing -------------------------------------------------------------------------------------------------------------


@pytest.mark.row("MO-09")
async def test_a_letter_that_cannot_be_written_stops_no_other(
    office: Backoffice, start: Start, reply: Reply, ticket: TicketView, bob: Actor
) -> None:
    sending = await start()
    lost = office.desk.files.keep(b"gone", "gone.pdf", "application/pdf")
    office.desk.tickets.reply(ticket.reference, Writing("Hello."), bob, to=["eve@x.example, y@z"])
    office.desk.tickets.reply(ticket.reference, Writing("See there.", files=(lost,)), bob, to=[DAN])
    office.desk.files.drop(lost.sha256)
    reply()
    await sending.settled()

    assert sending.states() == {"eve@x.example, y@z": "failed", DAN: "pending", ANN: "sent"}
    assert sending.letters()[DAN].error == "unexpected: FileNotFoundError"


# loops ---------------------------------------------------------------------------------------------------------------


@pytest.mark.row("MO-11")
async def test_a_confirmation_has_the_empty_sender(start: Start) -> None:
    sending = await start(confirms=True)
    await sending.settled()

    (letter,) = sending.post.letters
    assert letter.sender == ""
    assert sending.states("confirmation") == {ANN: "sent"}


@pytest.mark.row("MO-11")
@pytest.mark.parametrize("answers", [{"senders": {"": "550 5.7.1 no"}}, {"senders": {"": "501 5.1.7 bad sender"}}])
async def test_where_the_empty_sender_is_refused_the_reply_address_sends(
    office: Backoffice, start: Start, ticket: TicketView, answers: dict[str, object]
) -> None:
    sending = await start(confirms=True, **answers)
    await sending.settled()

    (letter,) = sending.post.letters
    assert office.desk.signer.token_of_address(letter.sender) == ticket.token


@pytest.mark.row("MO-11")
async def test_every_other_letter_comes_from_the_tickets_address_so_that_its_bounce_finds_the_ticket(
    office: Backoffice, start: Start, reply: Reply, ticket: TicketView
) -> None:
    sending = await start()
    reply()
    await sending.settled()

    (letter,) = sending.post.letters
    assert office.desk.signer.token_of_address(letter.sender) == ticket.token


# private notes -------------------------------------------------------------------------------------------------------


@pytest.mark.row("MO-12", "INV-11")
async def test_a_private_note_reaches_only_who_was_picked(
    office: Backoffice, start: Start, reply: Reply, ticket: TicketView, bob: Actor
) -> None:
    sending = await start()
    reply(DAN)
    office.desk.tickets.note(ticket.reference, Writing("CANARY: they never pay."), bob, to=[PAUL])
    reply(DAN, text="Done.")
    office.desk.tickets.close(ticket.reference, bob, notify=True)
    await sending.settled()

    canary = [letter.recipients for letter in sending.post.letters if b"CANARY" in letter.content]
    assert canary == [(PAUL,)]
    assert sending.taken(ANN) == 3 and sending.taken(PAUL) == 1


# other work ----------------------------------------------------------------------------------------------------------


class Wall:
    """A chat that hangs cards on a wall at once."""

    platform, largest_file = "slack", 0

    def __init__(self) -> None:
        self.cards: list[str] = []

    async def find(self, place: Place, key: str) -> Posted | None:
        return None

    async def post_card(self, place: Place, card: Card, *, key: str, silent: bool) -> Posted:
        self.cards.append(key)
        return Posted(place.channel, str(len(self.cards)))

    async def redraw(self, place: Place, message: str, card: Card) -> None:
        """Nobody looks."""


@pytest.mark.row("MO-05")
async def test_cards_hang_while_the_mail_server_is_silent(
    start: Start, reply: Reply, office: Backoffice, ann: Client
) -> None:
    wall = Wall()
    sending = await start(cast(Chat, wall), patience=60, silent={"CONNECT"})
    reply()
    await until(lambda: sending.post.connections and len(wall.cards) == 1)
    begun = time.monotonic()

    office.desk.tickets.open(Opening("Fire again", "Help", client=ann), Actor("client", "Ann", "mail"))
    sending._notifier.wake()
    await until(lambda: len(wall.cards) == 2)

    assert time.monotonic() - begun < 2
    assert sending.states() == {ANN: "sending"}
    sending.post.hang_up()


@pytest.mark.row("MO-05", "PR-02")
async def test_the_desk_stops_although_the_mail_server_is_silent_and_sends_when_it_is_back(
    start: Start, reply: Reply
) -> None:
    sending = await start(patience=60, silent={"TEXT"})
    reply()
    await until(lambda: sending.taken())
    begun = time.monotonic()

    await sending.stop()

    assert time.monotonic() - begun < 6
    letter = sending.letters()[ANN]
    assert (letter.state, letter.next_at <= sending.clock.now()) == ("pending", True)
