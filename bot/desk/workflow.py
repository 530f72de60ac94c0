"""The statuses of a ticket and which step leads from which to which. Pure: statuses in, statuses out.

One table, `NEXT`; a step that is not in it is refused with a sentence.
"""

from enum import IntEnum

from bot.errors import Refusal
from bot.texts import Phrase


class Status(IntEnum):
    """Where a ticket stands. Numbers as in the tables people may know them from; names as in `--json`."""

    UNREAD = 0
    READ = 1
    ASSIGNED = 2
    IN_PROGRESS = 3
    WAITING = 5
    ON_HOLD = 7
    CLOSED = 8
    ABANDONED = 9

    @property
    def code(self) -> str:
        """The name used by programs: `in_progress`."""
        return self.name.lower()

    @property
    def is_open(self) -> bool:
        """Neither closed nor abandoned."""
        return self < Status.CLOSED


LABELS: dict[Status, str] = {
    Status.UNREAD: "Unread",
    Status.READ: "Read",
    Status.ASSIGNED: "Assigned",
    Status.IN_PROGRESS: "In progress",
    Status.WAITING: "Waiting for feedback",
    Status.ON_HOLD: "On hold",
    Status.CLOSED: "Closed",
    Status.ABANDONED: "Abandoned",
}
EMOJI = {
    Status.UNREAD: "🆕",
    Status.READ: "👁",
    Status.ASSIGNED: "👤",
    Status.IN_PROGRESS: "🔧",
    Status.WAITING: "💬",
    Status.ON_HOLD: "⏸",
    Status.CLOSED: "✅",
    Status.ABANDONED: "🗑",
}
COLOURS = {
    Status.UNREAD: "#d72638",
    Status.READ: "#e8912d",
    Status.ASSIGNED: "#e8b92d",
    Status.IN_PROGRESS: "#2b7de9",
    Status.WAITING: "#8e6bd8",
    Status.ON_HOLD: "#8e8e93",
    Status.CLOSED: "#2e9e5b",
    Status.ABANDONED: "#6b7280",
}

_S = Status
_STAY = {status: status for status in Status if status.is_open}
NEXT: dict[str, dict[Status, Status]] = {
    "read": _STAY | {_S.UNREAD: _S.READ},
    "assign": _STAY | {_S.UNREAD: _S.ASSIGNED, _S.READ: _S.ASSIGNED},
    "unassign": _STAY | {_S.ASSIGNED: _S.READ},
    "take": _STAY | dict.fromkeys((_S.UNREAD, _S.READ, _S.ASSIGNED), _S.IN_PROGRESS),
    "reply": _STAY | dict.fromkeys((_S.UNREAD, _S.READ, _S.ASSIGNED), _S.IN_PROGRESS),
    "note": {status: status for status in Status} | {_S.UNREAD: _S.READ},
    "wait": dict.fromkeys(_STAY, _S.WAITING),
    "hold": dict.fromkeys(_STAY, _S.ON_HOLD),
    "resume": {_S.WAITING: _S.IN_PROGRESS, _S.ON_HOLD: _S.IN_PROGRESS},
    "close": dict.fromkeys(_STAY, _S.CLOSED),
    "abandon": dict.fromkeys(_STAY, _S.ABANDONED),
    "snooze": _STAY,
    "escalate": _STAY,
    "merge_in": _STAY,
}

REFUSALS = {
    "resume": "{reference} is neither waiting nor on hold, so there is nothing to resume. It is: {status}.",
    "reopen": "{reference} is open already. It is: {status}.",
}
_CLOSED_REFUSAL = "{reference} is {status}. Reopen it first."


def after(step: str, status: Status, reference: str, merged_into: str = "") -> Status:
    """The status after a step. Refusal when the step does not lead anywhere from here, nor ever will if merged."""
    try:
        return NEXT[step][status]
    except KeyError:
        if merged_into:
            raise Refusal("{reference} was merged into {other}.", reference=reference, other=merged_into) from None
        sentence = REFUSALS.get(step, _CLOSED_REFUSAL)
        raise Refusal(sentence, reference=reference, status=Phrase(LABELS[status])) from None


def allowed(step: str, status: Status) -> bool:
    """Whether the step leads anywhere from this status."""
    return not status.is_open if step == "reopen" else status in NEXT.get(step, {})


def first(*, by_staff: bool, has_assignee: bool, auto_read: bool) -> Status:
    """The status a ticket is created with; automatic read never lowers one."""
    if has_assignee:
        return Status.ASSIGNED
    return Status.READ if by_staff and auto_read else Status.UNREAD


def after_reopening(status: Status, reference: str, *, has_assignee: bool) -> Status:
    """Reopening: back to its assignee, or to everyone. Refusal when it is open."""
    if status.is_open:
        raise Refusal(REFUSALS["reopen"], reference=reference, status=Phrase(LABELS[status]))
    return Status.ASSIGNED if has_assignee else Status.UNREAD


def after_client_wrote(status: Status, *, has_assignee: bool) -> Status:
    """A client's reply wakes what waits and what is closed; otherwise the ticket stays where it is."""
    if not status.is_open:
        return Status.ASSIGNED if has_assignee else Status.UNREAD
    if status in (Status.WAITING, Status.ON_HOLD):
        return Status.IN_PROGRESS if has_assignee else Status.UNREAD
    return status


STEPS_OF: dict[str, tuple[str, ...]] = {
    "read": ("read",),
    "assigned": ("assign",),
    "unassigned": ("unassign",),
    "taken": ("take",),
    "taken_over": ("take",),
    "replied": ("reply", "wait"),
    "noted": ("note",),
    "waiting": ("wait",),
    "held": ("hold",),
    "resumed": ("resume",),
    "closed": ("close",),
    "abandoned": ("abandon",),
    "merged": ("close",),
    "merged_in": ("merge_in",),
}
"""Which steps an event may stand for; every act of an agent may have made an unread ticket read as well."""


def is_legal(event: str, before: Status, now: Status) -> bool:
    """Whether an event of this kind may have led from one status to another."""
    if before == now or (before, now) == (Status.UNREAD, Status.READ):
        return True
    if event == "reopened":
        return not before.is_open and now in (Status.ASSIGNED, Status.UNREAD)
    if event == "closing_withdrawn":
        return not before.is_open and now.is_open
    if event == "client_replied":
        return now in {after_client_wrote(before, has_assignee=has) for has in (True, False)}
    return any(NEXT[step].get(before) == now for step in STEPS_OF.get(event, ()))
