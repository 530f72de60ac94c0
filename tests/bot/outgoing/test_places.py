"""Places that take nothing for a while: found down by what fails in a row, and never by what fails alone."""

import pytest

from bot.outgoing.places import Places

PLACE = "slack:#support/0"


class Seconds:
    """A clock that is moved by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def places(seconds: Seconds) -> Places:
    return Places(seconds)


def found_down(places: Places, seconds: Seconds, *, waiting: int = 100) -> tuple[int, float]:
    """After how many more failures the place is down, and for how long; so many wait there."""
    seconds.now += places.wait(PLACE)
    for number in range(1, waiting + 1):
        places.failed(PLACE, number)
        if places.wait(PLACE):
            break
    else:
        places.no_more(PLACE)
    return number, places.wait(PLACE)


def fail(places: Places, *deliveries: int, where: str = PLACE) -> None:
    """These fail, one after the other, each of them all that is due."""
    for number in deliveries:
        places.failed(where, number)
        places.no_more(where)


def test_a_delivery_that_fails_alone_shuts_nothing(places: Places) -> None:
    fail(places, 1, 1, 1, 1)

    assert places.wait(PLACE) == 0
    assert places.all_shut() == []


def test_two_that_fail_in_a_row_shut_their_place_and_no_other(places: Places, seconds: Seconds) -> None:
    fail(places, 1)
    fail(places, 2, where="telegram:7/0")
    fail(places, 3)
    shut = places.all_shut()
    seconds.now += 1

    assert shut == [PLACE]
    assert places.all_shut() == []


def test_what_arrives_between_two_failures_says_that_the_place_is_well(places: Places) -> None:
    fail(places, 1)
    places.arrived(PLACE)
    fail(places, 2)

    assert places.wait(PLACE) == 0


def test_each_time_it_waits_longer_and_tries_one_more(places: Places, seconds: Seconds) -> None:
    rounds = [found_down(places, seconds) for _ in range(8)]

    assert [tries for tries, _ in rounds] == [2, 3, 4, 5, 6, 7, 8, 9]
    assert [wait for _, wait in rounds] == [1, 2, 5, 15, 60, 60, 60, 60]


def test_where_all_that_wait_have_failed_nobody_waits_for_more(places: Places, seconds: Seconds) -> None:
    rounds = [found_down(places, seconds, waiting=3) for _ in range(5)]

    assert [tries for tries, _ in rounds] == [2, 3, 3, 3, 3]


def test_what_failed_before_goes_first_and_holds_nobody_up_for_ever(places: Places) -> None:
    fail(places, 3)

    asked = [places.is_owed(PLACE, [4, 5]), places.is_owed(PLACE, [4, 5])]
    fail(places, 3)

    assert asked == [True, False]
    assert not places.is_owed(PLACE, [3, 4])
    assert not places.is_owed("telegram:7/0", [4])


def test_a_chat_that_is_opened_again_takes_everything_in_all_its_topics(places: Places) -> None:
    for where in ("telegram:-100/0", "telegram:-100/7", "telegram:-1001/0"):
        places.shut(where, 60)

    places.reopen("telegram:-100")

    assert places.all_shut() == ["telegram:-1001/0"]
