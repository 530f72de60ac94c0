"""Sending: cards, lines, notices, redrawing, finding what an unanswered call left, and every refusal's meaning."""

from pathlib import Path
from typing import Any

import pytest

from bot.errors import DeliveryError
from bot.ports import Mention, Place, Posted, Shared
from bot.sandbox.slack import PretendSlack
from handlers.slack.chat import SlackChat
from handlers.slack.faults import HELD_FOR
from tests.handlers.slack.stage import BOB, HOSTILE, SUPPORT, card, card_of


async def test_a_card_hangs_in_a_channel_named_by_name_and_its_id_is_told(
    slack: PretendSlack, chat: SlackChat, place: Place
) -> None:
    posted = await chat.post_card(place, card(), key="d1")

    message = slack.message(SUPPORT, posted.message)
    assert posted.channel == SUPPORT
    assert "Printer on fire" in message.words
    assert message.attachments[0]["color"] == "#d93025"


async def test_a_card_is_redrawn_in_place_and_its_buttons_follow_its_state(
    slack: PretendSlack, chat: SlackChat, place: Place
) -> None:
    posted = await chat.post_card(place, card(), key="d1")

    await chat.redraw(
        Place("slack", posted.channel), posted.message, card(version=4, status="Closed", buttons=(), menu=())
    )

    message = slack.message(SUPPORT, posted.message)
    assert len(slack.messages(SUPPORT)) == 1
    assert "Closed" in message.text and "Unread" not in message.words
    assert "actions" not in [block["type"] for block in message.all_blocks]
    assert await chat.find(place, "d1") == posted


async def test_a_card_full_of_hostile_words_has_nothing_live_on_it(
    slack: PretendSlack, chat: SlackChat, place: Place
) -> None:
    for text in (HOSTILE, HOSTILE * 300):
        posted = await chat.post_card(place, card_of(text), key="d1")

        message = slack.message(SUPPORT, posted.message)
        assert message.tokens == [] and message.unsafe == []


async def test_a_line_quotes_what_follows_and_calls_who_is_meant(
    slack: PretendSlack, chat: SlackChat, place: Place
) -> None:
    posted = await chat.post_card(place, card(), key="d1")

    await chat.add_line(
        place, posted.message, f"💬 Ann <b> replied:\n{HOSTILE}\nyes", key="d2", mention=Mention(BOB, "Bob")
    )

    line = slack.messages(SUPPORT, thread_ts=posted.message)[0]
    assert line.text.startswith(f"<@{BOB}> 💬 Ann &lt;b&gt; replied:\n&lt;!channel&gt; ")
    assert [part["type"] for part in line.blocks[0]["elements"]] == ["rich_text_section", "rich_text_quote"]
    assert {token.target for token in line.tokens} == {BOB}
    assert line.unsafe == []


async def test_what_is_no_member_s_id_is_never_called(slack: PretendSlack, chat: SlackChat, place: Place) -> None:
    posted = await chat.post_card(place, card(), key="d1")

    await chat.add_line(place, posted.message, "Closed.", key="d2", mention=Mention("!channel", "Bob"))

    assert slack.messages(SUPPORT, thread_ts=posted.message)[0].text == "Closed."


async def test_a_file_stands_in_the_thread_under_its_own_name(
    slack: PretendSlack, chat: SlackChat, place: Place, tmp_path: Path
) -> None:
    posted = await chat.post_card(place, card(), key="d1")
    kept = tmp_path / "0a1b2c"
    kept.write_bytes(b"\x89PNG")

    await chat.share(place, posted.message, Shared(kept, "smoke.png", "image/png", 4))

    (shared,) = slack.messages(SUPPORT, thread_ts=posted.message)
    assert [file["name"] for file in shared.files] == ["smoke.png"]
    assert slack.workspace.files[shared.files[0]["id"]].content == b"\x89PNG"


@pytest.mark.parametrize("content", [b"", None, b"\x89PNG"], ids=["empty", "lost", "no scope"])
async def test_a_file_that_can_never_be_shown_is_refused_for_good(
    slack: PretendSlack, chat: SlackChat, place: Place, tmp_path: Path, content: bytes | None
) -> None:
    posted = await chat.post_card(place, card(), key="d1")
    kept = tmp_path / "0a1b2c"
    if content is not None:
        kept.write_bytes(content)
    slack.workspace.scopes -= {"files:write"}

    with pytest.raises(DeliveryError) as refused:
        await chat.share(place, posted.message, Shared(kept, "smoke.png", "image/png", 4))

    assert refused.value.permanent
    assert slack.messages(SUPPORT, thread_ts=posted.message) == []


