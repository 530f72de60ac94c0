"""Slack's text: which parts of it are live, what a client makes of typed words; text is data, only `<…>` is live.

Tests use `Message.tokens` to prove that no foreign text became a mention or a link.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.slack.refusals import Json

ANGLE = re.compile(r"<([^<>\n]+)>")
ENTITY = re.compile(r"&(amp|lt|gt);")
SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
AT_NAME = re.compile(r"(?<![\w@])@(channel|here|everyone)\b")
TYPED_LINK = re.compile(r"(?P<url>https?://[^\s<>]+)|(?P<mail>(?<![\w.+-])[\w.+-]++@[\w-]++(?:\.[\w-]++)+)")
FORMATTED = re.compile(r"(?<!\w)([*_~])(?=\S)[^\n]*?(?<=\S)\1(?!\w)|`[^`\n]+`")
BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
MRKDWN_FIELDS = ("text", "pretext", "fallback", "title", "footer", "author_name")


@dataclass(frozen=True)
class Token:
    """A live part of a text: kind is broadcast, user, group, channel, date or link; target what it points at."""

    kind: str
    target: str
    label: str = ""


def tokens_of(text: str) -> list[Token]:
    """The live `<…>` of one mrkdwn text, in order."""
    return [token for match in ANGLE.finditer(text) if (token := _token(match[1])) is not None]


def _token(inside: str) -> Token | None:
    target, _, label = inside.partition("|")
    if target.startswith("!subteam^"):
        return Token("group", target.removeprefix("!subteam^"), label)
    if target.startswith("!date^"):
        return Token("date", target.removeprefix("!date^"), label)
    kinds = {"!": "broadcast", "@": "user", "#": "channel"}
    if target[0] in kinds:
        return Token(kinds[target[0]], target[1:], label)
    return Token("link", target, label) if SCHEME.match(target) else None


def bare_characters(text: str) -> list[str]:
    """`<`, `>` and `&` that stand neither in a live token nor in an entity (a quote's `>` is fine)."""
    rest = ANGLE.sub(lambda match: "" if _token(match[1]) else match[0], text)
    rest = re.sub(r"(?m)^[^\S\n]*+>+", "", ENTITY.sub("", rest))
    return [character for character in rest if character in "<>&"]


def unsafe_characters(text: str) -> list[str]:
    """Control characters (but tab and line breaks) and bidi overrides, which nobody means to show."""
    return [c for c in text if c in BIDI or (unicodedata.category(c) == "Cc" and c not in "\t\n\r")]


def escaped(text: str) -> str:
    """Text as Slack stores what a person typed: three entities, nothing else."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def formatted_parts(text: str) -> list[str]:
    """What a client draws bold, italic, struck out or as code in one mrkdwn text, with its marks."""
    return [match[0] for match in FORMATTED.finditer(text)]


def as_typed(text: str, people: Mapping[str, str], channels: Mapping[str, str]) -> str:
    """What a client sends for typed words; `people` and `channels` map shown names to ids.

    `@Bob` becomes `<@U…>`, `#support` `<#C…|support>`, `@here` `<!here>`, addresses and links their tokens.
    """
    text = TYPED_LINK.sub(_typed_link, escaped(text))
    text = AT_NAME.sub(lambda match: f"<!{match[1]}>", text)
    text = _named(text, "@", people, lambda name, key: f"<@{key}>")
    return _named(text, "#", channels, lambda name, key: f"<#{key}|{name}>")


def _typed_link(match: re.Match[str]) -> str:
    return f"<{match['url']}>" if match["url"] else f"<mailto:{match['mail']}|{match['mail']}>"


def _named(text: str, sign: str, names: Mapping[str, str], draw: Callable[[str, str], str]) -> str:
    if not names:
        return text
    longest_first = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    pattern = re.compile(rf"(?<![\w<]){sign}({longest_first})\b")
    return pattern.sub(lambda match: draw(match[1], names[match[1]]), text)


def texts_of(message: Json) -> Iterator[str]:
    """Every text of a message in which Slack would look for live tokens."""
    yield message.get("text") or ""
    yield from _block_texts(message.get("blocks") or [])
    for attachment in message.get("attachments") or []:
        yield from (str(attachment[name]) for name in MRKDWN_FIELDS if attachment.get(name))
        yield from (str(field.get("value", "")) for field in attachment.get("fields") or [])
        yield from _block_texts(attachment.get("blocks") or [])


def _block_texts(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from _block_texts(item)
    elif isinstance(node, dict):
        if node.get("type") in ("mrkdwn", "markdown") and isinstance(node.get("text"), str):
            yield node["text"]
        for value in node.values():
            yield from _block_texts(value)


def rich_tokens(node: Any) -> Iterator[Token]:
    """Live elements of rich_text blocks, which need no angle brackets."""
    if isinstance(node, list):
        for item in node:
            yield from rich_tokens(item)
    elif isinstance(node, dict):
        if (token := _rich_token(node)) is not None:
            yield token
        for value in node.values():
            yield from rich_tokens(value)


RICH = {
    "user": ("user", "user_id"),
    "usergroup": ("group", "usergroup_id"),
    "channel": ("channel", "channel_id"),
    "broadcast": ("broadcast", "range"),
    "link": ("link", "url"),
}


def _rich_token(node: Json) -> Token | None:
    if node.get("type") not in RICH:
        return None
    kind, field = RICH[str(node["type"])]
    target = node.get(field)
    return Token(kind, target, str(node.get("text", ""))) if isinstance(target, str) else None


def message_tokens(message: Json, *, link_names: bool = False) -> list[Token]:
    """Every live part of a message: its text, blocks and attachments."""
    found = [token for text in texts_of(message) for token in tokens_of(text)]
    found += rich_tokens([message.get("blocks"), message.get("attachments")])
    if link_names:
        found += [Token("broadcast", match[1]) for match in AT_NAME.finditer(message.get("text") or "")]
    return found


def words_of(node: Any) -> Iterator[str]:
    """Every text that a reader sees in blocks, attachments or a view, in order."""
    if isinstance(node, list):
        for item in node:
            yield from words_of(item)
    elif isinstance(node, dict):
        for name, value in node.items():
            if name in SHOWN and isinstance(value, str):
                yield value
            else:
                yield from words_of(value)


SHOWN = frozenset({"text", "pretext", "title", "footer", "author_name", "alt_text"})
