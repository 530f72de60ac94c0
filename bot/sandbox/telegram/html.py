"""Telegram's HTML, read as strictly as Telegram reads it: few tags, few named characters, byte offsets in errors."""

import re
from dataclasses import dataclass, field

from bot.sandbox.telegram.entities import (
    Entity,
    Formatted,
    ParseError,
    Writing,
    byte_offset,
    in_order,
    with_languages,
)
from bot.sandbox.telegram.links import link, mentioned_person

TYPES = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "s": "strikethrough", "strike": "strikethrough",
    "del": "strikethrough", "u": "underline", "ins": "underline", "tg-spoiler": "spoiler", "span": "spoiler",
    "tg-emoji": "custom_emoji", "tg-time": "date_time", "a": "text_link", "pre": "pre", "code": "code",
    "blockquote": "blockquote",
}  # fmt: skip
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
CHARACTER = re.compile(r"&(?:#x(?P<hex>[0-9a-fA-F]+)|#(?P<decimal>[0-9]+)|(?P<name>[a-zA-Z]+));?")
TOKEN = re.compile(r"[A-Za-z0-9.\-]*")
TIME_FORMAT = re.compile(r"|r|R|[tTdDwW]+")


@dataclass
class Tag:
    """A start tag that waits for its end; `offset` in the written text, `index` in the source."""

    name: str
    index: int
    offset: int
    attributes: dict[str, str] = field(default_factory=dict)


def parse(source: str) -> Formatted:
    """Read `parse_mode=HTML`; raises ParseError with Telegram's own sentence."""
    return _Reader(source).read()


def decoded(text: str) -> str:
    """With the characters that Telegram knows by name or number; anything else stays as typed."""
    return CHARACTER.sub(_character, text)


def _character(match: re.Match[str]) -> str:
    if match["name"]:
        return NAMED.get(match["name"], match[0])
    code = int(match["hex"], 16) if match["hex"] else int(match["decimal"])
    return chr(code) if 0 < code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF else match[0]


