"""Rotas as they are kept: who is on call now and next, layers and overrides, shifts that change hands."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.backoffice import Backoffice
from bot.desk import oncall, people, staff
from bot.desk.audit import at_the_server
from bot.desk.people import Actor
from bot.desk.rota_json import as_json
from bot.errors import FieldErrors, NotAllowed, NotFound, Refusal, Stale
from storage.models import Delivery, Event
from tests.conftest import NOON

PARIS = ZoneInfo("Europe/Paris")
WEEK = timedelta(weeks=1)


def at(text: str) -> datetime:
    """A moment by a clock in Paris."""
    return datetime.fromisoformat(text).replace(tzinfo=PARIS).astimezone(UTC)


@pytest.fixture
def nights(office: Backoffice, bob: Actor) -> str:
    """Bob and Carol take turns from Monday at eight; this week is Bob's."""
    office.desk.rotas.add("nights", bob, name="Nights", zone="Europe/Paris")
    typed = {"members": "bob@example.org, carol@example.org", "starts": "2026-03-02"}
    return office.desk.rotas.set_layer("NIGHTS", typed, bob).code


def name_of(turn: oncall.Turn | None) -> str:
    """Whose turn it is."""
    return turn.agent.name if turn else "nobody"


# who it is -----------------------------------------------------------------------------------------------------------


def test_it_is_known_who_is_on_call_now_and_next(office: Backoffice, nights: str) -> None:
    now, following = office.desk.rotas.find(nights).now_and_next(NOON)

    assert (name_of(now), name_of(following)) == ("Bob", "Carol")
    assert following is not None
    assert following.start == at("2026-03-09T08:00")
    assert oncall.on_duty(nights, NOON + WEEK) == people.agent("carol@example.org")


def test_a_rota_out_of_use_calls_nobody(office: Backoffice, bob: Actor, nights: str) -> None:
    office.desk.rotas.change(nights, bob, active=False)

    assert oncall.on_duty(nights, NOON) is None
    assert oncall.turns_of(people.agent("bob@example.org"), NOON) == []


def test_somebody_who_may_take_no_tickets_is_not_on_call_any_more(office: Backoffice, bob: Actor, nights: str) -> None:
    office.desk.rotas.set_layer(nights, {"members": "carol", "starts": "2026-03-02"}, bob)

    staff.change("carol@example.org", office.clock, at_the_server(), role="viewer")

    assert name_of(office.desk.rotas.find(nights).now_and_next(NOON)[0]) == "Bob"
    assert office.desk.rotas.find(nights).gaps(NOON)[0] == (at("2026-03-09T08:00"), at("2026-03-16T08:00"))


def test_an_agent_s_own_turns_are_found_in_all_rotas(office: Backoffice, bob: Actor, nights: str) -> None:
    office.desk.rotas.add("DAYS", bob, zone="Europe/Paris")
    office.desk.rotas.set_layer("DAYS", {"members": "bob", "days": "day", "hours": "wed 09:00-17:00"}, bob)

    turns = oncall.turns_of(people.agent("bob@example.org"), NOON)

    assert [(rota.code, turn.start) for rota, turn in turns[:3]] == [
        ("NIGHTS", at("2026-03-02T08:00")),
        ("DAYS", at("2026-03-04T09:00")),
        ("DAYS", at("2026-03-11T09:00")),
    ]


def test_gaps_and_overlaps_of_the_coming_four_weeks_are_reported(office: Backoffice, bob: Actor, nights: str) -> None:
    office.desk.rotas.set_layer(nights, {"ends": "2026-03-16"}, bob, 1)
    office.desk.rotas.set_layer(nights, {"members": "carol", "days": "1", "hours": "thu 08:00-10:00"}, bob)

    told = as_json(office.desk.rotas.find(nights), NOON)

    assert told["now"]["from"] == "2026-03-02T08:00:00+01:00"
    assert told["overlaps"][0] == {
        "from": "2026-03-05T08:00:00+01:00",
        "to": "2026-03-05T10:00:00+01:00",
        "agents": ["bob@example.org", "carol@example.org"],
    }
    assert told["gaps"][0] == {"from": "2026-03-16T08:00:00+01:00", "to": "2026-03-19T08:00:00+01:00"}


