"""Letters as a client's mail program shows them, and the mails that a client writes: an answer quotes and threads."""

import email.policy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import format_datetime, make_msgid, parseaddr
from typing import Any

Attached = tuple[str, bytes] | tuple[str, bytes, str]


@dataclass(frozen=True)
class Attachment:
    """A file in a letter."""

    name: str
    type: str
    content: bytes


@dataclass(frozen=True)
class Letter:
    """One received mail, read; `at` in seconds since 1970, `sender` as its From line says, `raw` as it came."""

    at: float
    envelope_sender: str
    recipient: str
    sender: str
    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...]
    headers: tuple[tuple[str, str], ...]
    raw: bytes

    def header(self, name: str) -> str:
        """The first header of this name, "" without one."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    @property
    def message_id(self) -> str:
        return self.header("Message-ID").strip()

    @property
    def answer_to(self) -> str:
        """Where an answer goes: Reply-To, else From."""
        return self.header("Reply-To") or self.sender

    @property
    def references(self) -> list[str]:
        """The thread so far, with this letter at its end."""
        return [*self.header("References").split(), self.message_id]


def read(raw: bytes, *, at: float, envelope_sender: str, recipient: str) -> Letter:
    """Read what was delivered."""
    message = BytesParser(policy=email.policy.default).parsebytes(raw)
    return Letter(
        at,
        envelope_sender,
        recipient,
        str(message["From"] or ""),
        str(message["Subject"] or ""),
        _body(message, "plain"),
        _body(message, "html"),
        tuple(_attachment(part) for part in message.iter_attachments()) if message.is_multipart() else (),
        tuple((name, str(value)) for name, value in message.items()),
        raw,
    )


def compose(
    sender: str,
    recipient: str,
    subject: str,
    text: str,
    *,
    written: datetime,
    html: str | None = None,
    attachments: Iterable[Attached] = (),
    in_reply_to: Letter | None = None,
) -> EmailMessage:
    """A client's mail. An answer goes where the letter asks for, with its thread and its text quoted below."""
    message = EmailMessage(policy=email.policy.SMTPUTF8 if not recipient.isascii() else email.policy.SMTP)
    message["From"], message["To"] = sender, in_reply_to.answer_to if in_reply_to else recipient
    message["Subject"] = subject
    message["Date"] = format_datetime(written)
    message["Message-ID"] = make_msgid(domain=parseaddr(sender)[1].rpartition("@")[2] or "localhost")
    if in_reply_to:
        message["In-Reply-To"] = in_reply_to.message_id
        message["References"] = " ".join(in_reply_to.references)
        text = f"{text}\n\n{_quoted(in_reply_to)}"
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    for one in attachments:
        _attach(message, one)
    return message


def _quoted(letter: Letter) -> str:
    when = letter.header("Date")
    lines = [f"> {line}".rstrip() for line in letter.text.rstrip().splitlines()]
    return "\n".join([f"On {when}, {letter.sender} wrote:", *lines])


def _attach(message: EmailMessage, attached: Sequence[Any]) -> None:
    name, content = attached[0], attached[1]
    kind, _, sub = (attached[2] if len(attached) > 2 else "application/octet-stream").partition("/")
    message.add_attachment(content, maintype=kind, subtype=sub or "octet-stream", filename=name)


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part else ""


def _attachment(part: EmailMessage) -> Attachment:
    content = part.get_content() if not part.is_multipart() else part.as_bytes()
    if isinstance(content, str):
        content = content.encode()
    elif not isinstance(content, bytes):
        content = bytes(content)
    return Attachment(part.get_filename() or "unnamed", part.get_content_type(), content)
