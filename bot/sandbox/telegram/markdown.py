"""Telegram's MarkdownV2, with its list of reserved characters: what is not escaped is refused, never guessed."""

import re
from dataclasses import dataclass

from bot.sandbox.telegram.entities import Entity, Formatted, ParseError, Writing, byte_offset, in_order
from bot.sandbox.telegram.html import TIME_FORMAT, linked

RESERVED = frozenset("_*[]()~`>#+-=|{}.!")
MARKS = (
    ("||", "Spoiler"), ("__", "Underline"), ("_", "Italic"), ("*", "Bold"), ("~", "Strikethrough"),
    ("![", "CustomEmoji"), ("[", "TextUrl"), ("```", "Pre"), ("`", "Code"),
)  # fmt: skip
TYPES = {
    "Bold": "bold", "Italic": "italic", "Underline": "underline", "Strikethrough": "strikethrough",
    "Spoiler": "spoiler", "Code": "code", "Pre": "pre", "PreCode": "pre",
}  # fmt: skip
VERBATIM = ("Code", "Pre", "PreCode")
ENDS = {"Code": "`", "Pre": "```", "PreCode": "```"}
LANGUAGE = re.compile(r"[^\s`]*")
OWN_LINK = re.compile(r"tg:(?://)?(?P<kind>emoji|time)/?\?(?P<query>[^#]*)(?:#.*)?", re.IGNORECASE)
NUMBER = re.compile(r"[1-9]\d*")


@dataclass
class Mark:
    """An entity that waits for its end: where it began in the source and in the written text."""

    name: str
    index: int
    offset: int
    language: str = ""


def parse(source: str) -> Formatted:
    """Read `parse_mode=MarkdownV2`; raises ParseError with Telegram's own sentence."""
    return _Reader(source).read()