def test_shift_changes_are_found_between_two_moments(nights: str) -> None:
    found = oncall.shift_changes(NOON, NOON + 2 * WEEK)

    told = [(one.at, one.before and one.before.name, one.after and one.after.name) for one in found]
    assert told == [(at("2026-03-09T08:00"), "Bob", "Carol"), (at("2026-03-16T08:00"), "Carol", "Bob")]
    assert oncall.shift_changes(at("2026-03-09T08:00"), at("2026-03-16T07:59")) == []


# kept by managers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "typed", "sentence"),
    [
        ("members", "vic@example.org", "Vic may not take tickets and cannot be on call."),
        ("members", "eve@example.org", "There is no agent eve@example.org"),
        ("members", "", "A layer needs at least one agent."),
        ("days", "often", "A turn lasts a day, a week, or a number of days"),
        ("handover", "25:00", "25:00 is no time of day."),
        ("starts", "soon", "soon is no date such as 2026-12-31."),
        ("ends", "2026-03-01", "A layer ends after the day on which it begins."),
        ("hours", "never", "hours must be days and hours"),
    ],
)
def test_what_a_layer_cannot_be_is_said_at_its_field(
    office: Backoffice, bob: Actor, nights: str, part: str, typed: str, sentence: str
) -> None:
    with pytest.raises(FieldErrors) as refused:
        office.desk.rotas.set_layer(nights, {part: typed}, bob, 1)

    assert list(refused.value.faults) == [part]
    assert str(refused.value.faults[part]).startswith(sentence)


def test_layers_above_one_that_is_removed_come_down(office: Backoffice, bob: Actor, nights: str) -> None:
    for name in ("carol", "bob"):
        office.desk.rotas.set_layer(nights, {"members": name}, bob)

    left = office.desk.rotas.remove_layer(nights, 2, bob)

    assert [len(layer.members) for layer in left.layers] == [2, 1]
    assert left.layers[1].members == (people.agent("bob@example.org").id,)
    with pytest.raises(NotFound):
        office.desk.rotas.remove_layer(nights, 3, bob)


def test_an_override_stands_above_all_and_can_be_taken_back(office: Backoffice, bob: Actor, nights: str) -> None:
    carol = people.agent("carol@example.org")

    rota = office.desk.rotas.override(nights, carol, at("2026-03-04T12:00"), at("2026-03-04T20:00"), bob)
    back = office.desk.rotas.remove_override(nights, rota.overrides[0].id, bob)

    assert name_of(rota.now_and_next(NOON)[0]) == "Carol"
    assert name_of(back.now_and_next(NOON)[0]) == "Bob"


def test_agents_change_no_rota(office: Backoffice, carol: Actor, nights: str) -> None:
    with pytest.raises(NotAllowed):
        office.desk.rotas.set_layer(nights, {"members": "carol"}, carol)
    with pytest.raises(NotAllowed):
        office.desk.rotas.override(nights, people.agent("carol@example.org"), NOON, NOON + WEEK, carol)


def test_every_change_of_a_rota_is_written_down(office: Backoffice, bob: Actor, nights: str) -> None:
    office.desk.rotas.change(nights, bob, name="Every night")
    office.desk.rotas.remove(nights, bob)

    events = list(Event.select().where(Event.kind == "rota_changed").order_by(Event.id))
    assert [event.data["about"] for event in events] == ["rota NIGHTS"] * 4
    assert events[1].new["layer"]["members"] == ["bob@example.org", "carol@example.org"]
    assert (events[2].old, events[2].new) == ({"name": "Nights"}, {"name": "Every night"})


# shifts that change hands --------------------------------------------------------------------------------------------


