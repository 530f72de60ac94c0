"""Moments in words, English and French. It is Wednesday 4 March 2026, noon in Paris."""

import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.commands import moments, plain_words
from bot.errors import WrongUsage

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 3, 4, 11, 0, 30, tzinfo=UTC)


def read(typed: str, language: str = "en", now: datetime = NOW, zone: ZoneInfo = PARIS) -> str:
    """What a clock in the zone shows then."""
    return f"{moments.moment(typed, now, zone, language).astimezone(zone):%a %Y-%m-%d %H:%M}"


def refusal(typed: str, language: str = "en") -> str:
    """Why it is no moment."""
    with pytest.raises(WrongUsage) as refused:
        moments.moment(typed, NOW, PARIS, language)
    return str(refused.value)


SPANS = {
    "in 2 hours": "Wed 2026-03-04 14:00",
    "dans deux heures": "Wed 2026-03-04 14:00",
    "in half an hour": "Wed 2026-03-04 12:30",
    "dans une demi-heure": "Wed 2026-03-04 12:30",
    "dans un quart d'heure": "Wed 2026-03-04 12:15",
    "in an hour and a half": "Wed 2026-03-04 13:30",
    "dans 2 heures et demie": "Wed 2026-03-04 14:30",
    "in 1h30": "Wed 2026-03-04 13:30",
    "2h 15m": "Wed 2026-03-04 14:15",
    "2 hours and 30 minutes": "Wed 2026-03-04 14:30",
    "three hours from now": "Wed 2026-03-04 15:00",
    "1.5 hours": "Wed 2026-03-04 13:30",
    "dans deux semaines": "Wed 2026-03-18 12:00",
    "a couple of days": "Fri 2026-03-06 12:00",
    "in a month": "Sat 2026-04-04 12:00",
    "dans 3 mois": "Thu 2026-06-04 12:00",
    "in a year": "Thu 2027-03-04 12:00",
    "dans sept jours": "Wed 2026-03-11 12:00",
}
DAYS = {
    "tomorrow morning": "Thu 2026-03-05 09:00",
    "demain matin": "Thu 2026-03-05 09:00",
    "demain après-midi": "Thu 2026-03-05 14:00",
    "tonight": "Wed 2026-03-04 20:00",
    "ce soir": "Wed 2026-03-04 18:00",
    "this afternoon": "Wed 2026-03-04 14:00",
    "end of day": "Wed 2026-03-04 18:00",
    "après-demain": "Fri 2026-03-06 09:00",
    "the day after tomorrow": "Fri 2026-03-06 09:00",
    "mon": "Mon 2026-03-09 09:00",
    "next friday": "Fri 2026-03-06 09:00",
    "lundi prochain": "Mon 2026-03-09 09:00",
    "lundi soir": "Mon 2026-03-09 18:00",
    "monday next week": "Mon 2026-03-09 09:00",
    "vendredi de la semaine prochaine": "Fri 2026-03-13 09:00",
    "lundi en huit": "Mon 2026-03-16 09:00",
    "next week": "Mon 2026-03-09 09:00",
    "le mois prochain": "Wed 2026-04-01 09:00",
    "weekend": "Sat 2026-03-07 09:00",
    "3 december": "Thu 2026-12-03 09:00",
    "December 3rd, 2027": "Fri 2027-12-03 09:00",
    "1er avril": "Wed 2026-04-01 09:00",
    "Thursday 3 December": "Thu 2026-12-03 09:00",
    "le 10": "Tue 2026-03-10 09:00",
    "the 3rd": "Fri 2026-04-03 09:00",
    "3 march": "Wed 2027-03-03 09:00",
    "29 february": "Tue 2028-02-29 09:00",
    "25/12": "Fri 2026-12-25 09:00",
    "12/25/2026": "Fri 2026-12-25 09:00",
    "2026-12-03": "Thu 2026-12-03 09:00",
}
TIMES = {
    "tomorrow at 3pm": "Thu 2026-03-05 15:00",
    "3 p.m. tomorrow": "Thu 2026-03-05 15:00",
    "demain 15h30": "Thu 2026-03-05 15:30",
    "le 3 décembre à 14h": "Thu 2026-12-03 14:00",
    "14 h 30 le 3 décembre": "Thu 2026-12-03 14:30",
    "december 3rd, 2026 at 2 pm": "Thu 2026-12-03 14:00",
    "monday at 9": "Mon 2026-03-09 09:00",
    "lundi à 8h30": "Mon 2026-03-09 08:30",
    "vendredi à midi": "Fri 2026-03-06 12:00",
    "demain soir à 8h": "Thu 2026-03-05 20:00",
    "tomorrow at 8 in the evening": "Thu 2026-03-05 20:00",
    "wednesday at 3pm": "Wed 2026-03-04 15:00",
    "mercredi à 11h": "Wed 2026-03-11 11:00",
    "noon": "Thu 2026-03-05 12:00",
    "minuit": "Thu 2026-03-05 00:00",
    "at 9": "Thu 2026-03-05 09:00",
    "9am": "Thu 2026-03-05 09:00",
    "12 am": "Thu 2026-03-05 00:00",
    "à quatorze heures": "Wed 2026-03-04 14:00",
    "à neuf heures et quart": "Thu 2026-03-05 09:15",
    "half past nine": "Thu 2026-03-05 09:30",
    "14h30": "Wed 2026-03-04 14:30",
    "jusqu’à 14h": "Wed 2026-03-04 14:00",
    "until monday 9am": "Mon 2026-03-09 09:00",
    "today at 18:00": "Wed 2026-03-04 18:00",
    "dans deux jours à 9h": "Fri 2026-03-06 09:00",
    "2026-12-03T14:30": "Thu 2026-12-03 14:30",
    "  TOMORROW,  8AM! ": "Thu 2026-03-05 08:00",
}


