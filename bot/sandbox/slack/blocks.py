"""What may be shown: blocks, attachments and views, checked against Slack's limits before anything is stored.

`message_parts` and `view_parts` return the parts with missing ids filled in, or raise `Refused` with Slack's own error.
"""

import copy
import itertools
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from bot.sandbox.slack import elements
from bot.sandbox.slack.mrkdwn import words_of
from bot.sandbox.slack.refusals import Json, Refused
from bot.sandbox.slack.rich_text import RICH_TEXT_PARTS
from bot.sandbox.slack.shapes import (
    Check,
    anything,
    boolean,
    complain,
    listing,
    one_of,
    plain,
    shape,
    string,
    text,
    typed,
    url,
)

SUM_OF_TEXT = 13_000
ATTACHMENT_BLOCKS_BESIDE = {"blocks", "color", "fallback", "id"}
_ids = itertools.count(1)

BASE: dict[str, Check] = {"type": anything}
OPTIONAL: dict[str, Check] = {"block_id": string(255)}
IN_CONTEXT = typed(
    {
        "image": elements.ELEMENTS["image"],
        "mrkdwn": shape({"type": anything, "text": string(2000)}, {"verbatim": boolean}),
        "plain_text": shape({"type": anything, "text": string(2000)}, {"emoji": boolean}),
    }
)
SHARED: dict[str, Check] = {
    "section": shape(
        BASE,
        {
            **OPTIONAL,
            "text": text(3000),
            "fields": listing(text(2000), 1, 10),
            "accessory": elements.IN_SECTION,
            "expand": boolean,
        },
        ("text", "fields"),
    ),
    "divider": shape(BASE, OPTIONAL),
    "header": shape({**BASE, "text": plain(150)}, OPTIONAL),
    "context": shape({**BASE, "elements": listing(IN_CONTEXT, 1, 10)}, OPTIONAL),
    "actions": shape({**BASE, "elements": listing(elements.IN_ACTIONS, 1, 25)}, OPTIONAL),
    "image": shape(
        {**BASE, "alt_text": string(2000)},
        {**OPTIONAL, "image_url": url, "slack_file": anything, "title": plain(2000)},
        ("image_url", "slack_file"),
    ),
    "input": shape(
        {**BASE, "label": plain(2000), "element": elements.IN_INPUT},
        {**OPTIONAL, "hint": plain(2000), "optional": boolean, "dispatch_action": boolean},
    ),
    "rich_text": shape({**BASE, "elements": RICH_TEXT_PARTS}, OPTIONAL),
    "video": shape(
        {**BASE, "title": plain(200), "video_url": url, "thumbnail_url": url, "alt_text": string(2000)},
        {**OPTIONAL, "description": plain(200), "author_name": string(50), "title_url": url},
    ),
}
IN_MESSAGE = {**SHARED, "markdown": shape({**BASE, "text": string(12_000)}, OPTIONAL)}
MESSAGE_BLOCKS = listing(typed(IN_MESSAGE, "block type"), 0, 50)
VIEW_BLOCKS = listing(typed(SHARED, "block type"), 0, 100)
ATTACHMENT = shape(
    {},
    {
        "color": string(20),
        "fallback": string(40_000, 0),
        "blocks": MESSAGE_BLOCKS,
        "id": anything,
        **dict.fromkeys(("text", "pretext", "title", "footer", "author_name"), string(40_000, 0)),
        **dict.fromkeys(("title_link", "author_link", "footer_icon", "author_icon"), url),
        **dict.fromkeys(("image_url", "thumb_url"), url),
        **dict.fromkeys(("fields", "mrkdwn_in", "ts", "callback_id"), anything),
    },
)
VIEW_COMMON: dict[str, Check] = {
    "private_metadata": string(3000, 0),
    "callback_id": string(255, 0),
    "external_id": string(255, 0),
}
MODAL = shape(
    {"type": anything, "title": plain(24), "blocks": VIEW_BLOCKS},
    {
        **VIEW_COMMON,
        "submit": plain(24),
        "close": plain(24),
        **dict.fromkeys(("clear_on_close", "notify_on_close", "submit_disabled"), boolean),
    },
)
HOME = shape({"type": anything, "blocks": VIEW_BLOCKS}, VIEW_COMMON)
SURFACES = {"modal": MODAL, "home": HOME}
COLOURS = one_of("good", "warning", "danger")


def elements_of(block: Json) -> list[Json]:
    """The interactive elements of a block, as they stand."""
    if block.get("type") == "actions":
        return list(block.get("elements") or [])
    only = block.get("element") if block.get("type") == "input" else block.get("accessory")
    return [only] if isinstance(only, dict) and only.get("type") != "image" else []


