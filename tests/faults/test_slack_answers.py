"""What Slack answers to a running desk: too fast, nothing at all, gone, shut. Nothing is lost or silent."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bot.desk.opening import Opening
from bot.desk.people import Actor, agent, client_of
from bot.sandbox.slack.faults import Fault
from storage.database import session
from storage.models import Delivery
from tests.handlers.slack.house import CHANNEL, House, open_house


@pytest.fixture
async def house(tmp_path: Path, over_http: bool) -> AsyncIterator[House]:
    async with open_house(tmp_path, http=over_http) as running:
        yield running


def open_tickets(house: House, number: int, text: str = "Please help.") -> list[str]:
    """So many tickets at once; their references."""
    with session():
        return [
            house.office.desk.tickets.open(
                Opening(f"Request {place}", text, client=client_of("ann@acme.example", "Ann")),
                Actor("client", "Ann", "mail"),
            ).reference
            for place in range(number)
        ]


def hanging(house: House) -> list[str]:
    """The references of the cards in the channel, in their order."""
    return [
        message.metadata["event_payload"]["ticket"] for message in house.slack.messages(CHANNEL) if message.metadata
    ]


@pytest.mark.row("CO-02")
async def test_a_slack_that_is_full_gets_every_card_once_in_order_and_not_slower_than_it_asks(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every third call is too much, and a second is asked for."""
    calls, take = iter(range(1, 1000)), house.slack.faults.take

    def every_third(method: str) -> Fault | None:
        if method != "chat.postMessage" or next(calls) % 3:
            return take(method)
        refusal = {"ok": False, "error": "ratelimited"}
        return Fault(method, status=429, body=refusal, headers={"Retry-After": "1"})

    monkeypatch.setattr(house.slack.faults, "take", every_third)
    began = time.monotonic()

    references = open_tickets(house, 5)
    await house.until(lambda: len(hanging(house)) == 5)

    assert hanging(house) == references
    assert time.monotonic() - began < 10


@pytest.mark.row("CO-03")
@pytest.mark.parametrize("asked", [999_999, None, "soon"])
async def test_no_answer_to_wait_delays_the_end(tmp_path: Path, asked: object) -> None:
    async with open_house(tmp_path) as house:
        house.slack.faults.limit("chat.postMessage", asked, times=100)
        open_tickets(house, 3)
        await house.until(lambda: house.slack.calls_of("chat.postMessage"))
        began = time.monotonic()

    assert time.monotonic() - began < 10


@pytest.mark.row("CO-04", "INV-03")
@pytest.mark.parametrize("lost", ["late", "cut"])
async def test_a_card_that_was_posted_without_an_answer_is_found_and_not_posted_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    monkeypatch.setattr("handlers.slack.adapter.CALL_SECONDS", 1)
    async with open_house(tmp_path) as house:
        if lost == "late":
            house.slack.faults.timeout_after_done("chat.postMessage", seconds=3)
        else:
            house.slack.faults.drop("chat.postMessage", done=True)
        open_tickets(house, 1)

        card = await house.card()
        await house.slack.press("U0BOB", CHANNEL, card, "verb:take")
        await house.until(lambda: "Taken by Bob" in house.shown)

        assert len(house.slack.messages(CHANNEL)) == 1
        assert len(house.slack.calls_of("chat.postMessage")) == 1


@pytest.mark.row("CO-05", "INV-08")
async def test_a_storm_of_changes_is_few_edits_and_the_last_one_is_right(house: House) -> None:
    (reference,) = open_tickets(house, 1)
    await house.card()
    before, began = len(house.slack.calls_of("chat.update")), time.monotonic()

    for number in range(50):
        await asyncio.to_thread(rename, house, reference, f"Subject {number}")
        await asyncio.sleep(max(0.0, began + number / 25 - time.monotonic()))
    await house.until(lambda: "Subject 49" in house.slack.messages(CHANNEL)[0].words)

    assert len(house.slack.calls_of("chat.update")) - before <= 2


def rename(house: House, reference: str, subject: str) -> None:
    with session():
        editor, bob = house.office.desk.tickets.editor, Actor.of(agent("bob@example.org"), "cli")
        editor.edit(reference, {"subject": subject}, bob)


@pytest.mark.row("CI-19", "INV-08")
async def test_a_card_that_somebody_deleted_hangs_again_at_the_next_change(house: House) -> None:
    house.slack.workspace.members["U0BOB"].admin = True
    open_tickets(house, 1)
    await house.slack.delete_message("U0BOB", CHANNEL, await house.card())

    await house.slack.slash("U0CAROL", CHANNEL, "take 1")

    await house.until(lambda: house.slack.messages(CHANNEL) and "Taken by Carol" in house.shown)
    assert len(house.slack.messages(CHANNEL)) == 1


@pytest.mark.row("CI-20", "INV-03")
@pytest.mark.parametrize("shut", ["archived", "removed"])
async def test_what_a_shut_channel_is_to_show_waits_until_it_is_open(
    house: House, monkeypatch: pytest.MonkeyPatch, shut: str
) -> None:
    monkeypatch.setattr("handlers.slack.faults.HELD_FOR", 0.3)
    slack = house.slack
    await (slack.archive("U0BOB", CHANNEL) if shut == "archived" else slack.leave(slack.bot_user, CHANNEL))

    references = open_tickets(house, 2)
    await house.until(lambda: len(slack.calls_of("chat.postMessage")) >= 3)
    assert slack.messages(CHANNEL) == []
    await (slack.unarchive("U0BOB", CHANNEL) if shut == "archived" else slack.join(slack.bot_user, CHANNEL))

    await house.until(lambda: len(hanging(house)) == 2)
    assert hanging(house) == references


@pytest.mark.row("CO-01")
async def test_what_is_given_up_is_counted_for_a_person_to_see(house: House) -> None:
    house.slack.faults.fail("chat.postMessage", "invalid_blocks")
    open_tickets(house, 1)

    await house.until(lambda: house.slack.calls_of("chat.postMessage"))
    await house.until(lambda: given_up() == ["Slack refused chat.postMessage: invalid_blocks"])

    async with aiohttp.ClientSession() as client, client.get(f"{house.address}/healthz") as answer:
        assert (await answer.json())["dead_letters"] == 1


def given_up() -> list[str]:
    """Why what could not be delivered was not."""
    with session():
        return [row.error for row in Delivery.select().where(Delivery.state == "failed")]
