"""Text into and out of Slack's mark-up. Whatever people or mails say comes out as plain text: nothing in it is live.

Slack counts the characters of the escaped text, so texts are cut after escaping and never inside an entity.
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


def plain(text: str, limit: int) -> str:
    """Text for a plain_text object, in which nothing is ever live: one line of at most `limit` characters."""
    cleaned = clean_line(text)
    return cleaned if len(cleaned) <= limit else cleaned[: limit - 1] + ELLIPSIS


def quote(text: str, limit: int) -> str:
    """Every line as a quotation; at most `limit` characters in all."""
    lines = [part for part in cut(text, limit - 2).split("\n") if part.strip()]
    marked = "\n".join(f"> {part}" for part in lines)
    if len(marked) <= limit:
        return marked
    return _OPEN_ENTITY.sub("", marked[: limit - 1]) + ELLIPSIS


def decode(text: str) -> str:
    """What a person typed, from what Slack sends: links, addresses and mentions as plain text, entities undone."""
    without = _TOKEN.sub(_bare, text)
    for entity, character in _ENTITIES.items():
        without = without.replace(entity, character)
    return without


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
