"""What stands under a card in its thread and is said in the channel: a sentence for each kind of event. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.desk.views import TicketView
from bot.desk.workflow import LABELS
from bot.outgoing import telling
from bot.texts import Words

QUOTE = 280

LINES = {
    "assigned": "👤 {who} assigned it to {to}.",
    "unassigned": "👤 {who} took the assignment back.",
    "taken_over": "🤝 {who} took it over.",
    "closed": "✅ {who} closed it.",
    "abandoned": "🗑 {who} abandoned it.",
    "reopened": "🔄 {who} opened it again.",
    "merged": "🔀 {who} merged it into {into}.",
    "merged_in": "🔀 {who} merged {source} into it.",
    "split": "✂️ {who} made message {number} a ticket of its own: {into}.",
    "undeleted": "↩️ {who} brought it back.",
    "closing_withdrawn": "↩️ {who} took the closing back.",
    "escalated": "🚨 {who} escalates {reference} · {subject} ({status}, {assignee}).",
    "client_replied": "💬 {who} replied:",
    "overdue": "⏰ {reference} · {subject} is overdue: {wait} was due {due} ({status}, {assignee}).",
    "warned": "⏳ {wait} due {due}.",
    "rang": "📟 {to}: {reference} · {subject} waits for somebody to take it ({status}).",
    "still_on_it": "⏱ {to}, are you still on it? {reference} · {subject} ({status}).",
    "bounced": "📭 A letter to {address} could not be delivered: {error}",
}
WAITS = {"response": "first answer", "action": "next step"}
WITH_TEXT = frozenset(("closed", "abandoned", "client_replied"))


def line(kind: str, who: str, ticket: TicketView, text: str, data: Mapping[str, Any], words: Words) -> str:
    """The line of an event; `text` is what was written with it, quoted to 280 characters."""
    said = words(
        LINES[kind],
        who=who,
        to=data.get("to") or words("everybody"),
        into=data.get("into", ""),
        source=data.get("from", ""),
        number=data.get("number", ""),
        address=data.get("address") or ", ".join(data.get("recipients", ())),
        error=data.get("error") or data.get("status", ""),
        reference=ticket.reference,
        subject=ticket.subject,
        status=words(LABELS[ticket.status]),
        assignee=ticket.assignee.name if ticket.assignee else words("nobody"),
        wait=words(WAITS.get(data.get("wait", ""), "")),
        due=_due(data, words),
    )
    if kind in WITH_TEXT and text:
        return f"{said}\n{telling.excerpt(text, QUOTE)}"
    return said


def _due(data: Mapping[str, Any], words: Words) -> str:
    if "due_at" not in data:
        return ""
    return words.clock(datetime.fromisoformat(data["due_at"]), datetime.fromisoformat(data["told_at"]))
