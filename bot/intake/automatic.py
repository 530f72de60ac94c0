"""Is it a robot? Two outcomes: nothing at all (bounces, notices, out-of-office), or a ticket that gets no answer.

Pure rules over decoded headers, the structure and, where machines hide, their words; the first that says something
decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from bot.intake.addresses import parse_addresses
from bot.intake.headers import Headers
from bot.intake.phrases import FORWARD_LINE, FORWARD_PREFIX, HEADER_LABELS, ORIGINAL_LINE, REPLY_PREFIXES
from bot.intake.robot_phrases import (
    DAEMON,
    FAILURE_SUBJECT,
    FAILURE_WORDS,
    MACHINE_SAYS,
    NO_REPLY,
    OUT_OF_OFFICE_SUBJECT,
    POSTMASTER,
    RECEIVED_SUBJECT,
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a mail is automatic, and whether it makes nothing at all."""

    reason: str
    ignore: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """What the rules look at: decoded subject, sender (address in lower case), headers, types of all parts, text."""

    subject: str
    sender: str
    headers: Headers
    types: tuple[str, ...]
    text: str

    def word(self, name: str) -> str:
        """A header's value in lower case, comments and parameters cut off."""
        return re.split(r"[;(]", self.headers.get(name).lower(), maxsplit=1)[0].strip()


BOUNCE = Verdict("bounce", True)
READ_RECEIPT = Verdict("read receipt", True)
OUT_OF_OFFICE = Verdict("out-of-office", True)
ABUSE_REPORT = Verdict("abuse report", False)
MAILING_LIST = Verdict("mailing list", False)
AUTO_SUBMITTED = Verdict("auto-submitted", False)
BULK = Verdict("bulk mail", False)
ACKNOWLEDGEMENT = Verdict("acknowledgement of another desk", False)
MACHINE = Verdict("it says so itself", False)
NO_REPLY_SENDER = Verdict("no-reply sender", False)

_LIST_HEADERS = (
    "list-id",
    "list-post",
    "list-unsubscribe",
    "list-help",
    "mailing-list",
    "x-mailing-list",
    "list-owner",
    "list-subscribe",
)
_AUTOREPLY_HEADERS = (
    "x-autoreply",
    "x-autorespond",
    "x-auto-reply",
    "x-auto-respond",
    "x-autoresponder",
    "x-autoreply-from",
    "x-mail-autoreply",
    "x-auto-response",
    "x-vacation",
)
_DESK_HEADERS = ("x-rt-loop-prevention", "x-otrs-loop", "x-znuny-loop", "x-cron-env")


def judge(seen: Seen) -> Verdict | None:
    """The verdict on a mail, or None when a person wrote it."""
    return next((verdict for rule in RULES if (verdict := rule(seen))), None)


def _report(seen: Seen) -> Verdict | None:
    """The kinds of multipart/report, and parts that only such reports have."""
    declared = seen.headers.content_type
    kind = declared.get("report-type").lower().strip() if declared.value == "multipart/report" else ""
    kinds = {kind, *seen.types}
    if kinds & {"feedback-report", "message/feedback-report"}:
        return ABUSE_REPORT
    if kinds & {"disposition-notification", "message/disposition-notification"}:
        return READ_RECEIPT
    reported = declared.value == "multipart/report" or _from_machine(seen) or _null_return_path(seen)
    if kinds & {"delivery-status", "message/delivery-status", "message/global-delivery-status"} and reported:
        return BOUNCE
    return BOUNCE if kind else None


def _from_machine(seen: Seen) -> bool:
    return bool(DAEMON.match(seen.sender)) or bool(POSTMASTER.match(seen.sender))


def _null_return_path(seen: Seen) -> bool:
    return any(value.strip() == "<>" for value in seen.headers.all("return-path"))


def _daemon(seen: Seen) -> Verdict | None:
    if seen.headers.get("x-failed-recipients"):
        return BOUNCE
    if DAEMON.match(seen.sender):
        return BOUNCE
    failure = FAILURE_SUBJECT.match(seen.subject)
    if failure and (_from_machine(seen) or _null_return_path(seen) or seen.word("auto-submitted").startswith("auto-")):
        return BOUNCE
    return None


