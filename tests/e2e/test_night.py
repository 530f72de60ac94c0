"""One night: at 03:12 all is down, a phone rings, nobody stirs, the next one rings, and somebody takes it."""

from datetime import UTC, datetime

import pytest

from bot.app import letter_writer
from bot.backoffice import Backoffice
from bot.clock import SetClock
from bot.commands.requests import Caller, Request, Spot
from bot.commands.verbs import VERBS
from bot.desk import people
from bot.desk.escalating import Escalating
from bot.desk.opening import Opening
from bot.desk.people import Actor, Client
from bot.desk.tickets import TicketService
from bot.outgoing.packed import Packed
from bot.outgoing.packing import Packer
from bot.outgoing.recipients import Audience, Channels
from bot.ports import Posted
from storage.models import Posting
from storage.queries import people as people_rows

NIGHT = datetime(2026, 3, 5, 3, 12, tzinfo=UTC)
PLACES = Channels(telegram="-100")
PHONES = {"sam@example.org": "700", "carol@example.org": "800"}


class Phones:
    """What the phones show, by chat: cards and lines, in order; every message that arrives is written down as such."""

    def __init__(self, office: Backoffice, rings: Escalating) -> None:
        self._packer = Packer(office.desk, letter_writer(office), VERBS)
        self._clock, self._rings, self._numbers = office.clock, rings, 0
        self.shown: dict[str, list[Packed]] = {}

    def after(self, minutes: float) -> list[tuple[str, str]]:
        """What rings so much later: the chat, and the line."""
        self._clock.move(minutes=minutes)  # type: ignore[attr-defined]
        self._rings.look()
        told: list[tuple[str, str]] = []
        while claimed := self._packer.claim("telegram", [], 50):
            for one in claimed:
                self._arrives(one)
                told += [(one.place.channel, one.line)] if one.kind == "line" and not one.silent else []
        return told

    def card(self, chat: str) -> Packed:
        """The card that hangs in a chat, as it was drawn last."""
        return [one for one in self.shown[chat] if one.card][-1]

    def _arrives(self, one: Packed) -> None:
        self._numbers += 1
        self.shown.setdefault(one.place.channel, []).append(one)
        if one.card:
            self._packer.outcomes.hung(one, Posted(one.place.channel, one.hanging or f"{self._numbers}"))
        else:
            self._packer.outcomes.sent(one, str(self._numbers))


@pytest.fixture
def clock() -> SetClock:
    """It is 03:12."""
    return SetClock(NIGHT)


@pytest.fixture
def phones(office: Backoffice, clock: SetClock) -> Phones:
    """Sam is rung first, Carol five minutes later; both have paired their phones."""
    people.add_agent("sam@example.org", "Sam", "agent", clock)
    for address, chat in PHONES.items():
        people_rows.link_account(people.agent(address).id, "telegram", chat, address, clock.now())
    office.desk.settings.set("quiet_hours", "22:00-07:00", "Bob")
    steps = [f"{address} 5m" for address in PHONES]
    office.desk.escalating.chains.set("", "BLOCKING", steps, clock.now())
    settings = office.desk.settings
    audience = Audience(PLACES, settings)
    return Phones(office, Escalating(clock, settings, audience, office.desk.alarms, lambda code, at: None))


def test_the_night_of_a_blocking_mail(office: Backoffice, phones: Phones, clock: SetClock) -> None:
    tickets = TicketService(clock, office.desk.settings, Audience(PLACES, office.desk.settings))
    opening = Opening("All is down", "Help", client=Client("ann@acme.example", "Ann"), severity="BLOCKING")
    ticket = tickets.open(opening, Actor("client", "Ann", "mail"))

    at_once, in_between, next_one = phones.after(0), phones.after(4), phones.after(1)
    card = phones.card("800")
    caller, spot = Caller("telegram", "800", "Carol", ""), Spot("telegram", "800", _hung("800"))
    fields = {"reference": ticket.reference}
    office.runner.run(Request(caller, "take", fields=fields, version=card.version, spot=spot, pressed=True))
    quiet, asked, no_more = phones.after(59), phones.after(1), phones.after(300)

    assert [chat for chat, _ in at_once] == ["700"]
    assert in_between == []
    assert [chat for chat, _ in next_one] == ["800"]
    assert office.desk.tickets.view(ticket.id).assignee == people.agent("carol@example.org")
    assert quiet == []
    assert [(chat, "still on it" in line) for chat, line in asked] == [("800", True)]
    assert no_more == []


def _hung(chat: str) -> str:
    """The id of the message that a chat's card is."""
    return str(Posting.get(Posting.channel == chat).message)
