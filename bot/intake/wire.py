"""A parsed mail as one JSON head and its attachments' bytes: how it comes back from the process that reads mails."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from bot.intake.addresses import Address
from bot.intake.bounces import Bounce
from bot.intake.parts import Part
from bot.intake.reading import ParsedMail

_PEOPLE = ("reply_to", "to", "cc")
_PLAIN = (
    "sender_doubtful", "subject", "original_subject", "text", "full_text", "html", "message_id", "automatic",
    "ignore", "identity",
)  # fmt: skip
_LISTS = ("in_reply_to", "references", "envelope_to", "authentication", "left_out")


def pack(mail: ParsedMail) -> tuple[bytes, list[bytes]]:
    """The head as JSON bytes, and the content of each part in its order."""
    head: dict[str, Any] = {name: getattr(mail, name) for name in (*_PLAIN, *_LISTS, "headers")}
    head |= {name: [(person.name, person.address) for person in getattr(mail, name)] for name in _PEOPLE}
    head["sender"] = (mail.sender.name, mail.sender.address) if mail.sender else None
    head["date"] = mail.date.timestamp() if mail.date else None
    head["bounce"] = (mail.bounce.recipients, mail.bounce.status, mail.bounce.action) if mail.bounce else None
    head["parts"] = [_part_head(part) for part in mail.parts]
    return json.dumps(head, separators=(",", ":")).encode(), [part.content for part in mail.parts]


def _part_head(part: Part) -> tuple[str, str, str, bool, str, int]:
    return part.name, part.original_name, part.type, part.inline, part.content_id, len(part.content)


def unpack(head: bytes, contents: bytes) -> ParsedMail:
    """The mail that `pack` packed; ValueError, KeyError or TypeError when the head is none."""
    values = json.loads(head)
    known: dict[str, Any] = {name: values[name] for name in _PLAIN}
    known |= {name: tuple(values[name]) for name in _LISTS}
    known |= {name: tuple(Address(*person) for person in values[name]) for name in _PEOPLE}
    bounce = values["bounce"]
    return ParsedMail(
        sender=Address(*values["sender"]) if values["sender"] else None,
        date=datetime.fromtimestamp(values["date"], UTC) if values["date"] is not None else None,
        bounce=Bounce(tuple(bounce[0]), bounce[1], bounce[2]) if bounce else None,
        headers=tuple((name, value) for name, value in values["headers"]),
        parts=_parts(values["parts"], contents),
        **known,
    )


def _parts(heads: list[list[Any]], contents: bytes) -> tuple[Part, ...]:
    parts, position = [], 0
    for name, original_name, media_type, inline, content_id, size in heads:
        content = contents[position : position + size]
        parts.append(Part(name, original_name, media_type, content, inline, content_id))
        position += size
    if position != len(contents):
        raise ValueError("the parts do not add up")
    return tuple(parts)
