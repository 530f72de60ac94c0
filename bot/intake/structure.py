"""A raw mail as a tree of parts, parsed once: repaired head, bounded depth and number, attached mails left closed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.feedparser import BytesFeedParser
from email.message import Message
from email.policy import compat32
from functools import cached_property
from io import BytesIO
from typing import Any, BinaryIO

from bot.errors import MailUnreadable
from bot.intake.headers import Headers, parse_parameters, unfold_exactly
from bot.intake.limits import Limits
from bot.intake.sealed import SEALED, signed_mail
from bot.intake.transfer import decode_transfer, encoding_of

_CHUNK = 256 * 1024
_LARGEST_WITHOUT_BLANK_LINE = 1024 * 1024
# A line of blanks ends the header only where no field and no continuation follows.
_HEAD_END = re.compile(rb"\r?\n(?:\r?\n|[ \t]+\r?\n(?![!-9;-~]+:|[ \t]))|\r\r(?!\n)")
_FIELD = re.compile(rb"[!-9;-~]+:|[ \t]")
_FIELD_LINE = re.compile(rb"^[!-9;-~]+[ \t]*:.*$", re.MULTILINE)
_STRAY_LINE = re.compile(rb"^[^\s].*$", re.MULTILINE)
_SPACED_FIELD = re.compile(rb"\A([!-9;-~]++)[ \t]++:")
_UNINDENTED_BOUNDARY = re.compile(rb";[ \t]*\r?\nboundary=", re.IGNORECASE)
_IDENTITY = ("message-id", "from", "date", "subject")
_NEEDED = re.compile(rb"(?i)(from|to|cc|subject|date|message-id|in-reply-to|references|reply-to|sender|mime|content-)")


class _Closed(Message):
    """A message whose attached mails look like any other leaf to the parser: they stay bytes, and stay closed."""

    def get_content_type(self) -> str:
        """The real type, but for message/…, which the parser would open."""
        kind = super().get_content_type()
        return "application/octet-stream" if kind.startswith("message/") else kind

    def get_boundary(self, failobj: Any = None) -> Any:
        """The boundary, folded or not."""
        found = parse_parameters(unfold_exactly(str(self.get("content-type", "")))).get("boundary")
        return found.rstrip() or failobj

    def get_content_maintype(self) -> str:
        """The half of it before the slash."""
        return self.get_content_type().split("/", 1)[0]


@dataclass(slots=True)
class _Head:
    raw: bytes
    repaired: bytes
    cut: bool


@dataclass
class Node:
    """One part: its headers, its children if it is a multipart, else its content."""

    headers: Headers
    children: list[Node] = field(default_factory=list)
    payload: str = ""
    default: str = "text/plain"

    @cached_property
    def type(self) -> str:
        """The media type in lower case; what is missing or no type at all is text/plain, in a digest a mail."""
        declared = self.headers.content_type.value
        if declared.startswith("multipart/") and not self.children:
            return "text/plain"
        if declared in ("text", "html", "plain"):
            return "text/html" if declared == "html" else "text/plain"
        return declared if re.match(r"[a-z0-9.+_-]+/[a-z0-9.+_-]+\Z", declared) else self._default_type()

    def _default_type(self) -> str:
        declared = self.headers.content_type.value
        return "application/octet-stream" if declared and "/" not in declared and self.filename else self.default

    @property
    def filename(self) -> str:
        """The raw name that the part gives itself, "" when it has none."""
        headers = self.headers
        return (
            headers.disposition.get("filename") or headers.content_type.get("name") or headers.disposition.get("name")
        )

    @property
    def charset(self) -> str:
        """The declared charset."""
        return self.headers.content_type.get("charset").strip("\"' ")

    @cached_property
    def content(self) -> bytes:
        """The bytes behind the transfer encoding."""
        raw = self.payload.encode("utf-8", "surrogateescape")
        return decode_transfer(raw, encoding_of(self.headers.get("content-transfer-encoding")))

    def leaves(self) -> Iterator[Node]:
        """This part, or those below it that are no multiparts."""
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()


@dataclass(frozen=True, slots=True)
class Tree:
    """The parsed mail: its root, its identity (hex), and what had to be left out, in English sentences."""

    root: Node
    identity: str
    left_out: tuple[str, ...]


def parse(source: BinaryIO | bytes, limits: Limits) -> Tree:
    """The tree of a raw mail. MailUnreadable where size or nesting goes beyond the limits."""
    stream = BytesIO(source) if isinstance(source, bytes) else source
    first = stream.read(_CHUNK)
    head, rest = _split_head(first)
    if head is None:
        first += stream.read(limits.mail_bytes)
        head, rest = _split_whole(first)
    prepared = _prepare(head if head is not None else first, limits)
    digest = _identity_start(prepared.raw)
    message = _feed(prepared.repaired, rest if head is not None else b"", stream, digest, limits)
    left_out = ["The header was longer than is read; its end was left out."] if prepared.cut else []
    root = _Walk(limits, left_out).node(message, 0)
    return Tree(root, digest.hexdigest(), tuple(left_out))


def identity_of(raw: bytes) -> str:
    """SHA-256 (hex) of four header fields as they stand and the body bytes, without parsing the mail."""
    head, rest = _split_whole(raw)
    digest = _identity_start(raw if head is None else head)
    digest.update(rest if head is not None else b"")
    return digest.hexdigest()


def _split_whole(raw: bytes) -> tuple[bytes | None, bytes]:
    """The same of a whole mail: where no blank line ends the header, what is no field behind the last field is text."""
    head, rest = _split_head(raw)
    if head is not None or len(raw) > _LARGEST_WITHOUT_BLANK_LINE:
        return head, rest
    last = 0
    for found in _FIELD_LINE.finditer(raw):
        last = found.end()
    stray = _STRAY_LINE.search(raw, last)
    return (raw[: stray.start()], raw[stray.start() :]) if stray else (None, b"")


def _split_head(raw: bytes) -> tuple[bytes | None, bytes]:
    """Header block (with what stands before it) and body; None while its end is not in sight."""
    start = len(raw) - len(raw.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n \t"))
    if raw[start : start + 1] and not _looks_like_header(raw[start : start + 200]):
        return raw[:start], raw[start:]
    end = _HEAD_END.search(raw, start)
    return (raw[: end.end()], raw[end.end() :]) if end else (None, b"")


def _looks_like_header(start: bytes) -> bool:
    line = start.splitlines()[0]
    return (
        line.startswith((b"From ", b">From ")) or bool(re.match(rb"[!-9;-~]{1,100}[ \t]*:", line)) or len(line) >= 200
    )


def _identity_start(head: bytes) -> hashlib._Hash:
    fields: dict[str, list[bytes]] = {name: [] for name in _IDENTITY}
    current: list[bytes] | None = None
    for line in head.splitlines():
        if line[:1] not in (b" ", b"\t"):
            name = line.split(b":", 1)[0].strip().lower().decode("ascii", "replace")
            current = fields.get(name)
        if current is not None:
            current.append(line)
    digest = hashlib.sha256()
    for name in _IDENTITY:
        digest.update(b"\n".join(fields[name]) + b"\n\n")
    return digest


def _prepare(raw: bytes, limits: Limits) -> _Head:
    """The header block as the parser understands it: no BOM, no blank line first, garbage lines folded."""
    text = raw.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n \t")
    cut = len(text) > limits.header_bytes
    lines = text[: limits.header_bytes * 40].splitlines()
    kept: list[bytes] = []
    for number, line in enumerate(lines):
        if number == 0 and line.startswith((b"From ", b">From ")):
            continue
        if not line.strip():
            continue
        line = _SPACED_FIELD.sub(rb"\1:", line)
        kept.append(line if _FIELD.match(line) else b" " + line)
    if cut:
        kept = _shorten(kept, limits.header_bytes)
    return _Head(raw, b"\r\n".join(kept) + b"\r\n\r\n", cut)


def _shorten(lines: list[bytes], budget: int) -> list[bytes]:
    kept: list[bytes] = []
    for line in lines:
        needed = bool(_NEEDED.match(line)) and len(line) < 2_000 and budget > -50_000
        if budget > len(line) or needed:
            kept.append(line)
            budget -= len(line)
    return kept


def _feed(head: bytes, rest: bytes, stream: BinaryIO, digest: hashlib._Hash, limits: Limits) -> Message:
    parser = BytesFeedParser(_Closed, policy=compat32)
    size = len(head) + len(rest)
    try:
        parser.feed(head)
        chunk = rest
        while chunk:
            digest.update(chunk)
            parser.feed(_UNINDENTED_BOUNDARY.sub(b"; boundary=", chunk))
            chunk = stream.read(_CHUNK)
            size += len(chunk)
            if size > limits.mail_bytes:
                raise MailUnreadable(f"the mail is larger than {limits.mail_bytes // (1024 * 1024)} MB")
        return parser.close()
    except RecursionError:
        raise MailUnreadable("parts are nested too deeply") from None


class _Walk:
    """Turns parsed messages into nodes, counting."""

    def __init__(self, limits: Limits, left_out: list[str]) -> None:
        self.limits = limits
        self.left_out = left_out
        self.parts = 0

    def node(self, message: Message, depth: int, default: str = "text/plain") -> Node:
        """The node of a message and of everything below it."""
        if depth > self.limits.nesting:
            raise MailUnreadable("parts are nested too deeply")
        self.parts += 1
        payload = message._payload  # type: ignore[attr-defined]  # get_payload() would decode
        headers = Headers.of(message)
        if not isinstance(payload, list):
            leaf = Node(headers, payload=payload if isinstance(payload, str) else "", default=default)
            return self._opened(leaf, depth) if leaf.type in SEALED else leaf
        room = max(0, self.limits.parts - self.parts)
        if len(payload) > room:
            self.left_out.append(f"Only the first {self.limits.parts} parts of the mail were read.")
        inside = "message/rfc822" if headers.content_type.value == "multipart/digest" else "text/plain"
        return Node(headers, [self.node(child, depth + 1, inside) for child in payload[:room]])

    def _opened(self, leaf: Node, depth: int) -> Node:
        """A signed mail and, beside it, the signature it was taken out of; what cannot be opened stays a leaf."""
        inner = signed_mail(leaf.content)
        if not inner:
            return leaf
        parser = BytesFeedParser(_Closed, policy=compat32)
        parser.feed(inner)
        return Node(leaf.headers, [self.node(parser.close(), depth + 1), leaf])
