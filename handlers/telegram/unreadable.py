"""Updates that cannot be read: passed over one by one, or Telegram would give the same ones for ever.

What is left of such an update is its number, by which Telegram knows that it was taken.
"""

import json
from typing import Any

import structlog
from telegram import Update
from telegram.request import HTTPXRequest

log = structlog.get_logger("deskbell.telegram")

DEEPEST = 100
"""Levels of nesting that are read; Telegram's own go to about ten."""
OPENS, CLOSES = "{[", "}]"
LARGEST = 2**53
NUMBERS = frozenset(
    "update_id message_id date edit_date message_thread_id offset length file_size migrate_to_chat_id "
    "migrate_from_chat_id".split()
)
TEXTS = frozenset(
    "text data caption first_name last_name username title type status language_code file_id file_name mime_type "
    "chat_instance inline_message_id url".split()
)
WHO = frozenset("from chat user sender_chat via_bot sender_business_bot".split())
"""Whose `id` is a number."""


class UpdatesRequest(HTTPXRequest):
    """Asks for updates, and gives the library none that it cannot read."""

    __slots__ = ()

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The answer. TelegramError where it is no JSON."""
        try:
            answer = HTTPXRequest.parse_json_payload(payload)
        except RecursionError:
            answer = json.loads(shallow(payload.decode("utf-8", "replace")))
        if isinstance(answer.get("result"), list):
            answer["result"] = [_readable(update) for update in answer["result"] if _is_numbered(update)]
        return answer


def _is_numbered(update: Any) -> bool:
    return isinstance(update, dict) and isinstance(update.get("update_id"), int)


def _readable(update: dict[str, Any]) -> dict[str, Any]:
    """The update, or its bare number."""
    return update if is_readable(update) else {"update_id": update["update_id"]}


def is_readable(update: dict[str, Any]) -> bool:
    """Whether the library reads an update, and what we use of it is of its kind."""
    try:
        _check("", update)
        Update.de_json(update, None).to_json()
    except Exception as fault:
        log.error("update cannot be read", update=update["update_id"], error=str(fault)[:100])
        return False
    return True


def _check(within: str, fields: dict[str, Any]) -> None:
    """ValueError for a field of another kind than Telegram's description says."""
    for name, value in fields.items():
        if name in NUMBERS or (name == "id" and within in WHO):
            sound = isinstance(value, int) and not isinstance(value, bool) and abs(value) < LARGEST
        else:
            sound = isinstance(value, str) or not (name in TEXTS or (name == "id" and within == "callback_query"))
        if not sound:
            raise ValueError(f"{name} is {type(value).__name__}")
        if isinstance(value, str):
            value.encode()  # half a surrogate is no character
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                _check(name, one)


def shallow(text: str) -> str:
    """The same JSON with null for everything that is nested deeper than `DEEPEST`."""
    kept: list[str] = []
    depth, in_string, escaped = 0, False, False
    for character in text:
        if in_string:
            escaped, in_string = character == "\\" and not escaped, character != '"' or escaped
        elif character == '"':
            in_string = True
        elif character in OPENS:
            depth += 1
            if depth == DEEPEST + 1:
                kept.append("null")
        elif character in CLOSES:
            depth -= 1
            if depth == DEEPEST:
                continue
        if depth <= DEEPEST:
            kept.append(character)
    return "".join(kept)
