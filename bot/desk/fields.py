"""The fields of a ticket that people edit, as the words they type: what stands in each, and how two states differ.

Pure. A list typed as `+a,-b` adds and takes away; without signs it is the whole list; `-` alone empties a field.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.desk.views import TicketView
from bot.errors import Refusal

KEYS = tuple("subject group type severity assignee client contact project contract tag notify progress cc".split())
NOTIFY = ("none", "milestones", "all")
CLASSIFYING = frozenset(("type", "group", "severity"))
EMPTY = frozenset(("-", "–", "—"))
NOBODY = "nobody"
TAG_LIMIT = 40
SUBJECT_LIMIT = 255


@dataclass(frozen=True, slots=True)
class Difference:
    """One field in two states, and what a second editor wants there instead ("" when nothing)."""

    key: str
    old: str
    new: str
    wanted: str = ""


def values(ticket: TicketView) -> dict[str, str]:
    """What stands in each field, as one would type it; "" where nothing does. Own fields follow by their codes."""
    return {
        "subject": ticket.subject,
        "group": ticket.group.code,
        "type": ticket.type.code,
        "severity": ticket.severity.code,
        "assignee": ticket.assignee.email if ticket.assignee else NOBODY,
        "client": ticket.third_party_code,
        "contact": ticket.requester_address,
        "project": ticket.project,
        "contract": ticket.contract.reference if ticket.contract else "",
        "tag": ", ".join(ticket.tags),
        "notify": ticket.notify,
        "progress": str(ticket.progress),
        "cc": ", ".join(reader.address for reader in ticket.watchers),
        **ticket.custom,
    }


def is_empty(typed: str) -> bool:
    """Whether a typed value means that nothing shall stand there."""
    return not typed.strip() or typed.strip() in EMPTY


def changed_list(now: Iterable[str], typed: str) -> list[str]:
    """The list after what was typed: `a, b` is all of it, `+a,-b` changes what is there. Each once, in lower case."""
    parts = [part.strip().lower() for part in typed.replace(";", ",").split(",") if part.strip()]
    if is_empty(typed):
        return []
    if not all(part[0] in "+-" for part in parts):
        return list(dict.fromkeys(part.lstrip("+") for part in parts))
    gone = {part[1:].strip() for part in parts if part[0] == "-"}
    added = [part[1:].strip() for part in parts if part[0] == "+"]
    return [one for one in dict.fromkeys((*now, *added)) if one and one not in gone]


def tags(now: Iterable[str], typed: str) -> list[str]:
    """The tags after what was typed, in their order. Refusal for one that is too long."""
    wanted = sorted(changed_list(now, typed))
    long = [tag for tag in wanted if len(tag) > TAG_LIMIT]
    if long:
        raise Refusal("A tag has at most {n} characters: {tag}…", n=TAG_LIMIT, tag=long[0][:TAG_LIMIT])
    return wanted


def progress(typed: str) -> int:
    """0 to 100, with or without %. Refusal otherwise."""
    text = "0" if is_empty(typed) else typed.strip().removesuffix("%").strip()
    if not (text.isascii() and text.isdecimal() and len(text) <= 3 and int(text) <= 100):
        raise Refusal("Progress is a whole number from 0 to 100, not “{value}”.", value=typed.strip()[:20])
    return int(text)


def notify(typed: str) -> str:
    """none, milestones or all. Refusal otherwise."""
    text = typed.strip().lower()
    if text not in NOTIFY:
        raise Refusal("notify is one of {names}, not “{value}”.", names=", ".join(NOTIFY), value=typed.strip()[:20])
    return text
