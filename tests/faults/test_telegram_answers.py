"""What Telegram answers to a running desk: each error in its words, too fast, gone. Nothing is lost or silent."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from telegram.error import BadRequest, Forbidden, NetworkError, TelegramError

from bot.sandbox.telegram import Chat
from bot.sandbox.telegram.arguments import Arguments
from bot.sandbox.telegram.faults import Fault
from bot.sandbox.telegram.refusals import bad_request, too_many_requests
from handlers.telegram.faults import HELD_FOR, as_delivery_error
from storage.models import Delivery
from tests.faults.telegram_house import House, deliveries, open_house
from tests.servers import until

Meaning = dict[str, object]
RETRY: Meaning = {}
REPAIR: Meaning = {"gone": True}
GIVE_UP: Meaning = {"permanent": True}
PERSON: Meaning = {"permanent": True, "closed": True}
HOLD: Meaning = {"retry_after": HELD_FOR, "shut": True, "closed": True}
STATED: dict[str, Meaning] = {
    "400 message to edit not found": REPAIR,
    "400 message can't be edited": REPAIR,
    "400 MESSAGE_ID_INVALID": REPAIR,
    "400 MESSAGE_EDIT_TIME_EXPIRED": REPAIR,
    "400 MESSAGE_AUTHOR_REQUIRED": REPAIR,
    "403 MESSAGE_AUTHOR_REQUIRED": REPAIR,
    "400 there is no text in the message to edit": REPAIR,
    "400 there is no caption in the message to edit": REPAIR,
    "400 message identifier is not specified": REPAIR,
    "400 message to be replied not found": REPAIR,
    "400 message to reply not found": REPAIR,
    "400 reply message not found": REPAIR,
    "400 replied message not found": REPAIR,
    "400 message not found": REPAIR,
    "400 message is too long": GIVE_UP,
    "400 MESSAGE_TOO_LONG": GIVE_UP,
    "400 message caption is too long": GIVE_UP,
    "400 MEDIA_CAPTION_TOO_LONG": GIVE_UP,
    "400 message text is empty": GIVE_UP,
    "400 text must be non-empty": GIVE_UP,
    '400 can\'t parse entities: Unsupported start tag "x" at byte offset 3': GIVE_UP,
    "400 can't parse reply markup JSON object": GIVE_UP,
    "400 can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard": GIVE_UP,
    "400 unsupported parse_mode": GIVE_UP,
    "400 ENTITIES_TOO_LONG": GIVE_UP,
    "400 ENTITY_BOUNDS_INVALID": GIVE_UP,
    "400 ENTITY_MENTION_USER_INVALID": GIVE_UP,
    "400 BUTTON_DATA_INVALID": GIVE_UP,
    "400 BUTTON_URL_INVALID": GIVE_UP,
    "400 BUTTON_USER_PRIVACY_RESTRICTED": GIVE_UP,
    "400 inline keyboard button URL 'http://localhost' is invalid: Wrong HTTP URL": GIVE_UP,
    "400 inline keyboard button text must be non-empty": GIVE_UP,
    "400 reply markup is too long": GIVE_UP,
    "400 REPLY_MARKUP_INVALID": GIVE_UP,
    "400 object expected as reply markup": GIVE_UP,
    "400 chat_id is empty": GIVE_UP,
    "400 query is too old and response timeout expired or query ID is invalid": GIVE_UP,
    "400 message can't be deleted": GIVE_UP,
    "400 message to delete not found": GIVE_UP,
    "403 MESSAGE_DELETE_FORBIDDEN": GIVE_UP,
    "400 message to pin not found": GIVE_UP,
    "400 not enough rights to manage pinned messages in the chat": GIVE_UP,
    "400 not enough rights to manage topics": GIVE_UP,
    "400 message to react not found": GIVE_UP,
    "400 REACTION_INVALID": GIVE_UP,
    "400 TOPIC_NOT_MODIFIED": GIVE_UP,
    "400 the chat is not a forum": GIVE_UP,
    "400 method is available for supergroup and channel chats only": GIVE_UP,
    "400 wrong parameter action in request": GIVE_UP,
    "400 user not found": GIVE_UP,
    "400 PARTICIPANT_ID_INVALID": GIVE_UP,
    "400 file is too big": GIVE_UP,
    "413 Request Entity Too Large": GIVE_UP,
    "400 file of size 11534336 bytes is too big for a photo; the maximum size is 10485760 bytes": GIVE_UP,
    "400 file must be non-empty": GIVE_UP,
    "400 wrong file identifier/HTTP URL specified": GIVE_UP,
    "400 wrong remote file identifier specified: can't unserialize it": GIVE_UP,
    "400 invalid file_id": GIVE_UP,
    "400 failed to get HTTP URL content": GIVE_UP,
    "400 there is no document in the request": GIVE_UP,
    "400 IMAGE_PROCESS_FAILED": GIVE_UP,
    "400 PHOTO_INVALID_DIMENSIONS": GIVE_UP,
    "400 wrong type of the web page content": GIVE_UP,
    "400 not enough rights to send photos to the chat": GIVE_UP,
    "400 not enough rights to send documents to the chat": GIVE_UP,
    "400 CHAT_SEND_PHOTOS_FORBIDDEN": GIVE_UP,
    "403 CHAT_SEND_DOCS_FORBIDDEN": GIVE_UP,
    "400 CHAT_SEND_MEDIA_FORBIDDEN": GIVE_UP,
    "403 bot was blocked by the user": PERSON,
    "403 user is deactivated": PERSON,
    "400 USER_IS_BLOCKED": PERSON,
    "400 INPUT_USER_DEACTIVATED": PERSON,
    "403 bot can't initiate conversation with a user": PERSON,
    "403 bots can't send messages to bots": PERSON,
    "400 USER_IS_BOT": PERSON,
    "403 PRIVACY_PREMIUM_REQUIRED": PERSON,
    "403 bot was kicked from the group chat": HOLD,
    "403 bot was kicked from the supergroup chat": HOLD,
    "403 bot was kicked from the channel chat": HOLD,
    "403 bot is not a member of the group chat": HOLD,
    "403 bot is not a member of the supergroup chat": HOLD,
    "403 bot is not a member of the channel chat": HOLD,
    "403 the group chat was deleted": HOLD,
    "400 group chat was deactivated": HOLD,
    "400 chat not found": HOLD,
    "400 PEER_ID_INVALID": HOLD,
    "400 CHAT_ID_INVALID": HOLD,
    "400 CHANNEL_PRIVATE": HOLD,
    "400 CHANNEL_INVALID": HOLD,
    "400 CHAT_WRITE_FORBIDDEN": HOLD,
    "403 CHAT_WRITE_FORBIDDEN": HOLD,
    "400 CHAT_SEND_PLAIN_FORBIDDEN": HOLD,
    "400 CHAT_RESTRICTED": HOLD,
    "400 CHAT_ADMIN_REQUIRED": HOLD,
    "400 have no rights to send a message": HOLD,
    "400 not enough rights to send text messages to the chat": HOLD,
    "400 need administrator rights in the channel chat": HOLD,
    "400 USER_BANNED_IN_CHANNEL": HOLD,
    "400 Logged out": HOLD,
    "403 something that nobody has seen before": HOLD,
    "400 something that nobody has seen before": RETRY,
    "400 SLOWMODE_WAIT_30": RETRY,
    "500 Internal Server Error": RETRY,
    "502 Bad Gateway": RETRY,
    "504 Gateway Timeout": RETRY,
}
KINDS: dict[str, type[TelegramError]] = {"400": BadRequest, "403": Forbidden}


@pytest.fixture
async def house(tmp_path: Path, over_http: bool) -> AsyncIterator[House]:
    async with open_house(tmp_path, http=over_http) as running:
        yield running


def hanging(house: House) -> list[str]:
    """The subjects of the cards in the group, in their order."""
    return [card.text.splitlines()[0].rpartition(" · ")[2] for card in house.cards()]


@pytest.mark.row("CO-01")
@pytest.mark.parametrize("answer", STATED)
def test_each_error_is_tried_again_repaired_held_or_given_up(answer: str) -> None:
    code, _, words = answer.partition(" ")

    found = as_delivery_error(KINDS.get(code, NetworkError)(words))

    usual = {"gone": False, "permanent": False, "retry_after": None, "shut": False, "closed": False}
    assert {name: getattr(found, name) for name in usual} == usual | STATED[answer]


@pytest.mark.row("CO-01")
async def test_what_is_given_up_is_counted_for_a_person_to_see(house: House) -> None:
    house.telegram.faults.refuse("sendMessage", "Bad Request: BUTTON_DATA_INVALID")

    house.open("Fire")
    await until(lambda: deliveries("failed"))

    assert [row.error.casefold() for row in deliveries("failed")] == ["telegram: button_data_invalid"]
    assert (await house.health())["dead_letters"] == 1


@pytest.mark.row("CO-01", "INV-08")
@pytest.mark.parametrize("lost", ["deleted", "too old"])
async def test_a_card_that_cannot_be_redrawn_hangs_anew_and_only_once(house: House, lost: str) -> None:
    (reference,) = house.open("Fire")
    card = await house.card()
    if lost == "deleted":
        await house.telegram.delete(house.group, card)
    else:
        house.telegram.faults.refuse("editMessageText", "Bad Request: message can't be edited")

    await (await house.telegram.say(house.sam, house.sam, f"/take {reference}"))
    await until(lambda: "Taken by Sam" in house.cards()[-1].text if house.cards() else False)

    assert len([one for one in house.cards() if one is not card]) == 1
    pressed = await (await house.telegram.press(house.sam, house.group, house.cards()[-1], "✔ Close"))
    assert not pressed.alert
    assert deliveries("failed") == []


@pytest.mark.row("CO-01")
async def test_a_line_whose_card_is_gone_is_said_without_answering_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    (reference,) = house.open("Fire")
    await house.card()
    monkeypatch.setattr("bot.sandbox.telegram.methods.sending._replied", refused_to_answer)

    await (await house.telegram.say(house.bob, house.bob, f"/ticket escalate {reference}"))

    await until(lambda: house.said("🚨"), 5)
    assert deliveries("failed") == []


def refused_to_answer(chat: Chat, arguments: Arguments) -> None:
    """Telegram sends nothing that is to answer a message."""
    if arguments.json("reply_parameters"):
        raise bad_request("message to be replied not found")


@pytest.mark.row("CO-02")
async def test_a_telegram_that_is_full_gets_every_card_once_in_order_and_no_sooner_than_it_asks(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every third message is too much, and a second is asked for."""
    calls, take, asked_at = iter(range(1, 1000)), house.telegram.faults.take, list[float]()

    def every_third(method: str) -> Fault:
        if method != "sendMessage" or next(calls) % 3:
            return take(method)
        asked_at.append(time.monotonic())
        return Fault(refusal=too_many_requests(1))

    monkeypatch.setattr(house.telegram.faults, "take", every_third)
    began = time.monotonic()

    house.open("One", "Two", "Three", "Four", "Five")
    await until(lambda: len(hanging(house)) == 5)

    assert hanging(house) == ["One", "Two", "Three", "Four", "Five"]
    assert len(asked_at) <= time.monotonic() - began < 10
    assert deliveries("failed") == []