def _told(seen: Seen) -> Verdict | None:
    """Old systems report in words alone: they count when a machine says them, never in a person's mail."""
    machine = _from_machine(seen) or _null_return_path(seen) or NO_REPLY.search(seen.sender)
    return BOUNCE if machine and FAILURE_WORDS.search(seen.text[:5_000]) else None


def _answering_machine(seen: Seen) -> Verdict | None:
    """Out-of-office and every other answer that nobody wrote."""
    replies = {seen.word("precedence"), seen.word("preference")} & {"auto_reply", "auto-reply"}
    if seen.word("auto-submitted") == "auto-replied" or replies:
        return OUT_OF_OFFICE
    if "autoresponder" in seen.headers.get("x-post-messageclass").lower():
        return OUT_OF_OFFICE
    if any(seen.word(name) not in ("", "no", "false", "off") for name in _AUTOREPLY_HEADERS):
        return OUT_OF_OFFICE
    return OUT_OF_OFFICE if OUT_OF_OFFICE_SUBJECT.match(seen.subject) else None


def _list(seen: Seen) -> Verdict | None:
    if any(seen.headers.get(name) for name in _LIST_HEADERS) or seen.word("precedence") == "list":
        return MAILING_LIST
    return None


def _submitted(seen: Seen) -> Verdict | None:
    return AUTO_SUBMITTED if seen.word("auto-submitted") not in ("", "no") else None


def _bulk(seen: Seen) -> Verdict | None:
    return BULK if seen.word("precedence") in ("bulk", "junk") else None


def _null_sender(seen: Seen) -> Verdict | None:
    """No bounce we know, but nobody to answer either."""
    return AUTO_SUBMITTED if _null_return_path(seen) else None


def _suppressed(seen: Seen) -> Verdict | None:
    wanted = {word.strip() for word in seen.headers.get("x-auto-response-suppress").lower().split(",")}
    return AUTO_SUBMITTED if wanted & {"all", "oof", "autoreply"} else None


def _desk(seen: Seen) -> Verdict | None:
    return AUTO_SUBMITTED if any(seen.headers.get(name) for name in _DESK_HEADERS) else None


def _no_reply(seen: Seen) -> Verdict | None:
    """A sender that nobody reads, unless somebody else reads the answers: a form on a web page writes so."""
    return NO_REPLY_SENDER if _is_unread(seen.sender) and not _is_answered_elsewhere(seen) else None


def _is_unread(address: str) -> bool:
    return NO_REPLY.search(address.rpartition("@")[0]) is not None


def _is_answered_elsewhere(seen: Seen) -> bool:
    readers = [one.address.lower() for one in parse_addresses(seen.headers.get("reply-to"), "", 10)]
    return any(reader and reader != seen.sender and not _is_unread(reader) for reader in readers)


def _acknowledged(seen: Seen) -> Verdict | None:
    """Another desk has received something and says so without any header."""
    return ACKNOWLEDGEMENT if RECEIVED_SUBJECT.match(_unprefixed(seen.subject)) else None


def _says_so(seen: Seen) -> Verdict | None:
    """The words of a machine at the beginning of a line, in what its sender wrote; not in what is passed on."""
    if FORWARD_PREFIX.match(seen.subject[:300]):
        return None
    return MACHINE if MACHINE_SAYS.search(_own_words(seen.text[:10_000])) else None


def _unprefixed(subject: str) -> str:
    found = REPLY_PREFIXES.match(subject[:300])
    return subject[found.end() :] if found else subject


def _own_words(text: str) -> str:
    """What stands above a forwarded or an original mail."""
    own: list[str] = []
    for line in text.splitlines():
        if FORWARD_LINE.match(line.strip()) or ORIGINAL_LINE.match(line.strip()) or _is_header(line):
            break
        own.append(line)
    return "\n".join(own)


def _is_header(line: str) -> bool:
    """`From: Ann <ann@acme.example>`, in any language, as programs put it above a mail that they pass on."""
    label, colon, value = line.strip(" *>").partition(":")
    return bool(colon) and "@" in value and "from" in HEADER_LABELS.get(label.strip().lower(), ())


RULES: tuple[Callable[[Seen], Verdict | None], ...] = (
    _report, _daemon, _told, _answering_machine, _list, _submitted, _bulk, _null_sender, _suppressed, _desk, _no_reply,
    _acknowledged, _says_so,
)  # fmt: skip