@pytest.mark.row("TM-01")
@pytest.mark.parametrize(("typed", "then"), [*SPANS.items(), *DAYS.items(), *TIMES.items()])
def test_a_moment_is_said_in_words(typed: str, then: str) -> None:
    assert read(typed) == then


@pytest.mark.parametrize("typed", [*SPANS, *DAYS, *TIMES])
def test_english_and_french_are_understood_by_readers_of_either(typed: str) -> None:
    assert read(typed, "fr") == read(typed, "en")


@pytest.mark.parametrize(
    ("typed", "then"),
    [
        ("3 Dec 2026 16:00 CET", "Thu 2026-12-03 16:00"),
        ("april 3rd 2pm UTC", "Fri 2026-04-03 16:00"),
        ("in 2 decades", "Wed 2046-03-04 12:00"),
        ("Dec 3 14:00:00 2026", "Thu 2026-12-03 14:00"),
    ],
)
def test_what_the_own_grammar_does_not_know_is_read_by_a_library(typed: str, then: str) -> None:
    assert read(typed).split()[1:] == then.split()[1:]


# what is refused -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "understood"),
    [
        ("yesterday", "Tue 3 Mar 2026 09:00"),
        ("hier à 14h", "Tue 3 Mar 2026 14:00"),
        ("this morning", "Wed 4 Mar 2026 09:00"),
        ("today at 9:00", "Wed 4 Mar 2026 09:00"),
        ("last friday", "Fri 27 Feb 2026 09:00"),
        ("lundi dernier", "Mon 2 Mar 2026 09:00"),
        ("3 march 2025", "Mon 3 Mar 2025 09:00"),
        ("4 march at 9:00", "Wed 4 Mar 2026 09:00"),
        ("2025-12-03", "Wed 3 Dec 2025 09:00"),
        ("0m", "Wed 4 Mar 2026 12:00"),
        ("3 days ago", "Sun 1 Mar 2026 12:00"),
    ],
)
def test_what_is_over_is_refused_with_what_was_understood(typed: str, understood: str) -> None:
    assert refusal(typed) == f"“{typed}” is {understood}; that is over."


@pytest.mark.parametrize(
    ("typed", "language", "one", "other"),
    [
        ("5/3", "en", "Thu 5 Mar 2026 09:00", "Sun 3 May 2026 09:00"),
        ("at 3", "en", "Thu 5 Mar 2026 03:00", "Wed 4 Mar 2026 15:00"),
        ("quarter to five", "en", "Thu 5 Mar 2026 04:45", "Wed 4 Mar 2026 16:45"),
        ("1h30", "en", "Wed 4 Mar 2026 13:30", "Thu 5 Mar 2026 01:30"),
        ("17h", "fr", "Thu 5 Mar 2026 05:00", "Wed 4 Mar 2026 17:00"),
        ("tomorrow at midnight", "en", "Thu 5 Mar 2026 00:00", "Fri 6 Mar 2026 00:00"),
    ],
)
def test_what_can_mean_two_moments_is_refused_with_both(typed: str, language: str, one: str, other: str) -> None:
    assert refusal(typed, language) == f"“{typed}” can mean {one} or {other}. Please say which."


