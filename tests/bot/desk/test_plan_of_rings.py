"""What `why` and the timeline say will ring is what then rings: any chain, at any time, on a clock that is moved."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.backoffice import Backoffice
from bot.clock import SetClock
from bot.commands.requests import Caller, Request
from bot.desk import people
from bot.desk.audit import at_the_server
from bot.desk.escalating import Escalating, Planned
from bot.desk.opening import Opening
from bot.desk.people import Actor, Client
from bot.desk.views import TicketView
from storage.models import Event
from storage.queries import people as people_rows

BOB = Caller("cli", "bob@example.org")
WHO = st.sampled_from(["sam@example.org", "carol@example.org", "gone@example.org", "rota:NIGHT", "channel"])
HOURS = st.sampled_from(["", "", " mon-fri 08:00-18:00", " mon-sun 22:00-24:00"])
STEPS = st.lists(st.tuples(WHO, st.integers(1, 120), st.integers(1, 3), HOURS), min_size=1, max_size=4)
Told = list[tuple[datetime, str]]


@pytest.fixture
def office(office: Backoffice, clock: SetClock) -> Backoffice:
    """Sam and Bob take turns at night by a rota, a day each; one agent has left."""
    for name in ("sam", "gone"):
        people.add_agent(f"{name}@example.org", name.title(), "agent", clock)
    people_rows.change_agent(people.agent("gone@example.org").id, active=False)
    office.desk.rotas.add("NIGHT", at_the_server(), name="Night", zone="UTC")
    typed = {"members": "sam, bob", "days": "day", "starts": "2026-03-01", "hours": "mon-sun 18:00-08:00"}
    office.desk.rotas.set_layer("NIGHT", typed, at_the_server())
    return office


@pytest.fixture
def rings(office: Backoffice) -> Escalating:
    """What rings."""
    return office.desk.escalating


def open_one(office: Backoffice, ann: Client) -> TicketView:
    """A blocking ticket of Ann's."""
    opening = Opening("Fire", client=ann, reply_address=ann.address, severity="BLOCKING")
    return office.desk.tickets.open(opening, Actor("client", ann.name, "mail"))


def rung(ticket: TicketView) -> Told:
    """When and who was rung about a ticket; "" is the channel."""
    found = Event.select().where((Event.kind == "rang") & (Event.ticket == ticket.id)).order_by(Event.id)
    return [(event.at, event.data.get("to", "")) for event in found]


def promised(planned: Planned | None) -> Told:
    """When and who will be rung by a plan."""
    return [(ring.at, ring.agent.name if ring.agent else "") for ring in (planned.rings if planned else ())]


def go_to(clock: SetClock, at: datetime) -> None:
    """Move the clock to a moment."""
    clock.move(seconds=(at - clock.now()).total_seconds())


def live_through(rings: Escalating, clock: SetClock, told: Told) -> None:
    """Look when a ring is planned, and a second before."""
    for at, _ in told:
        go_to(clock, max(clock.now(), at - timedelta(seconds=1)))
        rings.look()
        go_to(clock, at)
        rings.look()


# any chain -----------------------------------------------------------------------------------------------------------


@pytest.mark.row("F12")
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS, st.integers(0, 3), st.integers(0, 7 * 24 * 60))
def test_what_the_plan_says_is_what_rings(
    office: Backoffice,
    rings: Escalating,
    clock: SetClock,
    ann: Client,
    steps: list[tuple[str, int, int, str]],
    rounds: int,
    minutes: int,
) -> None:
    typed = [f"{who} {wait}m x{times}{hours}" for who, wait, times, hours in steps]
    rings.chains.set("", "BLOCKING", typed, clock.now(), rounds=rounds)
    clock.move(minutes=minutes)
    ticket = open_one(office, ann)

    plan = rings.planned(ticket)
    told = promised(plan)
    live_through(rings, clock, told)
    following = rings.planned(ticket)

    assert plan is not None
    assert rung(ticket) == told
    assert (plan.more == 0) == (following is None)
    if plan.every is not None:
        assert promised(following)[0][0] == told[0][0] + plan.every
    if plan.more:
        live_through(rings, clock, promised(following))
        assert len(rung(ticket)) == len(told) + len(promised(following))


@pytest.mark.parametrize("rounds", [1, 2, 3])
def test_a_chain_of_some_rounds_rings_as_often_as_it_says_and_no_more(
    office: Backoffice, rings: Escalating, clock: SetClock, ann: Client, rounds: int
) -> None:
    rings.chains.set("", "BLOCKING", ["sam@example.org 5m x2", "channel 10m"], clock.now(), rounds=rounds)
    ticket = open_one(office, ann)

    plan = rings.planned(ticket)
    for _ in range(24):
        rings.look()
        clock.move(minutes=5)

    assert plan is not None
    assert [name for _, name in rung(ticket)] == ["Sam", "Sam", ""] * rounds
    assert plan.more == 3 * (rounds - 1)


# in words ------------------------------------------------------------------------------------------------------------


def said(office: Backoffice, ticket: TicketView, verb: str = "why") -> str:
    """The line of the plan."""
    answer = office.runner.run(Request(BOB, words=f"{verb} {ticket.reference}"))
    return "\n".join(line for line in answer.lines if line.startswith("📟"))


@pytest.mark.row("F12")
@pytest.mark.parametrize(
    ("steps", "rounds", "line"),
    [
        (["sam@example.org 5m"], 0, "12:00 Sam · again every 5 min until taken"),
        (
            ["sam@example.org 5m x2", "channel"],
            0,
            "12:00 Sam ×2 · 12:10 the channel · again every 15 min until taken",
        ),
        (["sam@example.org 5m", "channel"], 1, "12:00 Sam · 12:05 the channel"),
        (["sam@example.org 5m", "channel"], 2, "12:00 Sam · 12:05 the channel · then 2 more rings"),
        (["sam@example.org 5m mon-fri 08:00-18:00"], 0, "12:00 Sam · and so on until taken"),
        (["gone@example.org 5m"], 1, "12:00 the channel"),
        (["rota:NIGHT 5m"], 1, "12:00 the channel (rota NIGHT)"),
        (["channel 390m", "rota:NIGHT 5m"], 1, "12:00 the channel · 18:30 Bob (rota NIGHT)"),
    ],
)
def test_the_plan_in_words(
    office: Backoffice, rings: Escalating, clock: SetClock, ann: Client, steps: list[str], rounds: int, line: str
) -> None:
    rings.chains.set("", "BLOCKING", steps, clock.now(), rounds=rounds)
    ticket = open_one(office, ann)

    assert said(office, ticket) == said(office, ticket, "log") == f"📟 Nobody has taken it: {line}."


def test_the_plan_for_programs(office: Backoffice, rings: Escalating, clock: SetClock, ann: Client) -> None:
    rings.chains.set("", "BLOCKING", ["sam@example.org 5m", "rota:NIGHT 5m"], clock.now())
    ticket = open_one(office, ann)

    data: Any = office.runner.run(Request(BOB, words=f"why {ticket.reference}")).data

    assert data["rings"] == [
        {"at": "2026-03-04T12:00:00+00:00", "who": "sam@example.org", "agent": "sam@example.org"},
        {"at": "2026-03-04T12:05:00+00:00", "who": "rota:NIGHT", "agent": None},
    ]
