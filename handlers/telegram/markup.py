"""Telegram's HTML and its limits: foreign text is escaped here and nowhere else, lengths are counted in UTF-16 units.

A text is a list of runs, (words, style) each; only the words are ever cut, so no tag or entity is cut in two.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from html import escape

from bot.cleaning import clean_text

TEXT_UNITS, CAPTION_UNITS, ANSWER_UNITS, LABEL_UNITS = 4096, 1024, 200, 64
STYLES = {"": "{}", "bold": "<b>{}</b>", "italic": "<i>{}</i>", "code": "<code>{}</code>"}
ELLIPSIS = "…"
_CODE, _COMMAND = re.compile(r"`([^`\n]+)`"), re.compile(r"/[a-z]+")
_JOINER = "\u200d"

Run = tuple[str, str]


def plain(text: str) -> Run:
    """A run without any style."""
    return (text, "")


def bold(text: str) -> Run:
    """A run in bold."""
    return (text, "bold")


def sentence(text: str) -> list[Run]:
    """One of our sentences: what stands in `…` in it is code, but a command, which Telegram makes live by itself."""
    parts = enumerate(_CODE.split(text))
    return [(part, "code" if at % 2 and not _COMMAND.fullmatch(part) else "") for at, part in parts if part]


def without_marks(text: str) -> str:
    """One of our sentences where nothing can be styled."""
    return _CODE.sub(r"\1", text)


def person(identity: str, name: str) -> Run:
    """A run that calls the person of this id."""
    return (name, f"person:{identity}") if identity.isdecimal() else plain(name)


def units(text: str) -> int:
    """The length as Telegram counts it: UTF-16 code units."""
    return len(text) + sum(character > "\uffff" for character in text)


def cut(text: str, most: int) -> str:
    """The text, or as much of it as fits with an ellipsis; never in the middle of an emoji or a letter's accents."""
    text = clean_text(text)
    if units(text) <= most:
        return text
    end, left = 0, most - 1
    while (width := units(text[end])) <= left:
        end, left = end + 1, left - width
    return text[: _whole(text, end)].rstrip() + ELLIPSIS


def one_line(text: str, most: int) -> str:
    """The text on one line, cut."""
    return cut(" ".join(clean_text(text).split()), most)


def to_html(runs: Iterable[Run], most: int = TEXT_UNITS) -> str:
    """HTML whose text has at most `most` units; what is beyond is left out, visibly."""
    written, left = [], most
    for words, style in runs:
        fitting = cut(words, left) if left > 0 else ""
        written.append(_styled(fitting, style))
        left -= units(fitting)
        if fitting != clean_text(words):
            break
    return "".join(written)


def joined(lines: Iterable[Sequence[Run]]) -> list[Run]:
    """Lines one below the other, empty ones left out."""
    runs: list[Run] = []
    for line in lines:
        if any(words for words, _ in line):
            runs += [plain("\n"), *line] if runs else line
    return runs


def _styled(words: str, style: str) -> str:
    if not words:
        return ""
    kind, _, identity = style.partition(":")
    if kind == "person":
        return f'<a href="tg://user?id={identity}">{escape(words)}</a>'
    return STYLES[style].format(escape(words))


def _whole(text: str, end: int) -> int:
    """The last place at or before `end` where a character that people see ends."""
    while 0 < end < len(text) and (_clings(text[end]) or text[end - 1] == _JOINER):
        end -= 1
    return end


def _clings(character: str) -> bool:
    """Accents, variation selectors, skin tones and joiners belong to what stands before them."""
    return (
        character == _JOINER
        or unicodedata.category(character).startswith("M")
        or "\U0001f3fb" <= character <= "\U0001f3ff"
    )