def test_the_reader_s_language_says_which_number_is_the_day() -> None:
    assert read("5/3", "fr") == "Thu 2026-03-05 09:00"


@pytest.mark.parametrize("typed", ["monday, december 8", "lundi 10", "friday 3 december"])
def test_a_weekday_that_is_not_the_date_s_is_refused(typed: str) -> None:
    assert "does not fit" in refusal(typed)


NO_MOMENTS = "soon never next 10 30 30s fin avril|30 february|31 juin|tomorrow 8|december|mars|in two".split("|")


@pytest.mark.parametrize(
    "typed",
    [
        *NO_MOMENTS[0].split(),
        *NO_MOMENTS[1:],
        "9999 weeks",
        "in 9999 years",
        "11 hours ago",
        "monday 8 december 2026 14:00 CET",
    ],
)
def test_what_is_no_moment_is_refused(typed: str) -> None:
    assert refusal(typed)


# wherever and whenever -----------------------------------------------------------------------------------------------


@pytest.mark.row("TM-01")
@pytest.mark.parametrize(
    ("typed", "now", "then"),
    [
        ("sunday at 2:30", datetime(2026, 3, 28, 11, tzinfo=UTC), datetime(2026, 3, 29, 1, tzinfo=UTC)),
        ("2:30", datetime(2026, 10, 24, 23, 30, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("2:30", datetime(2026, 10, 25, 0, 45, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        ("2:30", datetime(2026, 10, 25, 1, 45, tzinfo=UTC), datetime(2026, 10, 26, 1, 30, tzinfo=UTC)),
    ],
)
def test_an_hour_that_the_clocks_skip_or_repeat_is_the_next_there_is(typed: str, now: datetime, then: datetime) -> None:
    assert moments.moment(typed, now, PARIS).astimezone(UTC) == then


ZONES = ["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca"]
WORDS = [
    *plain_words.WEEKDAYS, *plain_words.MONTHS, *plain_words.PARTS, *plain_words.UNIT_OF, *"0123456789:/.-,'hà",
    *"in dans at on le next prochain last of half past quarter to tomorrow demain hier et ago il y a until".split(),
]  # fmt: skip
PHRASES = st.lists(st.sampled_from([*WORDS, *map(str, range(32)), "2026", " ", " ", " "]), max_size=14).map(
    lambda parts: "".join(part if part in "0123456789:/.-,'h " else f" {part}" for part in parts)
)


@settings(max_examples=400, deadline=None)
@given(
    PHRASES | st.text(max_size=90),
    st.integers(0, 10 * 365 * 24 * 60),
    st.sampled_from(ZONES),
    st.sampled_from("en fr".split()),
)
def test_whatever_is_typed_is_a_moment_to_come_or_refused(typed: str, minutes: int, zone: str, language: str) -> None:
    now = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    try:
        found = moments.moment(typed, now, ZoneInfo(zone), language)
    except WrongUsage as refused:
        assert len(str(refused)) < 400
        return

    assert found.astimezone(UTC) > now
    assert found.year <= 2100


HOSTILE = [
    "tomorrow" + " " * 4000 + "at 3pm",
    "1 december " * 400, "a" * 4000, "1:" * 40, "(" * 80, "in " * 27, "1 min " * 13, "le " * 26, "dec " * 20, "٣" * 80,
    "\x00" * 80, "é" * 80, "1h" * 40, "and " * 20, "next " * 16, "monday " * 11, "3 december 3 december 3 december 3",
]  # fmt: skip


@pytest.mark.row("CI-17")
@pytest.mark.parametrize("typed", HOSTILE)
def test_hostile_words_are_refused_at_once(typed: str) -> None:
    refusal("1 month of december")  # the library is loaded by now
    began = time.process_time()

    said = refusal(typed)

    assert time.process_time() - began < 0.05
    assert len(said) < 300


def test_the_library_is_loaded_only_when_it_is_needed() -> None:
    code = "import sys; import bot.app, bot.commands.moments; print('dateparser' in sys.modules)"

    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert loaded == "False\n"
