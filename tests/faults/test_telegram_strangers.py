"""Whoever hides, forges or is nobody on Telegram changes nothing, is answered where that works, and is written down."""

import contextlib
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.telegram import Gesture, Message
from storage.database import session
from storage.models import Event
from tests.faults.telegram_house import BOB, EVE, SAM, House, open_house, refusals
from tests.servers import until

numbers = itertools.count(1)


@pytest.fixture
async def house(tmp_path: Path, over_http: bool) -> AsyncIterator[House]:
    async with open_house(tmp_path, http=over_http) as running:
        yield running


def acts() -> int:
    """How often an agent has done something."""
    with session():
        return Event.select().where(Event.actor == "agent").count()


Doing = Callable[[House, Message], Awaitable[Gesture]]


def person(number: int, **more: Any) -> dict[str, Any]:
    return {"id": number, "is_bot": False, "first_name": "P", **more}


def raw_press(house: House, card: Message, **changed: Any) -> dict[str, Any]:
    """A press on the card as Telegram sends it; `None` leaves a field out."""
    button = card.button("✅ Take it")
    query = {
        "id": str(900_000 + next(numbers)),
        "from": person(SAM),
        "chat_instance": "1",
        "message": card.as_json(),
        "data": button.data,
    }
    return {"callback_query": {name: value for name, value in (query | changed).items() if value is not None}}


def pressing(**changed: Any) -> Doing:
    async def do(house: House, card: Message) -> Gesture:
        return await house.telegram.send_raw(raw_press(house, card, **changed))

    return do


def pressing_with(data: str) -> Doing:
    """Sam presses with these data, in which {id} and {version} are the card's own."""

    async def do(house: House, card: Message) -> Gesture:
        _, _, number, version = card.button("✅ Take it").data.split(":")
        filled = data.format(id=number, version=version, other=int(number) + 1, later=int(version) + 5)
        return await house.telegram.press(house.sam, house.group, card, data=filled)

    return do


async def press_in_another_chat(house: House, card: Message) -> Gesture:
    other = house.telegram.add_group(-4999, "Elsewhere", members=[house.sam])
    return await house.telegram.press(house.sam, other, card.id, data=card.button("✅ Take it").data)


async def press_on_a_forwarded_card(house: House, card: Message) -> Gesture:
    copy = card.as_json() | {
        "message_id": 4711,
        "forward_origin": {"type": "hidden_user", "date": 1, "sender_user_name": "x"},
    }
    return await house.telegram.send_raw(
        raw_press(house, card, message=copy | {"chat": house.telegram.world.chats[SAM].as_json()})
    )


def saying(text: str = "/take 1", *, reply: bool = False, **disguise: Any) -> Doing:
    """Sam writes in the group, disguised."""

    async def do(house: House, card: Message) -> Gesture:
        more = {name: value(house) for name, value in disguise.items()}
        return await house.telegram.say(house.sam, house.group, text, reply_to=card if reply else None, **more)

    return do


def raw_message(changed: dict[str, Any], kind: str = "message") -> Doing:
    async def do(house: House, card: Message) -> Gesture:
        command = {"type": "bot_command", "offset": 0, "length": 5}
        message = {
            "message_id": 5_000 + next(numbers),
            "date": house.telegram.world.now(),
            "chat": house.group.as_json(),
            "from": person(SAM),
            "text": "/take 1",
            "entities": [command],
        }
        return await house.telegram.send_raw({kind: message | changed})

    return do


