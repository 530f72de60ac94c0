"""A raw mail becomes clean text, people and parts: the named steps, each a function of what the ones before it found.

Nothing of a mail is trusted and nothing of it makes a step fail; only a mail beyond its limits is MailUnreadable.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import BinaryIO

from bot.cleaning import clean_line, clean_text, without_private_marks
from bot.errors import MailUnreadable
from bot.intake.addresses import Address, parse_addresses, sender_of
from bot.intake.automatic import BOUNCE, Seen, Verdict, judge
from bot.intake.bounces import Bounce, read_bounce
from bot.intake.headers import Headers, header_text, message_ids, to_bytes
from bot.intake.html_text import html_to_text
from bot.intake.limits import Limits
from bot.intake.parts import Attachments, Chosen, Part, choose, text_of
from bot.intake.phrases import REPLY_PREFIXES
from bot.intake.quoting import plain, visible_text
from bot.intake.rtf import read_rtf, unpack
from bot.intake.structure import Node, identity_of, parse
from bot.intake.transfer import take_uuencoded

__all__ = [
    "Address", "Bounce", "Limits", "MailUnreadable", "ParsedMail", "Part", "identity_of", "read_mail",
]  # fmt: skip

_ENVELOPE = ("delivered-to", "x-original-to", "envelope-to")


@dataclass(frozen=True, slots=True)
class ParsedMail:
    """All that the desk knows of a mail. Texts have passed the cleaning gate; `date` is aware UTC or None.

    sender            the best guess, or None; only to be believed when not `sender_doubtful`
    text, full_text   visible text, and everything with quoted history and signature; `html`: it came from HTML
    automatic, ignore why a robot wrote it (None: a person), and whether nothing at all is to be made of it
    envelope_to       where the mail was delivered: a plus-address may stand there when To does not show it
    authentication    raw Authentication-Results, topmost first
    left_out          what the limits left out, in English sentences
    """

    sender: Address | None
    sender_doubtful: bool
    reply_to: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    subject: str
    original_subject: str
    text: str
    full_text: str
    html: bool
    parts: tuple[Part, ...]
    message_id: str
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    date: datetime | None
    automatic: str | None
    ignore: bool
    bounce: Bounce | None
    envelope_to: tuple[str, ...]
    authentication: tuple[str, ...]
    headers: tuple[tuple[str, str], ...]
    identity: str
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Body:
    """The text, the text files shown below it, whether it came from HTML, the attachments, and what was left out."""

    text: str
    files: str
    html: bool
    parts: tuple[Part, ...]
    left_out: tuple[str, ...]


def read_mail(raw: BinaryIO | bytes, limits: Limits = Limits()) -> ParsedMail:  # noqa: B008  # frozen
    """Read a mail from its bytes or an open binary file. MailUnreadable when it is too large or nested too deeply."""
    tree = parse(raw, limits)
    root, headers = tree.root, tree.root.headers
    chosen = choose(root)
    hint = _charset_hint(chosen)
    body = _read_body(chosen, limits, hint)
    original = headers.text("subject", hint)[:1_000]
    sender, doubtful = sender_of(headers.all("from"), hint)
    verdict = _judge(root, original, sender, body.text)
    return ParsedMail(
        sender=sender,
        sender_doubtful=doubtful,
        reply_to=_people(headers, "reply-to", hint, limits),
        to=_people(headers, "to", hint, limits),
        cc=_people(headers, "cc", hint, limits),
        subject=strip_prefixes(original),
        original_subject=original,
        text=_joined(visible_text(body.text, subject=original), body.files),
        full_text=_joined(plain(body.text), body.files),
        html=body.html,
        parts=body.parts,
        message_id=next(iter(message_ids(headers.get("message-id"))), ""),
        in_reply_to=message_ids(headers.get("in-reply-to")),
        references=message_ids(" ".join(headers.all("references"))),
        date=_read_date(headers.get("date")),
        automatic=verdict.reason if verdict else None,
        ignore=bool(verdict and verdict.ignore),
        bounce=read_bounce(root, plain(body.text)) if verdict == BOUNCE else None,
        envelope_to=_envelope(headers, limits),
        authentication=tuple(_verbatim(value)[:4_000] for value in headers.all("authentication-results")[:20]),
        headers=_bounded_headers(headers, hint, limits),
        identity=tree.identity,
        left_out=(*tree.left_out, *body.left_out),
    )


def strip_prefixes(subject: str) -> str:
    """The subject without `Re:`, `Fwd:` and their relatives in other languages; a lone prefix stays."""
    found = REPLY_PREFIXES.match(subject[:300])
    return (subject[found.end() :].strip() or subject) if found else subject


def _charset_hint(chosen: Chosen) -> str:
    """The charset that the body declares: raw 8-bit headers were probably written in the same."""
    return next((leaf.charset for leaf in chosen.shown + chosen.kept if leaf.charset), "")


def _read_body(chosen: Chosen, limits: Limits, hint: str) -> _Body:
    attachments = Attachments(limits, hint)
    pieces: list[str] = []
    files: list[str] = []
    left_out: list[str] = []
    html = False
    for leaf in chosen.shown:
        text = text_of(leaf, hint)
        if leaf.type == "text/html":
            html = True
            text = _html(text, limits, left_out)
        else:
            text = _plain(text, attachments)
        (files if leaf.filename and pieces else pieces).append(text.strip("\n"))
    for leaf in chosen.kept:
        attachments.add_leaf(leaf, id(leaf) in chosen.inline)
    text = _joined(*pieces)
    if not text.strip():
        text, html = _tnef_text(attachments, limits, left_out)
    if len(text) > limits.text_chars:
        left_out.append(f"Only the first {limits.text_chars:,} characters of the text were kept.")
        text = text[: limits.text_chars]
    return _Body(
        text, _joined(*files)[: limits.text_chars], html, tuple(attachments.parts), (*left_out, *attachments.left_out)
    )


def _joined(*pieces: str) -> str:
    return "\n\n".join(piece for piece in pieces if piece.strip())


def _plain(text: str, attachments: Attachments) -> str:
    text, files = take_uuencoded(clean_text(text))
    for name, content in files:
        attachments.add(name, name, "", content, inline=False, content_id="")
    return without_private_marks(text)


def _html(html: str, limits: Limits, left_out: list[str]) -> str:
    if len(html) > limits.html_chars:
        left_out.append(f"Only the first {limits.html_chars:,} characters of the HTML text were read.")
    return clean_text(html_to_text(clean_text(html[: limits.html_chars])))


def _tnef_text(attachments: Attachments, limits: Limits, left_out: list[str]) -> tuple[str, bool]:
    """The text that stands in a winmail.dat alone, and whether it came from HTML."""
    text, page = attachments.body_text, attachments.body_html
    if not text.strip() and not page:
        rich, wraps_html = read_rtf(unpack(attachments.body_rtf))
        text, page = ("", rich) if wraps_html else (rich, "")
    if text.strip():
        return without_private_marks(clean_text(text)), False
    return (_html(page, limits, left_out), True) if page else ("", False)


def _judge(root: Node, subject: str, sender: Address | None, text: str) -> Verdict | None:
    types = tuple(leaf.type for leaf in root.leaves())
    writer = sender.address if sender and sender.address else root.headers.get("from")
    return judge(Seen(subject, writer.lower(), root.headers, types, text[:20_000]))


def _verbatim(value: str) -> str:
    """A value as our own server wrote it: what looks like an encoded word there was put in by the sender."""
    return clean_line(to_bytes(value).decode("utf-8", "replace"))


def _people(headers: Headers, name: str, hint: str, limits: Limits) -> tuple[Address, ...]:
    found = (address for value in headers.all(name) for address in parse_addresses(value, hint, limits.addresses))
    return tuple(address for address in found if address.address)[: limits.addresses]


def _envelope(headers: Headers, limits: Limits) -> tuple[str, ...]:
    values = [value for name in _ENVELOPE for value in headers.all(name)]
    found = [address.address for value in values for address in parse_addresses(value, limit=limits.addresses)]
    return tuple(dict.fromkeys(address for address in found if address))[: limits.addresses]


def _read_date(value: str) -> datetime | None:
    """A Date header as aware UTC; what makes no sense is None."""
    try:
        moment = parsedate_to_datetime(clean_line(value))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _bounded_headers(headers: Headers, hint: str, limits: Limits) -> tuple[tuple[str, str], ...]:
    fields = headers.fields[: limits.headers]
    most = limits.header_chars
    return tuple((clean_line(name)[:100], header_text(value[: most * 2], hint)[:most]) for name, value in fields)
