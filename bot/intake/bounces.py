"""What a bounce says: whom it did not reach, the status code, and whether that is final. Reports first, words after."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.cleaning import clean_line
from bot.intake.charsets import decode
from bot.intake.headers import Headers
from bot.intake.structure import Node

_STATUS_TYPES = frozenset({"message/delivery-status", "message/global-delivery-status"})
_COPY_TYPES = frozenset({"message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global"})
_WORDS = {
    "5.1.1": re.compile(
        r"user unknown|unknown user|no such user|invalid user|no valid recipients|does(?: not|n't) exist", re.IGNORECASE
    ),
    "4.2.2": re.compile(r"mailbox (?:is )?full|over quota|quota exceeded|out of storage", re.IGNORECASE),
    "4.4.7": re.compile(r"delivery time expired|too long in (?:the )?queue", re.IGNORECASE),
}
_ADDRESS = r"[^\s<>()\[\],;:\"'@\\=`]{1,64}@[A-Za-z0-9][A-Za-z0-9.-]{0,250}[A-Za-z0-9]"
_FIELD = re.compile(r"^([A-Za-z-]{2,40}):[ \t]*(.{0,500}(?:\n[ \t].{0,500}){0,10})", re.MULTILINE)
_CODE = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_REPLY_CODE = re.compile(r"(?<![\d.])([45]\d\d)[ -](?=\S)")
_ANNOUNCED = re.compile(
    r"(?:following (?:recipients?|address(?:es)?|users?|destination)|could ?n[o']t be delivered to|"
    r"recipients? or groups?|delivery to the following|"
    r"failed (?:recipients?|address)|invalid addresses|unable to deliver|undeliverable (?:to|recipient)|"
    r"permanent (?:fatal )?errors|"
    r"not (?:be )?delivered to|nicht zugestellt|n'a pas pu être (?:remis|délivré)|original recipient|"
    r"recipient address|"
    r"delivery failed|not deliver|error sending|user unknown|unknown user|mailbox)",
    re.IGNORECASE,
)
_BRACKETED_LINE = re.compile(rf"^[ \t>*.-]{{0,12}}<({_ADDRESS})>(?::|\.{{3}}|[ \t]*$)", re.MULTILINE)
_BARE_LINE = re.compile(rf"^[ \t>*.-]{{0,24}}({_ADDRESS})(?::|\.{{3}}|[ \t]|<mailto:|$)", re.MULTILINE)
_LABELLED = re.compile(
    rf"(?:RCPT TO|Final-Recipient|Original-Recipient|Failed recipient|Recipient(?: address)?|To|"
    rf"Intended recipient|User)"
    rf"[ \t]{{0,4}}[:=][ \t]{{0,12}}(?:rfc822;[ \t]{{0,4}})?<?({_ADDRESS})>?",
    re.IGNORECASE,
)
_ANYWHERE = re.compile(rf"<?({_ADDRESS})>?")
_DELAYED = re.compile(
    r"(?:delayed|not yet (?:been )?delivered|will (?:keep|continue) (?:trying|to be retried)|"
    r"warning message only|still being retried)",
    re.IGNORECASE,
)
_ORIGINAL = re.compile(
    r"^(?:-{3,}.{0,60}(?:original|copy of|returned|unsent|begin message|header|undelivered).{0,60}|"
    r"original message (?:follows|headers?).{0,40}|received: from .{0,400}|return-path: .{0,200}|"
    r".{0,60}(?:copy of the message|original message).{0,80}:)$",
    re.IGNORECASE | re.MULTILINE,
)
_TEXT_CHARS = 20_000
_MOST = 50


@dataclass(frozen=True, slots=True)
class Bounce:
    """Addresses not reached, enhanced status ("" when unsaid), and the action: failed, delayed, delivered …"""

    recipients: tuple[str, ...]
    status: str
    action: str


def read_bounce(root: Node, text: str) -> Bounce:
    """The bounce in this mail; `text` is its text for people."""
    reports = [_report_text(leaf) for leaf in root.leaves() if leaf.type in _STATUS_TYPES]
    bounce = _from_reports("\n\n".join(reports), reports)
    told = _before_original(text[:_TEXT_CHARS])
    failed = root.headers.get("x-failed-recipients")
    recipients = bounce.recipients or _addresses(failed) or _from_text(told, _own_addresses(root.headers))
    recipients = recipients or _from_returned(root, text[len(told) : _TEXT_CHARS])
    status = bounce.status or _status_in(told) or _status_of_words(f"{root.headers.text('subject')}\n{told}")
    action = bounce.action or ("delayed" if _DELAYED.search(told) and not status.startswith("5") else "failed")
    return Bounce(recipients[:_MOST], status, action)


def _report_text(leaf: Node) -> str:
    return decode(leaf.content[:200_000], leaf.charset).replace("\r\n", "\n")


def _from_reports(text: str, reports: list[str]) -> Bounce:
    recipients: dict[str, None] = {}
    statuses: list[str] = []
    actions: list[str] = []
    for block in re.split(r"\n[ \t]*\n", text)[: _MOST * 4]:
        fields = {name.lower(): clean_line(value) for name, value in _FIELD.findall(block)}
        address = _recipient(fields)
        if address and fields.get("action", "failed").lower().split(" ")[0] not in ("delivered", "relayed", "expanded"):
            recipients[address] = None
        if address or "status" in fields:
            statuses += _statuses(fields)
            actions += fields.get("action", "").lower().split(" ")[:1]
    action = "failed" if "failed" in actions else next((action for action in actions if action), "")
    return Bounce(tuple(recipients), _most_telling(statuses), action if reports else "")


def _recipient(fields: dict[str, str]) -> str:
    for name in ("final-recipient", "original-recipient", "x-actual-recipient"):
        found = _ANYWHERE.search(fields.get(name, "").rpartition(";")[2])
        if found:
            return _lower_domain(found[1])
    return ""


def _statuses(fields: dict[str, str]) -> list[str]:
    return [code for name in ("diagnostic-code", "status") for code in _CODE.findall(fields.get(name, ""))[:1]]


def _most_telling(codes: list[str]) -> str:
    """A status that says more than x.0.0, if there is one."""
    return next((code for code in codes if not code.endswith(".0.0")), codes[0] if codes else "")


def _status_in(text: str) -> str:
    enhanced = _CODE.findall(text)
    if enhanced:
        return _most_telling([code for code in enhanced if not code.startswith("2")] or enhanced)
    plain = _REPLY_CODE.search(text)
    return f"{plain[1][0]}.0.0" if plain else ""


def _status_of_words(text: str) -> str:
    return next((status for status, words in _WORDS.items() if words.search(text)), "")


def _from_returned(root: Node, returned: str) -> tuple[str, ...]:
    """Whom the returned mail was written to, where the report names nobody."""
    copies = [_report_text(leaf) for leaf in root.leaves() if leaf.type in _COPY_TYPES] or [returned]
    written_to = re.search(r"^To:[ \t]*(.{1,500})", copies[0][:_TEXT_CHARS], re.IGNORECASE | re.MULTILINE)
    return _addresses(written_to[1])[:1] if written_to else ()


def _before_original(text: str) -> str:
    """What the mail system says, before the copy of the mail that it returns."""
    copy = _ORIGINAL.search(text, min(len(text), 40))
    return text[: copy.start()] if copy else text


def _from_text(text: str, own: frozenset[str]) -> tuple[str, ...]:
    for pattern in (_BRACKETED_LINE, _BARE_LINE, _LABELLED):
        found = _several(pattern.findall(text), own)
        if found:
            return found
    announced = _ANNOUNCED.search(text)
    return _several(_ANYWHERE.findall(text, announced.start() if announced else 0), own)[:1]


def _addresses(value: str) -> tuple[str, ...]:
    return _several(_ANYWHERE.findall(value), frozenset())


def _several(found: list[str], own: frozenset[str]) -> tuple[str, ...]:
    cleaned = (_lower_domain(address) for address in found[:_MOST])
    return tuple(dict.fromkeys(address for address in cleaned if address.lower() not in own))


def _own_addresses(headers: Headers) -> frozenset[str]:
    """Sender and reader of the bounce are not those it did not reach."""
    values = [headers.get(name) for name in ("from", "to", "reply-to")]
    return frozenset(address.lower() for value in values for address in _ANYWHERE.findall(value))


def _lower_domain(address: str) -> str:
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.lower()}"
