"""Rich text to text: Outlook's compressed RTF (MS-OXRTFCP) unpacked, and its words or the HTML wrapped in it read out.

Everything is bounded: at most `_LARGEST` bytes are unpacked, damage ends the reading.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field

from bot.intake.charsets import decode

_COMPRESSED, _STORED = 0x75465A4C, 0x414C454D
_DICTIONARY = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans Serif"
    rb"SymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    + b"\r\n"
    + rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_WINDOW, _LARGEST = 4_096, 2 * 1024 * 1024
_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\(.)|([{}])|[\r\n]+|([^\\{}\r\n]+)", re.DOTALL
)
_SILENT = frozenset({
    b"fonttbl", b"colortbl", b"stylesheet", b"info", b"pict", b"object", b"themedata", b"listtable", b"header",
    b"footer",
})  # fmt: skip
_WORDS = {
    b"par": "\n", b"line": "\n", b"row": "\n", b"tab": "\t", b"cell": " ", b"emdash": "—", b"endash": "–",
    b"bullet": "•", b"lquote": "‘", b"rquote": "’", b"ldblquote": "“", b"rdblquote": "”",
}  # fmt: skip
_SYMBOLS = {b"~": "\u00a0", b"_": "\u2011", b"\n": "\n", b"\r": "\n"}


def unpack(data: bytes) -> bytes:
    """The RTF in a PR_RTF_COMPRESSED value, b"" when it is none."""
    if len(data) < 16:
        return b""
    _, size, kind, _ = struct.unpack_from("<IIII", data)
    if kind == _STORED:
        return data[16 : 16 + size]
    return _inflate(data[16:], min(size, _LARGEST)) if kind == _COMPRESSED else b""


def _inflate(data: bytes, size: int) -> bytes:
    """Runs of eight literals or references into the last 4,096 bytes; the byte before a run says which is which."""
    found = bytearray(_DICTIONARY)
    position, end = 0, len(_DICTIONARY) + size
    while position < len(data) and len(found) < end:
        flags = data[position]
        position += 1
        for bit in range(8):
            if flags >> bit & 1:
                pair = data[position : position + 2]
                if len(pair) < 2 or not _copy(found, pair):
                    return bytes(found[len(_DICTIONARY) : end])
                position += 2
            else:
                found += data[position : position + 1]
                position += 1
    return bytes(found[len(_DICTIONARY) : end])


def _copy(found: bytearray, pair: bytes) -> bool:
    """Append what a reference points at; False for the one that ends the data."""
    value = pair[0] << 8 | pair[1]
    here = len(found) % _WINDOW
    back = (here - (value >> 4)) % _WINDOW
    if back == 0:
        return False
    for _ in range((value & 15) + 2):
        found.append(found[-back] if back <= len(found) else 0x20)
    return True


@dataclass(slots=True)
class _State:
    """What holds within a group: whether its words are shown, and how many characters stand in for a \\u."""

    silent: bool = False
    html: bool = False
    skip: int = 1


@dataclass(slots=True)
class _Reading:
    """The words so far; bytes wait until their run is over, because a character may take two of them."""

    codepage: str
    wraps_html: bool
    out: list[str] = field(default_factory=list)
    waiting: bytearray = field(default_factory=bytearray)
    to_skip: int = 0
    unshown: bool = False

    def add(self, text: str) -> None:
        """More words."""
        self.flush()
        self.out.append(text)

    def flush(self) -> None:
        """Decode what waits."""
        if self.waiting:
            self.out.append(decode(bytes(self.waiting), self.codepage))
            self.waiting.clear()


def read_rtf(rtf: bytes) -> tuple[str, bool]:
    """The words of a document, and whether they are HTML that Outlook wrapped (MS-OXRTFEX)."""
    start = rtf[:500]
    page = re.search(rb"\\ansicpg(\d{2,5})", start)
    reading = _Reading(f"cp{page[1].decode()}" if page else "cp1252", b"\\fromhtml1" in start)
    stack = [_State()]
    for token in _TOKEN.finditer(rtf[:_LARGEST]):
        _take(token, stack, reading)
    reading.flush()
    pairs = "".join(reading.out).encode("utf-16-le", "surrogatepass")
    return pairs.decode("utf-16-le", "replace").strip("\n\0 "), reading.wraps_html


def _take(token: re.Match[bytes], stack: list[_State], reading: _Reading) -> None:
    word, number, octet, symbol, brace, words = token.groups()
    state = stack[-1]
    if brace:
        _take_brace(brace, stack)
    elif word:
        _take_word(word, number, state, reading)
    elif symbol in (b"*",):
        state.silent = True
    elif _is_shown(state, reading):
        _show(octet, symbol, words, reading)


def _take_brace(brace: bytes, stack: list[_State]) -> None:
    if brace == b"{" and len(stack) < 1_000:
        above = stack[-1]
        stack.append(_State(above.silent, above.html, above.skip))
    elif brace == b"}" and len(stack) > 1:
        stack.pop()


def _is_shown(state: _State, reading: _Reading) -> bool:
    return state.html or not (state.silent or reading.unshown)


def _take_word(word: bytes, number: bytes | None, state: _State, reading: _Reading) -> None:
    if word == b"htmltag":
        state.html = reading.wraps_html
    elif word == b"htmlrtf":
        reading.unshown = number != b"0"
    elif word == b"uc" and number:
        state.skip = max(0, int(number))
    elif word in _SILENT:
        state.silent = True
    elif _is_shown(state, reading) and word == b"u" and number:
        code = int(number) % 65_536
        reading.add(chr(code))
        reading.to_skip = state.skip
    elif _is_shown(state, reading) and word in _WORDS:
        reading.add(_WORDS[word])


def _show(octet: bytes | None, symbol: bytes | None, words: bytes | None, reading: _Reading) -> None:
    if symbol:
        reading.add(_SYMBOLS.get(symbol, symbol.decode("ascii", "replace") if symbol in b"\\{}" else ""))
        return
    data = bytes.fromhex(octet.decode()) if octet else words or b""
    skipped = min(reading.to_skip, len(data))
    reading.to_skip -= skipped
    reading.waiting += data[skipped:]