@pytest.mark.row("CO-03")
@pytest.mark.parametrize("asked", [999_999, None, "soon", -5])
async def test_no_answer_to_wait_delays_the_end_or_loses_a_card(tmp_path: Path, asked: object) -> None:
    parameters = {} if asked is None else {"retry_after": asked}
    async with open_house(tmp_path) as house:
        house.telegram.faults.refuse("sendMessage", "Too Many Requests", code=429, n=100, **parameters)
        house.open("Fire")
        await until(lambda: house.telegram.calls_of("sendMessage"))
        began = time.monotonic()

    assert time.monotonic() - began < 10
    waiting = [row for row in _all_deliveries() if row.kind == "card"]
    assert [row.state for row in waiting] == ["pending"]


def _all_deliveries() -> list[Delivery]:
    return [*deliveries("pending"), *deliveries("sending"), *deliveries("failed"), *deliveries("sent")]


@pytest.mark.row("CO-06")
@pytest.mark.parametrize("closed", ["thrown out", "not allowed to write"])
async def test_one_dead_chat_among_five_delays_none_of_the_others(house: House, closed: str) -> None:
    chats = [house.telegram.add_group(-4100 - number, f"Team {number}", members=[house.sam]) for number in range(5)]
    codes, (dead, *others) = house.name_groups(chats), chats
    dead.bot_status, dead.bot_may_write = ("kicked", True) if closed == "thrown out" else ("member", False)

    for code in codes * 3:
        house.open("Fire", group=code)
    began = time.monotonic()
    await until(lambda: all(len(house.cards(chat)) == 3 for chat in others))

    assert time.monotonic() - began < 5
    assert house.cards(dead) == []
    assert len({row.channel for row in deliveries("pending")}) == 1