def offered(office: Backoffice, by: Actor, to: str = "") -> int:
    """Bob's present shift, offered; the offer's number."""
    agent = people.agent(to) if to else None
    return office.desk.swaps.offer("NIGHTS", NOON, at("2026-03-09T08:00"), by, agent).id


def test_whoever_accepts_first_has_the_shift(office: Backoffice, bob: Actor, carol: Actor, nights: str) -> None:
    number = offered(office, bob)

    office.desk.swaps.accept(number, carol)

    assert oncall.on_duty(nights, NOON) == carol.agent
    with pytest.raises(Stale, match="Carol has taken this shift already"):
        office.desk.swaps.accept(number, carol)


def test_an_offer_to_somebody_is_nobody_else_s(office: Backoffice, bob: Actor, carol: Actor, nights: str) -> None:
    people.add_agent("sam@example.org", "Sam", "agent", office.clock)
    number = offered(office, bob, "sam@example.org")

    with pytest.raises(NotAllowed, match="offered to Sam"):
        office.desk.swaps.accept(number, carol)
    assert oncall.on_duty(nights, NOON) == bob.agent


def test_only_one_s_own_shift_is_offered(office: Backoffice, carol: Actor, nights: str) -> None:
    with pytest.raises(Refusal, match="not yours"):
        offered(office, carol)


def test_an_offer_is_worth_nothing_once_the_shift_is_another_s(
    office: Backoffice, bob: Actor, carol: Actor, nights: str
) -> None:
    people.add_agent("sam@example.org", "Sam", "agent", office.clock)
    number = offered(office, bob)
    office.desk.rotas.override(nights, people.agent("sam@example.org"), NOON, NOON + WEEK, bob)

    with pytest.raises(Stale, match="not Bob's any more"):
        office.desk.swaps.accept(number, carol)
    assert oncall.on_duty(nights, NOON) == people.agent("sam@example.org")


def test_an_offer_that_was_withdrawn_cannot_be_accepted(
    office: Backoffice, bob: Actor, carol: Actor, nights: str
) -> None:
    number = offered(office, bob)
    with pytest.raises(NotAllowed):
        office.desk.swaps.withdraw(number, carol)

    office.desk.swaps.withdraw(number, bob)

    assert office.desk.swaps.offers() == []
    with pytest.raises(Stale, match="withdrawn"):
        office.desk.swaps.accept(number, carol)


def test_whoever_accepts_late_has_what_is_left_of_the_shift(
    office: Backoffice, bob: Actor, carol: Actor, nights: str
) -> None:
    number = offered(office, bob)
    office.clock.move(days=1)  # type: ignore[attr-defined]

    office.desk.swaps.accept(number, carol)

    (override,) = office.desk.rotas.find(nights).overrides
    assert (override.shift.start, override.shift.end) == (NOON + timedelta(days=1), at("2026-03-09T08:00"))


def test_viewers_accept_no_shift(office: Backoffice, bob: Actor, vic: Actor, nights: str) -> None:
    number = offered(office, bob)

    with pytest.raises(NotAllowed):
        office.desk.swaps.accept(number, vic)


def test_the_team_is_told_of_an_offer_and_of_what_became_of_it(
    office: Backoffice, bob: Actor, carol: Actor, nights: str
) -> None:
    number = offered(office, bob)
    Delivery.update(state="sent", sent_at=NOON).execute()
    office.desk.swaps.accept(number, carol)

    told = [(one.channel, one.payload["swap"]) for one in Delivery.select().where(Delivery.kind == "post")]
    assert told == [("#support", number)] * 2


def test_a_shift_is_taken_over(office: Backoffice, carol: Actor, nights: str) -> None:
    rota = office.desk.swaps.take_over(nights, NOON, at("2026-03-05T08:00"), carol)

    assert [name_of(turn) for turn in rota.turns(NOON, NOON + WEEK)] == ["Carol", "Bob", "Carol"]
    with pytest.raises(Refusal, match="yours already"):
        office.desk.swaps.take_over(nights, NOON, at("2026-03-05T08:00"), carol)
