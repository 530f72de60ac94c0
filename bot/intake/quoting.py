"""The visible text of a mail: what its writer wrote, without quoted history and signature. Keeping outranks cutting.

Forwards, answers between the quoted lines and what is said to be answered below stay untouched; where cutting would
leave nothing, nothing is cut. Every rule looks at a bounded number of bounded lines once.
"""

from __future__ import annotations

import re

from bot.intake.html_text import QUOTE_MARK, SIGNATURE_MARK
from bot.intake.phrases import (
    ANSWERED_BELOW,
    ARROWED_LINE,
    ATTRIBUTION_START,
    ATTRIBUTION_WITH_TEXT,
    BARE_ATTRIBUTION,
    FORWARD_LINE,
    FORWARD_PREFIX,
    HEADER_LABELS,
    ORIGINAL_LINE,
    SENT_FROM,
    WROTE,
)

REPLY_MARKERS = {"en": "--- reply above this line ---", "fr": "--- répondez au-dessus de cette ligne ---"}

_MARKER = re.compile("|".join(re.escape(marker.strip("- ")) for marker in REPLY_MARKERS.values()), re.IGNORECASE)
_QUOTED = re.compile(
    rf"(?!{ARROWED_LINE.pattern})[ \t]{{0,3}}[>\uff1e](?!From )"
)  # >From at a line's beginning was put there on the way
_RULE = re.compile(r"[ \t]*(?:_{5,}|-{5,}|={5,}|\* ?\* ?\*|—{3,})[ \t]*\Z")
_PRIVATE_MARKS = re.compile(rf"(?:(?<!\n)\n++)?[{QUOTE_MARK}{SIGNATURE_MARK}]\n*")
_DECORATION = " \t*_>\u00a0\u200b"
_BRACKETED = re.compile(r"<[^<>\s]{1,200}@[^<>\s]{1,200}>")
_LINES, _LINE_CHARS = 5_000, 600
_LABEL = re.compile(r"([^\W\d][\w .'\u2019-]{0,24}?)[ \u00a0]*[*_]{0,3}[ \u00a0]?[:\uff1a]")
_SIGNATURE_LINES, _ANNOUNCING_LINES, _LONGEST_ATTRIBUTION = 20, 12, 500


def visible_text(text: str, *, subject: str = "") -> str:
    """The text without quoted history and signature; `subject` (as it came) tells a forward."""
    lines = text.split("\n")
    heads = [line[:_LINE_CHARS] for line in lines[:_LINES]]
    end = _marker_end(heads)
    if end is None and FORWARD_PREFIX.match(subject):
        return plain(text)
    cut = _without_history(lines if end is None else lines[:end], heads if end is None else heads[:end])
    own = plain("\n".join(_without_signature(cut)))
    return own if own.strip("-—" + _DECORATION) else plain(text)


def plain(text: str) -> str:
    """The text without the private marks, blank lines at both ends gone."""
    if QUOTE_MARK in text or SIGNATURE_MARK in text:
        text = _PRIVATE_MARKS.sub("\n\n", text)
    return text.strip("\n").rstrip()


def _marker_end(heads: list[str]) -> int | None:
    """The line of our own marker, when something stands above it."""
    for number, line in enumerate(heads):
        if _MARKER.search(line) and len(line) < 160:
            return number if any(other.strip() for other in heads[:number]) else None
    return None


def _without_history(lines: list[str], heads: list[str]) -> list[str]:
    start, forward = _history_start(heads)
    if forward:
        return lines
    if start is None:
        return _without_trailing_quote(lines, heads)
    if any(ANSWERED_BELOW.search(line) for line in heads[max(0, start - _ANNOUNCING_LINES) : start]):
        return lines
    tail = heads[start:]
    quoted = [number for number, line in enumerate(tail) if _QUOTED.match(line)]
    if not quoted:
        return lines[:start]
    answers = [number for number in range(quoted[0], len(tail)) if _is_own(tail[number])]
    if not answers:
        return lines[:start]
    above = any(_is_own(line) for line in heads[:start])
    if answers[0] > quoted[-1]:
        return _around_one_quote(lines, start, quoted[-1], above)
    return lines


def _around_one_quote(lines: list[str], start: int, last_quoted: int, above: bool) -> list[str]:
    """One block of quoted lines with something below it: an answer at the bottom, or a footer after an answer."""
    below = lines[start + last_quoted + 1 :]
    return [*lines[:start], "", *below] if above else below


def _is_own(line: str) -> bool:
    return bool(line.strip(_DECORATION + QUOTE_MARK + SIGNATURE_MARK)) and not _QUOTED.match(line)


def _history_start(heads: list[str]) -> tuple[int | None, bool]:
    """Where quoted history begins (None: nowhere), and whether what comes first is a forward."""
    for number, line in enumerate(heads):
        bare = line.strip(_DECORATION)
        if FORWARD_LINE.match(bare) and not _QUOTED.match(line):
            return None, True
        if QUOTE_MARK in line:
            return _mark_start(heads, number)
        if not bare or _QUOTED.match(line):
            continue
        if _announces(line, bare) or _is_header_block(heads, number):
            return _with_rule_above(heads, number), False
        start = _attribution_start(heads, number, bare)
        if start is not None:
            return start, False
    return None, False


