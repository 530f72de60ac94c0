"""From a letter's headers, words and files to the bytes that leave. Pure; the last gate of what stands in a header.

No value of a header holds a line break; Message-IDs are never folded inside, however long they are.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from typing import Any

from bot.cleaning import clean_line
from bot.errors import DeliveryError

_IDS = frozenset(("message-id", "in-reply-to", "references"))
_ID = re.compile(r"[!-~]{3,900}")
_TYPE = re.compile(r"(?!message/|multipart/)[a-z0-9][\w.+-]{0,60}/[a-z0-9][\w.+-]{0,100}", re.ASCII | re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s<>,;:\"\\()@\[\]\x00-\x20\x7f]{1,64}@[^\s<>,;\"\\()@\x00-\x20\x7f]+")
UNKNOWN = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file of a letter: its name, type and bytes. With a `cid` it is a picture that the HTML shows."""

    name: str
    type: str
    content: bytes
    cid: str = ""


class _LetterPolicy(EmailPolicy):
    """SMTP's, but lists of Message-IDs are broken between ids only: other programs find the thread by them."""

    def fold_binary(self, name: str, value: Any) -> bytes:
        if name.lower() in _IDS:
            return b"".join([f"{name}: ".encode(), b"\r\n ".join(str(value).encode("ascii").split()), b"\r\n"])
        return super().fold_binary(name, value)


_POLICY = _LetterPolicy(linesep="\r\n")


def message(
    headers: Iterable[tuple[str, str | Address]], plain: str, html: str, enclosures: Sequence[Enclosure] = ()
) -> EmailMessage:
    """The letter: both texts, the pictures that the HTML shows beside it, all other files behind."""
    named = [(name, value if isinstance(value, Address) else clean_line(value)) for name, value in headers]
    made = EmailMessage(policy=_POLICY.clone(utf8=_needs_utf8(named)))
    for name, value in named:
        made[name] = value
    made.set_content(plain)
    made.add_alternative(html, subtype="html")
    shown = made.get_body(("html",))
    assert isinstance(shown, EmailMessage)
    for file in enclosures:
        if file.cid:
            shown.add_related(file.content, **_described(file), cid=f"<{file.cid}>", disposition="inline")
    for file in enclosures:
        if not file.cid:
            made.add_attachment(file.content, **_described(file))
    return made


def ids(known: Iterable[str]) -> str:
    """Message-IDs for a header; what came as one and cannot stand there is left out."""
    return " ".join(one for one in known if _ID.fullmatch(one))


def listed(addresses: Iterable[str]) -> str:
    """Addresses for a header. DeliveryError when one of them would say more than an address."""
    return ", ".join(deliverable(address) for address in addresses)


def deliverable(address: str) -> str:
    """The address as mail servers take it, its domain in ASCII. DeliveryError when it is none."""
    if not _ADDRESS.fullmatch(address):
        raise DeliveryError(f"an address that cannot be written to: {clean_line(address)[:100]}", permanent=True)
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain if domain.isascii() else domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        raise DeliveryError(f"a domain that cannot exist: {clean_line(domain)[:100]}", permanent=True) from None


def _needs_utf8(headers: Iterable[tuple[str, str | Address]]) -> bool:
    """Whether an address has letters beyond ASCII before its @, which no encoded word can hold (RFC 6532)."""
    return any(name in ("To", "Cc") and not str(value).isascii() for name, value in headers)


def _described(file: Enclosure) -> dict[str, Any]:
    maintype, _, subtype = (file.type if _TYPE.fullmatch(file.type) else UNKNOWN).partition("/")
    return {"maintype": maintype, "subtype": subtype, "filename": clean_line(file.name) or "file"}