class _Reader:
    def __init__(self, source: str) -> None:
        self.source = source
        self.index = 0
        self.writing = Writing()
        self.open: list[Tag] = []
        self.entities: list[Entity] = []

    def read(self) -> Formatted:
        while self.index < len(self.source):
            if self.source[self.index] != "<":
                self._read_text()
            elif self.source.startswith("</", self.index):
                self._read_end()
            else:
                self._read_start()
        if self.open:
            raise ParseError(f'Can\'t find end tag corresponding to start tag "{self.open[-1].name}"')
        return Formatted(self.writing.text, in_order(with_languages(self.entities)))

    def _read_text(self) -> None:
        end = self.source.find("<", self.index)
        end = len(self.source) if end < 0 else end
        self.writing.add(decoded(self.source[self.index : end]))
        self.index = end

    def _read_start(self) -> None:
        start = self.index
        self.index += 1
        name = self._until(r"[\s>]").lower()
        if self._at_end():
            raise self._error("Unclosed start tag", start)
        if name not in TYPES:
            raise self._error(f'Unsupported start tag "{name}"', start)
        tag = Tag(name, start, self.writing.length)
        while self._another_attribute(tag):
            key, value = self._read_attribute(tag)
            tag.attributes[key] = value
        self._check(tag)
        self.open.append(tag)

    def _another_attribute(self, tag: Tag) -> bool:
        self._skip_spaces()
        if self._at_end():
            raise self._error(f'Unclosed start tag "{tag.name}"', tag.index)
        if self.source[self.index] == ">":
            self.index += 1
            return False
        return True

    def _read_attribute(self, tag: Tag) -> tuple[str, str]:
        key = self._until(r"[\s=>/\"']" if self.source[self.index] not in "/\"'" else r"[\s=>]").lower()
        if not key:
            raise self._error(f'Empty attribute name in the tag "{tag.name}"', tag.index)
        self._skip_spaces()
        if self._at_end():
            raise self._error(f'Unclosed start tag "{tag.name}"', tag.index)
        if self.source[self.index] != "=":
            return key, ""
        self.index += 1
        self._skip_spaces()
        if self._at_end():
            raise self._error(f'Unclosed start tag "{tag.name}"', tag.index)
        return key, self._read_value(tag)

    def _read_value(self, tag: Tag) -> str:
        quote = self.source[self.index]
        if quote not in "\"'":
            return self._read_token(tag)
        end = self.source.find(quote, self.index + 1)
        if end < 0:
            raise self._error("Unclosed start tag", tag.index)
        value = decoded(self.source[self.index + 1 : end])
        self.index = end + 1
        return value

    def _read_token(self, tag: Tag) -> str:
        found = TOKEN.match(self.source, self.index)
        assert found is not None
        if found.end() < len(self.source) and not re.match(r"[\s>]", self.source[found.end()]):
            raise self._error("Unexpected end of name token", self.index)
        self.index = found.end()
        return found[0].lower()

    def _check(self, tag: Tag) -> None:
        if tag.name == "span" and tag.attributes.get("class") != "tg-spoiler":
            raise self._error('Tag "span" must have class "tg-spoiler"', tag.index)
        if tag.name == "tg-emoji" and not tag.attributes.get("emoji-id", "").isdigit():
            raise ParseError("Invalid custom emoji identifier specified")
        if tag.name == "tg-time" and not TIME_FORMAT.fullmatch(tag.attributes.get("format", "")):
            raise ParseError("Invalid date format used")

    def _read_end(self) -> None:
        start = self.index
        if not self.open:
            raise self._error("Unexpected end tag", start)
        self.index += 2
        name = self._until(r"[\s>]").lower()
        self._skip_spaces()
        if self._at_end() or self.source[self.index] != ">":
            raise self._error("Unclosed end tag", start)
        self.index += 1
        tag = self.open.pop()
        if name not in ("", tag.name):
            where = byte_offset(self.source, start)
            raise ParseError(f'Unmatched end tag at byte offset {where}, expected "</{tag.name}>", found "</{name}>"')
        self._close(tag)

    def _close(self, tag: Tag) -> None:
        entity = Entity(TYPES[tag.name], tag.offset, self.writing.length - tag.offset)
        finish = {"a": self._anchor, "code": _code, "blockquote": _quote, "tg-emoji": _emoji}.get(tag.name)
        finished = finish(tag, entity) if finish else entity
        if finished:
            self.entities.append(finished)

    def _anchor(self, tag: Tag, entity: Entity) -> Entity | None:
        return linked(entity, tag.attributes.get("href") or self.writing.since(entity.offset))

    def _until(self, stop: str) -> str:
        found = re.compile(stop).search(self.source, self.index)
        end = found.start() if found else len(self.source)
        text = self.source[self.index : end]
        self.index = end
        return text

    def _skip_spaces(self) -> None:
        while not self._at_end() and self.source[self.index].isspace():
            self.index += 1

    def _at_end(self) -> bool:
        return self.index >= len(self.source)

    def _error(self, sentence: str, index: int) -> ParseError:
        return ParseError(f"{sentence} at byte offset {byte_offset(self.source, index)}")


def linked(entity: Entity, address: str) -> Entity | None:
    """The entity as a link or a mention; None where the address is neither, which Telegram drops silently."""
    person = mentioned_person(address)
    if person:
        return Entity("text_mention", entity.offset, entity.length, person=person)
    url = link(address)
    return Entity("text_link", entity.offset, entity.length, url=url) if url else None


def _code(tag: Tag, entity: Entity) -> Entity:
    language = tag.attributes.get("class", "")
    named = language.removeprefix("language-") if language.startswith("language-") else ""
    return Entity("code", entity.offset, entity.length, language=named)


def _quote(tag: Tag, entity: Entity) -> Entity:
    kind = "expandable_blockquote" if "expandable" in tag.attributes else "blockquote"
    return Entity(kind, entity.offset, entity.length)


def _emoji(tag: Tag, entity: Entity) -> Entity:
    return Entity("custom_emoji", entity.offset, entity.length, emoji=tag.attributes["emoji-id"])
