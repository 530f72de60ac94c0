"""What the pretend Slack refuses: every limit of messages and views, with Slack's own errors."""

from typing import Any

import pytest

from bot.sandbox.slack import Refused
from bot.sandbox.slack.blocks import message_parts, view_parts
from tests.bot.sandbox.slack_stage import BUTTON, actions, modal, option, section, text_input


def button(**parts: Any) -> dict[str, Any]:
    return actions({**BUTTON, **parts})


def select(**parts: Any) -> dict[str, Any]:
    return {"type": "static_select", "action_id": "more", "options": [option("a")], **parts}


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


CONFIRM = {
    "title": plain("Take over?"),
    "text": plain("Carol has it."),
    "confirm": plain("Take over"),
    "deny": plain("Leave it"),
}
GOOD = {
    "section": [section("x" * 3000)],
    "fields": [{"type": "section", "fields": [plain("y" * 100)] * 10}],
    "header": [{"type": "header", "text": plain("h" * 150)}],
    "context": [{"type": "context", "elements": [plain("c")] * 10}],
    "buttons": [actions(*({**BUTTON, "action_id": f"a{n}"} for n in range(25)))],
    "link": [button(url="https://example.org/x", value="v" * 2000)],
    "confirmed": [button(confirm=CONFIRM, style="danger")],
    "select": [actions(select(options=[option(f"{n}".ljust(150, "x"), "o") for n in range(100)]))],
    "initial": [actions(select(options=[option("a"), option("b")], initial_option=option("b")))],
    "overflow": [section(accessory={"type": "overflow", "action_id": "o", "options": [option("a"), option("b")]})],
    "fifty": [section("x")] * 50,
    "external": [actions({"type": "external_select", "action_id": "client", "placeholder": plain("Client")})],
    "rich": [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": []}]}],
}
BAD = {
    "51 blocks": [section("x")] * 51,
    "unknown type": [{"type": "carousel"}],
    "no type": [{"text": "x"}],
    "unknown field": [section("x", colour="red")],
    "empty section": [{"type": "section"}],
    "empty text": [section("")],
    "long section": [section("x" * 3001)],
    "long field": [{"type": "section", "fields": [plain("x" * 2001)]}],
    "11 fields": [{"type": "section", "fields": [plain("x")] * 11}],
    "long header": [{"type": "header", "text": plain("x" * 151)}],
    "mrkdwn header": [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
    "11 context elements": [{"type": "context", "elements": [plain("x")] * 11}],
    "26 buttons": [actions(*({**BUTTON, "action_id": f"a{n}"} for n in range(26)))],
    "no buttons": [actions()],
    "long button": [button(text=plain("x" * 76))],
    "mrkdwn button": [button(text={"type": "mrkdwn", "text": "x"})],
    "long value": [button(value="x" * 2001)],
    "long action_id": [button(action_id="x" * 256)],
    "number as value": [button(value=7)],
    "strange style": [button(style="green")],
    "script url": [button(url="javascript:alert(1)")],
    "two of one action_id": [actions(BUTTON, BUTTON)],
    "two of one block_id": [section(block_id="a"), section(block_id="a")],
    "long block_id": [section(block_id="x" * 256)],
    "101 options": [actions(select(options=[option(f"{n}") for n in range(101)]))],
    "no options": [actions({"type": "static_select", "action_id": "more"})],
    "long option text": [actions(select(options=[option("a", "x" * 76)]))],
    "long option value": [actions(select(options=[option("x" * 151)]))],
    "initial option not offered": [actions(select(initial_option=option("z")))],
    "overflow of one": [actions({"type": "overflow", "action_id": "o", "options": [option("a")]})],
    "overflow of six": [actions({"type": "overflow", "action_id": "o", "options": [option(f"{n}") for n in range(6)]})],
    "long placeholder": [actions(select(placeholder=plain("x" * 151)))],
    "long confirm title": [button(confirm={**CONFIRM, "title": plain("x" * 101)})],
    "long confirm text": [button(confirm={**CONFIRM, "text": plain("x" * 301)})],
    "long deny": [button(confirm={**CONFIRM, "deny": plain("x" * 31)})],
    "input among actions": [actions({"type": "plain_text_input", "action_id": "v"})],
    "button in an input": [text_input() | {"element": BUTTON}],
}


@pytest.mark.parametrize("blocks", GOOD.values(), ids=GOOD.keys())
def test_what_is_within_the_limits_is_taken(blocks: list[dict[str, Any]]) -> None:
    kept, _ = message_parts(blocks, None)

    assert [block["type"] for block in kept] == [block["type"] for block in blocks]
    assert all(block["block_id"] for block in kept)


@pytest.mark.parametrize("blocks", BAD.values(), ids=BAD.keys())
def test_what_is_over_a_limit_is_refused_with_its_place(blocks: list[dict[str, Any]]) -> None:
    with pytest.raises(Refused) as refused:
        message_parts(blocks, None)

    assert refused.value.error == "invalid_blocks"
    assert all("json-pointer:/blocks" in message for message in refused.value.messages)


@pytest.mark.parametrize(
    ("attachments", "error"),
    [
        ([{"color": "#2eb67d", "blocks": [section("x" * 3001)]}], "invalid_attachments"),
        ([{"color": "#2eb67d", "text": "old", "blocks": [section()]}], "invalid_attachments"),
        ([{"colour": "red"}], "invalid_attachments"),
        ([{"text": "x"}] * 101, "too_many_attachments"),
        ([{"blocks": [section("x" * 3000)] * 5}], "msg_blocks_too_long"),
        ("no list", "invalid_attachments"),
    ],
)
def test_attachments_are_checked_like_blocks(attachments: Any, error: str) -> None:
    with pytest.raises(Refused) as refused:
        message_parts(None, attachments)

    assert refused.value.error == error


def test_block_ids_are_unique_across_blocks_and_attachments() -> None:
    with pytest.raises(Refused) as refused:
        message_parts([section(block_id="a")], [{"color": "good", "blocks": [section(block_id="a")]}])

    assert refused.value.error == "invalid_blocks"


BAD_VIEWS = {
    "long title": modal(title="x" * 25),
    "long submit": modal(submit=plain("x" * 25)),
    "long close": modal(close=plain("x" * 25)),
    "long metadata": modal(private_metadata="x" * 3001),
    "long callback_id": modal(callback_id="x" * 256),
    "101 blocks": modal(*[section("x")] * 101),
    "mrkdwn title": modal() | {"title": {"type": "mrkdwn", "text": "x"}},
    "input without submit": {k: v for k, v in modal(text_input()).items() if k != "submit"},
    "long initial value": modal(text_input(initial_value="x" * 3001)),
    "long maximum": modal(text_input(max_length=3001)),
    "long label": modal(text_input() | {"label": plain("x" * 2001)}),
    "two of one block_id": modal(text_input("a"), text_input("a")),
    "two focused fields": modal(text_input("a", focus_on_load=True), text_input("b", focus_on_load=True)),
    "unknown field": modal(colour="red"),
    "unknown type": modal() | {"type": "sheet"},
    "no view": "text",
}


@pytest.mark.parametrize("view", BAD_VIEWS.values(), ids=BAD_VIEWS.keys())
def test_a_view_over_a_limit_is_refused(view: Any) -> None:
    with pytest.raises(Refused) as refused:
        view_parts(view)

    assert refused.value.error == "invalid_arguments"
    assert refused.value.messages


def test_a_view_within_the_limits_is_taken() -> None:
    view = modal(text_input(), *[section("x")] * 99, title="x" * 24, private_metadata="m" * 3000)

    assert len(view_parts(view)["blocks"]) == 100
