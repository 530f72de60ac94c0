"""Whose phone rings when: the plan of a chain, and the rings that a ticket gets until somebody takes it, once each."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.backoffice import Backoffice
from bot.clock import SetClock
from bot.desk import escalation, people
from bot.desk.changes import Writing
from bot.desk.escalating import Escalating
from bot.desk.escalation import Chain
from bot.desk.outbox import Happened
from bot.desk.people import Actor, Client
from bot.desk.views import TicketView
from bot.errors import NotFound, WrongUsage
from bot.outgoing.recipients import Audience, Channels
from storage.database import session
from storage.models import Delivery, Escalation, Event, Ring
from storage.queries import people as people_rows
from tests.bot.desk.ringing import CAROL, SAM, Open, open_one, rings
from tests.conftest import NOON

__all__ = ["open_one", "rings"]

UTC_ZONE = ZoneInfo("UTC")
Act = Callable[[Backoffice, TicketView, Actor], object]


def chain(*steps: str, rounds: int = 0) -> Chain:
    """A chain of these steps."""
    return escalation.chain(steps, rounds, UTC_ZONE)


def planned(one: Chain, minutes: int = 60, at: datetime = NOON) -> list[tuple[int, str]]:
    """Minutes after `at` and whom, of all rings in so many minutes."""
    found, ring = [], one.ring(0, at)
    while ring is not None and ring.at <= at + timedelta(minutes=minutes):
        found.append((int((ring.at - at).total_seconds() // 60), ring.step.target or ring.step.kind))
        ring = one.following(ring, ring.at)
    return found


# the plan ------------------------------------------------------------------------------------------------------------


def test_one_step_follows_the_other_and_all_come_again_until_somebody_takes_it() -> None:
    assert planned(chain("sam@example.org 5m", "rota:night 10m"), 31) == [
        (0, "sam@example.org"),
        (5, "NIGHT"),
        (15, "sam@example.org"),
        (20, "NIGHT"),
        (30, "sam@example.org"),
    ]


def test_a_step_rings_as_often_as_it_says_and_a_chain_as_many_rounds() -> None:
    once = chain("rota:night 2m x3", "channel 5m", rounds=1)

    assert planned(once) == [(0, "NIGHT"), (2, "NIGHT"), (4, "NIGHT"), (6, "channel")]


def test_a_step_outside_its_hours_is_passed_over() -> None:
    by_day = chain("sam@example.org 5m mon-fri 08:00-18:00", "channel 5m")

    assert planned(by_day, 4) == [(0, "sam@example.org")]
    assert planned(by_day, 4, NOON.replace(hour=3)) == [(0, "channel")]


def test_where_no_step_is_within_its_hours_the_first_that_is_rings() -> None:
    by_day = chain("sam@example.org 5m mon-fri 09:00-18:00", "channel 5m mon-fri 08:00-18:00", rounds=1)

    assert planned(by_day, 6 * 60, NOON.replace(hour=3)) == [(300, "channel")]


def test_what_is_rung_late_counts_from_then_on() -> None:
    one = chain(SAM, CAROL)
    ring = one.ring(0, NOON)
    assert ring is not None

    following = one.following(ring, NOON + timedelta(hours=2))

    assert following is not None
    assert following.at == NOON + timedelta(hours=2, minutes=5)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "sam",
        "rota:",
        "sam@example.org 0m",
        "sam@example.org 5m x0",
        "channel 5m never",
        "channel 1441m",
        "channel 5",
    ],
)
def test_what_is_no_step_is_refused(typed: str) -> None:
    with pytest.raises(WrongUsage):
        chain(typed)


HOURS = st.sampled_from(["", " mon-fri 09:00-17:00"])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 90), st.integers(1, 4), HOURS), min_size=1),
    st.integers(0, 3),
    st.integers(0, 10_000),
)
def test_rings_go_on_in_order_and_each_number_comes_once(
    steps: list[tuple[int, int, str]], rounds: int, minute: int
) -> None:
    one = chain(*(f"channel {wait}m x{times}{hours}" for wait, times, hours in steps[:20]), rounds=rounds)
    at = NOON + timedelta(minutes=minute)
    rings = list(one.plan(0, at))

    numbers, moments = [ring.number for ring in rings], [ring.at for ring in rings]

    assert rings
    assert numbers == sorted(set(numbers))
    assert moments == sorted(moments)
    assert moments[0] >= at


# a desk with somebody on call ----------------------------------------------------------------------------------------


@pytest.fixture
def office(office: Backoffice, clock: SetClock) -> Backoffice:
    """A desk with Sam, who is on call, and a chain for blocking tickets: Sam, five minutes later Carol, and again."""
    sam = people.add_agent("sam@example.org", "Sam", "agent", clock)
    people_rows.link_account(sam.id, "telegram", "700", "sam", clock.now())
    office.desk.escalating.chains.set("", "BLOCKING", [SAM, CAROL], clock.now())
    return office


def after(clock: SetClock, rings: Escalating, minutes: float) -> int:
    """How many rings there are so much later."""
    clock.move(minutes=minutes)
    return rings.look()


def rung(kind: str = "rang") -> list[str]:
    """Who was rung, in order; "" is the channel."""
    found = Event.select().where(Event.kind == kind).order_by(Event.id)
    return [event.data.get("to", "") for event in found]


@pytest.mark.database
@pytest.mark.row("F12")
def test_a_blocking_ticket_rings_one_after_the_other_until_it_is_taken(
    office: Backoffice, rings: Escalating, open_one: Open, clock: SetClock, carol: Actor
) -> None:
    ticket = open_one()

    numbers = [rings.look(), rings.look(), after(clock, rings, 4), after(clock, rings, 1), after(clock, rings, 5)]
    office.desk.tickets.take(ticket.reference, carol)
    later = after(clock, rings, 30)

    assert numbers == [1, 0, 0, 1, 1]
    assert rung() == ["Sam", "Carol", "Sam"]
    assert later == 0


STOPPED: dict[str, Act] = {
    "take": lambda office, ticket, bob: office.desk.tickets.take(ticket.reference, bob),
    "close": lambda office, ticket, bob: office.desk.tickets.close(ticket.reference, bob),
    "abandon": lambda office, ticket, bob: office.desk.tickets.abandon(ticket.reference, "Spam", bob),
    "delete": lambda office, ticket, bob: office.desk.tickets.bin.delete(ticket.reference, bob),
    "reply": lambda office, ticket, bob: office.desk.tickets.reply(
        ticket.reference, Writing("Yes"), bob, to=["ann@acme.example"]
    ),
    "snooze": lambda office, ticket, bob: office.desk.tickets.snooze(ticket.reference, NOON + timedelta(hours=8), bob),
}


@pytest.mark.parametrize("act", STOPPED)
def test_what_an_agent_does_stops_the_ringing(
    office: Backoffice, rings: Escalating, open_one: Open, clock: SetClock, bob: Actor, act: str
) -> None:
    ticket = open_one()
    rings.look()

    STOPPED[act](office, ticket, bob)

    assert after(clock, rings, 30) == 0


@pytest.mark.parametrize("kind", ["read", "noted"])
def test_looking_at_it_does_not_stop_the_ringing(
    office: Backoffice, rings: Escalating, open_one: Open, clock: SetClock, bob: Actor, kind: str
) -> None:
    ticket = open_one()
    rings.look()
    acts = {
        "read": lambda: office.desk.tickets.read(ticket.reference, bob),
        "noted": lambda: office.desk.tickets.note(ticket.reference, Writing("Hm"), bob),
    }

    acts[kind]()

    assert after(clock, rings, 5) == 1


def test_a_snooze_begins_the_chain_anew_when_it_is_over(
    office: Backoffice, rings: Escalating, open_one: Open, clock: SetClock, bob: Actor
) -> None:
    ticket = open_one()
    rings.look()
    office.desk.tickets.snooze(ticket.reference, clock.now() + timedelta(minutes=60), bob)

    quiet, again = after(clock, rings, 59), after(clock, rings, 1)

    assert (quiet, again) == (0, 1)
    assert rung() == ["Sam", "Sam"]


def test_what_is_not_blocking_does_not_ring_by_being_new(rings: Escalating, open_one: Open, clock: SetClock) -> None:
    open_one("HIGH")

    assert (rings.look(), after(clock, rings, 60)) == (0, 0)


def test_an_archive_that_is_imported_rings_nobody(rings: Escalating, open_one: Open) -> None:
    open_one(silent=True)

    assert rings.look() == 0


@pytest.mark.row("C7")
def test_a_breach_rings_and_so_does_a_client_whom_nobody_answers(
    office: Backoffice, rings: Escalating, open_one: Open, clock: SetClock, ann: Client, bob: Actor
) -> None:
    rings.chains.set("OTHER", "", [SAM], clock.now())
    office.desk.settings.set("response_delay", 1, "Bob")
    office.desk.alerts.look()
    late, waiting, answered = open_one("LOW"), open_one("HIGH"), open_one("HIGH")
    for ticket in (waiting, answered):
        office.desk.tickets.client_writes(ticket.id, Writing("Hello?"), ann)
    office.desk.tickets.reply(answered.reference, Writing("Yes"), bob, to=[ann.address])

    at_once, five_minutes_later = rings.look(), after(clock, rings, 5)
    office.desk.tickets.take(waiting.reference, bob)
    clock.move(minutes=55)
    office.desk.alerts.look()
    breached = rings.look()

    assert (at_once, five_minutes_later) == (0, 1)
    assert breached >= 1
    assert Escalation.get(Escalation.ticket == late.id).cause == "overdue"


def test_escalating_by_hand_rings_at_once_whatever_the_chain_is_for(
    office: Backoffice, rings: Escalating, open_one: Open, clock: SetClock, bob: Actor
) -> None:
    rings.chains.set("", "LOW", [SAM], clock.now(), causes=["overdue"])
    ticket = open_one("LOW")

    before = rings.look()
    office.desk.tickets.escalate(ticket.reference, bob)

    assert (before, rings.look()) == (0, 1)


def test_a_rota_rings_whoever_is_on_call_by_it(
    office: Backoffice, rings: Escalating, open_one: Open, clock: SetClock
) -> None:
    desk, by = office.desk, office.desk.escalating
    sam, bob = people.agent("sam@example.org"), people.agent("bob@example.org")
    duty = {"NIGHT": sam}
    by._on_duty = lambda code, at: duty.get(code)
    from storage.queries import oncall

    oncall.add(code="NIGHT", name="Night", zone="UTC", created_at=clock.now())
    desk.escalating.chains.set("", "BLOCKING", ["rota:NIGHT 5m"], clock.now())
    open_one()

    rings.look()
    duty["NIGHT"] = bob
    after(clock, rings, 5)
    duty.clear()
    after(clock, rings, 5)

    assert rung() == ["Sam", "Bob", ""]


def test_who_has_left_is_not_rung_but_the_channel_is(office: Backoffice, rings: Escalating, open_one: Open) -> None:
    people_rows.change_agent(people.agent("sam@example.org").id, active=False)
    open_one()

    rings.look()

    assert rung() == [""]


# once, whatever happens ----------------------------------------------------------------------------------------------


def test_after_a_restart_it_rings_once_and_goes_on_from_there(
    rings: Escalating, open_one: Open, clock: SetClock
) -> None:
    open_one()
    rings.look()

    late = after(clock, rings, 120)
    too_soon, then = after(clock, rings, 4), after(clock, rings, 1)

    assert (late, too_soon, then) == (1, 0, 1)


def test_what_should_have_rung_more_than_a_day_ago_rings_no_more(
    rings: Escalating, open_one: Open, clock: SetClock
) -> None:
    open_one()
    clock.move(hours=25)
    rings.look()

    assert rung() == []


@pytest.mark.row("INV-13")
@pytest.mark.database
def test_several_processes_ring_once(office: Backoffice, open_one: Open, clock: SetClock) -> None:
    for _ in range(6):
        open_one()
    start = Barrier(3)

    def look() -> int:
        start.wait()
        with session(patience=20):
            return office.desk.escalating.look()

    with ThreadPoolExecutor(3) as threads:
        looks = [threads.submit(look) for _ in range(3)]
        found = sum(one.result() for one in looks)

    assert len(rung()) == Ring.select().count() == 6
    assert found >= 6


def test_a_clock_that_goes_back_rings_nobody_twice(rings: Escalating, open_one: Open, clock: SetClock) -> None:
    open_one()
    rings.look()

    back, forth = after(clock, rings, -120), after(clock, rings, 121)

    assert (back, forth) == (0, 0)


# chains --------------------------------------------------------------------------------------------------------------


def test_the_chain_of_a_severity_goes_before_that_of_a_group(
    rings: Escalating, open_one: Open, clock: SetClock
) -> None:
    rings.chains.set("OTHER", "", [CAROL], clock.now(), causes=["new"])
    open_one()

    rings.look()

    assert rung() == ["Sam"]


def test_a_chain_that_is_taken_away_rings_no_more(rings: Escalating, open_one: Open, clock: SetClock) -> None:
    open_one()
    rings.look()

    gone, again = rings.chains.remove("", "BLOCKING", clock.now()), rings.chains.remove("", "BLOCKING", clock.now())

    assert (gone, again) == (True, False)
    assert after(clock, rings, 5) == 0


def test_a_chain_for_somebody_unknown_is_refused(rings: Escalating, clock: SetClock) -> None:
    with pytest.raises(NotFound):
        rings.chains.set("", "BLOCKING", ["nobody@example.org 5m"], clock.now())
    with pytest.raises(NotFound):
        rings.chains.set("", "BLOCKING", ["rota:NOWHERE 5m"], clock.now())


# who hears it --------------------------------------------------------------------------------------------------------


def told(kinds: tuple[str, ...] = ("line", "notice")) -> list[tuple[str, str]]:
    """Where a ring is told, in order."""
    found = Delivery.select().join(Event).where(Delivery.kind.in_(kinds) & (Event.kind == "rang"))
    return [(row.kind, row.place) for row in found.order_by(Delivery.id)]


def on_both(office: Backoffice) -> Escalating:
    """What rings where the desk has Slack and Telegram."""
    audience = Audience(Channels(slack="#support", telegram="-100"), office.desk.settings)
    return Escalating(office.clock, office.desk.settings, audience, office.desk.alarms, lambda code, at: None)


def test_somebody_with_telegram_is_rung_there_and_called_in_slack(office: Backoffice, open_one: Open) -> None:
    open_one()

    on_both(office).look()

    assert told() == [("line", "slack:#support"), ("line", "telegram:700")]
    assert ("card", "telegram:700") in told(("card",))


def test_somebody_without_is_rung_in_the_groups_chat(office: Backoffice, open_one: Open, clock: SetClock) -> None:
    office.desk.escalating.chains.set("", "BLOCKING", [CAROL], clock.now())
    open_one()

    on_both(office).look()

    assert told() == [("line", "slack:#support"), ("line", "telegram:-100")]


def test_the_card_in_a_persons_own_chat_is_drawn_anew_with_the_others(
    office: Backoffice, open_one: Open, carol: Actor
) -> None:
    ticket = open_one()
    on_both(office).look()
    audience = Audience(Channels(slack="#support", telegram="-100"), office.desk.settings)
    view = office.desk.tickets.take(ticket.reference, carol)

    places = [parcel.place for parcel in audience(Happened(1, "taken", carol, NOON), view) if parcel.kind == "card"]

    assert places == ["slack:#support", "telegram:-100", "telegram:700"]
    assert office.desk.tickets.hangs_here(view, "telegram:700")


# still on it? --------------------------------------------------------------------------------------------------------


def test_whoever_took_a_ticket_that_rang_is_asked_once_after_an_hour(
    office: Backoffice, rings: Escalating, open_one: Open, clock: SetClock, carol: Actor
) -> None:
    ticket = open_one()
    rings.look()
    office.desk.tickets.take(ticket.reference, carol)

    numbers = [after(clock, rings, 59), after(clock, rings, 1), after(clock, rings, 600)]

    assert numbers == [0, 1, 0]
    assert rung("still_on_it") == ["Carol"]


def test_whoever_works_on_it_is_not_asked(
    office: Backoffice, rings: Escalating, open_one: Open, clock: SetClock, carol: Actor
) -> None:
    ticket = open_one()
    rings.look()
    office.desk.tickets.take(ticket.reference, carol)
    office.desk.tickets.note(ticket.reference, Writing("It is the fuse"), carol)

    assert after(clock, rings, 600) == 0


def test_a_ticket_that_never_rang_is_nobody_asked_about(
    office: Backoffice, rings: Escalating, open_one: Open, clock: SetClock, carol: Actor
) -> None:
    office.desk.tickets.take(open_one("LOW").reference, carol)

    assert after(clock, rings, 600) == 0
