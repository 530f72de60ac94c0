"""What a server answers to UID FETCH, taken apart: sizes, dates, raw mails by UID. Pure; imaplib's shapes in."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from bot.ports import Waiting

BULK_BYTES, BULK_MAILS = 4 * 1024 * 1024, 50
_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
_DATE = re.compile(rb'\bINTERNALDATE "([^"]+)"')


def waiting_mails(answer: Sequence[Any]) -> dict[int, Waiting]:
    """{uid: its size and date}. Lines about something else (a flag that changed) are passed over."""
    heads = (line[0] if isinstance(line, tuple) else line for line in answer)
    return {mail.uid: mail for head in heads if (mail := _waiting(head)) is not None}


def raw_mails(answer: Sequence[Any]) -> dict[int, bytes]:
    """{uid: the mail's bytes}. Each literal stands between a head and a tail, and the UID in either of them."""
    found: dict[int, bytes] = {}
    for line, following in zip(answer, [*answer[1:], b""], strict=False):
        if isinstance(line, tuple):
            tail = following if isinstance(following, bytes) else b""
            uid = _UID.search(line[0]) or _UID.search(tail)
            if uid:
                found[int(uid[1])] = line[1]
    return found


def bulks(uids: Sequence[int], sizes: Mapping[int, int]) -> Iterator[list[int]]:
    """The UIDs in trips of at most 4 MB and 50 mails; a larger mail travels alone."""
    bulk: list[int] = []
    total = 0
    for uid in uids:
        if bulk and (total + sizes[uid] > BULK_BYTES or len(bulk) == BULK_MAILS):
            yield bulk
            bulk, total = [], 0
        bulk.append(uid)
        total += sizes[uid]
    if bulk:
        yield bulk


def _waiting(head: bytes) -> Waiting | None:
    uid, size, date = _UID.search(head), _SIZE.search(head), _DATE.search(head)
    if not (uid and size):
        return None
    return Waiting(int(uid[1]), int(size[1]), _moment(date[1] if date else b""))


def _moment(raw: bytes) -> datetime:
    """The server's date; a mail without one was received just now."""
    try:
        return parsedate_to_datetime(raw.decode("ascii").strip()).astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return datetime.now(UTC)
