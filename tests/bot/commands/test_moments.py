"""Times as people type them: when, planned for when, worked when, and since when. It is Wednesday, noon in Paris."""

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.commands import moments
from bot.errors import WrongUsage

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 3, 4, 11, 0, 30, 500, tzinfo=UTC)
Read = Callable[[str, datetime, ZoneInfo], datetime]


def local(moment: datetime) -> str:
    """As a clock in Paris shows it."""
    return moment.astimezone(PARIS).isoformat(" ").removesuffix("+01:00")


@pytest.mark.row("TM-01")
@pytest.mark.parametrize(
    ("typed", "then"),
    [
        ("30m", "2026-03-04 12:30:30.000500"),
        (" 5 MIN ", "2026-03-04 12:05:30.000500"),
        ("4h", "2026-03-04 16:00:30.000500"),
        ("2d", "2026-03-06 12:00:30.000500"),
        ("12:01", "2026-03-04 12:01:00"),
        ("12:00", "2026-03-05 12:00:00"),
        ("1330", "2026-03-04 13:30:00"),
        ("9:05", "2026-03-05 09:05:00"),
        ("00:00", "2026-03-05 00:00:00"),
        ("23:59", "2026-03-04 23:59:00"),
        ("thursday", "2026-03-05 09:00:00"),
        ("SUNDAY", "2026-03-08 09:00:00"),
        ("monday", "2026-03-09 09:00:00"),
        ("tuesday", "2026-03-10 09:00:00"),
        ("wednesday", "2026-03-11 09:00:00"),
        ("friday", "2026-03-06 09:00:00"),
        ("saturday", "2026-03-07 09:00:00"),
        ("jeudi", "2026-03-05 09:00:00"),
        ("vendredi", "2026-03-06 09:00:00"),
        ("samedi", "2026-03-07 09:00:00"),
        ("dimanche", "2026-03-08 09:00:00"),
        ("lundi", "2026-03-09 09:00:00"),
        ("mardi", "2026-03-10 09:00:00"),
        ("mercredi", "2026-03-11 09:00:00"),
        ("tomorrow", "2026-03-05 09:00:00"),
        ("Demain", "2026-03-05 09:00:00"),
    ],
)
def test_when_is_always_in_the_future(typed: str, then: str) -> None:
    assert local(moments.moment(typed, NOW, PARIS)) == then


def test_this_very_moment_is_not_in_the_future() -> None:
    noon = NOW.replace(second=0, microsecond=0)

    assert local(moments.moment("12:00", noon, PARIS)) == "2026-03-05 12:00:00"


def test_mornings_and_midnights_are_on_the_hour() -> None:
    late = NOW.replace(minute=34)

    assert local(moments.moment("thursday", late, PARIS)) == "2026-03-05 09:00:00"
    assert local(moments.moment("tomorrow", late, PARIS)) == "2026-03-05 09:00:00"
    assert local(moments.past("today", late, PARIS)) == "2026-03-04 00:00:00"


@pytest.mark.row("TM-01")
def test_a_morning_after_the_clocks_changed_is_nine_there() -> None:
    saturday = datetime(2026, 3, 28, 11, tzinfo=UTC)

    assert moments.moment("tomorrow", saturday, PARIS).astimezone(UTC) == datetime(2026, 3, 29, 7, tzinfo=UTC)


@pytest.mark.parametrize("read", [moments.moment, moments.planned])
@pytest.mark.parametrize("typed", ["", "soon", "30", "30s", "12345m", "9h30x", "h", "-5m", "12:0"])
def test_what_is_no_time_is_refused_with_examples(read: Read, typed: str) -> None:
    with pytest.raises(WrongUsage) as refusal:
        read(typed, NOW, PARIS)

    assert str(refusal.value) == f"I do not understand the time “{typed}”. Examples: 30m, 4h, 09:00, monday."


