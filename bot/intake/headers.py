"""Header fields as bytes, and their text: encoded words, raw 8-bit and garbage are all read, nothing here raises.

A value keeps its raw bytes until somebody asks for its text, because only then is the right charset known.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from email.message import Message
from functools import cached_property
from urllib.parse import unquote_to_bytes

from bot.cleaning import clean_line
from bot.intake.charsets import codec_of, decode

_FOLD = re.compile(r"\r?\n[ \t]*|\r")
_ENCODED_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?(.*?)(\?=|\Z)", re.DOTALL)
_ONLY_BLANKS = re.compile(r"\s*\Z")
_PARAMETER = re.compile(r";?(?<!\s)\s*([^\s=;\"]{1,80})\s*=\s*(\"(?:[^\"\\]|\\.)*\"?|[^;]*)", re.DOTALL)
_CONTINUED = re.compile(r"([^*]+)(?:\*(\d{1,3}))?(\*)?\Z")
_QUOTED_PAIR = re.compile(r"\\([\"\\])")  # any other backslash is that of a Windows path
_STARLESS = re.compile(r"([\w.:-]{1,40})'[\w-]{0,20}'(?=.*%[0-9A-Fa-f]{2})", re.DOTALL)
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,900}>")
_LONGEST = 20_000


class Headers:
    """The fields of one part, in their order; names are compared without case."""

    def __init__(self, fields: Iterable[tuple[str, str]]) -> None:
        self.fields = [(name, value) for name, value in fields]
        self._by_name: dict[str, list[str]] = {}
        for name, value in self.fields:
            self._by_name.setdefault(name.lower().strip(), []).append(value)

    @classmethod
    def of(cls, message: Message) -> Headers:
        """The fields of a parsed message, values with their 8-bit bytes as surrogates."""
        return cls(message.raw_items())

    def all(self, name: str) -> list[str]:
        """Every raw value of a field (name in lower case), unfolded."""
        return [unfold(value) for value in self._by_name.get(name, ())]

    def get(self, name: str) -> str:
        """The first raw value that is not empty, unfolded; "" when there is none."""
        return next((value for value in self.all(name) if value.strip()), "")

    def text(self, name: str, hint: str = "") -> str:
        """The first value as one clean line of text."""
        return header_text(self.get(name), hint)

    @cached_property
    def content_type(self) -> Parameters:
        """Content-Type: value in lower case and parameters."""
        return parse_parameters(self.get("content-type"))

    @cached_property
    def disposition(self) -> Parameters:
        """Content-Disposition, in the same form."""
        return parse_parameters(self.get("content-disposition"))


@dataclass(frozen=True, slots=True)
class Parameters:
    """A structured field: its first word in lower case, and its parameters by lower-case name, still raw text."""

    value: str
    by_name: dict[str, str]

    def get(self, name: str) -> str:
        """A parameter's value, or ""."""
        return self.by_name.get(name, "")


def unfold(value: str) -> str:
    """One line of a folded value, bounded."""
    return _FOLD.sub(" ", value[:_LONGEST]).strip()


def unfold_exactly(value: str) -> str:
    """One line as RFC 5322 unfolds it: the line end goes, the blanks after it stay."""
    return re.sub(r"\r?\n", "", value)


def header_text(value: str, hint: str = "") -> str:
    """A raw value as one clean line: encoded words and raw 8-bit bytes decoded (`hint` = the body's charset)."""
    return clean_line(decode_words(value, hint))


