"""The arguments of a Bot API call, however they came: query, JSON, form or multipart; read with Telegram's refusals."""

import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from bot.sandbox.telegram import html, markdown
from bot.sandbox.telegram.entities import BLANK, Entity, Formatted, ParseError, detected, in_order, trimmed
from bot.sandbox.telegram.links import link
from bot.sandbox.telegram.messages import Button, Keyboard
from bot.sandbox.telegram.refusals import bad_request

CALLBACK_BYTES = 64
MOST_BUTTONS = 100
MODES = {"html": html.parse, "markdownv2": markdown.parse}
KNOWN_ENTITIES = frozenset((
    "mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number", "bold", "italic",
    "underline", "strikethrough", "spoiler", "blockquote", "expandable_blockquote", "code", "pre",
    "text_link", "text_mention", "custom_emoji",
))  # fmt: skip
DOES = ("url", "callback_data", "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat",
        "switch_inline_query_chosen_chat", "copy_text", "callback_game", "pay")  # fmt: skip


@dataclass(frozen=True)
class Upload:
    """A file that came with the call."""

    name: str
    type: str
    content: bytes


@dataclass
class Arguments:
    """What a call was given; `plain` is for the ledger, with JSON read and files named."""

    values: dict[str, Any]
    files: dict[str, Upload] = field(default_factory=dict)

    def text(self, name: str, default: str = "") -> str:
        value = self.values.get(name, default)
        return value if isinstance(value, str) else json.dumps(value)

    def integer(self, name: str, default: int = 0) -> int:
        value = self.values.get(name, default)
        try:
            return int(value)
        except (TypeError, ValueError):
            return default

    def number(self, name: str, default: float = 0.0) -> float:
        try:
            return float(self.values.get(name, default))
        except (TypeError, ValueError):
            return default

    def flag(self, name: str) -> bool:
        return str(self.values.get(name, "")).lower() in ("true", "1", "yes")

    def json(self, name: str) -> Any:
        """An object or list, which forms carry as a string; None when it was not given."""
        value = self.values.get(name)
        if not isinstance(value, str) or not value:
            return value or None
        try:
            return json.loads(value)
        except ValueError:
            raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object") from None

    def upload(self, name: str) -> Upload | None:
        """The file itself, or the one that `attach://…` names."""
        value = self.values.get(name, "")
        if isinstance(value, str) and value.startswith("attach://"):
            return self.files.get(value.removeprefix("attach://"))
        return self.files.get(name)

    def formatted(self, name: str, entities: str) -> Formatted:
        """The text with its entities, parsed or given, trimmed; raises "can't parse entities: …"."""
        source = self.text(name)
        mode = self.text("parse_mode").lower()
        if mode and mode not in MODES:
            raise bad_request("unsupported parse_mode")
        try:
            read = MODES[mode](source) if mode else Formatted(source, _given(self.json(entities)))
        except ParseError as error:
            raise bad_request(f"can't parse entities: {error}") from None
        return detected(trimmed(read))

    def keyboard(self) -> Keyboard:
        """The inline keyboard, checked as Telegram checks it; () for none or another kind of markup."""
        markup = self.json("reply_markup")
        if markup is None:
            return ()
        if not isinstance(markup, dict):
            raise bad_request("object expected as reply markup")
        rows = tuple(tuple(_button(one) for one in row) for row in markup.get("inline_keyboard", ()))
        if sum(map(len, rows)) > MOST_BUTTONS:
            raise bad_request("reply markup is too long")
        return tuple(row for row in rows if row)

    def prompt(self) -> dict[str, Any]:
        """Markup that changes the person's input box: force_reply, keyboard, remove_keyboard."""
        markup = self.json("reply_markup") or {}
        return {} if "inline_keyboard" in markup else dict(markup)

    @property
    def plain(self) -> dict[str, Any]:
        return {name: _read(value) for name, value in self.values.items()} | {
            name: f"<{upload.name}, {len(upload.content)} bytes>" for name, upload in self.files.items()
        }


async def arguments_of(request: web.Request) -> Arguments:
    """Read the call's query and body."""
    values: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        given = await request.json()
        return Arguments(values | (given if isinstance(given, dict) else {}))
    files = {}
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            files[name] = Upload(value.filename, value.content_type, value.file.read())
        else:
            values[name] = value.decode() if isinstance(value, bytes | bytearray) else value
    return Arguments(values, files)


def _button(given: Any) -> Button:
    label = str(given.get("text", ""))
    does = [name for name in DOES if name in given]
    if BLANK.fullmatch(label):
        raise bad_request("inline keyboard button text must be non-empty")
    if not does:
        raise bad_request("Text buttons are unallowed in the inline keyboard")
    data, url = str(given.get("callback_data", "")), str(given.get("url", ""))
    if does[0] == "callback_data" and not 1 <= len(data.encode()) <= CALLBACK_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")
    if does[0] == "url" and link(url) is None:
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
    others = {name: value for name, value in given.items() if name not in ("text", "callback_data", "url")}
    return Button(label, data, url, tuple(others.items()))


def _given(entities: Any) -> tuple[Entity, ...]:
    known = [one for one in entities or () if one.get("type") in KNOWN_ENTITIES]
    return in_order(
        Entity(
            one["type"],
            int(one["offset"]),
            int(one["length"]),
            url=one.get("url", ""),
            language=one.get("language", ""),
            person=one.get("user", {}).get("id", 0),
            emoji=one.get("custom_emoji_id", ""),
        )
        for one in known
    )


def _read(value: Any) -> Any:
    if not isinstance(value, str) or value[:1] not in ("{", "["):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
