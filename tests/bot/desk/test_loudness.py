"""Whether a phone makes a sound: severity, quiet hours, and a storm of tickets, which becomes one digest."""

from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.app import letter_writer
from bot.backoffice import Backoffice
from bot.clock import SetClock
from bot.commands.requests import Caller, Request
from bot.commands.verbs import VERBS
from bot.desk.escalating import Escalating
from bot.desk.loudness import Loudness, is_within
from bot.desk.opening import Opening
from bot.desk.people import Actor, Client
from bot.desk.tickets import TicketService
from bot.desk.views import TicketView
from bot.outgoing.packed import Packed
from bot.outgoing.packing import Packer
from bot.outgoing.recipients import Audience, Channels
from storage.models import Delivery, Event, Ticket
from storage.queries import people as people_rows
from tests.conftest import NOON

Open = Callable[..., TicketView]
NIGHT = "22:00-07:00"
BOTH = Channels(slack="#support", telegram="-100")


@pytest.fixture
def open_one(office: Backoffice, ann: Client) -> Open:
    """Opens tickets of Ann's where the team has Slack and Telegram."""
    tickets = TicketService(office.clock, office.desk.settings, Audience(BOTH, office.desk.settings))

    def open_it(severity: str = "BLOCKING") -> TicketView:
        opening = Opening("Fire", client=ann, reply_address=ann.address, severity=severity)
        return tickets.open(opening, Actor("client", ann.name, "mail"))

    return open_it


@pytest.fixture
def rings(office: Backoffice, clock: SetClock) -> Escalating:
    """Carol is rung about what is blocking, in her own chat; above three tickets a minute it is a storm."""
    carol = people_rows.agent_by_email("carol@example.org")
    assert carol is not None
    people_rows.link_account(carol.id, "telegram", "800", "carol", clock.now())
    office.desk.settings.set("storm_limit", 3, "Bob")
    office.desk.escalating.chains.set("", "BLOCKING", ["carol@example.org 5m"], clock.now())
    audience = Audience(BOTH, office.desk.settings)
    return Escalating(clock, office.desk.settings, audience, office.desk.alarms, lambda code, at: None)


def packed(office: Backoffice, platform: str = "telegram") -> list[Packed]:
    """What leaves now."""
    return Packer(office.desk, letter_writer(office), VERBS).claim(platform, [], 50)


@pytest.mark.parametrize(
    ("hours", "time", "within"),
    [
        (NIGHT, "22:00", True),
        (NIGHT, "03:12", True),
        (NIGHT, "07:00", False),
        ("9:00-17:00", "09:00", True),
        ("9:00-17:00", "17:00", False),
        ("", "03:00", False),
    ],
)
def test_quiet_hours_may_cross_midnight(hours: str, time: str, within: bool) -> None:
    hour, minute = map(int, time.split(":"))

    assert is_within(hours, NOON.replace(hour=hour, minute=minute), ZoneInfo("UTC")) is within


@pytest.mark.parametrize(
    ("severity", "hour", "silent"),
    [("LOW", 12, True), ("HIGH", 12, False), ("HIGH", 3, True), ("BLOCKING", 3, False)],
)
def test_low_severities_and_quiet_hours_make_no_sound_but_what_is_blocking_does(
    office: Backoffice, open_one: Open, clock: SetClock, severity: str, hour: int, silent: bool
) -> None:
    office.desk.settings.set("quiet_hours", NIGHT, "Bob")
    clock.move(hours=(hour - 12) % 24)
    open_one(severity)

    (card,) = (one for one in packed(office) if one.card)

    assert card.silent is silent


@pytest.mark.row("CO-07")
@pytest.mark.database
def test_a_storm_becomes_one_digest_and_its_cards_stay(
    office: Backoffice, open_one: Open, rings: Escalating, clock: SetClock
) -> None:
    for _ in range(6):
        open_one()
    number = rings.look()

    told = packed(office)
    digests, cards = [one for one in told if one.notice], [one for one in told if one.card]

    assert (number, Event.select().where(Event.kind == "rang").count()) == (6, 6)
    assert [(one.where, one.notice.text[:11]) for one in digests if one.notice] == [("telegram:800", "🌩 6 tickets")]
    assert [one.silent for one in cards] == [True] * 6
    assert not [one for one in told if one.kind == "line"]
    assert [one.notice.text[:11] for one in packed(office, "slack") if one.notice] == ["🌩 6 tickets"]


def test_the_digest_is_told_again_only_after_a_while(
    office: Backoffice, open_one: Open, rings: Escalating, clock: SetClock
) -> None:
    for _ in range(3):
        for _ in range(4):
            open_one()
        rings.look()
        clock.move(seconds=2)

    assert len([one for one in packed(office) if one.notice]) == 1


def test_without_a_limit_each_rings(office: Backoffice, open_one: Open, rings: Escalating) -> None:
    office.desk.settings.set("storm_limit", 0, "Bob")
    for _ in range(6):
        open_one()
    rings.look()

    assert len([one for one in packed(office) if one.kind == "line"]) == 6


def test_take_all_takes_what_the_digest_stands_for(
    office: Backoffice, open_one: Open, rings: Escalating, clock: SetClock, carol: Actor
) -> None:
    for _ in range(4):
        open_one()
    rings.look()
    (digest,) = (one.notice for one in packed(office) if one.notice)
    assert digest is not None
    clock.move(minutes=20)
    later = open_one()
    caller = Caller("telegram", "800", "Carol", "")

    answer = office.runner.run(
        Request(caller, digest.buttons[0].verb, fields={"reference": str(digest.number)}, version=0, pressed=True)
    )

    assert "4" in answer.text
    assert Ticket.select().where(Ticket.assignee.is_null()).get().reference == later.reference


def test_it_is_a_storm_only_while_tickets_come(office: Backoffice, open_one: Open, clock: SetClock) -> None:
    office.desk.settings.set("storm_limit", 3, "Bob")
    for _ in range(4):
        open_one()
    loudness = Loudness(office.desk.settings)

    assert loudness.is_storm(clock.now())
    assert not loudness.is_storm(clock.now() + timedelta(minutes=1))
    assert Delivery.select().where(Delivery.kind == "card").count() == 8
