"""Telegram's HTML and its limits: foreign text is escaped here and nowhere else, lengths are counted in UTF-16 units.

A text is a list of runs, (words, style) each; only the words are ever cut, so no tag or entity is cut in two. What
Telegram would bring to life by itself (it calls `@people`, and sends a `/command` in the name of whoever taps it) is
shown as code, which it leaves alone, unless the run is `live`. Web and mail addresses lead where they say they lead.
"""

import re
import unicodedata
from collections.abc import Container, Iterable, Iterator, Sequence
from html import escape
from itertools import groupby

from bot.cleaning import clean_text

TEXT_UNITS, CAPTION_UNITS, ANSWER_UNITS, LABEL_UNITS = 4096, 1024, 200, 64
STYLES = {"": "{}", "live": "{}", "bold": "<b>{}</b>", "italic": "<i>{}</i>", "code": "<code>{}</code>"}
ELLIPSIS = "…"
SHOWING = frozenset(("/help", "/list", "/mine", "/pair"))
_CODE = re.compile(r"`([^`\n]+)`")
_JOINER = "\u200d"
_UNSEEN, _BLANK = ("Zs", "Zl", "Zp", "Cc", "Cf"), "\u115f\u1160\u2800\u3164\uffa0\ufffc"
_FLAG_LETTERS = "".join(map(chr, range(0x1F1E6, 0x1F200)))
_ACTING = re.compile(
    r"(?<![A-Za-z0-9_])@[A-Za-z0-9_]{2,}"
    r"|(?<![A-Za-z0-9_/<>])/[A-Za-z0-9_]++(?:@[A-Za-z0-9_]++)?+(?![/<>])"
    r"|(?<![A-Za-z0-9_])#(?=[\d_\u200c]*+[^\W\d_])[\w\u200c]++"
    r"|(?<![A-Za-z0-9_$])\$[A-Z]{1,8}+(?![A-Za-z0-9_$])"
    r"|(?i:(?:tg|ton|tonsite)://)\S+"
    r"|(?<![\w.@-])(?i:(?:https?://)?(?:[a-z0-9_-]++\.)*?(?:t\.me|telegram\.(?:dog|me)))(?![\w.-])\S*"
)
"""Mentions, commands, hashtags, cashtags, and links that are followed inside Telegram; a little more than it finds."""

Run = tuple[str, str]


def plain(text: str) -> Run:
    """A run without any style."""
    return (text, "")


def bold(text: str) -> Run:
    """A run in bold."""
    return (text, "bold")


def live(text: str) -> Run:
    """A run of ours that may be tapped: a command, an address."""
    return (text, "live")


def sentence(text: str) -> list[Run]:
    """One of our sentences: what stands in `…` in it is code, or live where it is a command that only shows something.

    What people say inside a sentence may have such marks, too: it loses them, and is code as well.
    """
    marked = enumerate(_CODE.split(text))
    return [(part, _style_of(part) if at % 2 else "") for at, part in marked if part]


def _style_of(marked: str) -> str:
    return "live" if marked in SHOWING else "code"


def without_marks(text: str) -> str:
    """One of our sentences where nothing can be styled."""
    return _CODE.sub(r"\1", text)


def person(identity: str, name: str) -> Run:
    """A run that calls the person of this id."""
    return (name, f"person:{identity}") if identity.isascii() and identity.isdecimal() else plain(name)


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


def is_seen(text: str) -> bool:
    """Whether a reader sees anything of it; Telegram takes no text and no button of blanks and invisible characters."""
    return any(unicodedata.category(one) not in _UNSEEN and one not in _BLANK for one in text)


def to_html(runs: Iterable[Run], most: int = TEXT_UNITS) -> str:
    """HTML whose text has at most `most` units; what is beyond is left out, visibly."""
    return "".join(_styled(words, style) for words, style in _inert(list(_fitting(runs, most))))


def _fitting(runs: Iterable[Run], left: int) -> Iterator[Run]:
    for words, style in runs:
        fitting = cut(words, left) if left > 0 else ""
        yield (fitting, style)
        left -= units(fitting)
        if fitting != clean_text(words):
            return


def _inert(runs: Sequence[Run]) -> Iterator[Run]:
    """The same words, and as code whatever in them would act without being meant to, even across runs."""
    text = "".join(words for words, _ in runs)
    acting = {at for found in _ACTING.finditer(text) for at in range(*found.span())}
    start = 0
    for words, style in runs:
        end = start + len(words)
        if not acting or style not in ("", "bold", "italic"):
            yield (words, style)
        else:
            yield from _parted(text, range(start, end), acting, style)
        start = end


def _parted(text: str, places: Iterable[int], acting: Container[int], style: str) -> Iterator[Run]:
    for acts, part in groupby(places, acting.__contains__):
        yield ("".join(text[at] for at in part), "code" if acts else style)


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
    while 0 < end < len(text) and (_clings(text[end]) or text[end - 1] == _JOINER or _parts_a_flag(text, end)):
        end -= 1
    return end


def _clings(character: str) -> bool:
    """Accents, variation selectors, skin tones, the tags of a flag and joiners belong to what stands before them."""
    return (
        character == _JOINER
        or unicodedata.category(character).startswith("M")
        or "\U0001f3fb" <= character <= "\U0001f3ff"
        or "\U000e0020" <= character <= "\U000e007f"
        or "\u1160" <= character <= "\u11ff"
    )


def _parts_a_flag(text: str, end: int) -> bool:
    """Whether it is between the two letters of a flag: an odd number of such letters stands before."""
    before = text[:end]
    letters = len(before) - len(before.rstrip(_FLAG_LETTERS))
    return text[end] in _FLAG_LETTERS and letters % 2 == 1