@pytest.mark.parametrize("read", [moments.moment, moments.worked])
@pytest.mark.parametrize("typed", ["24:00", "12:60", "99:99"])
def test_what_no_clock_shows_is_no_time_of_day(read: Read, typed: str) -> None:
    with pytest.raises(WrongUsage) as refusal:
        read(typed, NOW, PARIS)

    assert str(refusal.value) == f"{typed} is no time of day."


@pytest.mark.row("F6")
@pytest.mark.parametrize("read", [moments.planned, moments.worked])
@pytest.mark.parametrize(
    ("typed", "then"),
    [
        (" 2026-03-05 ", "2026-03-05 09:00:00"),
        ("20260305", "2026-03-05 09:00:00"),
        ("2026-03-05T14:30", "2026-03-05 14:30:00"),
        ("2026-03-05T14", "2026-03-05 14:00:00"),
        ("2026-03-05 00:00", "2026-03-05 00:00:00"),
        ("2026-03-05 14:30+00:00", "2026-03-05 15:30:00"),
        ("2026-03-05 14:30Z", "2026-03-05 15:30:00"),
        ("2000-01-01", "2000-01-01 09:00:00"),
        ("2100-12-31", "2100-12-31 09:00:00"),
    ],
)
def test_a_date_may_have_its_time(read: Read, typed: str, then: str) -> None:
    assert local(read(typed, NOW, PARIS)) == then


@pytest.mark.row("TM-05")
@pytest.mark.parametrize("read", [moments.planned, moments.worked])
@pytest.mark.parametrize("typed", ["1999-12-31", "2101-01-01", "0026-03-05"])
def test_a_year_that_is_a_slip_of_the_finger_is_refused(read: Read, typed: str) -> None:
    with pytest.raises(WrongUsage) as refusal:
        read(typed, NOW, PARIS)

    assert str(refusal.value) == f"I do not understand the time “{typed}”. Examples: 30m, 4h, 09:00, monday."


@pytest.mark.row("F6")
@pytest.mark.parametrize(("typed", "then"), [("30m", "2026-03-04 12:30:30.000500"), ("11:00", "2026-03-05 11:00:00")])
def test_what_is_planned_may_be_typed_as_when(typed: str, then: str) -> None:
    assert local(moments.planned(typed, NOW, PARIS)) == then


@pytest.mark.row("F6")
@pytest.mark.parametrize(
    ("typed", "then"),
    [
        (" 11:00 ", "2026-03-04 11:00:00"),
        ("1400", "2026-03-04 14:00:00"),
        ("30m", "2026-03-04 11:30:30.000500"),
        ("yesterday", "2026-03-03 00:00:00"),
    ],
)
def test_what_was_worked_began_today_or_so_long_ago(typed: str, then: str) -> None:
    assert local(moments.worked(typed, NOW, PARIS)) == then


@pytest.mark.row("F13")
@pytest.mark.parametrize(
    ("typed", "then"),
    [
        (" 7D ", "2026-02-25 12:00:30.000500"),
        ("90 min", "2026-03-04 10:30:30.000500"),
        ("today", "2026-03-04 00:00:00"),
        ("Aujourd'hui", "2026-03-04 00:00:00"),
        ("yesterday", "2026-03-03 00:00:00"),
        ("hier", "2026-03-03 00:00:00"),
        ("2026-03-01", "2026-03-01 00:00:00"),
    ],
)
def test_since_is_a_span_or_the_beginning_of_a_day(typed: str, then: str) -> None:
    assert local(moments.past(typed, NOW, PARIS)) == then


@pytest.mark.parametrize("typed", ["", "7days", "last week", "2026-02-30", "09:00", "x" * 50])
def test_what_is_no_since_is_refused_with_examples(typed: str) -> None:
    with pytest.raises(WrongUsage) as refusal:
        moments.past(typed, NOW, PARIS)

    assert str(refusal.value) == f"I do not understand “{typed[:40]}”. Examples: 7d, 2026-11-01, today."
