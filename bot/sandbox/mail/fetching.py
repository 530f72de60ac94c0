"""IMAP FETCH: one mail's items as an answer; reading a body marks it seen unless it is only peeked at."""

import re

from bot.sandbox.mail.folders import StoredMail
from bot.sandbox.mail.syntax import SyntaxMistake, Words, moment, text

MACROS = {"FAST": ["FLAGS", "INTERNALDATE", "RFC822.SIZE"]}
SECTION = re.compile(r"BODY(?P<peek>\.PEEK)?\[(?P<part>[^\]]*)\](?:<(?P<start>\d+)\.(?P<length>\d+)>)?", re.IGNORECASE)
FIELDS = re.compile(r"HEADER\.FIELDS(?P<without>\.NOT)? \((?P<names>[^)]*)\)", re.IGNORECASE)
WHOLE = {"RFC822": "BODY[]", "RFC822.HEADER": "BODY.PEEK[HEADER]", "RFC822.TEXT": "BODY[TEXT]"}


def items(words: Words) -> list[str]:
    """The items asked for, macros resolved."""
    asked = words[0] if len(words) == 1 and isinstance(words[0], list) else words
    names = [text(one) for one in asked]
    return MACROS.get(names[0].upper(), names) if len(names) == 1 else names


def marks_seen(names: list[str]) -> bool:
    """Whether reading these items sets \\Seen."""
    sections = (SECTION.fullmatch(WHOLE.get(name.upper(), name)) for name in names)
    return any(found and not found["peek"] for found in sections)


def answer(mail: StoredMail, names: list[str], *, with_uid: bool) -> bytes:
    """`UID 7 FLAGS (\\Seen) BODY[] {12}…`, the part in the parentheses."""
    asked = names if not with_uid or "UID" in (name.upper() for name in names) else ["UID", *names]
    return b" ".join(_item(mail, name) for name in asked)


def _item(mail: StoredMail, name: str) -> bytes:
    plain = {
        "UID": f"UID {mail.uid}",
        "FLAGS": f"FLAGS ({' '.join(sorted(mail.flags))})",
        "INTERNALDATE": f"INTERNALDATE {moment(mail.received_at)}",
        "RFC822.SIZE": f"RFC822.SIZE {len(mail.raw)}",
    }.get(name.upper())
    if plain:
        return plain.encode()
    found = SECTION.fullmatch(WHOLE.get(name.upper(), name))
    if not found:
        raise SyntaxMistake(f"{name} is not served here")
    return _section(mail, name, found)


def _section(mail: StoredMail, name: str, found: re.Match[str]) -> bytes:
    content = _part(mail.raw, found["part"])
    label = name.upper() if name.upper() in WHOLE else f"BODY[{found['part']}]"
    if found["start"]:
        start = int(found["start"])
        content = content[start : start + int(found["length"])]
        label += f"<{start}>"
    return b"%s {%d}\r\n%s" % (label.encode(), len(content), content)


def _part(raw: bytes, part: str) -> bytes:
    head, blank, body = _split(raw)
    if not part:
        return raw
    if part.upper() == "HEADER":
        return head + blank
    if part.upper() == "TEXT":
        return body
    if fields := FIELDS.fullmatch(part):
        names = {name.strip('"').lower() for name in fields["names"].split()}
        return _fields(head, names, without=bool(fields["without"])) + b"\r\n"
    raise SyntaxMistake(f"BODY[{part}] is not served here")


def _split(raw: bytes) -> tuple[bytes, bytes, bytes]:
    found = re.search(rb"\r?\n(\r?\n)", raw)
    return (raw[: found.start(1)], found[1], raw[found.end() :]) if found else (raw, b"", b"")


def _fields(head: bytes, names: set[str], *, without: bool) -> bytes:
    lines = re.findall(rb"(?m)^[^\r\n:]++:[^\n]*\n(?:[ \t][^\n]*\n)*", head)
    kept = [
        line
        for line in lines
        if (line.partition(b":")[0].strip().lower().decode("ascii", "replace") in names) != without
    ]
    return b"".join(kept)
