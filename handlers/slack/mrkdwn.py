"""Text into and out of Slack's mark-up. Whatever people or mails say comes out as plain text: nothing in it is live.

Where nothing is ever marked up (plain_text, rich_text) it is `plain`; where Slack reads mrkdwn (our labels, and the
`text` of a message, which notifications show) it is escaped, and cut after escaping, never inside an entity.
"""

import re

from bot.cleaning import clean_line, clean_text

ELLIPSIS = "…"

_ENTITIES = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}
_OPEN_ENTITY = re.compile(r"&[a-z]{0,3}\Z")
_TOKEN = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")
_SCHEMES = ("http://", "https://", "mailto:", "tel:")


def escape(text: str) -> str:
    """Foreign text so that Slack shows it as it stands: no mention, no link of its own making."""
    return clean_text(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def cut(text: str, limit: int) -> str:
    """Escaped text of at most `limit` characters, cut visibly."""
    escaped = escape(text)
    return escaped if len(escaped) <= limit else _OPEN_ENTITY.sub("", escaped[: limit - 1]) + ELLIPSIS


def line(text: str, limit: int) -> str:
    """As `cut`, in one line."""
    return cut(clean_line(text), limit)


def paragraphs(text: str, limit: int) -> list[str]:
    """All of a text, plain, in pieces of at most `limit` characters, broken between lines where that can be."""
    pieces = [""]
    for part in (part for each in clean_text(text).split("\n") for part in _short_enough(each, limit)):
        if pieces[-1] and len(pieces[-1]) + 1 + len(part) > limit:
            pieces.append("")
        pieces[-1] += ("\n" if pieces[-1] else "") + part
    return [piece for piece in pieces if piece.strip()]


def _short_enough(line: str, limit: int) -> list[str]:
    return [line[at : at + limit] for at in range(0, len(line), limit)] or [line]


def plain(text: str, limit: int) -> str:
    """Text for where nothing is ever live: one line of at most `limit` characters, cut visibly."""
    return _shortened(clean_line(text), limit)


def plain_lines(text: str, limit: int) -> str:
    """As `plain`, with its lines; those that are empty at the beginning and the end are left out."""
    return _shortened(clean_text(text).strip(), limit)


def _shortened(cleaned: str, limit: int) -> str:
    return cleaned if len(cleaned) <= limit else cleaned[: limit - 1] + ELLIPSIS


def decode(text: str) -> str:
    """What a person typed, from what Slack sends: links, addresses and mentions as plain text, entities undone."""
    without = _TOKEN.sub(_bare, text)
    for entity, character in _ENTITIES.items():
        without = without.replace(entity, character)
    return without


def mentions(text: str) -> dict[str, str]:
    """The members that a text from Slack mentions: how each stands in what `decode` makes of it → the member's id."""
    return {_bare(token): token[1][1:] for token in _TOKEN.finditer(text) if token[1].startswith("@")}


def _bare(token: re.Match[str]) -> str:
    target, label = token[1], token[2] or ""
    sign = target[:1]
    if sign in ("@", "#"):
        return sign + (label or target[1:]).removeprefix(sign)
    if sign == "!":
        return label or f"@{target[1:].partition('^')[0]}"
    if not target.startswith(_SCHEMES):
        return token[0]
    address = target.removeprefix("mailto:").removeprefix("tel:")
    return address if not label or label in target else f"{label} ({address})"