PRESSES: dict[str, Doing] = {
    "cb-unlinked": pressing(**{"from": person(EVE)}),
    "cb-bot": pressing(**{"from": person(SAM, is_bot=True)}),
    "cb-no-message": pressing(message=None),
    "cb-inline-message": pressing(message=None, inline_message_id="AAAA"),
    "cb-game": pressing(data=None, game_short_name="chess"),
    "cb-old-message": pressing_with("a1:take:{version}:1"),
    "cb-other-chat": press_in_another_chat,
    "cb-forwarded": press_on_a_forwarded_card,
    "cb-data-empty": pressing(data=""),
    "cb-data-too-long": pressing_with("v1:take:{id}:{version}:" + "x" * 60),
    "cb-data-other-version": pressing_with("v2:take:{id}:{version}"),
    "cb-data-later": pressing_with("v1:take:{id}:{later}"),
    "cb-data-other-ticket": pressing_with("v1:take:{other}:1"),
    "cb-data-no-ticket": pressing_with("v1:take:999999:1"),
    "cb-data-huge": pressing_with("v1:take:999999999999999:1"),
    "cb-data-negative": pressing_with("v1:take:-1:1"),
    "cb-data-arabic": pressing_with("v1:take:٤٢:1"),
    "cb-data-unknown-verb": pressing_with("v1:destroy:{id}:{version}"),
    "cb-data-question": pressing_with("q1:00000000:0:send"),
    "cb-data-list": pressing_with("p1:00000000:2"),
    "cb-data-nul": pressing_with("\x00" * 64),
    "cb-data-sql": pressing_with("v1:take:1;DROP TABLE ticket:1"),
}
MESSAGES: dict[str, Doing] = {
    "msg-unlinked": lambda house, card: house.telegram.say(house.eve, house.group, "/take 1"),
    "msg-unlinked-reply": lambda house, card: house.telegram.say(house.eve, house.group, "ok", reply_to=card),
    "msg-anonymous": saying(anonymous=lambda house: True),
    "msg-anonymous-reply": saying("ok", reply=True, anonymous=lambda house: True),
    "msg-channel": saying(channel=lambda house: house.telegram.add_group(-1009, "News")),
    "msg-channel-reply": saying("ok", reply=True, channel=lambda house: house.telegram.add_group(-1009, "News")),
    "msg-via-bot": saying(via_bot=lambda house: house.telegram.world.bot),
    "msg-via-bot-reply": saying("ok", reply=True, via_bot=lambda house: house.telegram.world.bot),
    "msg-forwarded": saying(forwarded_from=lambda house: house.bob),
    "msg-forwarded-reply": saying("a note", reply=True, forwarded_from=lambda house: house.bob),
    "msg-of-a-bot": raw_message({"from": person(BOB, is_bot=True)}),
    "msg-of-nobody": raw_message({"from": None}),
    "msg-edit-dated": raw_message({"edit_date": 2_000_000_000}),
    "msg-business": raw_message({"sender_business_bot": person(77, is_bot=True)}),
    "msg-automatic": raw_message({"is_automatic_forward": True}),
}
SILENT = {"edited": raw_message({}, "edited_message"), "channel post": raw_message({}, "channel_post")}


def alerts(house: House) -> list[str]:
    """What was answered to presses as an alert."""
    calls = house.telegram.calls_of("answerCallbackQuery")
    return [
        str(call.arguments.get("text")) for call in calls if str(call.arguments.get("show_alert")).lower() == "true"
    ]


@pytest.mark.row("CI-12", "CI-13", "INV-04")
async def test_no_press_of_a_stranger_or_forger_counts_and_each_is_answered_by_an_alert(house: House) -> None:
    for subject in ("Fire", "Flood"):
        house.open(subject)
    card = await house.card(number=1)
    untouched = card.text

    for name, do in PRESSES.items():
        before, refused = len(alerts(house)), len(refusals())
        await do(house, card)
        with contextlib.suppress(TimeoutError):
            await until(lambda: len(alerts(house)) > before and len(refusals()) > refused, 5)  # noqa: B023
        await until(lambda: house.telegram.world.running == 0)

        assert (len(alerts(house)), len(refusals())) == (before + 1, refused + 1), name
    assert (acts(), card.text, card.labels[0]) == (0, untouched, ["✅ Take it"])


@pytest.mark.row("CI-12", "CI-27", "INV-04")
async def test_no_message_from_behind_somebody_else_counts_and_each_is_written_down(house: House) -> None:
    (reference,) = house.open("Fire")
    card = await house.card()

    for name, do in MESSAGES.items():
        refused = len(refusals())
        await (await do(house, card)).settled(quiet=0.05)
        await until(lambda: len(refusals()) > refused)  # noqa: B023

        assert len(refusals()) == refused + 1, name
    assert (acts(), house.assignee(reference)) == (0, "")


@pytest.mark.row("CI-12", "CI-27")
async def test_corrected_messages_and_posts_of_channels_are_not_heard_at_all(house: House) -> None:
    house.open("Fire")
    card = await house.card()

    for do in SILENT.values():
        await (await do(house, card)).settled(quiet=0.05)

    assert (acts(), refusals()) == (0, [])


@pytest.mark.row("CI-05", "INV-02")
async def test_an_update_that_comes_three_times_acts_once(house: House) -> None:
    (reference,) = house.open("Fire")
    card = await house.card()
    update = raw_press(house, card) | {"update_id": 555_000_000}

    for _ in range(3):
        await house.telegram.send_raw(dict(update))
    await until(lambda: house.assignee(reference) == "Sam")
    await (await house.telegram.say(house.sam, house.sam, "/list"))

    assert acts() == 1
    assert refusals() == []
