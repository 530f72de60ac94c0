"""Updates that survive: stored first, carried out once, in order, and never the end of the loop."""

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest
from structlog.testing import capture_logs
from telegram import Update
from telegram.error import NetworkError

from bot.commands.requests import Request
from bot.outgoing.cards import Answer
from bot.sandbox.telegram import Chat, Person, PretendTelegram
from handlers.telegram import updates
from handlers.telegram.updates import DurableQueue, lane_of
from tests.handlers.telegram.conftest import GROUP, Desk
from tests.handlers.telegram.fakes import DONE, FakeUpdates

Until = Callable[[Callable[[], bool]], Awaitable[None]]


async def test_put_stores_first_and_queues_each_update_once() -> None:
    store = FakeUpdates()
    queue = DurableQueue(store)

    await queue.put(Update(5))
    await queue.put(Update(5))

    assert (list(store.stored), queue.qsize()) == ([5], 1)


async def test_put_fails_with_a_network_error_when_it_cannot_store() -> None:
    store = FakeUpdates()
    store.is_locked = True
    queue = DurableQueue(store)

    with pytest.raises(NetworkError):
        await queue.put(Update(5))

    assert queue.qsize() == 0


async def test_what_is_queued_is_kept_and_what_another_process_left_is_queued_once(
    monkeypatch: pytest.MonkeyPatch, until: Until
) -> None:
    monkeypatch.setattr(updates, "MIND_EVERY", 0.01)
    store = FakeUpdates()
    queue = DurableQueue(store)
    await queue.put(Update(5))

    minding = asyncio.ensure_future(queue.mind(None))
    store.stored[6] = Update(6).to_json()
    await until(lambda: store.kept == [5, 6])
    minding.cancel()

    assert queue.qsize() == 2
    assert [queue.is_restored(number) for number in (5, 6)] == [False, True]


async def test_what_is_left_at_the_end_is_let_go() -> None:
    store = FakeUpdates()
    queue = DurableQueue(store)
    await queue.put(Update(5))
    await queue.put(Update(6))

    await queue.done(5)
    await queue.let_go()

    assert store.free == [6]


async def test_what_cannot_be_stored_is_given_again_and_lost_by_nobody(
    desk: Desk, telegram: PretendTelegram, sam: Person
) -> None:
    desk.updates.is_locked = True
    gestures = [await telegram.say(sam, sam, f"/take {n}") for n in range(3)]
    await asyncio.sleep(0.3)
    before = (len(desk.commands.requests), all(not desk.updates.stored for _ in gestures))

    desk.updates.is_locked = False
    for gesture in gestures:
        await gesture

    assert before == (0, True)
    assert [request.words for request in desk.commands.requests] == ["take 0", "take 1", "take 2"]


async def test_presses_that_were_taken_when_it_died_are_carried_out_once_after_the_next_start(
    desk: Desk, telegram: PretendTelegram, sam: Person, until: Until
) -> None:
    """The first press hangs, so all twenty are stored and confirmed and none is done when the bot goes away."""
    shown = await desk.hang()
    stuck, reached = asyncio.Event(), desk.commands

    async def hanging(request: Request) -> Answer:
        await stuck.wait()
        return DONE

    desk.adapter._asking._commands = hanging
    gestures = [await telegram.press(sam, GROUP, shown.id, "✅ Take it") for _ in range(20)]
    await until(lambda: len(desk.updates.stored) == 20)
    await desk.restart()
    await until(lambda: len(desk.updates.finished) == 20)

    receipts = [request.receipt for request in reached.requests]
    assert receipts == [f"telegram:{gesture.updates[0]}" for gesture in gestures]
    assert sorted(desk.updates.finished) == sorted(gesture.updates[0] for gesture in gestures)


async def test_what_is_done_is_not_carried_out_again(desk: Desk, telegram: PretendTelegram, sam: Person) -> None:
    await (await telegram.say(sam, sam, "/take 42"))

    await desk.restart()
    await (await telegram.say(sam, sam, "/take 43"))

    assert [request.words for request in desk.commands.requests] == ["take 42", "take 43"]


