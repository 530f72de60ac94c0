"""Rotas: turns, layers, overrides over ten years of clock changes, against an independent reading of the calendar."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as some

from bot.desk import rota_calendars
from bot.desk.business_time import week
from bot.desk.rota_calendars import Named
from bot.desk.shifts import DAY, Layer, Shift, gaps, on_call, overlaps, rota

PARIS = ZoneInfo("Europe/Paris")
ZONES = ("Europe/Paris", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Africa/Cairo")
WEEKS = (None, None, "mon-fri 18:00-24:00; sat,sun 00:00-24:00", "mon-sun 22:00-06:30", "tue 01:30-02:30")
SAM, BOB, CAROL = 1, 2, 3
PEOPLE = {number: Named(f"Agent {number}", f"agent{number}@example.org") for number in range(1, 8)}


def at(text: str, zone: ZoneInfo = PARIS) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def weekly(*members: int, **values: object) -> Layer:
    return Layer(members, PARIS, date(2026, 3, 2), **values)  # type: ignore[arg-type]


def test_turns_follow_each_other_and_are_handed_over_at_eight_whatever_the_clocks_do() -> None:
    shifts = list(weekly(SAM, BOB).shifts(at("2026-03-23T08:00"), at("2026-04-06T08:00")))

    assert shifts == [
        Shift(at("2026-03-23T08:00"), at("2026-03-30T08:00"), BOB),
        Shift(at("2026-03-30T08:00"), at("2026-04-06T08:00"), SAM),
    ]
    assert shifts[0].end - shifts[0].start == 7 * DAY - timedelta(hours=1)


def test_before_the_first_turn_and_after_the_last_day_nobody_is_on_call() -> None:
    layer = weekly(SAM, ends=date(2026, 3, 16))

    shifts = rota([layer], [], at("2026-02-01T00:00"), at("2026-05-01T00:00"))

    assert shifts == [Shift(at("2026-03-02T08:00"), at("2026-03-16T08:00"), SAM)]
    assert gaps(shifts, at("2026-03-01T00:00"), at("2026-03-17T00:00")) == [
        (at("2026-03-01T00:00"), at("2026-03-02T08:00")),
        (at("2026-03-16T08:00"), at("2026-03-17T00:00")),
    ]


def test_a_higher_layer_and_an_override_stand_above() -> None:
    nights = weekly(CAROL, days=1, week=week("mon-fri 18:00-20:00"))
    override = Shift(at("2026-03-03T19:00"), at("2026-03-03T21:00"), SAM)

    shifts = rota([weekly(BOB), nights], [override], at("2026-03-03T12:00"), at("2026-03-03T23:00"))

    assert [(shift.who, shift.start) for shift in shifts] == [
        (BOB, at("2026-03-03T12:00")),
        (CAROL, at("2026-03-03T18:00")),
        (SAM, at("2026-03-03T19:00")),
        (BOB, at("2026-03-03T21:00")),
    ]


def test_two_people_at_once_are_reported() -> None:
    nights = weekly(CAROL, week=week("mon 18:00-20:00"))

    (pair,) = overlaps([weekly(BOB), nights], at("2026-03-02T08:00"), at("2026-03-04T08:00"))

    assert (pair[0].who, pair[1]) == (BOB, Shift(at("2026-03-02T18:00"), at("2026-03-02T20:00"), CAROL))


def test_hours_that_cross_the_handover_are_shared() -> None:
    nights = weekly(SAM, BOB, days=1, handover=time(0), week=week("mon-sun 22:00-06:00"))

    shifts = rota([nights], [], at("2026-03-02T20:00"), at("2026-03-03T08:00"))

    assert [(shift.who, shift.start) for shift in shifts] == [
        (SAM, at("2026-03-02T22:00")),
        (BOB, at("2026-03-03T00:00")),
    ]


layers = some.builds(
    Layer,
    members=some.lists(some.sampled_from(sorted(PEOPLE)), min_size=1, max_size=4).map(tuple),
    zone=some.sampled_from(ZONES).map(ZoneInfo),
    starts=some.dates(date(2020, 1, 1), date(2021, 12, 31)),
    days=some.sampled_from([1, 2, 3, 7, 14]),
    handover=some.sampled_from([time(0), time(2, 30), time(8), time(17, 15)]),
    week=some.sampled_from(WEEKS).map(lambda text: week(text) if text else None),
    ends=some.none() | some.dates(date(2022, 1, 1), date(2029, 12, 31)),
)
FIRST = datetime(2020, 1, 1, tzinfo=UTC)
HOURS = [FIRST + timedelta(hours=number) for number in range(10 * 365 * 24)]


def changes(zone: str) -> list[datetime]:
    """The hours before which the clocks of a zone change."""
    offsets = [hour.astimezone(ZoneInfo(zone)).utcoffset() for hour in HOURS]
    return [HOURS[at] for at in range(1, len(HOURS)) if offsets[at] != offsets[at - 1]]


CHANGES = [change for zone in ZONES for change in changes(zone)]
near = some.builds(
    lambda change, minutes: change + timedelta(minutes=minutes), some.sampled_from(CHANGES), some.integers(-720, 720)
)
moments = some.sampled_from(HOURS) | near
overrides = some.builds(
    lambda start, hours, who: Shift(start, start + timedelta(hours=hours), who),
    moments.map(lambda one: one.replace(second=0, microsecond=0)),
    some.integers(1, 100),
    some.sampled_from(sorted(PEOPLE)),
)


def address(person: Named) -> int | None:
    return next((number for number, known in PEOPLE.items() if known.address == person.address), None)


@settings(max_examples=30, deadline=None)
@given(some.lists(layers, min_size=1, max_size=3), some.lists(overrides, max_size=1), some.lists(moments, min_size=3))
def test_ten_years_in_five_zones_agree_with_the_exported_calendar(
    levels: list[Layer], above: list[Shift], asked: list[datetime]
) -> None:
    calendar = rota_calendars.written("Nights", levels, above, PEOPLE, datetime(2026, 1, 1, tzinfo=UTC))

    for moment in asked:
        events = rota_calendars.read(calendar, address, moment, moment + timedelta(seconds=1))
        covering = [event.who for event in events if event.start <= moment < event.end]
        shift = on_call(levels, above, moment)
        assert (shift and shift.who) == (covering[-1] if covering else None)
