"""Masks: what they may hold, what they make of a number and a moment, and when their counters begin again."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.desk.numbering import LONGEST, SIMPLE, Mask, Occasion
from bot.errors import Refusal

ZONES = [ZoneInfo(name) for name in ("Europe/Paris", "Asia/Kolkata", "America/St_Johns", "Pacific/Kiritimati", "UTC")]
zones = st.sampled_from(ZONES)
years = st.integers(1990, 2100)
months = st.integers(1, 12)
moments = st.integers(0, 4_000_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))
BLINK = timedelta(microseconds=1)


def _at(text: str, **about: str) -> Occasion:
    return Occasion.of(datetime.fromisoformat(text), ZoneInfo("Europe/Paris"), **about)


def _noon() -> Occasion:
    return _at("2026-11-24T12:00+00:00", client="ACME", kind="Large", author="bob")


# what a mask makes ---------------------------------------------------------------------------------------------------


@pytest.mark.row("D1", "D2")
@pytest.mark.parametrize(
    ("mask", "number", "reference"),
    [
        ("TS{yy}{mm}-{0000}", 42, "TS2611-0042"),
        ("TS{yy}{mm}-{0000}", 10_000, "TS2611-10000"),
        ("ACME-{yyyy}/{0000@1}", 42, "ACME-2026/0042"),
        ("{000000}", 1, "000001"),
        ("{y}{dd}.{000}", 7, "624.007"),
        ("T{000+100}", 1, "T101"),
        ("T{000+5000}", 1, "T5001"),
        ("T{000+007}", 1, "T008"),
        ("ticket-{000}", 1, "TICKET-001"),
        ("{cc}-{000}", 1, "AC-001"),
        ("{cccccc}-{000}", 1, "ACME00-001"),
        ("{cccc000}", 3, "ACME003"),
        ("{cccc000+10@99}-{yyyy}{mm}", 3, "ACME013-202611"),
        ("{tttt}{uuuu}{000}", 1, "LARGBOB0001"),
        ("{c}{t}{u}{000}", 1, "ALB001"),
        ("A_b.c/d#e+f-{000}", 1, "A_B.C/D#E+F-001"),
        ("{000@01}{yy}", 1, "00126"),
    ],
)
def test_a_mask_makes_references(mask: str, number: int, reference: str) -> None:
    assert Mask.parse(mask).render(number, _noon()) == reference


def test_codes_are_reduced_to_capitals_and_digits_and_filled_up() -> None:
    mask = Mask.parse("{cccccc}-{uuu}-{ttt}-{000}")

    assert mask.render(1, _at("2026-11-24T12:00+00:00", client="a-c é1", author="")) == "AC1000-000-000-001"


def test_what_is_not_known_is_filled_up() -> None:
    assert Mask.parse("{cc}{ttt}-{u}-{000}").render(1, _at("2026-11-24T12:00+00:00")) == "00000-0-001"


@pytest.mark.row("TM-05")
@pytest.mark.parametrize(
    ("moment", "reference"),
    [("2038-01-19T03:14:08+00:00", "20380119-001"), ("2028-02-29T12:00+00:00", "20280229-001")],
)
def test_leap_days_and_the_year_2038_are_days_like_others(moment: str, reference: str) -> None:
    assert Mask.parse("{yyyy}{mm}{dd}-{000}").render(1, _at(moment)) == reference


# what is refused -----------------------------------------------------------------------------------------------------


COUNTER = "A mask needs a counter, such as {0000}."
ONE = "A mask has one counter; this one has several."
WIDTH = "A counter has 3 digits at least, such as {000}."
SPACES = "A mask must not be empty and has no spaces: “%s”"
YEAR = "A counter that begins again needs the year beside it, such as {yyyy}: %s"
MONTH = "A counter that begins again each month needs {mm} beside it: %s"
RESET = "After @ comes the month of the reset, 1 to 12, or 99 for each month; not %s."
TAG = "A mask knows no “%s”."
LITERAL = "Outside its braces a mask has letters, digits and - _ . / # + only, not “%s”."
LENGTH = "References by this mask would have more than 30 characters: %s"


@pytest.mark.row("D2", "C1")
@pytest.mark.parametrize(
    ("mask", "reason"),
    [
        ("", SPACES % ""),
        ("TS {000}", SPACES % "TS {000}"),
        ("TS\t{000}", SPACES % "TS\t{000}"),
        ("TS{yy}", COUNTER),
        ("{cccc}{yyyy}", COUNTER),
        ("{000}{000}", ONE),
        ("{000}{cc000}", ONE),
        ("{00}", WIDTH),
        ("{cccc00}", WIDTH),
        ("{000@1}", YEAR % "{000@1}"),
        ("{mm}{000@7}", YEAR % "{mm}{000@7}"),
        ("{mm}{000@99}", YEAR % "{mm}{000@99}"),
        ("{yy}{000@99}", MONTH % "{yy}{000@99}"),
        ("{yy}{000@0}", RESET % "0"),
        ("{yy}{000@13}", RESET % "13"),
        ("{yy}{mm}{000@98}", RESET % "98"),
        ("{yy}{mm}{000@100}", RESET % "100"),
        ("{000}{zz}", TAG % "{zz}"),
        ("{000}{yyy}", TAG % "{yyy}"),
        ("{000}{m}", TAG % "{m}"),
        ("{000}{}", TAG % "{}"),
        ("{000+}", TAG % "{000+}"),
        ("{000", LITERAL % "{"),
        ("000}", LITERAL % "}"),
        ("é{000}", LITERAL % "é"),
        ("A|{000}", LITERAL % "A|"),
        ("[{000}]", LITERAL % "["),
        ("{000+1234567890123456789012345678}{uuu}", LENGTH % "{000+1234567890123456789012345678}{uuu}"),
        ("x" * 28 + "{000}", LENGTH % ("x" * 28 + "{000}")),
        ("{000+" + "0" * 90 + "}", LENGTH % ("{000+" + "0" * 75)),
    ],
)
def test_a_bad_mask_is_refused_with_the_reason(mask: str, reason: str) -> None:
    with pytest.raises(Refusal) as refused:
        Mask.parse(mask)

    assert str(refused.value) == reason


@pytest.mark.parametrize("mask", ["{yyyy}{000@12}", "{y}{000@1}", "{cccc}{yy}-{mm}{000@99}", "{000+" + "0" * 74 + "}"])
def test_a_good_mask_is_taken(mask: str) -> None:
    assert Mask.parse(mask).text == mask


def test_a_mask_may_be_as_long_as_references_may() -> None:
    assert len(Mask.parse("x" * 27 + "{000}").render(1, _noon())) == LONGEST


@given(st.text(max_size=100) | st.text("{}0cyYmdtu+@19 -", max_size=40))
def test_whatever_is_typed_is_a_mask_or_refused(text: str) -> None:
    try:
        mask = Mask.parse(text)
    except Refusal:
        return
    assert len(mask.render(1, _noon())) <= LONGEST + 1


# when counters begin again -------------------------------------------------------------------------------------------


@pytest.mark.row("TM-04")
@given(year=years, month=months, zone=zones)
def test_a_monthly_counter_begins_again_at_the_desks_midnight(year: int, month: int, zone: ZoneInfo) -> None:
    mask = Mask.parse("TS{yyyy}{mm}-{0000@99}")
    midnight = datetime(year, month, 1, tzinfo=zone).astimezone(UTC)
    before, after = Occasion.of(midnight - BLINK, zone), Occasion.of(midnight, zone)

    assert mask.counter_name(before) != mask.counter_name(after)
    assert mask.render(1, after) == f"TS{year:04d}{month:02d}-0001"
    assert mask.render(1, before) < mask.render(1, after)


@pytest.mark.row("TM-04")
@given(year=years, month=months, reset=months, zone=zones)
def test_a_yearly_counter_begins_again_with_its_month_only(year: int, month: int, reset: int, zone: ZoneInfo) -> None:
    mask = Mask.parse(f"TS{{yy}}{{mm}}-{{0000@{reset}}}")
    midnight = datetime(year, month, 1, tzinfo=zone).astimezone(UTC)
    before, after = Occasion.of(midnight - BLINK, zone), Occasion.of(midnight, zone)

    assert (mask.counter_name(before) != mask.counter_name(after)) == (month == reset)


@given(moment=moments, zone=zones)
def test_a_counter_without_reset_counts_on_for_ever(moment: datetime, zone: ZoneInfo) -> None:
    mask = Mask.parse("TS{yy}{mm}{dd}-{0000}")

    assert mask.counter_name(Occasion.of(moment, zone)) == mask.counter_name(_noon())


@given(moment=moments, zone=zones)
def test_a_reference_shows_the_desks_day(moment: datetime, zone: ZoneInfo) -> None:
    local = moment.astimezone(zone)

    assert Mask.parse("{yyyy}{mm}{dd}-{000}").render(1, Occasion.of(moment, zone)) == f"{local:%Y%m%d}-001"


MASKS = [
    "TS{yy}{mm}-{0000@99}",
    "{mm}/{yyyy}-{000@7}",
    "{yyyy}-{000@7}",
    "{yyyy}-{000@1}",
    "{cccc000@12}{yyyy}",
    "{cccc000+3}",
    "{cc}{yy}-{000}",
]


@given(
    text=st.sampled_from(MASKS),
    occasions=st.lists(st.tuples(moments, st.sampled_from(["ACME", "ACMEX", "BOB", ""])), max_size=30),
    zone=zones,
)
def test_no_reference_comes_twice_and_none_is_left_out(
    text: str, occasions: list[tuple[datetime, str]], zone: ZoneInfo
) -> None:
    mask, counters, made = Mask.parse(text), dict[str, int](), set[str]()
    for moment, client in occasions:
        occasion = Occasion.of(moment, zone, client=client)
        name = mask.counter_name(occasion)
        counters[name] = counters.get(name, 0) + 1
        made.add(mask.render(counters[name], occasion))

    within_a_century = "{yy}" not in text or len({moment.year // 100 for moment, _ in occasions}) <= 1
    assert len(made) == len(occasions) or not within_a_century


@pytest.mark.parametrize(("month", "reference"), [(6, "2025-001"), (7, "2026-001")])
def test_without_a_month_beside_it_the_year_is_the_one_that_the_count_began_in(month: int, reference: str) -> None:
    occasion = Occasion.of(datetime(2026, month, 15, tzinfo=UTC), ZONES[0])

    assert Mask.parse("{yyyy}-{000@7}").render(1, occasion) == reference


def test_with_a_month_beside_it_the_year_is_the_calendars() -> None:
    occasion = Occasion.of(datetime(2026, 2, 15, tzinfo=UTC), ZONES[0])

    assert Mask.parse("{yyyy}{mm}-{000@7}").render(1, occasion) == "202602-001"


def test_a_counter_for_each_client_goes_by_the_code_that_is_shown() -> None:
    mask = Mask.parse("{cccc000}")
    names = [mask.counter_name(_at("2026-11-24T12:00+00:00", client=code)) for code in ("ACME", "acme-x", "BOB", "")]

    assert names[0] == names[1]
    assert len(set(names)) == 3


def test_a_wider_counter_counts_on_and_another_beginning_does_not() -> None:
    names = [Mask.parse(text).counter_name(_noon()) for text in ("T{000}", "T{00000}", "T{000+5}", "U{000}", "{000}T")]

    assert names[0] == names[1]
    assert len(set(names)) == 4


@pytest.mark.parametrize(
    ("mask", "name"),
    [
        ("TS{yy}-{0000}", "TS{yy}-{0+0@0}"),
        ("{ccc0000+7@7}/{yyyy}", "{ccc0+7@7}/{yyyy} 2026 ACM"),
        ("A{yy}{mm}-{000@99}-{dd}", "A{yy}{mm}-{0+0@99}-{dd} 2026-11"),
    ],
)
def test_a_counter_keeps_its_name_for_ever(mask: str, name: str) -> None:
    assert Mask.parse(mask).counter_name(_noon()) == name


# around counting -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mask", "number", "nearly"),
    [
        ("{000}", 899, False),
        ("{000}", 900, True),
        ("{0000}", 8999, False),
        ("{0000}", 9000, True),
        ("{000+900}", 0, True),
    ],
)
def test_a_counter_is_nearly_full_at_nine_tenths_of_its_width(mask: str, number: int, nearly: bool) -> None:
    assert Mask.parse(mask).counter.is_nearly_full(number) is nearly


def test_the_first_free_number_is_the_next_whose_reference_is_not_taken() -> None:
    mask = Mask.parse("T{000+10}/{yy}")
    taken = {"T012/26", "T013/26", "T015/26", "T014/25"}

    assert [mask.first_free(number, _noon(), taken) for number in (1, 2, 3, 4, 5)] == [1, 4, 4, 4, 6]


@pytest.mark.parametrize(
    ("mask", "pattern"),
    [("TS{yy}{mm}-{0000}", "TS____-0042"), ("{ccc}{000@7}.{yyyy}", "___042.____"), ("{cc000+100}", "__042")],
)
def test_a_pattern_says_what_references_with_a_number_look_like(mask: str, pattern: str) -> None:
    assert Mask.parse(mask).pattern(42) == pattern


@pytest.mark.parametrize(
    ("mask", "named"),
    [("{cc000}", True), ("{cc}{000}", True), ("{000}{t}", True), ("{u}{yy}{000}", False)],
)
def test_a_mask_says_whether_it_names_the_client(mask: str, named: bool) -> None:
    assert Mask.parse(mask).names_client is named


def test_the_simple_model_is_a_mask_too() -> None:
    assert SIMPLE.render(42, _noon()) == "TS2611-0042"
