"""When a card may be redrawn: pure, by the clock."""

from itertools import pairwise

import pytest

from bot.outgoing.redrawing import LONGEST, PACE, QUIET, Redraws

CARD, OTHER = (1, "slack:#support"), (2, "slack:#support")


def test_a_card_that_has_been_left_alone_is_drawn_at_once() -> None:
    redraws = Redraws()

    assert [redraws.wait(key, 1, 0.0) for key in (CARD, OTHER)] == [0.0, 0.0]
    assert redraws.wait(CARD, 2, 100.0) == 0.0


def test_the_next_drawing_waits_its_pace_and_no_longer() -> None:
    redraws = Redraws()
    redraws.wait(CARD, 1, 0.0)

    assert redraws.wait(CARD, 2, 0.75) == 0.25
    assert redraws.wait(CARD, 2, PACE) == 0.0


def test_a_second_change_that_nobody_has_waited_for_is_drawn_at_once_after_the_pace() -> None:
    redraws = Redraws()
    redraws.wait(CARD, 1, 0.0)

    assert redraws.wait(CARD, 2, PACE + 0.1) == 0.0


@pytest.mark.row("CO-05")
def test_a_storm_that_is_looked_at_every_second_is_seen_as_one() -> None:
    redraws = Redraws()

    assert [redraws.wait(CARD, *seen) for seen in ((3, 0.0), (28, 1.01), (51, 2.02), (51, 3.03))] == [
        0,
        QUIET,
        QUIET,
        0,
    ]


@pytest.mark.row("CO-05")
def test_fifty_changes_in_two_seconds_are_two_drawings() -> None:
    redraws, drawn, due = Redraws(), [], 0.0

    for tick in range(500):
        now, version = tick / 100, min(tick // 4, 50)
        if now >= due and drawn[-1:] != [50]:
            wait = redraws.wait(CARD, version, now)
            due = now + wait
            drawn += [] if wait else [version]

    assert drawn == [0, 50]


def test_rain_without_an_end_is_drawn_now_and_then() -> None:
    redraws, due, drawn = Redraws(), 0.0, []

    for tick in range(2000):
        now = tick / 100
        if now >= due:
            wait = redraws.wait(CARD, tick, now)
            due = now + wait
            drawn += [] if wait else [now]

    gaps = [later - earlier for earlier, later in pairwise(drawn)]
    assert drawn
    assert all(PACE <= gap <= LONGEST + QUIET for gap in gaps)