class _Reader:
    def __init__(self, source: str) -> None:
        self.source = source
        self.index = 0
        self.writing = Writing()
        self.open: list[Mark] = []
        self.entities: list[Entity] = []
        self.at_line_start = True

    def read(self) -> Formatted:
        while self.index < len(self.source):
            self._read_one()
        if self._quote() is not None:
            self._end_quote()
        if self.open:
            raise self._unfinished(self.open[-1])
        return Formatted(self.writing.text, in_order(self.entities))

    def _read_one(self) -> None:
        character = self.source[self.index]
        if character == "\\" and "\0" < self.source[self.index + 1 : self.index + 2] < "\x7f":
            self.index += 1
            self._write(self.source[self.index])
        elif self.open and self.open[-1].name in VERBATIM:
            self._read_verbatim(character)
        elif character == "\n" and self._quote() is not None:
            self._read_quoted_line_end()
        elif character in RESERVED:
            self._read_mark(character)
        else:
            self._write(character)

    def _write(self, character: str) -> None:
        self.writing.add(character)
        self.index += 1
        self.at_line_start = character in "\r\n"

    def _read_verbatim(self, character: str) -> None:
        end = ENDS[self.open[-1].name]
        if self.source.startswith(end, self.index):
            self.index += len(end)
            self._close(self.open.pop())
        elif character == "`":
            self._start("Code", 1)
        else:
            self._write(character)

    def _read_mark(self, character: str) -> None:
        if character == ">" and self.at_line_start:
            self._read_quote_sign()
            return
        if character == "]" and self.open and self.open[-1].name in ("TextUrl", "CustomEmoji"):
            self._read_link_end()
            return
        for sign, name in MARKS:
            if self.source.startswith(sign, self.index):
                self._toggle(name, len(sign))
                return
        raise ParseError(f"Character '{character}' is reserved and must be escaped with the preceding '\\'")

    def _toggle(self, name: str, length: int) -> None:
        if self.open and self.open[-1].name == name and name in TYPES:
            self.index += length
            self._close(self.open.pop())
        else:
            self._start(name, length)

    def _start(self, name: str, length: int) -> None:
        mark = Mark(name, self.index, self.writing.length)
        self.index += length
        if name == "Pre":
            self._read_language(mark)
        self.open.append(mark)

    def _read_language(self, mark: Mark) -> None:
        found = LANGUAGE.match(self.source, self.index)
        assert found is not None
        if found[0] and found.end() < len(self.source) and self.source[found.end()] != "`":
            mark.name, mark.language, self.index = "PreCode", found[0], found.end()
        for line_end in ("\r\n", "\n\r", "\n", "\r"):
            if self.source.startswith(line_end, self.index):
                self.index += len(line_end)
                return

    def _close(self, mark: Mark) -> None:
        length = self.writing.length - mark.offset
        self.entities.append(Entity(TYPES[mark.name], mark.offset, length, language=mark.language))

    def _quote(self) -> int | None:
        names = [mark.name for mark in self.open]
        return names.index("BlockQuote") if "BlockQuote" in names else None

    def _read_quote_sign(self) -> None:
        if self._quote() is None:
            self.open.append(Mark("BlockQuote", self.index, self.writing.length))
        self.index += 1
        self.at_line_start = False

    def _read_quoted_line_end(self) -> None:
        self._write("\n")
        if not self.source.startswith(">", self.index):
            self._end_quote()

    def _end_quote(self) -> None:
        """A spoiler that only opens at the very end makes the quotation expandable; anything else is unfinished."""
        place = self._quote()
        assert place is not None
        mark, inside = self.open[place], self.open[place + 1 :]
        folds = len(inside) == 1 and inside[0].name == "Spoiler" and self._nothing_after(inside[0])
        if inside and not folds:
            raise self._unfinished(self.open[-1])
        del self.open[place:]
        kind = "expandable_blockquote" if folds else "blockquote"
        self.entities.append(Entity(kind, mark.offset, self.writing.length - mark.offset))

    def _nothing_after(self, mark: Mark) -> bool:
        return self.source[mark.index + 2 : self.index] in ("", "\n", "\r\n", "\r")

    def _read_link_end(self) -> None:
        mark = self.open.pop()
        self.index += 1
        address = self._read_address() if self.source.startswith("(", self.index) else ""
        entity = Entity("text_link", mark.offset, self.writing.length - mark.offset)
        if mark.name == "CustomEmoji":
            self.entities.append(_own_link(entity, address))
        elif found := linked(entity, address or self.writing.since(mark.offset)):
            self.entities.append(found)

    def _read_address(self) -> str:
        start = self.index = self.index + 1
        address = ""
        while self.index < len(self.source) and self.source[self.index] != ")":
            if self.source[self.index] == "\\" and "\0" < self.source[self.index + 1 : self.index + 2] < "\x7f":
                self.index += 1
            address += self.source[self.index]
            self.index += 1
        if self.index >= len(self.source):
            raise ParseError(f"Can't find end of a URL at byte offset {byte_offset(self.source, start)}")
        self.index += 1
        return address or " "  # an empty address is no link; the text does not stand in for it

    def _unfinished(self, mark: Mark) -> ParseError:
        where = byte_offset(self.source, mark.index)
        return ParseError(f"Can't find end of {mark.name} entity at byte offset {where}")


def _own_link(entity: Entity, address: str) -> Entity:
    if not address:
        raise ParseError("The entity must contain a tg://emoji or tg://time URL")
    found = OWN_LINK.fullmatch(address)
    fields = dict(part.partition("=")[::2] for part in found["query"].split("&")) if found else {}
    if found and found["kind"].lower() == "emoji" and NUMBER.fullmatch(fields.get("id", "")):
        return Entity("custom_emoji", entity.offset, entity.length, emoji=fields["id"])
    is_time = found and found["kind"].lower() == "time" and NUMBER.fullmatch(fields.get("unix", ""))
    if is_time and TIME_FORMAT.fullmatch(fields.get("format", "")):
        return Entity("date_time", entity.offset, entity.length)
    raise ParseError("Invalid tg://emoji or tg://time URL specified")
