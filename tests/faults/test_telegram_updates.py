"""Updates of every wrong shape, and a store that takes none: ignored or kept, the desk alive, nothing half done."""

import asyncio
import copy
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from telegram import Update

from bot.sandbox.telegram import PretendTelegram
from handlers.telegram import updates as durable
from handlers.telegram.unreadable import DEEPEST, UpdatesRequest, shallow
from storage.database import session
from storage.models import ChatUpdate, Event
from tests.faults.locked import locked
from tests.faults.telegram_house import BOB, EVE, GROUP, House, open_house
from tests.servers import until

DEEP = 10_000
EVE_S = {"id": EVE, "is_bot": False, "first_name": "Eve", "language_code": "en"}
CHAT = {"id": GROUP, "type": "group", "title": "On call"}
MESSAGE = {
    "message_id": 77, "date": 1_700_000_000, "chat": CHAT, "from": EVE_S, "text": "/take 1",
    "entities": [{"type": "bot_command", "offset": 0, "length": 5}],
    "reply_to_message": {"message_id": 1, "date": 1_700_000_000, "chat": CHAT, "text": "x"},
}  # fmt: skip
RECORDED: dict[str, dict[str, Any]] = {
    "message": MESSAGE,
    "callback_query": {
        "id": "1", "from": EVE_S, "chat_instance": "1", "data": "v1:take:1:1",
        "message": {"message_id": 1, "date": 1_700_000_000, "chat": CHAT, "text": "card"},
    },
    "my_chat_member": {
        "chat": CHAT, "from": EVE_S, "date": 1_700_000_000,
        "old_chat_member": {"user": EVE_S, "status": "member"},
        "new_chat_member": {"user": EVE_S, "status": "administrator", "can_be_edited": False},
    },
}  # fmt: skip
WRONG: tuple[Any, ...] = (None, True, 10**30, "\ud800\x00", [[{}]])
UNKNOWN: tuple[dict[str, Any], ...] = (
    {"from_the_future": {"a": [1, 2, {"b": None}]}},
    {"message": MESSAGE | {"from_the_future": {"x": 1}, "text": None}},
    {"poll": {"id": "1"}},
    {"chat_join_request": {}},
    {"edited_channel_post": MESSAGE},
    {},
)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What fails is tried again at once."""
    monkeypatch.setattr(durable, "PAUSES", (0.0, 0.0))


@pytest.fixture
async def house(tmp_path: Path, over_http: bool) -> AsyncIterator[House]:
    async with open_house(tmp_path, http=over_http) as running:
        yield running


def paths(value: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to each field, the outer ones first."""
    if here:
        yield here
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from paths(one, (*here, key))


