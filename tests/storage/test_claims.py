"""What several processes take from one PostgreSQL: each thing is one's for a while, by the clock of the database."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from storage.database import session, transaction
from storage.models import ChatUpdate, Delivery
from storage.queries import deliveries, leases, requests

pytestmark = [pytest.mark.database("postgres"), pytest.mark.usefixtures("desk")]
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
LONG, AHEAD = timedelta(seconds=60), timedelta(hours=3)


def say(text: str, channel: str) -> None:
    deliveries.add_notice(text, key=text, platform="slack", channel=channel, topic=0, at=NOON)


def taken(most: int = 10) -> list[str]:
    """What a process that sends nothing yet gets."""
    return [str(one.payload["text"]) for one in deliveries.claim("slack", [], NOON, NOON + LONG, most)]


def updates() -> list[int]:
    """What a process that carries out nothing yet gets."""
    return [number for number, _ in requests.claim_updates("telegram", NOON, ours_for=LONG)]


@pytest.mark.row("INV-08")
def test_while_one_process_sends_to_a_place_no_other_takes_anything_for_it() -> None:
    say("first", "C1")
    say("second", "C1")
    say("elsewhere", "C2")

    assert [taken(most=1), taken(), taken()] == [["first"], ["elsewhere"], []]


@pytest.mark.row("INV-03")
def test_what_a_dead_process_was_sending_is_put_back_when_its_time_is_over() -> None:
    say("first", "C1")
    taken()

    early = deliveries.reclaim(datetime.now(UTC) + AHEAD)
    Delivery.update(claimed_until=NOON).execute()

    assert [early, deliveries.reclaim(NOON), deliveries.reclaim(NOON)] == [0, 1, 0]
    assert taken() == ["first"]


@pytest.mark.row("INV-03")
def test_what_is_asked_for_again_while_it_is_put_back_waits_once() -> None:
    say("first", "C1")
    taken()
    asking = threading.Event()

    def ask() -> None:
        with session(), transaction():
            say("first", "C1")
            asking.set()
            time.sleep(0.3)  # the other cannot see it yet, and waits for the end of this

    other = threading.Thread(target=ask)
    other.start()
    asking.wait(5)
    deliveries.again(Delivery.get().id, NOON, "later")
    other.join()

    assert [one.state for one in Delivery.select().order_by(Delivery.id)] == ["withdrawn", "pending"]
    assert taken() == ["first"]


@pytest.mark.row("CI-05", "INV-03")
def test_an_update_is_its_takers_until_it_is_dead() -> None:
    requests.store_update("telegram", 7, "{}", NOON, ours_for=LONG)

    before = updates()
    ChatUpdate.update(claimed_until=NOON).execute()
    after, again = updates(), updates()

    assert [before, after, again] == [[], [7], []]


@pytest.mark.row("PR-02")
def test_an_update_that_is_let_go_is_free_at_once() -> None:
    requests.store_update("telegram", 7, "{}", NOON, ours_for=LONG)

    requests.let_updates_go("telegram", [7])

    assert updates() == [7]


@pytest.mark.row("MI-36")
def test_a_machine_whose_clock_is_ahead_takes_no_lease_from_another() -> None:
    first = leases.take("schedule", "one", NOON, LONG)
    second = leases.take("schedule", "two", NOON + AHEAD, LONG)

    assert (first, second) == (True, False)