async def test_an_update_that_fails_is_tried_three_times_and_the_next_ones_are_served(
    desk: Desk, telegram: PretendTelegram, sam: Person, bob: Person, until: Until
) -> None:
    tries: list[str] = []
    usual = desk.commands.__call__

    async def failing(request: Request) -> Answer:
        tries.append(request.receipt)
        if request.words == "take 13":
            raise RuntimeError("canary")
        return await usual(request)

    desk.adapter._asking._commands = failing
    bad = await telegram.say(sam, sam, "/take 13")
    good = await (await telegram.say(bob, bob, "/take 42"))
    await until(lambda: bad.updates[0] in desk.updates.finished)

    assert good.sent[0].text == "Done."
    assert tries.count(f"telegram:{bad.updates[0]}") == 3
    told = telegram.messages(sam.id)[-1].text
    assert told.startswith("Something went wrong here. Tell an admin this: ")
    assert "canary" not in told


@pytest.mark.one_mode
async def test_an_update_at_which_the_program_ends_is_given_up_after_three_starts(
    desk: Desk, telegram: PretendTelegram, sam: Person, until: Until
) -> None:
    """Each time the first is carried out the bot goes away; the second stands behind it."""
    begun: list[str] = []
    usual = desk.commands.__call__

    async def deadly(request: Request) -> Answer:
        begun.append(str(request.words))
        if request.words == "take 13":
            await asyncio.Event().wait()
        return await usual(request)

    desk.adapter._asking._commands = deadly
    bad = await telegram.say(sam, sam, "/take 13")
    await until(lambda: "take 13" in begun)
    await desk.stop()
    number, behind = bad.updates[0], bad.updates[0] + 1
    innocent = desk.updates.stored[number].replace("take 13", "take 42").replace(str(number), str(behind))
    desk.updates.stored[behind] = innocent
    with capture_logs() as logged:
        for start in range(2, 5):
            desk.make()
            desk.adapter._asking._commands = deadly
            await desk.start()
            await until(lambda: begun.count("take 13") == start or behind in desk.updates.finished)  # noqa: B023
            await desk.stop()

    assert begun == ["take 13", "take 13", "take 13", "take 42"]
    assert desk.updates.finished == [number, behind]
    assert any("Something went wrong here." in message.text for message in telegram.messages(sam.id))
    assert any("the program ended each time" in str(record) for record in logged)


async def test_a_stored_update_that_cannot_be_read_holds_up_nobody(
    telegram: PretendTelegram, sam: Person, group: Chat
) -> None:
    desk = Desk(telegram)
    desk.updates.stored = {1: "{not json", 2: '{"update_id": 2, "message": {}}'}

    await desk.start()
    await (await telegram.say(sam, sam, "/take 42"))
    await desk.stop()

    assert desk.updates.finished[:2] == [1, 2]
    assert [request.words for request in desk.commands.requests] == ["take 42"]


async def test_an_update_of_a_shape_nobody_knows_ends_nothing(
    desk: Desk, telegram: PretendTelegram, sam: Person
) -> None:
    await telegram.send_raw({"new_kind": {"a": 1}})
    await telegram.send_raw({"message": {"message_id": 1, "date": 0, "chat": {"id": 1, "type": "void"}, "x": [[[[]]]]}})

    gesture = await (await telegram.say(sam, sam, "/take 42"))

    assert gesture.sent[0].text == "Done."


@pytest.mark.one_mode
async def test_while_telegram_asks_to_slow_down_the_answer_waits_and_comes(
    desk: Desk, telegram: PretendTelegram, sam: Person
) -> None:
    telegram.faults.flood("sendMessage", 1)

    gesture = await telegram.say(sam, sam, "/take 42")
    await gesture.settled(quiet=1.6)

    assert [one.text for one in gesture.sent] == ["Done."]


async def test_presses_share_the_cards_lane_and_words_the_persons(
    desk: Desk, telegram: PretendTelegram, sam: Person, bob: Person, until: Until
) -> None:
    shown = await desk.hang()
    for person in (sam, bob):
        await telegram.press(person, GROUP, shown.id, "✅ Take it")
        await telegram.say(person, GROUP, "/list")
    await until(lambda: len(desk.updates.stored) == 4)

    updates = [Update.de_json(json.loads(text), None) for text in desk.updates.stored.values()]

    lanes = [lane_of(update) for update in updates]
    assert lanes == [f"{GROUP}/{shown.id}", f"{GROUP}:7001", f"{GROUP}/{shown.id}", f"{GROUP}:7002"]
