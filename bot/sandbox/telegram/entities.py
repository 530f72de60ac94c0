"""Formatted text as Telegram keeps it: plain text and entities, counted in UTF-16 units; the parsers end here."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

ORDER = {
    "blockquote": 0, "expandable_blockquote": 0, "pre": 10, "code": 20, "text_link": 49, "text_mention": 49,
    "date_time": 49, "bold": 90, "italic": 91, "underline": 92, "strikethrough": 93, "spoiler": 94,
    "custom_emoji": 99,
}  # fmt: skip
FOUND = (
    ("url", re.compile(r"(?:https?://)[^\s<>\"]*[^\s<>\".,;:!?)]")),
    ("url", re.compile(r"(?i:tg|ton|tonsite)://[A-Za-z0-9_-]{1,253}+(?:[/?#][^\s<>\"«»]*)?")),
    ("url", re.compile(r"(?<![\w.@/-])(?i:t\.me|telegram\.(?:me|dog))(?:[/?#][^\s<>\"«»]*)?(?![\w.-])")),
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]++(?:\.[\w-]++)+")),
    ("bot_command", re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}+(?:@[A-Za-z0-9_]{3,32}+)?+(?![\w/<>])")),
    ("mention", re.compile(r"(?<!\w)@[A-Za-z0-9_]{2,32}(?!\w)")),
    ("hashtag", re.compile(r"(?<![\w\u200c])#(?=[\d_\u200c]*+[^\W\d_])[\w\u200c]{1,256}+(?!#)")),
    ("cashtag", re.compile(r"(?<![\w$\u200c])\$[A-Z]{3,8}(?![\w$\u200c])")),
)


BLANK = re.compile("[\\s\u1680\u180e\u2000-\u200f\u202e\u202f\u205f\u2800\u3000\ufffc]*")
"""What Telegram takes for nothing at all where it is the whole of a text, a title or a button."""


class ParseError(Exception):
    """Why Telegram cannot parse the entities of a text."""


@dataclass(frozen=True)
class Entity:
    """A stretch of text with a meaning; offset and length in UTF-16 units."""

    type: str
    offset: int
    length: int
    url: str = ""
    language: str = ""
    person: int = 0
    emoji: str = ""

    @property
    def end(self) -> int:
        return self.offset + self.length

    def as_json(self) -> dict[str, Any]:
        """The Bot API's MessageEntity."""
        entity: dict[str, Any] = {"type": self.type, "offset": self.offset, "length": self.length}
        extra = {"url": self.url, "language": self.language, "custom_emoji_id": self.emoji}
        entity |= {key: value for key, value in extra.items() if value}
        if self.person:
            entity["user"] = {"id": self.person, "is_bot": False, "first_name": str(self.person)}
        return entity


@dataclass(frozen=True)
class Formatted:
    """A text and its entities."""

    text: str
    entities: tuple[Entity, ...] = ()

    @property
    def length(self) -> int:
        return units(self.text)


class Writing:
    """The plain text while a parser writes it, which always knows its length in UTF-16 units."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self.length = 0

    def add(self, text: str) -> None:
        self._parts.append(text)
        self.length += units(text)

    def since(self, offset: int) -> str:
        """What was written after so many units."""
        return cut(self.text, offset, self.length)

    @property
    def text(self) -> str:
        return "".join(self._parts)


def units(text: str) -> int:
    """The length in UTF-16 units, which Telegram counts in."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, start: int, end: int) -> str:
    """The stretch between two offsets in UTF-16 units."""
    return text.encode("utf-16-le", "surrogatepass")[2 * start : 2 * end].decode("utf-16-le", "replace")


def byte_offset(text: str, index: int) -> int:
    """Where a character stands, in UTF-8 bytes: Telegram's parse errors count so."""
    return len(text[:index].encode("utf-8", "surrogatepass"))


def in_order(entities: Iterable[Entity]) -> tuple[Entity, ...]:
    """Empty ones dropped, outer before inner."""
    kept = (entity for entity in entities if entity.length > 0)
    return tuple(sorted(kept, key=lambda entity: (entity.offset, -entity.length, ORDER.get(entity.type, 50))))


def with_languages(entities: Iterable[Entity]) -> list[Entity]:
    """`pre` and `code` on the same stretch become one `pre` when the code names its language."""
    listed = list(entities)
    languages = {(one.offset, one.length): one.language for one in listed if one.type == "code" and one.language}
    blocks = {(one.offset, one.length) for one in listed if one.type == "pre"}
    kept = []
    for one in listed:
        place = (one.offset, one.length)
        if one.type == "pre" and place in languages:
            kept.append(replace(one, language=languages[place]))
        elif one.type != "code" or not (one.language and place in blocks):
            kept.append(replace(one, language="") if one.type == "code" else one)
    return kept


def trimmed(formatted: Formatted) -> Formatted:
    """Without the white space around it, as Telegram shows and stores it."""
    text = formatted.text.replace("\r", "")
    if text != formatted.text:
        return trimmed(_without_returns(formatted))
    left = units(text) - units(text.lstrip())
    text = text.strip()
    return Formatted(text, tuple(_within(formatted.entities, left, units(text))))


def detected(formatted: Formatted) -> Formatted:
    """With the commands, mentions, addresses and hashtags that Telegram finds by itself."""
    taken = [entity for entity in formatted.entities if entity.type in ("code", "pre", "text_link", "text_mention")]
    found: list[Entity] = []
    for kind, pattern in FOUND:
        for match in pattern.finditer(formatted.text):
            entity = Entity(kind, units(formatted.text[: match.start()]), units(match[0]))
            if not any(entity.offset < other.end and other.offset < entity.end for other in (*taken, *found)):
                found.append(entity)
    return Formatted(formatted.text, in_order((*formatted.entities, *found)))


def _within(entities: Iterable[Entity], left: int, length: int) -> Iterable[Entity]:
    for entity in entities:
        start = max(0, entity.offset - left)
        end = min(length, entity.end - left)
        if end > start:
            yield replace(entity, offset=start, length=end - start)


def _without_returns(formatted: Formatted) -> Formatted:
    def moved(offset: int) -> int:
        return offset - cut(formatted.text, 0, offset).count("\r")

    entities = [
        replace(one, offset=moved(one.offset), length=moved(one.end) - moved(one.offset)) for one in formatted.entities
    ]
    return Formatted(formatted.text.replace("\r", ""), in_order(entities))
