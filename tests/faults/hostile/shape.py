"""What a hostile mail is: a name, its raw bytes and what must come of it. The families beside this one make them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.intake.reading import ParsedMail

FINAL = frozenset(("ticket", "followup", "ignored", "bounce", "duplicate", "quarantined"))
TICKET, IGNORED, REFUSED = frozenset(("ticket",)), frozenset(("ignored",)), frozenset(("quarantined",))
ALIVE = FINAL - REFUSED


@dataclass(frozen=True, slots=True)
class Expected:
    """What must come of a mail; None: nothing is expected of it.

    states     the final states that are right
    has, lacks pieces of the whole text, and what may not stand in the visible text
    sender     its address, "" for nobody; `doubtful`: whether it may not be believed
    files      the number of attachments; `names`: their safe names, `sizes`: their bytes
    """

    states: frozenset[str] = TICKET
    has: tuple[str, ...] = ("help",)
    lacks: tuple[str, ...] = ()
    subject: str | None = None
    sender: str | None = None
    name: str | None = None
    doubtful: bool | None = None
    files: int | None = None
    names: tuple[str, ...] | None = None
    sizes: tuple[int, ...] | None = None
    automatic: bool | None = None

    def faults(self, mail: ParsedMail) -> Iterator[str]:
        """A sentence for each thing that is not as expected in what was read."""
        yield from (
            f"{piece!r} is not in {mail.full_text[:200]!r}" for piece in self.has if piece not in mail.full_text
        )
        yield from (f"{piece!r} is still shown" for piece in self.lacks if piece in mail.text)
        found = {
            "subject": mail.original_subject,
            "sender": mail.sender.address if mail.sender else "",
            "name": mail.sender.name if mail.sender else "",
            "doubtful": mail.sender_doubtful,
            "files": len(mail.parts),
            "names": tuple(part.name for part in mail.parts),
            "sizes": tuple(len(part.content) for part in mail.parts),
            "automatic": mail.automatic is not None,
        }
        for what, got in found.items():
            wanted = getattr(self, what)
            if wanted is not None and got != wanted:
                yield f"{what} is {got!r} and not {wanted!r}"


@dataclass(frozen=True, slots=True)
class Hostile:
    """One hostile mail. `twin`: the name of the mail that has to come before it."""

    name: str
    raw: bytes = field(repr=False)
    expected: Expected = Expected()
    twin: str = ""


def mail(
    name: str,
    body: bytes = b"Please help.",
    *more: bytes,
    kind: bytes = b"text/plain; charset=utf-8",
    without: tuple[str, ...] = (),
    fields: dict[str, bytes] | None = None,
    **more_fields: bytes,
) -> bytes:
    """A mail of Eve's with these header fields (`reply_to=` is Reply-To) and lines; `name` makes it the only one."""
    mark = name.encode()
    head = {
        "From": b"Eve <eve@" + mark + b".example>",
        "To": b"support@example.org",
        "Subject": b"Case " + mark,
        "Message-ID": b"<" + mark + b"@mail.example>",
        "Date": b"Wed, 04 Mar 2026 11:58:00 +0000",
        "MIME-Version": b"1.0",
        "Content-Type": kind,
    }
    for key, value in {**(fields or {}), **more_fields}.items():
        title = "-".join(word.capitalize() for word in key.split("_"))
        head[{"Message-Id": "Message-ID"}.get(title, title)] = value
    lines = [key.encode() + b": " + value for key, value in head.items() if key not in without]
    return b"\r\n".join([*lines, *more, b"", body])


def mixed(name: str, *parts: bytes, subtype: bytes = b"mixed", fields: dict[str, bytes] | None = None) -> bytes:
    """A mail of several parts, each given as its header lines, a blank line and its content."""
    body = b"".join(b"--b\r\n" + part + b"\r\n" for part in parts) + b"--b--\r\n"
    return mail(name, body, kind=b"multipart/" + subtype + b'; boundary="b"', fields=fields)


def part(kind: bytes, content: bytes, *head: bytes) -> bytes:
    """A part for `mixed`."""
    return b"\r\n".join([b"Content-Type: " + kind, *head, b"", content])


TEXT = part(b"text/plain", b"Please help.")