def message_parts(blocks: Any, attachments: Any) -> tuple[list[Json], list[Json]]:
    """A message's blocks and attachments, checked; raises invalid_blocks, invalid_attachments and their like."""
    blocks, attachments = _a_list(blocks, "blocks"), _a_list(attachments, "attachments")
    if len(attachments) > 100:
        raise Refused("too_many_attachments")
    _check(MESSAGE_BLOCKS, blocks, "/blocks", "invalid_blocks")
    _check(listing(ATTACHMENT, 0, 100), attachments, "", "invalid_attachments")
    _check(_legacy_beside_blocks, attachments, "", "invalid_attachments")
    groups = [blocks, *(attachment.get("blocks") or [] for attachment in attachments)]
    _check(_unique, [block for group in groups for block in group], "/blocks", "invalid_blocks")
    if sum(len(word) for word in words_of(groups)) > SUM_OF_TEXT:
        raise Refused("msg_blocks_too_long")
    return [*map(with_ids, blocks)], [*map(_attachment, itertools.count(1), attachments)]


def _a_list(value: Any, what: str) -> list[Json]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise Refused(f"invalid_{what}_format" if what == "blocks" else f"invalid_{what}")
    return copy.deepcopy(value)


def _check(check: Check, value: Any, place: str, error: str) -> None:
    problems: list[str] = []
    check(value, place, problems)
    if problems:
        raise Refused(error, problems)


def _legacy_beside_blocks(attachments: Any, place: str, problems: list[str]) -> None:
    for number, attachment in enumerate(attachments):
        legacy = set(attachment) - ATTACHMENT_BLOCKS_BESIDE
        if attachment.get("blocks") and legacy:
            complain(problems, f"invalid_keys: {', '.join(sorted(legacy))}", f"{place}/{number}")
        colour = attachment.get("color", "")
        if colour and not colour.removeprefix("#").isalnum():
            COLOURS(colour, f"{place}/{number}/color", problems)


def _unique(blocks: Any, place: str, problems: list[str]) -> None:
    ids = Counter(block["block_id"] for block in blocks if block.get("block_id"))
    for repeated in (name for name, times in ids.items() if times > 1):
        complain(problems, f"block_id already exists: {repeated}", place)
    for number, block in enumerate(blocks):
        actions = Counter(part["action_id"] for part in elements_of(block) if part.get("action_id"))
        for repeated in (name for name, times in actions.items() if times > 1):
            complain(problems, f"action_id already exists: {repeated}", f"{place}/{number}")


def with_ids(block: Json) -> Json:
    """The block with the ids that Slack gives where the app gave none."""
    block.setdefault("block_id", f"b{next(_ids):x}")
    for element in elements_of(block):
        element.setdefault("action_id", f"a{next(_ids):x}")
    return block


def _attachment(number: int, attachment: Json) -> Json:
    attachment = {**attachment, "id": number}
    if attachment.get("blocks"):
        attachment["blocks"] = [with_ids(block) for block in attachment["blocks"]]
    attachment.setdefault("fallback", "[no preview available]")
    return attachment


def view_parts(view: Any, *, surfaces: tuple[str, ...] = ("modal",)) -> Json:
    """A view as it is shown, checked; raises invalid_arguments or view_too_large."""
    if not isinstance(view, dict) or view.get("type") not in surfaces:
        raise Refused("invalid_arguments", ["[ERROR] unsupported type [json-pointer:/view/type]"])
    view = copy.deepcopy(view)
    if len(json.dumps(view)) > 250_000:
        raise Refused("view_too_large")
    _check(SURFACES[view["type"]], view, "/view", "invalid_arguments")
    _check(_unique, view["blocks"], "/view/blocks", "invalid_arguments")
    _check(_whole, view, "/view", "invalid_arguments")
    view["blocks"] = [with_ids(block) for block in view["blocks"]]
    return view


def _whole(view: Any, place: str, problems: list[str]) -> None:
    has_inputs = any(block["type"] == "input" for block in view["blocks"])
    if view["type"] == "modal" and has_inputs and "submit" not in view:
        complain(problems, "missing required field: submit (an input block is among the blocks)", place)
    focused = [part for block in view["blocks"] for part in elements_of(block) if part.get("focus_on_load")]
    if len(focused) > 1:
        complain(problems, "only one element may have focus_on_load", place)


def located(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Each interactive element with its block."""
    for block in blocks:
        for element in elements_of(block):
            yield block, element


def suggestions(answer: Any) -> list[Json]:
    """The options of an answer to block_suggestion, checked; raises invalid_options."""
    parts = {key: answer[key] for key in ("options", "option_groups") if key in answer}
    _check(
        shape({}, {"options": listing(elements.OPTION, 0, 100), "option_groups": elements.GROUPS}),
        parts,
        "",
        "invalid_options",
    )
    return list(elements.all_options(parts))
