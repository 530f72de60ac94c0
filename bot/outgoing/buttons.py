"""Which buttons a ticket's card has: one table for each state; a button whose verb does not exist is not drawn."""

from collections.abc import Callable

from bot.desk import workflow
from bot.desk.views import TicketView
from bot.desk.workflow import Status
from bot.outgoing.cards import Button
from bot.outgoing.telling import Pen, is_cut
from bot.texts import Words

SHOWN = 4
"""At most so many buttons stand beside each other."""

_OPEN_MENU = "takeover assign edit intervention document escalate snooze text log history merge linkclient".split()
_NEW = ("take reply note snooze".split(), "assign edit escalate close text log history abandon linkclient".split())
_WORKING = ("reply note wait close".split(), _OPEN_MENU)
_WAITING = ("reply resume note close".split(), _OPEN_MENU)
_ENDED = ("reopen log".split(), "text document history".split())
LAYOUT: dict[Status, tuple[list[str], list[str]]] = {
    Status.UNREAD: _NEW,
    Status.READ: _NEW,
    Status.ASSIGNED: _WORKING,
    Status.IN_PROGRESS: _WORKING,
    Status.WAITING: _WAITING,
    Status.ON_HOLD: _WAITING,
    Status.CLOSED: _ENDED,
    Status.ABANDONED: _ENDED,
}
LABELS = {
    "take": "Take it",
    "takeover": "Take over",
    "reply": "Reply…",
    "note": "Note…",
    "wait": "Wait",
    "resume": "Resume",
    "close": "Close…",
    "reopen": "Reopen",
    "snooze": "Snooze",
    "escalate": "Escalate",
    "text": "Show all",
    "log": "Timeline",
    "history": "History",
    "assign": "Assign…",
    "edit": "Edit…",
    "intervention": "Intervention…",
    "document": "Document…",
    "merge": "Merge…",
    "linkclient": "Link client",
    "abandon": "Not a ticket",
    "undo": "Undo",
    "retry": "Retry",
    "send": "Send as reply",
    "problem": "Same problem",
}

_SNOOZE = (("snooze", "💤 1 h", "1h"), ("snooze", "💤 4 h", "4h"), ("snooze", "💤 09:00", "0900"))
PHONE: dict[bool, tuple[tuple[tuple[str, str, str], ...], ...]] = {
    True: (
        (("take", "✅ Take it", ""),),
        _SNOOZE,
        (("close", "✔ Close", ""), ("more", "ℹ More", "")),
    ),
    False: ((("reopen", "Reopen", ""), ("more", "ℹ More", "")),),
}
PHONE_MORE = "reply note wait resume takeover assign escalate text log history".split()


def on_card(ticket: TicketView, pen: Pen) -> tuple[tuple[Button, ...], tuple[Button, ...]]:
    """Those that stand beside each other, and those behind ⋯."""
    shown, menu = _layout(ticket)
    return _drawn(ticket, shown, pen), _drawn(ticket, menu, pen)


def _layout(ticket: TicketView) -> tuple[list[str], list[str]]:
    """Where the buttons stand; a letter that came back and tickets alike bring theirs, beside the next step."""
    shown, menu = LAYOUT[ticket.status]
    brought = _brought(ticket)
    kept = SHOWN - len(brought)
    return [shown[0], *brought, *shown[1:kept]], [*shown[kept:], *menu]


def _brought(ticket: TicketView) -> list[str]:
    """The buttons that are there only when there is something for them."""
    offers = (("send", _waits_to_be_sent(ticket)), ("retry", ticket.undelivered), ("problem", ticket.alike))
    return [name for name, wanted in offers if wanted]


def _waits_to_be_sent(ticket: TicketView) -> bool:
    return ticket.unsent_id is not None and ticket.status.is_open


def _drawn(ticket: TicketView, names: list[str], pen: Pen) -> tuple[Button, ...]:
    usable = [name for name in names if name in pen.verbs and _makes_sense(name, ticket)]
    return tuple(_button(name, ticket, pen.words, first=name == names[0]) for name in usable)


def _button(name: str, ticket: TicketView, words: Words, *, first: bool) -> Button:
    style = "primary" if first else "danger" if name == "abandon" else ""
    confirm = CONFIRM[name](ticket, words) if name in CONFIRM else ""
    return Button(name, words(LABELS[name]), style, confirm)


def _makes_sense(name: str, ticket: TicketView) -> bool:
    """Buttons that would do nothing are not drawn."""
    if name == "reopen":
        return not ticket.merged_into
    if name == "takeover":
        return ticket.assignee is not None
    if name == "text":
        return is_cut(ticket.description)
    if name == "linkclient":
        return ticket.requester_id is None and bool(ticket.requester_address)
    return name != "reply" or bool(ticket.requester_address or ticket.reply_address)


CONFIRM: dict[str, Callable[[TicketView, Words], str]] = {
    "takeover": lambda ticket, words: words(
        "{name} has this ticket. Take it over?", name=ticket.assignee.name if ticket.assignee else ""
    ),
    "abandon": lambda ticket, words: words("Abandon {reference}? Nobody is told.", reference=ticket.reference),
}


def on_phone(ticket: TicketView, pen: Pen) -> tuple[tuple[Button, ...], ...]:
    """The rows of the phone's keyboard."""
    rows = PHONE[ticket.status.is_open]
    if ticket.status >= Status.IN_PROGRESS and ticket.status.is_open:
        rows = rows[2:]
    rows = (*rows[:1], *(((name, LABELS[name], ""),) for name in _brought(ticket)), *rows[1:])
    return tuple(
        tuple(
            Button(verb, pen.words(label), argument=argument)
            for verb, label, argument in row
            if _makes_sense(verb, ticket)
        )
        for row in rows
    )


def behind_more(ticket: TicketView, pen: Pen) -> tuple[tuple[Button, ...], ...]:
    """The rows of its second level."""
    steps = [
        name
        for name in PHONE_MORE
        if name in pen.verbs
        and _makes_sense(name, ticket)
        and (name not in workflow.NEXT or workflow.allowed(name, ticket.status))
    ]
    buttons = [Button(name, pen.words(LABELS[name])) for name in steps]
    rows = [tuple(buttons[start : start + 2]) for start in range(0, len(buttons), 2)]
    return (*rows, (Button("back", pen.words("« Back")),))
