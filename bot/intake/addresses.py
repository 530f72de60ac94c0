"""Address fields: who wrote, to whom. A From counts as plain only if there is one header with one ordinary address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.cleaning import BIDI, clean_line
from bot.intake.headers import decode_words

_PLAIN = re.compile(r"[^\s<>()\[\],;:\"@\\]{1,64}@[^\s<>()\[\],;:\"@\\]{1,255}\Z")
_AT_NUMBER = re.compile(r"[^\s<>()\[\],;:\"@\\]{1,64}@\[[\w.:]{3,60}\]\Z")
_QUOTED_LOCAL = re.compile(r"\"(?:[^\"\\]|\\.){1,62}\"@[^\s<>()\[\],;:\"@\\]{1,255}\Z")
_SOMEWHERE = re.compile(r"[^\s<>()\[\],;:\"'@\\=]{1,64}@[^\s<>()\[\],;:\"'@\\]{1,255}")
_AROUND_AT = re.compile(r"[^\s<>()\[\],;:\"'@\\]{1,64}@[^\s<>()\[\],;:\"'\\]{1,255}")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)(?:"|\Z)', re.DOTALL)
_SURROUNDED = (("'", "'"), ('"', '"'))
_CLOSING = {'"': '"', "(": ")", "<": ">"}


@dataclass(frozen=True, slots=True)
class Address:
    """A name ("" when none is given) and an address with its domain in lower case ("" when there is none)."""

    name: str
    address: str


def parse_addresses(value: str, hint: str = "", limit: int = 100) -> tuple[Address, ...]:
    """Every address of a raw header value, names decoded; groups are opened, empty entries dropped."""
    found: list[Address] = []
    for entry in _entries(value):
        if len(found) >= limit:
            break
        address = _read_entry(entry, hint)
        if address.address or address.name:
            found.append(address)
    return tuple(found)


def sender_of(values: list[str], hint: str = "") -> tuple[Address | None, bool]:
    """The best guess at the sender, and whether it is doubtful (several headers or addresses, no plain address)."""
    filled = [value for value in values if value.strip()]
    entries = [entry for value in filled for entry in parse_addresses(value, hint)]
    addresses = [entry for entry in entries if entry.address]
    if not addresses:
        return (entries[0] if entries else None), True
    first = _with_surname(entries[: entries.index(addresses[0]) + 1])
    tricky = any(_is_tricky(value, hint, first.address) for value in filled)
    return first, len(values) > 1 or len(addresses) > 1 or not _is_address(first.address) or tricky


def _with_surname(entries: list[Address]) -> Address:
    """The last entry; the names before its comma (`Archer, Ann <…>` without quotes) belong to it."""
    return Address(", ".join(entry.name for entry in entries if entry.name), entries[-1].address)


def _is_tricky(value: str, hint: str, address: str) -> bool:
    """Whether other programs may read somebody else out of it: one address more outside quotes, or nothing closed."""
    if value.count("<") > 1 or "<@" in value or BIDI.search(decode_words(value, hint)):
        return True
    bare = _QUOTED.sub(" ", value)
    if bare.count("(") != bare.count(")"):
        return True
    text, _ = _without_comments(bare)
    others = [word for word in _AROUND_AT.findall(text) if _clean_address(word).lower() != address.lower()]
    return bool(others) and not _QUOTED_LOCAL.match(address)


def _entries(value: str) -> Iterator[str]:
    """The value cut at commas and semicolons that stand outside quotes, comments and angle brackets."""
    start, stack = 0, ""
    position = 0
    while position < len(value):
        character = value[position]
        if character == "\\" and stack[-1:] in ('"', "("):
            position += 1
        elif stack and character == _CLOSING[stack[-1]]:
            stack = stack[:-1]
        elif stack[-1:] != '"' and (character in _CLOSING and _opens(value, position, stack)):
            stack += character
        elif not stack and character in ",;":
            yield value[start:position]
            start = position + 1
        elif not stack and character == ":" and "@" not in value[start:position] and "=?" not in value[start:position]:
            start = position + 1
        position += 1
    yield value[start:]


def _opens(value: str, position: int, stack: str) -> bool:
    """An opening character without its closing one further on is only a letter."""
    return len(stack) < 20 and value.find(_CLOSING[value[position]], position + 1, position + 2_000) > 0


def _read_entry(entry: str, hint: str) -> Address:
    text, comments = _without_comments(entry)
    name, address = _split(text)
    if not _is_address(address):
        decoded = clean_line(decode_words(entry, hint))
        name, address = _split(decoded)
        if not _is_address(address):
            found = _SOMEWHERE.search(decoded)
            name, address = (decoded[: found.start()], found[0]) if found else (name or decoded.strip("<> "), "")
        return Address(_clean_name(name, hint), _clean_address(address))
    return Address(_clean_name(name or comments, hint), _clean_address(address))


def _is_address(text: str) -> bool:
    return bool(_PLAIN.match(text) or _QUOTED_LOCAL.match(text) or _AT_NUMBER.match(text))


def _split(text: str) -> tuple[str, str]:
    """`name <address>` as its two halves, the way before an address (`<@relay:…>`) dropped; a bare one has no name."""
    opening = text.rfind("<")
    if opening < 0:
        bare = text.strip()
        return ("", bare) if _is_address(bare) else (bare, "")
    closing = text.find(">", opening)
    inside = text[opening + 1 : closing if closing > 0 else len(text)]
    address = inside.strip().removeprefix("mailto:").strip()
    if address.startswith("@"):
        address = address.rpartition(":")[2]
    name = text[:opening].rstrip("< ").strip() or (text[closing + 1 :].strip() if closing > 0 else "")
    return name, re.sub(r"\s+", "", address) if '"' not in address else address


def _without_comments(text: str) -> tuple[str, str]:
    if "(" not in text:
        return text, ""
    kept: list[str] = []
    comments: list[str] = []
    depth, quoted = 0, False
    for character in text:
        if character == '"' and not depth:
            quoted = not quoted
        if character == "(" and not quoted:
            depth += 1
            comments += "(" if depth > 1 else ""
        elif character == ")" and depth:
            depth -= 1
            comments += ")" if depth else ""
        else:
            (comments if depth else kept).append(character)
    return "".join(kept), "".join(comments)


def _clean_name(name: str, hint: str) -> str:
    name = name.strip()
    if '"' in name:
        name = _QUOTED.sub(lambda quoted: re.sub(r"\\(.)", r"\1", quoted[1]), name)
    text = clean_line(BIDI.sub("", decode_words(name, hint)))[:500]
    for opening, closing in _SURROUNDED:
        if len(text) > 2 and text.startswith(opening) and text.endswith(closing):
            text = text[1:-1].strip()
    return text


def _clean_address(address: str) -> str:
    local, at, domain = clean_line(BIDI.sub("", decode_words(address))).rpartition("@")
    return f"{local}{at}{domain.lower().rstrip('.')}" if at else ""
