"""Business time: nights, weekends, holidays, hours across midnight, clocks that change, and the grammar of a week."""

from datetime import UTC, date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.desk import business_time, setting_table
from bot.desk.business_time import BusinessHours, RoundTheClock

OFFICE = "mon-fri 09:00-12:30,13:30-18:00; sat 09:00-12:00"
NIGHTS = "mon-fri 22:00-06:00"
PARIS = "Europe/Paris"


def hours(week: str, zone: str = PARIS, country: str = "") -> BusinessHours:
    """Business hours as an administrator writes them."""
    return BusinessHours(business_time.week(week), ZoneInfo(zone), partial(business_time.is_holiday, country))


def local(text: str, zone: str = PARIS) -> datetime:
    """A wall clock's time as a moment."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


CASES = [
    # within a day, over the break and the night
    (OFFICE, PARIS, "", "2026-03-04 09:00", 1, "2026-03-04 10:00"),
    (OFFICE, PARIS, "", "2026-03-04 09:00", 0.1, "2026-03-04 09:06"),
    (OFFICE, PARIS, "", "2026-03-04 09:00", 3.5, "2026-03-04 12:30"),
    (OFFICE, PARIS, "", "2026-03-04 09:00", 4, "2026-03-04 14:00"),
    (OFFICE, PARIS, "", "2026-03-04 12:45", 1, "2026-03-04 14:30"),
    (OFFICE, PARIS, "", "2026-03-04 09:00", 8, "2026-03-04 18:00"),
    (OFFICE, PARIS, "", "2026-03-04 09:00", 8.5, "2026-03-05 09:30"),
    (OFFICE, PARIS, "", "2026-03-04 17:00", 4, "2026-03-05 12:00"),
    (OFFICE, PARIS, "", "2026-03-04 18:00", 1, "2026-03-05 10:00"),
    (OFFICE, PARIS, "", "2026-03-04 22:00", 4, "2026-03-05 14:00"),
    (OFFICE, PARIS, "", "2026-03-05 06:00", 0.5, "2026-03-05 09:30"),
    # over the weekend
    (OFFICE, PARIS, "", "2026-03-06 17:00", 4, "2026-03-07 12:00"),
    (OFFICE, PARIS, "", "2026-03-06 17:00", 5, "2026-03-09 10:00"),
    (OFFICE, PARIS, "", "2026-03-07 11:00", 2, "2026-03-09 10:00"),
    (OFFICE, PARIS, "", "2026-03-08 12:00", 1, "2026-03-09 10:00"),
    (OFFICE, PARIS, "", "2026-03-08 23:59", 0.25, "2026-03-09 09:15"),
    (OFFICE, PARIS, "", "2026-03-04 09:00", 43, "2026-03-10 18:00"),
    (OFFICE, PARIS, "", "2026-03-04 09:00", 43.5, "2026-03-11 09:30"),
    # over holidays
    (OFFICE, PARIS, "FR", "2026-04-30 17:00", 4, "2026-05-02 12:00"),
    (OFFICE, PARIS, "FR", "2026-05-01 10:00", 1, "2026-05-02 10:00"),
    (OFFICE, PARIS, "", "2026-04-30 17:00", 4, "2026-05-01 12:00"),
    (OFFICE, PARIS, "FR", "2026-04-04 11:00", 2, "2026-04-07 10:00"),
    (OFFICE, PARIS, "FR", "2026-12-24 17:00", 2, "2026-12-26 10:00"),
    (OFFICE, PARIS, "DE", "2026-12-24 17:00", 2, "2026-12-28 10:00"),
    (OFFICE, PARIS, "FR", "2026-12-31 17:30", 1, "2027-01-02 09:30"),
    (OFFICE, PARIS, "DE", "2027-01-05 17:00", 2, "2027-01-06 10:00"),
    (OFFICE, PARIS, "DE-BY", "2027-01-05 17:00", 2, "2027-01-07 10:00"),
    # across midnight
    (NIGHTS, PARIS, "", "2026-03-04 23:00", 4, "2026-03-05 03:00"),
    (NIGHTS, PARIS, "", "2026-03-04 12:00", 1, "2026-03-04 23:00"),
    (NIGHTS, PARIS, "", "2026-03-05 05:00", 2, "2026-03-05 23:00"),
    (NIGHTS, PARIS, "", "2026-03-06 23:00", 7, "2026-03-07 06:00"),
    (NIGHTS, PARIS, "", "2026-03-06 23:00", 8, "2026-03-09 23:00"),
    (NIGHTS, PARIS, "", "2026-03-08 23:00", 1, "2026-03-09 23:00"),
    (NIGHTS, PARIS, "FR", "2026-04-30 22:00", 3, "2026-05-02 01:00"),
    ("mon-fri 18:00-00:00", PARIS, "", "2026-03-04 23:00", 2, "2026-03-05 19:00"),
    # elsewhere, and other weeks
    (OFFICE, "America/New_York", "", "2026-03-04 17:00", 2, "2026-03-05 10:00"),
    (OFFICE, "Asia/Kolkata", "", "2026-03-04 17:30", 1, "2026-03-05 09:30"),
    (OFFICE, "America/St_Johns", "", "2026-03-06 17:00", 5, "2026-03-09 10:00"),
    (OFFICE, "Pacific/Auckland", "", "2026-03-06 17:00", 4, "2026-03-07 12:00"),
    ("sun-thu 08:00-16:00", "Asia/Riyadh", "", "2026-03-05 15:00", 2, "2026-03-08 09:00"),
    ("sat-mon 10:00-14:00", PARIS, "", "2026-03-09 13:00", 2, "2026-03-14 11:00"),
    # odd years
    pytest.param(OFFICE, PARIS, "", "2028-02-28 17:00", 10, "2028-03-01 10:00", marks=pytest.mark.row("TM-05")),
    pytest.param(OFFICE, PARIS, "", "2038-01-19 17:00", 2, "2038-01-20 10:00", marks=pytest.mark.row("TM-05")),
]


@pytest.mark.row("TM-02")
@pytest.mark.parametrize(("week", "zone", "country", "start", "length", "end"), CASES)
def test_business_time_passes_only_while_the_desk_is_staffed(
    week: str, zone: str, country: str, start: str, length: float, end: str
) -> None:
    calendar = hours(week, zone, country)

    reached = calendar.after(local(start, zone), timedelta(hours=length))

    assert reached == local(end, zone)
    assert calendar.between(local(start, zone), reached) == timedelta(hours=length)


CLOCK_CHANGES = [
    # 29 March 2026 in Paris: 02:00 is followed by 03:00
    ("mon-sun 00:00-24:00", "2026-03-28 23:00", 4, "2026-03-29 03:00"),
    ("sat-sun 01:00-05:00", "2026-03-29 00:00", 3, "2026-03-29 03:00"),
    ("sat-sun 01:00-05:00", "2026-03-29 00:00", 4, "2026-04-04 00:00"),
    ("sun 02:30-06:00", "2026-03-28 23:00", 1, "2026-03-29 02:00"),
    ("sun 00:00-02:30", "2026-03-28 23:00", 2, "2026-03-29 01:00"),
    ("sun 00:00-02:30", "2026-03-28 23:00", 3, "2026-04-04 23:00"),
    ("sun 02:10-02:40", "2026-03-28 23:00", 0.25, "2026-04-05 00:25"),
    # 25 October 2026: 02:00 comes twice
    ("mon-sun 00:00-24:00", "2026-10-24 22:00", 4, "2026-10-25 02:00"),
    ("sat-sun 01:00-05:00", "2026-10-24 23:00", 4.5, "2026-10-25 03:30"),
    ("sun 02:30-06:00", "2026-10-24 22:00", 1, "2026-10-25 01:30"),
    ("sun 00:00-02:30", "2026-10-24 22:00", 2.5, "2026-10-25 00:30"),
    ("sun 00:00-02:30,02:30-06:00", "2026-10-24 22:00", 7, "2026-10-25 05:00"),
]


@pytest.mark.row("TM-01")
@pytest.mark.parametrize(("week", "start", "length", "end"), CLOCK_CHANGES)
def test_business_time_is_elapsed_time_when_clocks_change(week: str, start: str, length: float, end: str) -> None:
    reached = hours(week).after(local(start, "UTC"), timedelta(hours=length))

    assert reached == local(end, "UTC")


@pytest.mark.row("TM-01")
def test_round_the_clock_is_elapsed_time_whatever_the_clocks_do() -> None:
    start = local("2026-03-29 01:30")

    assert RoundTheClock().after(start.astimezone(UTC), timedelta(hours=4)) == local("2026-03-29 06:30")
    assert RoundTheClock().between(start.astimezone(UTC), local("2026-03-29 06:30")) == timedelta(hours=4)
    assert RoundTheClock().between(local("2026-03-29 06:30"), start) == timedelta(0)


@given(
    start=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001
    minutes=st.integers(1, 6000),
)
def test_what_passes_until_a_moment_is_what_was_asked_for(start: datetime, minutes: int) -> None:
    calendar = hours(OFFICE, country="FR")

    end = calendar.after(start, timedelta(minutes=minutes))

    assert calendar.between(start, end) == timedelta(minutes=minutes)
    assert end.tzinfo is UTC


def test_between_counts_only_up_to_the_end() -> None:
    calendar = hours(OFFICE)

    assert calendar.between(local("2026-03-04 10:00"), local("2026-03-04 11:00")) == timedelta(hours=1)
    assert calendar.between(local("2026-03-04 17:00"), local("2026-03-04 22:00")) == timedelta(hours=1)
    assert calendar.between(local("2026-03-04 10:00"), local("2026-03-04 09:00")) == timedelta(0)


def test_what_never_ends_ends_in_twenty_years() -> None:
    calendar = hours("mon 09:00-09:01", "UTC")
    start = local("2026-03-04 12:00", "UTC")

    assert calendar.after(start, timedelta(hours=8760)) == start + timedelta(days=7305)


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2026-03-04 08:59", False),
        ("2026-03-04 09:00", True),
        ("2026-03-04 12:30", False),
        ("2026-03-04 13:45", True),
        ("2026-03-08 10:00", False),
        ("2026-05-01 10:00", False),
    ],
)
def test_the_desk_is_open_in_its_hours(at: str, is_open: bool) -> None:
    assert hours(OFFICE, country="FR").is_open(local(at)) is is_open


def test_a_desk_that_always_has_a_holiday_is_never_open() -> None:
    closed = BusinessHours(business_time.week(OFFICE), ZoneInfo(PARIS), lambda day: True)

    assert not closed.is_open(local("2026-03-04 10:00"))


# the grammar ---------------------------------------------------------------------------------------------------------


def test_a_week_is_minutes_of_each_day() -> None:
    assert business_time.week(" Mon, wed 9:00 - 12:30 ; SUN 22:00-02:00;") == (
        ((0, 120), (540, 750)),
        (),
        ((540, 750),),
        (),
        (),
        (),
        ((1320, 1440),),
    )


def test_hours_in_any_order_are_put_in_order() -> None:
    assert business_time.week("tue 13:00-18:00,08:00-13:00; tue 18:00-24:00")[1] == (
        (480, 780),
        (780, 1080),
        (1080, 1440),
    )


WRONG = [
    ("", "must name days and hours"),
    (" ; ", "must name days and hours"),
    ("09:00-18:00", "must be days and hours, as in “mon-fri 09:00-18:00”, not “09:00-18:00”"),
    ("mon-fri", "not “mon-fri”"),
    ("mon-fri nine to five", "not “mon-fri nine to five”"),
    ("moon 09:00-18:00", "must name the days mon, tue, wed, thu, fri, sat, sun; “moon” is none"),
    ("mon,,tue 09:00-18:00", "“” is none"),
    ("mon 09:00", "must have two times, as in “09:00-18:00”, not “09:00”"),
    ("mon 09:00-18:00,", "not “”"),
    ("mon 9-18", "not “9-18”"),
    ("mon 09:60-18:00", "must have times from 00:00 to 24:00, not “09:60”"),
    ("mon 09:00-24:01", "not “24:01”"),
    ("mon 24:00-09:00", "must have hours that last"),
    ("mon 09:00-09:00", "must have hours that last; a whole day is 00:00-24:00, not “09:00-09:00”"),
    ("mon 09:00-13:00,12:00-18:00", "must not name the same hours twice: mon"),
    ("mon 22:00-06:00; tue 05:00-09:00", "must not name the same hours twice: tue"),
    ("sun 22:00-06:00; mon 05:59-09:00", "must not name the same hours twice: mon"),
]


@pytest.mark.parametrize(("text", "reason"), WRONG)
def test_a_week_that_cannot_be_read_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError) as refusal:
        business_time.week(text)

    assert reason in str(refusal.value)


@pytest.mark.parametrize("place", ["", "FR", "DE-BY", "US-CA", "IN"])
def test_places_with_known_holidays_are_taken(place: str) -> None:
    assert business_time.country(place) == place


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("fr", 'must be a country code such as "FR", or a region such as "DE-BY"'),
        ("FRA", "must be a country code"),
        ("FR-", "must be a country code"),
        ("XX", "must be a country or region whose holidays are known, not XX"),
        ("DE-ZZ", "must be a country or region whose holidays are known, not DE-ZZ"),
    ],
)
def test_places_without_known_holidays_are_refused(place: str, reason: str) -> None:
    with pytest.raises(ValueError) as refusal:
        business_time.country(place)

    assert str(refusal.value).startswith(reason)


def test_settings_are_checked_by_the_same_grammar() -> None:
    table = setting_table.SETTINGS

    assert table["business_hours"].parse(OFFICE) == OFFICE
    assert table["holidays_country"].parse("FR") == "FR"
    with pytest.raises(ValueError, match="must have two times"):
        table["business_hours"].parse("mon-fri 9-18")
    with pytest.raises(ValueError, match="whose holidays are known"):
        table["holidays_country"].parse("XX")


def test_a_holiday_is_one_of_its_place_and_year() -> None:
    day = business_time.is_holiday

    assert day("FR", date(2026, 7, 14))
    assert not day("FR", date(2026, 7, 15))
    assert not day("DE", date(2026, 7, 14))
    assert not day("", date(2026, 7, 14))
    assert day("FR", date(2027, 3, 29))
    assert not day("FR", date(2026, 3, 29))