def _announces(line: str, bare: str) -> bool:
    """One line that is enough: history follows, or begins in it."""
    return any((ORIGINAL_LINE.match(bare), ARROWED_LINE.match(line), ATTRIBUTION_WITH_TEXT.match(bare)))


def _mark_start(heads: list[str], number: int) -> tuple[int | None, bool]:
    """A place that the mail program marked as quoted: a forward says so in its next lines."""
    following = [line.strip(_DECORATION) for line in heads[number : number + 6]]
    if any(FORWARD_LINE.match(line) for line in following):
        return None, True
    above = next((n for n in range(number - 1, max(-1, number - 4), -1) if _is_own(heads[n])), None)
    if above is not None and heads[above].rstrip().rstrip("*_").endswith(":"):
        start = _attribution_start(heads, above, heads[above].strip(_DECORATION), followed_by_quote=True)
        return (number if start is None else start), False
    return number, False


def _attribution_start(heads: list[str], number: int, bare: str, *, followed_by_quote: bool = False) -> int | None:
    """The first line of `On … wrote:` that ends in this line; it may have been wrapped over four."""
    if not bare.endswith((":", "\uff1a")) and not _ends_wrapped(bare, heads, number):
        return None
    if BARE_ATTRIBUTION.match(bare):
        return number
    weak = None
    for start in range(number, max(-1, number - 4), -1):
        first = heads[start].strip(_DECORATION)
        if not first or _QUOTED.match(heads[start]):
            break
        joined = " ".join(line.strip(_DECORATION) for line in heads[start : number + 1])
        if len(joined) > _LONGEST_ATTRIBUTION:
            break
        if WROTE.search(joined) and re.search(r"\d|@", joined):
            if ATTRIBUTION_START.match(first):
                return start
            weak = start if weak is None and _BRACKETED.search(" ".join(heads[start : number + 1])) else weak
    quoted_next = followed_by_quote or _next_is_quoted(heads, number)
    if weak is not None or not quoted_next:
        return weak
    return number if len(bare) < 200 and WROTE.search(bare) else None


def _ends_wrapped(bare: str, heads: list[str], number: int) -> bool:
    """Some programs leave out the colon: then the quoted lines must follow at once."""
    return (
        bool(WROTE.search(bare[-40:])) and ATTRIBUTION_START.match(bare) is not None and _next_is_quoted(heads, number)
    )


def _next_is_quoted(heads: list[str], number: int) -> bool:
    following = next((line for line in heads[number + 1 : number + 4] if line.strip()), "")
    return bool(_QUOTED.match(following)) or QUOTE_MARK in following


def _is_header_block(heads: list[str], number: int) -> bool:
    """`From: … Sent: … To: … Subject: …` in any of the languages; a form about a journey has no subject, no address."""
    kinds = _label_kinds(heads[number])
    if not kinds:
        return False
    lines = [line for line in heads[number : number + (10 if "from" in kinds else 5)] if _label_kinds(line)]
    seen = frozenset[str]().union(*(_label_kinds(line) for line in lines))
    telling = "subject" in seen or any("@" in line for line in lines)
    return telling and "from" in seen and len(seen & {"date", "to", "subject"}) >= 2


def _label_kinds(line: str) -> frozenset[str]:
    label = _LABEL.match(line.strip(_DECORATION))
    return HEADER_LABELS.get(label[1].lower().strip(), frozenset()) if label else frozenset()


def _with_rule_above(heads: list[str], number: int) -> int:
    """The line of dashes that stands over a header block belongs to it."""
    above = next((n for n in range(number - 1, max(-1, number - 4), -1) if heads[n].strip()), None)
    return above if above is not None and _RULE.match(heads[above]) else number


def _without_trailing_quote(lines: list[str], heads: list[str]) -> list[str]:
    """Quoted lines at the end with nothing that announces them: cut when they are one block below own text."""
    quoted = [number for number, line in enumerate(heads) if _QUOTED.match(line)]
    if not quoted or len(lines) > len(heads):
        return lines
    own_after_first = any(_is_own(line) for line in heads[quoted[0] :])
    return lines if own_after_first else lines[: quoted[0]]


def _without_signature(lines: list[str]) -> list[str]:
    end = len(lines)
    while end and not lines[end - 1].strip(_DECORATION + QUOTE_MARK):
        end -= 1
    start = max(0, end - _SIGNATURE_LINES - 1)
    for number in range(start, end):
        if _begins_signature(lines, number, end) and any(_is_own(line) for line in lines[:number]):
            return lines[:number]
    return lines[:end]


def _begins_signature(lines: list[str], number: int, end: int) -> bool:
    line = lines[number][:200]
    if SIGNATURE_MARK in line or line.rstrip("\u00a0\t ") in ("--", "—", "-- "):
        return True
    last_lines = sum(1 for other in lines[number:end] if other.strip()) <= 2
    return last_lines and (
        bool(SENT_FROM.match(line.strip(_DECORATION))) or bool(re.match(r"-- ?\w[^.?!]{0,30}\Z", line))
    )
