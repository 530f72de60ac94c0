"""What sounds on a phone and what does not, for each kind of message: by severity, by the hour, and by whose chat."""

from typing import Any

import pytest

from bot.app import letter_writer
from bot.backoffice import Backoffice
from bot.clock import SetClock
from bot.commands.verbs import VERBS
from bot.desk.opening import Opening
from bot.desk.people import Actor, Client
from bot.desk.views import TicketView
from bot.outgoing.packing import Packer
from bot.outgoing.sounds import Sounds
from storage.models import Delivery, Event
from storage.queries import deliveries
from storage.queries import people as people_rows

TEAM, CAROL = "-100", "800"
NOON, EVENING, NIGHT = 12, 20, 3
"""The night is in the desk's quiet hours (22:00-07:00); the evening is in Carol's alone (21:00-10:00, in Cairo)."""

LINES = [
    ("client_replied", "LOW", NOON, TEAM, True),
    ("client_replied", "HIGH", NOON, TEAM, False),
    ("client_replied", "HIGH", NIGHT, TEAM, True),
    ("client_replied", "BLOCKING", NIGHT, TEAM, False),
    ("reopened", "HIGH", EVENING, TEAM, False),
    ("overdue", "LOW", NOON, TEAM, False),
    ("overdue", "LOW", NIGHT, TEAM, True),
    ("warned", "BLOCKING", NOON, TEAM, True),
    ("escalated", "HIGH", NIGHT, TEAM, True),
    ("rang", "LOW", NIGHT, TEAM, False),
    ("rang", "HIGH", NOON, CAROL, False),
    ("rang", "HIGH", EVENING, CAROL, True),
    ("rang", "HIGH", NIGHT, CAROL, True),
    ("rang", "BLOCKING", NIGHT, CAROL, False),
    ("still_on_it", "HIGH", EVENING, CAROL, True),
    ("still_on_it", "BLOCKING", EVENING, CAROL, False),
]
CARDS = [
    ("LOW", NOON, TEAM, {}, True),
    ("HIGH", NOON, TEAM, {}, False),
    ("HIGH", NIGHT, TEAM, {}, True),
    ("BLOCKING", NIGHT, TEAM, {}, False),
    ("BLOCKING", NOON, TEAM, {"silent": True}, True),
    ("HIGH", EVENING, TEAM, {}, False),
    ("HIGH", EVENING, CAROL, {}, True),
    ("BLOCKING", EVENING, CAROL, {}, False),
]
NOTICES = [
    ({"text": "The mailbox has not been read"}, NOON, TEAM, False),
    ({"text": "The mailbox has not been read"}, NIGHT, TEAM, True),
    ({"swap": 1}, EVENING, TEAM, False),
    ({"swap": 1}, EVENING, CAROL, True),
    ({"storm": 1}, NIGHT, TEAM, False),
    ({"storm": 1}, EVENING, CAROL, True),
]


@pytest.fixture
def sounds(office: Backoffice) -> Sounds:
    """The desk's and Carol's quiet hours are set, and Carol has a phone; another zone is hers than the desk's."""
    office.desk.settings.set("quiet_hours", "22:00-07:00", "Bob")
    carol = people_rows.agent_by_email("carol@example.org")
    assert carol is not None
    people_rows.link_account(carol.id, "telegram", CAROL, "carol", office.clock.now())
    people_rows.change_agent(carol.id, quiet_hours="21:00-10:00", timezone="Africa/Cairo")
    return Sounds(office.desk)


def opened(office: Backoffice, ann: Client, severity: str) -> TicketView:
    """A ticket of this severity."""
    opening = Opening("Fire", client=ann, reply_address=ann.address, severity=severity)
    return office.desk.tickets.open(opening, Actor("client", ann.name, "mail"))


def to(chat: str, payload: dict[str, Any] | None = None) -> Delivery:
    """What goes to a chat."""
    return Delivery(platform="telegram", channel=chat, place=f"telegram:{chat}", payload=payload or {})


@pytest.mark.parametrize(("kind", "severity", "hour", "chat", "silent"), LINES)
def test_a_line_sounds_by_what_it_tells_and_when(
    office: Backoffice, ann: Client, sounds: Sounds, clock: SetClock, kind: str, severity: str, hour: int, chat: str,
    silent: bool,
) -> None:  # fmt: skip
    ticket = opened(office, ann, severity)
    clock.move(hours=(hour - 12) % 24)

    assert sounds.is_silent_line(to(chat), Event(kind=kind), ticket) is silent


@pytest.mark.parametrize(("severity", "hour", "chat", "payload", "silent"), CARDS)
def test_a_card_sounds_by_its_severity_and_when(
    office: Backoffice, ann: Client, sounds: Sounds, clock: SetClock, severity: str, hour: int, chat: str,
    payload: dict[str, Any], silent: bool,
) -> None:  # fmt: skip
    ticket = opened(office, ann, severity)
    clock.move(hours=(hour - 12) % 24)

    assert sounds.is_silent_card(to(chat, payload), ticket) is silent


@pytest.mark.parametrize(("payload", "hour", "chat", "silent"), NOTICES)
def test_what_belongs_to_no_ticket_is_silent_in_quiet_hours_but_a_digest_in_place_of_rings(
    sounds: Sounds, clock: SetClock, payload: dict[str, Any], hour: int, chat: str, silent: bool
) -> None:
    clock.move(hours=(hour - 12) % 24)

    assert sounds.is_silent_notice(to(chat, payload)) is silent


def test_a_digest_of_what_is_blocking_wakes_whoever_sleeps(
    office: Backoffice, ann: Client, sounds: Sounds, clock: SetClock
) -> None:
    office.desk.escalating.chains.set("", "BLOCKING", ["carol@example.org 5m"], clock.now())
    opened(office, ann, "BLOCKING")
    clock.move(hours=8)

    assert not sounds.is_silent_notice(to(CAROL, {"storm": 1}))


@pytest.mark.parametrize(("hour", "silent"), [(NOON, False), (NIGHT, True)])
def test_a_notice_is_packed_with_its_sound(
    office: Backoffice, sounds: Sounds, clock: SetClock, hour: int, silent: bool
) -> None:
    clock.move(hours=(hour - 12) % 24)
    now = clock.now()
    deliveries.add_notice("All is well", key="notice:1", platform="telegram", channel=TEAM, topic=0, at=now)

    (packed,) = Packer(office.desk, letter_writer(office), VERBS).claim("telegram", [], 50)

    assert packed.silent is silent
