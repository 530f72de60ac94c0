"""How a ticket's topic is to look, and the deliveries that bring it there, card after topic."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.app import letter_writer
from bot.backoffice import Backoffice
from bot.clock import SetClock
from bot.commands.verbs import VERBS
from bot.desk.opening import Opening
from bot.desk.outbox import EACH
from bot.desk.people import Actor, Client
from bot.desk.tickets import TicketService
from bot.desk.views import TicketView
from bot.desk.workflow import Status
from bot.errors import DeliveryError
from bot.outgoing.packed import Packed
from bot.outgoing.packing import Packer
from bot.outgoing.recipients import Audience, Channels
from bot.outgoing.topics import ICONS, wanted
from bot.ports import Posted
from storage.models import Posting, TicketTopic
from storage.queries import topics
from tests.conftest import NOON

CHAT, PLACE = "-100", f"telegram:-100/{EACH}"


@pytest.fixture
def tickets(office: Backoffice, monkeypatch: pytest.MonkeyPatch) -> TicketService:
    """The service of a desk whose team is told in a forum, each ticket in its own topic."""
    audience = Audience(Channels(telegram=CHAT, telegram_topic=EACH), office.desk.settings)
    service = TicketService(office.clock, office.desk.settings, audience)
    monkeypatch.setattr(type(office.desk.tickets), "hangs_here", lambda _, ticket, place: place == PLACE)
    return service


@pytest.fixture
def opened(tickets: TicketService, ann: Client) -> TicketView:
    """Ann's printer is on fire."""
    opening = Opening("The printer is on fire", client=ann, reply_address=ann.address)
    return tickets.open(opening, Actor("client", ann.name, "mail"))


@pytest.fixture
def packer(office: Backoffice) -> Packer:
    """Packs what leaves."""
    return Packer(office.desk, letter_writer(office), VERBS)


@pytest.fixture
def leaving(packer: Packer, clock: SetClock) -> Callable[[], list[Packed]]:
    """What can leave now, a second later; what cannot is tried again."""

    def claim() -> list[Packed]:
        clock.move(seconds=1)
        claimed = packer.claim("telegram", [], 50)
        for one in claimed:
            if one.fault:
                packer.outcomes.again(one, 0, str(one.fault))
        return [one for one in claimed if not one.fault]

    return claim


def hangs(packer: Packer, leaving: Callable[[], list[Packed]]) -> None:
    """Its topic is made, its card hangs in it."""
    for one in (one for _ in range(4) for one in leaving()):
        if one.kind == "card":
            packer.outcomes.hung(one, Posted(CHAT, "18"))
        else:
            packer.topics.begin(one)
            packer.topics.made(one, 17)


@pytest.mark.parametrize("status", list(Status))
def test_an_icon_tells_the_status_and_what_ended_is_closed(ticket: TicketView, status: Status) -> None:
    topic = wanted(replace(ticket, status=status))

    assert topic.icons == ICONS[status]
    assert topic.closed is not status.is_open
    assert topic.name == f"{ticket.reference} · The printer is on fire"


def test_what_is_blocking_and_new_burns(ticket: TicketView) -> None:
    blocking = replace(ticket, severity=replace(ticket.severity, code="BLOCKING"))

    assert wanted(blocking).icons[0] == "🔥"
    assert wanted(replace(blocking, status=Status.IN_PROGRESS)).icons == ICONS[Status.IN_PROGRESS]


def test_a_deleted_ticket_s_topic_is_closed_and_so_is_one_that_was_left(ticket: TicketView) -> None:
    assert wanted(replace(ticket, deleted_at=NOON)).closed
    assert wanted(ticket, here=False).closed


@pytest.mark.database
def test_the_topic_leaves_first_and_the_card_hangs_in_it(
    opened: TicketView, packer: Packer, leaving: Callable[[], list[Packed]]
) -> None:
    first = leaving()
    (topic,) = leaving()
    packer.topics.begin(topic)
    packer.topics.made(topic, 17)
    (card,) = leaving()

    assert first == []
    assert (topic.kind, topic.place.channel, topic.place.topic) == ("topic", CHAT, 0)
    assert (card.kind, card.where, card.place.topic, card.place.own) == ("card", PLACE, 17, True)


@pytest.mark.database
def test_a_topic_that_is_gone_takes_the_card_with_it_and_both_come_anew(
    tickets: TicketService, opened: TicketView, bob: Actor, packer: Packer, leaving: Callable[[], list[Packed]]
) -> None:
    hangs(packer, leaving)
    tickets.take(opened.reference, bob)
    (card,) = (one for one in leaving() if one.kind == "card")

    packer.topics.lost(card)
    packer.outcomes.again(card, 0, "gone")
    hangs(packer, leaving)

    assert Posting.select().where(Posting.ticket == opened.id).count() == 1
    assert TicketTopic.get().state == "there"


def test_what_nobody_knows_the_end_of_is_tried_twice_and_then_done_without(
    opened: TicketView, packer: Packer, leaving: Callable[[], list[Packed]]
) -> None:
    leaving()
    for _ in range(2):
        (topic,) = leaving()
        packer.topics.begin(topic)
        packer.outcomes.again(topic, 0, "no answer")
    leaving()
    (card,) = leaving()

    assert (card.kind, card.place.topic, card.place.own) == ("card", 0, False)


def test_what_was_certainly_not_made_may_be_tried_for_ever(
    opened: TicketView, packer: Packer, leaving: Callable[[], list[Packed]]
) -> None:
    leaving()
    for _ in range(5):
        (topic,) = leaving()
        packer.topics.begin(topic)
        packer.topics.not_made(topic)
        packer.outcomes.again(topic, 0, DeliveryError("refused").args[0])

    assert [one.kind for one in leaving()] == ["topic"]


def test_words_of_a_ticket_do_not_stand_beside_it(
    opened: TicketView, packer: Packer, leaving: Callable[[], list[Packed]]
) -> None:
    hangs(packer, leaving)

    kept = topics.of(opened.id, PLACE)

    assert kept is not None
    assert "printer" not in kept.name
