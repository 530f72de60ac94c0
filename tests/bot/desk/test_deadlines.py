"""The rules of deadlines: which waits have a limit, whose delay counts, and when the team is told."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.desk import business_time, deadlines
from bot.desk.business_time import BusinessHours, RoundTheClock
from bot.desk.deadlines import ACTION, BREACH, NOTHING, RESPONSE, WARNING, Delay, Level, Rules, Standing, Wait
from bot.desk.workflow import Status

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
ALWAYS = RoundTheClock()
OFFICE = BusinessHours(business_time.week("mon-fri 09:00-18:00"), ZoneInfo("UTC"))
LOW, HIGH, BILLING, MONEY, PARIS = 1, 2, 11, 12, 13


def rules(response: float = 4, action: float = 8, warn_at: float = 75) -> Rules:
    """The desk's delays; HIGH has its own, BILLING is below MONEY, and MONEY below PARIS."""
    return Rules(
        desk=Level("desk", "", response, action),
        severities={LOW: Level("severity", "LOW", None, None), HIGH: Level("severity", "HIGH", 1, None)},
        groups={
            BILLING: Level("group", "BILLING", None, None, MONEY),
            MONEY: Level("group", "MONEY", None, None, PARIS),
            PARIS: Level("group", "PARIS", None, 24),
        },
        warn_at=warn_at,
    )


def ticket(status: Status = Status.UNREAD, **values: object) -> Standing:
    """A client's ticket that came at noon; nobody has looked yet."""
    usual: dict[str, object] = {
        "severity_id": LOW,
        "group_id": PARIS,
        "last_activity_at": NOON,
        "response_from": NOON,
    }
    return Standing(status, **(usual | values))  # type: ignore[arg-type]


def due(standing: Standing, by: Rules) -> dict[str, float]:
    """Hours from noon to each deadline."""
    found = deadlines.waits(standing, by, ALWAYS)
    return {wait.kind: (wait.due_at - NOON) / timedelta(hours=1) for wait in found}


def wait(hours: float = 4, warn_at: float = 75, calendar: business_time.Calendar = ALWAYS) -> Wait:
    """A wait that begins at noon."""
    return deadlines.wait(ACTION, NOON, Delay(hours, "desk"), warn_at, calendar)


def after(**span: float) -> datetime:
    """A moment after noon."""
    return NOON + timedelta(**span)


# which waits have a limit --------------------------------------------------------------------------------------------


@pytest.mark.row("C6")
@pytest.mark.row("C7")
def test_a_new_ticket_must_be_answered_and_acted_upon() -> None:
    assert due(ticket(), rules()) == {RESPONSE: 4, ACTION: 24}


@pytest.mark.row("C6")
def test_an_answered_ticket_waits_for_no_first_answer() -> None:
    assert due(ticket(answered=True), rules()) == {ACTION: 24}


@pytest.mark.row("C6")
def test_internal_work_waits_for_no_answer() -> None:
    assert due(ticket(response_from=None), rules()) == {ACTION: 24}


@pytest.mark.row("C7")
def test_activity_restarts_the_action_delay_alone() -> None:
    assert due(ticket(last_activity_at=after(hours=2)), rules()) == {RESPONSE: 4, ACTION: 26}


@pytest.mark.row("C7")
@pytest.mark.row("R:waiting pauses")
@pytest.mark.parametrize("status", [Status.WAITING, Status.ON_HOLD])
def test_the_action_delay_stands_still_while_a_ticket_waits(status: Status) -> None:
    assert due(ticket(status), rules()) == {RESPONSE: 4}


@pytest.mark.parametrize("status", [Status.READ, Status.ASSIGNED, Status.IN_PROGRESS])
def test_both_delays_run_while_a_ticket_is_open(status: Status) -> None:
    assert due(ticket(status), rules()) == {RESPONSE: 4, ACTION: 24}


@pytest.mark.parametrize("status", [Status.CLOSED, Status.ABANDONED])
def test_what_has_ended_has_no_deadlines(status: Status) -> None:
    assert due(ticket(status), rules()) == {}


