"""Slack is asked freely until it says that it was too fast; then each method and channel has its turns."""

import asyncio
import time

import pytest

from bot.errors import DeliveryError
from bot.ports import Place
from bot.sandbox.slack import PretendSlack
from handlers.slack.chat import SlackChat
from handlers.slack.pacing import PATIENCE, SLOW_FOR, Pace
from tests.handlers.slack.stage import SUPPORT, card


class Time:
    """Stands until it is moved."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
def pace(clock: Time) -> Pace:
    return Pace(clock)


def test_nothing_waits_before_slack_has_said_a_word(pace: Pace) -> None:
    assert [pace.wait("chat.postMessage", "C1") for _ in range(50)] == [0.0] * 50


@pytest.mark.row("CO-02")
def test_posts_of_the_channel_wait_and_then_come_one_a_second(pace: Pace, clock: Time) -> None:
    pace.slow_down("chat.postMessage", "C1", 5.0)

    assert pace.wait("chat.postMessage", "C1") == 5.0
    clock.now += 5
    assert [pace.wait("chat.postMessage", "C1") for _ in range(3)] == [0.0, 1.0, 2.0]
    assert pace.wait("chat.postMessage", "C1") == 3.0 > PATIENCE
    assert pace.wait("chat.postMessage", "C2") == 0.0


@pytest.mark.row("CO-02")
def test_every_other_method_waits_in_all_channels(pace: Pace) -> None:
    pace.slow_down("chat.update", "C1", 5.0)

    assert pace.wait("chat.update", "C2") == 5.0
    assert pace.wait("chat.postMessage", "C1") == 0.0


def test_after_a_quiet_minute_all_is_as_before(pace: Pace, clock: Time) -> None:
    pace.slow_down("chat.update", "C1", 5.0)

    clock.now += 5 + SLOW_FOR

    assert [pace.wait("chat.update", "C1") for _ in range(5)] == [0.0] * 5


@pytest.mark.row("CO-02")
async def test_no_call_reaches_slack_before_the_time_it_named(slack: PretendSlack, chat: SlackChat) -> None:
    place = Place("slack", SUPPORT)
    slack.faults.limit("chat.postMessage", 1)
    with pytest.raises(DeliveryError, match="slow down"):
        await chat.post_card(place, card(), key="d1")
    began = time.monotonic()

    await asyncio.gather(*(chat.post_card(place, card(), key=f"d{number}") for number in (2, 3)))

    assert time.monotonic() - began >= 1.9
    assert [call.status for call in slack.calls_of("chat.postMessage")] == [429, 200, 200]


@pytest.mark.row("CO-03")
async def test_a_call_that_would_wait_long_comes_again_and_holds_nothing_up(
    slack: PretendSlack, chat: SlackChat
) -> None:
    place = Place("slack", SUPPORT)
    slack.faults.limit("chat.postMessage", 999_999)
    with pytest.raises(DeliveryError):
        await chat.post_card(place, card(), key="d1")

    began = time.monotonic()
    with pytest.raises(DeliveryError, match="slow down") as raised:
        await chat.post_card(place, card(), key="d1")

    assert time.monotonic() - began < 1
    assert 590 < (raised.value.retry_after or 0) <= 600
    assert len(slack.calls_of("chat.postMessage")) == 1


async def test_what_slack_has_refused_is_not_looked_for(slack: PretendSlack, chat: SlackChat) -> None:
    place = Place("slack", SUPPORT)
    slack.faults.limit("chat.postMessage", 1)
    with pytest.raises(DeliveryError):
        await chat.post_card(place, card(), key="d1")

    assert await chat.find(place, "d1") is None
    assert slack.calls_of("conversations.history") == []