def decode_words(value: str, hint: str = "") -> str:
    """As `header_text`, not yet cleaned. Neighbouring words of one charset are joined before they are decoded."""
    if "=?" not in value:
        return _plain(value, hint)
    pieces: list[str] = []
    pending: tuple[str, bytes] | None = None
    position = 0
    for word in _ENCODED_WORD.finditer(value):
        between = value[position : word.start()]
        if pending and _ONLY_BLANKS.match(between):
            between = ""
        elif pending:
            pieces.append(decode(pending[1], pending[0]))
            pending = None
        pieces.append(_plain(between, hint))
        charset, data = word[1], _word_bytes(word[2], word[3])
        if pending and pending[0].lower() != charset.lower():
            pieces.append(decode(pending[1], pending[0]))
            pending = None
        pending = (charset, pending[1] + data if pending else data)
        position = word.end()
    if pending:
        pieces.append(decode(pending[1], pending[0]))
    return "".join(pieces) + _plain(value[position:], hint)


def _plain(value: str, hint: str) -> str:
    if value.isascii():
        return value
    return decode(to_bytes(value), "", hint=hint)


def to_bytes(value: str) -> bytes:
    """The bytes of a raw value (8-bit bytes stand as surrogates)."""
    return value.encode("utf-8", "surrogateescape")


def _word_bytes(encoding: str, payload: str) -> bytes:
    data = to_bytes(payload)
    if encoding in "qQ":
        return binascii.a2b_qp(data.replace(b"_", b" ").replace(b"\n", b""), header=False)
    clean = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    clean = clean[: len(clean) - (len(clean) % 4 == 1)]
    return binascii.a2b_base64(clean + b"==")


def parse_parameters(value: str) -> Parameters:
    """`attachment; filename*0*=utf-8''…` and all its broken relatives; continued parameters are put together."""
    head, _, rest = value.partition(";")
    if "=" in head:
        head, rest = "", value
    found: dict[str, list[tuple[int, bool, str]]] = {}
    for number, match in enumerate(_PARAMETER.finditer(rest)):
        name = _CONTINUED.match(match[1].lower())
        if name and number < 200:
            piece = (int(name[2] or 0), bool(name[3]), _unquote(match[2].strip()))
            found.setdefault(name[1], []).append(piece)
    word = head.strip().strip("\"'").lower().replace(" ", "")
    return Parameters(word, {name: _join(pieces) for name, pieces in found.items()})


def _unquote(value: str) -> str:
    if value.startswith('"'):
        return _QUOTED_PAIR.sub(r"\1", value[1:].removesuffix('"'))
    return value[1:-1] if len(value) > 2 and value[0] == value[-1] == "'" else value


def _join(pieces: list[tuple[int, bool, str]]) -> str:
    if not any(encoded for _, encoded, _ in pieces):
        ordered = sorted(pieces, key=lambda piece: piece[0])
        first = [piece for piece in ordered if piece[0] == 0][:1]
        joined = "".join(text for _, _, text in first + [piece for piece in ordered if piece[0]])
        charset = _STARLESS.match(joined)
        return _decode_extended([(0, True, joined)]) if charset and codec_of(charset[1]) else joined
    encoded_only = [piece for piece in pieces if piece[1]] if len({n for n, _, _ in pieces}) < len(pieces) else pieces
    return _decode_extended(sorted(encoded_only, key=lambda piece: piece[0]))


def _decode_extended(pieces: list[tuple[int, bool, str]]) -> str:
    """RFC 2231: the charset stands in the first piece, percent signs count in the marked ones only."""
    charset, first = "", pieces[0][2]
    if first.count("'") >= 2:
        charset, _, first = first.split("'", 2)
    data = b""
    for (_, encoded, text), value in zip(pieces, [first, *(piece[2] for piece in pieces[1:])], strict=True):
        data += unquote_to_bytes(to_bytes(value)) if encoded else to_bytes(text if value is text else value)
    return decode(data, charset)


def message_ids(value: str) -> tuple[str, ...]:
    """Every `<…>` of a References, In-Reply-To or Message-ID value; a bare id gets its angle brackets."""
    found = _MESSAGE_ID.findall(value)
    if not found:
        found = [f"<{word.strip('<>')}>" for word in value.split()[:20] if "@" in word.strip("@<>")]
    return tuple(clean_line(_plain(word, "")) for word in found[-200:])