async def test_a_notice_hangs_by_itself(slack: PretendSlack, chat: SlackChat, place: Place) -> None:
    posted = await chat.post_notice(place, "The mailbox <support> is not read.", key="d3")

    assert slack.message(SUPPORT, posted.message).text == "The mailbox &lt;support&gt; is not read."


# finding -------------------------------------------------------------------------------------------------------------


async def test_a_card_whose_answer_was_lost_is_found_by_its_key(
    slack: PretendSlack, chat: SlackChat, place: Place
) -> None:
    slack.faults.timeout_after_done("chat.postMessage", seconds=5)

    with pytest.raises(DeliveryError, match="does not answer"):
        await chat.post_card(place, card(), key="d1")

    hanging = slack.messages(SUPPORT)[0]
    assert await chat.find(place, "d1") == Posted(SUPPORT, hanging.ts)
    assert await chat.find(place, "d2") is None


async def test_a_line_whose_answer_was_lost_is_found_in_its_thread(
    slack: PretendSlack, client: Any, chat: SlackChat, place: Place
) -> None:
    posted = await chat.post_card(place, card(), key="d1")
    slack.faults.drop("chat.postMessage", done=True)
    with pytest.raises(DeliveryError):
        await chat.add_line(place, posted.message, "Closed.", key="d2")

    line = slack.messages(SUPPORT, thread_ts=posted.message)[0]
    assert await chat.find(place, "d2") == Posted(SUPPORT, line.ts)
    assert await SlackChat(client, chat._words).find(place, "d2") == Posted(SUPPORT, line.ts)


async def test_in_a_channel_that_nobody_sees_nothing_can_be_found(chat: SlackChat) -> None:
    with pytest.raises(DeliveryError, match="no channel #nowhere") as raised:
        await chat.find(Place("slack", "#nowhere"), "d1")

    assert raised.value.retry_after == HELD_FOR


# refusals ------------------------------------------------------------------------------------------------------------


async def test_a_message_that_is_gone_is_said_to_be_gone(slack: PretendSlack, chat: SlackChat, place: Place) -> None:
    posted = await chat.post_card(place, card(), key="d1")
    slack.workspace.channels[SUPPORT].messages.clear()

    with pytest.raises(DeliveryError) as raised:
        await chat.redraw(place, posted.message, card())

    assert raised.value.gone and not raised.value.permanent


async def test_an_archived_channel_holds_its_cards_until_it_is_open_again(
    slack: PretendSlack, chat: SlackChat, place: Place
) -> None:
    slack.workspace.channels[SUPPORT].archived = True

    with pytest.raises(DeliveryError, match="is_archived") as raised:
        await chat.post_card(place, card(), key="d1")

    assert raised.value.retry_after == HELD_FOR and not raised.value.permanent


@pytest.mark.parametrize(
    ("header", "seconds"), [(7, 7.0), (0, 1.0), (99999, 600.0), ("soon", 30.0), (None, 30.0), ("nan", 30.0)]
)
async def test_slack_is_given_the_time_it_asks_for(
    slack: PretendSlack, chat: SlackChat, place: Place, header: object, seconds: float
) -> None:
    slack.faults.limit("chat.postMessage", header)

    with pytest.raises(DeliveryError, match="slow down") as raised:
        await chat.post_card(place, card(), key="d1")

    assert raised.value.retry_after == seconds


@pytest.mark.parametrize(
    ("status", "body"), [(500, ""), (503, "<html>Sorry</html>"), (200, "{broken"), (200, ""), (404, "not here")]
)
async def test_an_answer_that_is_no_answer_is_tried_again(
    slack: PretendSlack, chat: SlackChat, place: Place, status: int, body: str
) -> None:
    slack.faults.http("chat.postMessage", status, body=body)

    with pytest.raises(DeliveryError) as raised:
        await chat.post_card(place, card(), key="d1")

    fault = raised.value
    assert (fault.permanent, fault.gone, fault.retry_after) == (False, False, None)


async def test_a_cut_connection_is_tried_again(slack: PretendSlack, chat: SlackChat, place: Place) -> None:
    slack.faults.drop("chat.postMessage")

    with pytest.raises(DeliveryError, match="does not answer") as raised:
        await chat.post_card(place, card(), key="d1")

    assert not raised.value.permanent
    assert slack.messages(SUPPORT) == []
