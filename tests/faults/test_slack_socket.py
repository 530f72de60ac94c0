"""The socket to Slack is lost again and again: back within five seconds, and what came meanwhile comes again."""

import time

import pytest

from bot.sandbox.slack import PretendSlack, wait_until
from handlers.slack import SCOPES
from tests.handlers.slack.running import connected
from tests.handlers.slack.stage import BOB, SUPPORT, WrittenDown

BACK_WITHIN = 5.0
MISSED_EVERY = 5


async def lost(times: int) -> list[float]:
    """How long each of so many losses took to mend; every command after it was answered, every missed event came."""
    slack, verbs = PretendSlack(scopes=frozenset(SCOPES)), WrittenDown()
    slack.add_member(BOB, "Bob", "bob@example.org")
    slack.add_channel(SUPPORT, "support", members=(BOB,))
    await slack.start()
    try:
        async with connected(slack, verbs):
            return [await _once(slack, verbs, number) for number in range(times)]
    finally:
        await slack.stop()


async def _once(slack: PretendSlack, verbs: WrittenDown, number: int) -> float:
    opened = len(slack.calls_of("apps.connections.open"))
    began = time.monotonic()
    await slack.cut_sockets(abrupt=number % 2 == 0)
    missed = number % MISSED_EVERY == 0
    if missed:
        await slack.emit(
            {"type": "app_mention", "user": BOB, "channel": SUPPORT, "text": f"<@U0DESKBELL> show {number}"}
        )
    await wait_until(lambda: slack.sockets.links and len(slack.calls_of("apps.connections.open")) > opened, BACK_WITHIN)
    took = time.monotonic() - began
    if missed:
        await slack.retry_now()
        await wait_until(lambda: verbs.requests and verbs.last.words == f"show {number}", BACK_WITHIN)
    answered = await slack.slash(BOB, SUPPORT, f"list {number}")
    assert answered.acked and verbs.last.words == f"list {number}"
    return took


@pytest.mark.row("CI-10")
async def test_a_socket_that_is_lost_ten_times_is_back_each_time_and_misses_nothing() -> None:
    took = await lost(10)

    assert max(took) < BACK_WITHIN


async def full() -> str:
    """Fifty losses."""
    took = await lost(50)
    assert max(took) < BACK_WITHIN
    return f"{len(took)} losses, the slowest mended in {max(took):.2f} s"