def with_field(update: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    """The update with another value in this place; `...` takes the field out."""
    changed: Any = copy.deepcopy(update)
    at = changed
    for key in path[:-1]:
        at = at[key]
    if value is ... and isinstance(at, dict):
        del at[path[-1]]
    else:
        at[path[-1]] = None if value is ... else value
    return dict(changed)


def mutants() -> Iterator[dict[str, Any]]:
    """Each recorded update with each field missing or of each wrong kind."""
    for kind, payload in RECORDED.items():
        for path in paths({kind: payload}):
            for value in (..., *WRONG):
                yield with_field({kind: payload}, path, value)


def pushed(telegram: PretendTelegram, updates: Iterator[dict[str, Any]]) -> int:
    """Queue them all at once; how many there were."""
    return len([telegram.world.updates.push_raw(update) for update in updates])


def acts() -> int:
    with session():
        return Event.select().where(Event.actor == "agent").count()


def unfinished() -> int:
    with session():
        return ChatUpdate.select().where(ChatUpdate.done_at.is_null()).count()


async def is_alive(house: House) -> bool:
    """Whether an agent is still served, and nothing is left undone."""
    answered = await (await house.telegram.say(BOB, BOB, "/list all")).settled(within=30)
    await until(lambda: unfinished() == 0)
    loops = (await house.health())["loops"]
    assert isinstance(loops, dict)
    return bool(answered.sent) and loops["telegram"]["ok"]


@pytest.mark.row("CI-26", "INV-04")
@pytest.mark.own_requests
async def test_each_field_missing_or_of_a_wrong_kind_ends_nothing_and_does_nothing(house: House) -> None:
    house.open("Fire")
    await house.card()

    number = pushed(house.telegram, mutants())
    await until(lambda: not house.telegram.world.updates.pending, 60)

    assert number > 300
    assert await is_alive(house)
    assert acts() == 0


@pytest.mark.row("CI-26")
async def test_unknown_kinds_are_passed_over(house: House) -> None:
    for update in UNKNOWN:
        await (await house.telegram.send_raw(dict(update))).settled(quiet=0.01)

    assert await is_alive(house)
    assert acts() == 0


@pytest.mark.row("CI-26")
@pytest.mark.parametrize("over_http", [False], ids=["socket"])
async def test_an_update_of_ten_thousand_levels_is_passed_over_and_those_around_it_are_not(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    (reference,) = house.open("Fire")
    deep = json.loads("[" * 200 + "]" * 200)
    house.telegram.world.updates.push_raw({"message": MESSAGE | {"deep": deep}})
    monkeypatch.setattr("handlers.telegram.unreadable.DEEPEST", 50)

    await (await house.telegram.say(house.sam, house.sam, f"/take {reference}")).settled(within=30)

    assert house.assignee(reference) == "Sam"


@pytest.mark.row("CI-26")
@pytest.mark.parametrize("opens", ["[", '{"a":', '[{"b":'])
def test_what_is_nested_too_deep_is_left_out_of_an_answer_that_is_read_all_the_same(opens: str) -> None:
    closes = {"[": "]", '{"a":': "}", '[{"b":': "}]"}[opens]
    deep = opens * DEEP + "1" + closes * DEEP
    text = f'{{"ok":true,"result":[{{"update_id":1,"x":{deep}}},{{"update_id":2,"y":"}}]{{["}}]}}'

    read = UpdatesRequest.parse_json_payload(text.encode())

    assert [one["update_id"] for one in read["result"]] == [1, 2]
    assert read["result"][1]["y"] == "}]{["


def test_what_is_not_too_deep_stays_as_it_is() -> None:
    text = json.dumps({"a": [{"b": 'c"}]\\'}, []], "d": "\\\\", "e": json.loads("[" * 90 + "]" * 90)})

    assert DEEPEST == 100
    assert shallow(text) == text


@pytest.mark.row("CI-26")
def test_one_update_that_the_library_cannot_read_costs_none_of_its_neighbours() -> None:
    broken = {"update_id": 2, "message": MESSAGE | {"date": "yesterday"}}
    answer = {
        "ok": True,
        "result": [{"update_id": 1, "message": MESSAGE}, broken, {"update_id": 3, "message": MESSAGE}],
    }

    read = UpdatesRequest.parse_json_payload(json.dumps(answer).encode())["result"]

    assert [bool(Update.de_json(one, None).message) for one in read] == [True, False, True]
    assert [one["update_id"] for one in read] == [1, 2, 3]


# the store -----------------------------------------------------------------------------------------------------------


async def while_locked(house: House, folder: Path, presses: int) -> dict[str, Any]:
    """Presses that come while the database takes nothing; what health said of Telegram then."""
    cards = [await house.card(number=number) for number in range(presses)]
    with locked(folder):
        for card in cards:
            await house.telegram.press(house.sam, house.group, card, "✅ Take it")
        told: dict[str, Any] = {"ok": True}
        while told["ok"]:
            loops = (await house.health())["loops"]
            assert isinstance(loops, dict)
            told = loops["telegram"]
    return told


@pytest.mark.row("CI-09", "INV-03")
async def test_what_comes_while_the_database_is_locked_waits_at_telegram_and_health_tells_of_it(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handlers.telegram.adapter.STUCK_AFTER", 0.3)
    monkeypatch.setattr("bot.bridge.PATIENCE", 0.5)
    references = house.open("One", "Two", "Three")

    told = await while_locked(house, tmp_path, len(references))
    await until(lambda: all(house.assignee(one) == "Sam" for one in references))

    assert "takes no updates" in told["error"]
    assert acts() == len(references)
    assert await is_alive(house)


async def full(folder: Path) -> str:
    """Thirty seconds in which the database takes nothing, and twenty presses in them."""
    async with open_house(folder) as house:
        references = house.open(*(f"Request {number}" for number in range(20)))
        cards = [await house.card(number=number) for number in range(20)]
        with locked(folder):
            for card in cards:
                await house.telegram.press(house.sam, house.group, card, "✅ Take it")
            await asyncio.sleep(30)
        await until(lambda: all(house.assignee(one) == "Sam" for one in references), 120)
        done = acts()
    assert done == len(references)
    return f"{done} presses came in while the database was locked, each is carried out once"