@pytest.mark.row("R:response 0 action on")
def test_no_response_delay_and_an_action_delay_do_not_make_a_new_ticket_late() -> None:
    assert due(ticket(), rules(response=0)) == {ACTION: 24}


def test_no_delays_no_deadlines() -> None:
    without = Rules(Level("desk", "", 0, 0), {LOW: Level("severity", "LOW", None, 0)}, {PARIS: Level("", "", 0, 5)}, 75)

    assert due(ticket(), without) == {}


# whose delay counts --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "severity", "group", "delay"),
    [
        (RESPONSE, HIGH, BILLING, Delay(1, "severity", "HIGH")),
        (ACTION, HIGH, BILLING, Delay(24, "group", "PARIS")),
        (ACTION, LOW, MONEY, Delay(24, "group", "PARIS")),
        (RESPONSE, LOW, BILLING, Delay(4, "desk")),
    ],
)
def test_the_severity_decides_else_the_group_else_those_above_it_else_the_desk(
    kind: str, severity: int, group: int, delay: Delay
) -> None:
    assert rules().delay(kind, severity, group) == delay


def test_a_delay_of_zero_says_something() -> None:
    by = Rules(
        Level("desk", "", 4, 8), {LOW: Level("severity", "LOW", 0, None)}, {PARIS: Level("group", "P", 5, 0)}, 75
    )

    assert by.delay(RESPONSE, LOW, PARIS) == Delay(0, "severity", "LOW")
    assert by.delay(ACTION, LOW, PARIS) == Delay(0, "group", "P")


def test_groups_above_each_other_in_a_circle_end_at_the_desk() -> None:
    circle = {BILLING: Level("group", "B", None, None, MONEY), MONEY: Level("group", "M", None, None, BILLING)}
    by = Rules(Level("desk", "", 4, 8), {LOW: Level("severity", "LOW", None, None)}, circle, 75)

    assert by.delay(RESPONSE, LOW, BILLING) == Delay(4, "desk")


def test_where_nobody_says_anything_there_is_no_delay() -> None:
    silent = Level("desk", "", None, None)
    by = Rules(silent, {LOW: Level("severity", "LOW", None, None)}, {PARIS: Level("group", "P", None, None)}, 75)

    assert by.delay(RESPONSE, LOW, PARIS) == Delay(0, "desk")


# when the team is told -----------------------------------------------------------------------------------------------


def test_a_wait_is_warned_of_at_a_percentage_and_breached_at_the_end() -> None:
    four = wait(4)

    assert (four.kind, four.since, four.delay.hours, four.calendar) == (ACTION, NOON, 4, ALWAYS)
    assert (four.warn_at, four.due_at) == (after(hours=3), after(hours=4))
    assert [four.at(step) for step in (WARNING, BREACH)] == [after(hours=3), after(hours=4)]


def test_deadlines_are_counted_in_the_tickets_calendar() -> None:
    response, action = deadlines.waits(ticket(), rules(), OFFICE)

    assert (response.warn_at, response.due_at) == (after(hours=3), after(hours=4))
    assert action.due_at == datetime(2026, 3, 6, 18, tzinfo=UTC)


STEPS = [
    (0, NOTHING),
    (2.99, NOTHING),
    (3, WARNING),
    (3.99, WARNING),
    (4, BREACH),
    (4.99, BREACH),
    (5, 2),
    (6, 3),
    (7.99, 3),
    (8, 4),
    (12, 5),
    (19.99, 5),
    (20, 6),
    (28, 7),
    (4 + 8 * 100, 104),
]


@pytest.mark.parametrize(("hours", "step"), STEPS)
def test_steps_are_reached_one_after_the_other(hours: float, step: int) -> None:
    assert wait(4).step(after(hours=hours)) == step


@pytest.mark.parametrize(("step", "hours"), [(2, 5), (3, 6), (4, 8), (5, 12), (6, 20), (7, 28), (104, 804)])
def test_a_breach_is_told_again_in_a_rhythm(step: int, hours: float) -> None:
    assert wait(4).at(step) == after(hours=hours)


