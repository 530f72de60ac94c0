"""Whoever opens a ticket while nobody is there reads when somebody will be, once."""

from bot.backoffice import Backoffice
from bot.clock import SetClock
from bot.commands.requests import Caller, Request
from bot.outgoing.cards import Answer


def opened(
    office: Backoffice, clock: SetClock, receipt: str, user: str = "U0BOB", email: str = "bob@example.org"
) -> Answer:
    caller = Caller("slack", user, "Bob", email)
    request = Request(caller, verb="new", fields={"subject": "Printer on fire"}, submitted=True, receipt=receipt)
    return office.runner.run(request)


def at_night(office: Backoffice, clock: SetClock) -> None:
    office.desk.settings.set("delays_count", "business_hours", "test")
    clock.move(hours=10)


def test_at_night_it_is_said_once_to_each_person(office: Backoffice, clock: SetClock) -> None:
    at_night(office, clock)

    first, second = opened(office, clock, "1"), opened(office, clock, "2")
    carols = opened(office, clock, "3", "U0CAROL", "carol@example.org")

    assert "🌙 Nobody is here now. The desk opens" in first.lines[0]
    assert second.lines == ()
    assert carols.lines == first.lines


def test_the_next_night_it_is_said_again(office: Backoffice, clock: SetClock) -> None:
    at_night(office, clock)
    opened(office, clock, "1")

    clock.move(days=1)

    assert opened(office, clock, "2").lines


def test_by_day_and_round_the_clock_nothing_is_said(office: Backoffice, clock: SetClock) -> None:
    by_day = opened(office, clock, "1")
    clock.move(hours=10)

    assert (by_day.lines, opened(office, clock, "2").lines) == ((), ())
