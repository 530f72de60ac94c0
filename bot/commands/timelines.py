"""Verbs that show what was said and done: the timeline of a ticket, and one message of it in full."""

from collections.abc import Mapping
from typing import Any

from bot.commands import plans
from bot.commands.calls import Call
from bot.commands.pages import number_of
from bot.commands.verbs import verb
from bot.desk import custom_fields
from bot.desk.fields import Difference
from bot.desk.views import LastEvent
from bot.errors import NotFound, WrongUsage
from bot.outgoing import differences, telling
from bot.outgoing.cards import Answer
from storage.models import Event, Message
from storage.queries import joining, timeline

LINES = 30
EXCERPT, PIECE, PAGE = 500, 500, 3000
LEFT = {
    "letter_sent": "✉️ The letter has left",
    "letter_lighter": "✉️ The letter has left without the files: too large for a reader’s mail server",
    "letter_dry": "🧪 Dry run: the letter has not left",
}
"""On a card these stand for the answer itself; in a timeline the answer stands above them."""
ABOUT = {
    "assigned": ("→", "to"),
    "alike": ("→", "to"),
    "linked": ("→", "to"),
    "unlinked": ("→", "to"),
    "merged": ("→", "into"),
    "merged_in": ("←", "from"),
    "split": ("→", "into"),
    "client_linked": ("→", "contact"),
    "letter_sent": ("→", "to"),
    "letters_retried": ("→", "to"),
    "rang": ("→", "to"),
    "still_on_it": ("→", "to"),
}


@verb("log REF [key:value …]", "show the timeline of a ticket: all that was said and done")
def log(call: Call) -> Answer:
    """Oldest first; in chats a page at a time, the last one first, on the command line all, every text in full."""
    ticket = call.ticket
    page, pages, events = _events(call, ticket.id)
    said = timeline.messages(events)
    following = plans.line(ticket, call) if page == pages else []
    return Answer(
        text=call.words("Timeline of {reference}", reference=ticket.reference),
        lines=(*(_told(event, said, call) for event in events), *following),
        page=page,
        pages=pages,
        again=f"log {ticket.reference} page:{{page}}",
        reference=ticket.reference,
        version=ticket.version,
        data=[_event_json(event, said) for event in events],
    )


def _events(call: Call, ticket_id: int) -> tuple[int, int, list[Event]]:
    """The page's number, how many there are, and its events."""
    total = timeline.count(ticket_id)
    if call.request.caller.platform == "cli" and not call.has("page"):
        return 1, 1, timeline.part(ticket_id, 0, total)
    last = max(1, -(-total // LINES))
    page = number_of(call.text("page")) if call.has("page") else last
    return page, last, timeline.part(ticket_id, (page - 1) * LINES, LINES)


def _told(event: Event, said: Mapping[int, Message], call: Call) -> str:
    last = LastEvent(event.kind, event.actor_name, event.platform, event.at)
    told = telling.happened(last, call.pen, {**telling.LAST, **LEFT}) + _about(event)
    about = [str(event.data["intervention"])] if "intervention" in event.data else []
    told = "\n".join([told, *about, *_differences(event, call)])
    message = said.get(event.message_id) if event.message_id else None
    if message is None:
        return told
    full = call.request.caller.platform == "cli"
    text = message.full_text if full else telling.excerpt(message.text, EXCERPT)
    mark = f" #{message.number}" + "".join(f" [{odd}]" for odd in _odd(message))
    return f"{told}{mark}\n{text}" if text else told + mark


def _odd(message: Message) -> list[str]:
    """What is odd about a message: its mark, and who vouches for the sender unless somebody does."""
    verdict = "" if message.verdict in ("", "pass") else f"authentication: {message.verdict}"
    return [odd for odd in (message.mark, verdict) if odd]


def _about(event: Event) -> str:
    """To whom, or which other ticket."""
    sign, name = ABOUT.get(event.kind, ("", ""))
    value = event.data.get(name)
    shown = ", ".join(map(str, value)) if isinstance(value, list) else value
    return f" {sign} {shown}" if shown else ""


def _differences(event: Event, call: Call) -> list[str]:
    """What an edit changed, a line for each field."""
    names = {field.code: call.words.label(field.labels, field.code) for field in custom_fields.defined()}
    return [differences.line(Difference(*one), call.words, names) for one in event.data.get("diff", ())]


def _event_json(event: Event, said: Mapping[int, Message]) -> dict[str, Any]:
    message = said.get(event.message_id) if event.message_id else None
    return {
        "kind": event.kind,
        "actor": event.actor_name,
        "platform": event.platform,
        "at": event.at.isoformat(),
        "old": event.old,
        "new": event.new,
        "diff": event.data.get("diff"),
        "intervention": event.data.get("intervention"),
        "message": message
        and {"number": message.number, "kind": message.kind, "text": message.full_text, "mark": message.mark}
        | {"authentication": message.verdict or None},
    }


@verb(
    "text REF [MESSAGE_NO] [key:value …]", "show a message in full, the first one if no number is given", right="show"
)
def text(call: Call) -> Answer:
    """All that stood in it, quotations and signature too; in chats a page at a time."""
    ticket, number = call.ticket, _number(call)
    message = joining.message_numbered(ticket.id, number)
    if message is None:
        raise NotFound("{reference} has no message {n}.", reference=ticket.reference, n=number)
    pages = [[message.full_text]] if call.request.caller.platform == "cli" else in_pages(message.full_text)
    page = min(number_of(call.text("page") or "1"), len(pages))
    said = {"reference": ticket.reference, "n": number, "name": message.author_name}
    return Answer(
        text=call.words("{reference} · message {n} of {name}", **said),
        lines=tuple(pages[page - 1]),
        page=page,
        pages=len(pages),
        again=f"text {ticket.reference} {number} page:{{page}}",
        reference=ticket.reference,
        version=ticket.version,
        data={**said, "text": message.full_text},
    )


def _number(call: Call) -> int:
    typed = call.text("number").removeprefix("#") or "1"
    if not (typed.isascii() and typed.isdecimal() and len(typed) <= 9):
        raise WrongUsage(
            "{number} is no number of a message. Usage: {usage}", number=typed[:20], usage=call.verb.usage.line
        )
    return int(typed)


def in_pages(whole: str) -> list[list[str]]:
    """A text of any length in pages of about 3,000 characters, each in pieces that every chat can show whole."""
    pages: list[list[str]] = [[]]
    for piece in _pieces(whole):
        if pages[-1] and sum(map(len, pages[-1])) + len(piece) > PAGE:
            pages.append([])
        pages[-1].append(piece)
    return pages


def _pieces(whole: str) -> list[str]:
    """Lines together while they fit into a piece; a longer line is broken."""
    pieces = [""]
    for part in (part for line in whole.split("\n") for part in _broken(line)):
        if pieces[-1] and len(pieces[-1]) + 1 + len(part) > PIECE:
            pieces.append("")
        pieces[-1] += ("\n" if pieces[-1] else "") + part
    return [piece for piece in pieces if piece.strip()] or [whole]


def _broken(line: str) -> list[str]:
    """A line in parts that fit, broken behind a space where there is one."""
    parts = []
    while len(line) > PIECE:
        at = line.rfind(" ", PIECE // 2, PIECE) + 1 or PIECE
        parts.append(line[:at])
        line = line[at:]
    return [*parts, line]