def test_repetitions_wait_for_the_next_quarter_of_an_hour() -> None:
    odd = deadlines.wait(ACTION, after(minutes=1), Delay(4, "desk"), 75, ALWAYS)

    assert odd.due_at == after(hours=4, minutes=1)
    assert odd.at(2) == after(hours=5, minutes=15)
    assert odd.step(odd.at(2)) == 2


def test_nobody_is_told_again_at_night_where_business_hours_count() -> None:
    evening = wait(5.5, calendar=OFFICE)

    assert evening.due_at == after(hours=5.5)
    assert evening.at(2) == datetime(2026, 3, 5, 9, 30, tzinfo=UTC)
    assert evening.step(datetime(2026, 3, 5, 9, tzinfo=UTC)) == BREACH
    assert evening.step(datetime(2026, 3, 5, 9, 30, tzinfo=UTC)) == 2


def test_a_warning_at_the_very_end_is_the_breach() -> None:
    assert wait(4, warn_at=100).step(after(hours=4)) == BREACH


def test_the_next_step_follows_the_last_that_was_told() -> None:
    four = wait(4)

    told = [four.next_at(step, None) for step in (NOTHING, WARNING, BREACH, 2)]

    assert told == [after(hours=hours) for hours in (3, 4, 5, 6)]


@pytest.mark.parametrize(
    ("told", "acted", "following"),
    [
        (NOTHING, 5, 3),
        (WARNING, 5, 4),
        (BREACH, 4, None),
        (BREACH, 5, None),
        (3, 5, None),
        (BREACH, 3.99, 5),
    ],
)
def test_a_breach_is_told_again_until_somebody_acts_upon_it(told: int, acted: float, following: float | None) -> None:
    expected = None if following is None else after(hours=following)

    assert wait(4).next_at(told, after(hours=acted)) == expected


def test_the_next_alert_is_the_first_of_all_waits() -> None:
    standing = ticket(severity_id=HIGH)
    limits = deadlines.waits(standing, rules(), ALWAYS)

    assert deadlines.next_alert(standing, limits, {}) == after(minutes=45)
    assert deadlines.next_alert(standing, limits, {(RESPONSE, NOON): BREACH}) == after(hours=2)
    assert deadlines.next_alert(standing, limits, {(RESPONSE, NOON): 50}) == after(hours=18)


def test_what_was_told_of_an_earlier_wait_does_not_count() -> None:
    standing = ticket(severity_id=HIGH)
    limits = deadlines.waits(standing, rules(), ALWAYS)

    assert deadlines.next_alert(standing, limits, {(RESPONSE, after(hours=-1)): 50}) == after(minutes=45)


def test_nothing_more_is_told_of_a_breach_that_was_acted_upon() -> None:
    standing = ticket(acted_at=after(hours=5))
    response = deadlines.waits(standing, rules(action=0), ALWAYS)[:1]

    assert deadlines.next_alert(standing, response, {(RESPONSE, NOON): BREACH}) is None


def test_without_waits_nothing_is_ever_told() -> None:
    assert deadlines.next_alert(ticket(snoozed_until=NOON), (), {}) is None


@pytest.mark.parametrize(("snoozed", "alert"), [(1, 3), (3.5, 3.5), (20, 20)])
def test_a_snoozed_ticket_is_told_of_when_its_snooze_ends(snoozed: float, alert: float) -> None:
    standing = ticket(snoozed_until=after(hours=snoozed))

    assert deadlines.next_alert(standing, deadlines.waits(standing, rules(), ALWAYS), {}) == after(hours=alert)


# wherever the server stands ------------------------------------------------------------------------------------------


@pytest.mark.row("TM-03")
@pytest.mark.parametrize("zone", ["Asia/Kolkata", "America/St_Johns", "UTC"])
def test_the_rules_do_not_depend_on_the_servers_zone(zone: str) -> None:
    here = Path(__file__)
    files = [str(here.with_name("test_business_time.py")), str(here)]

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "not servers_zone", *files],
        env=os.environ | {"TZ": zone},
        cwd=here.parents[3],
        capture_output=True,
        text=True,
        timeout=100,
    )

    assert done.returncode == 0, done.stdout
