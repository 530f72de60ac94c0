"""What `deskbell export` writes: tickets, messages and events as plain JSON values, one after the other."""

from collections.abc import Callable, Iterator
from typing import Any

from bot.desk.views import TicketView, as_json
from storage.queries import exports


def tickets() -> Iterator[dict[str, Any]]:
    """Every ticket as `--json` shows it."""
    for row in exports.tickets():
        yield as_json(TicketView.of(row))


def messages() -> Iterator[dict[str, Any]]:
    """Every message with its files; `message_id` has its angle brackets."""
    for row, files in exports.messages():
        yield {
            "ticket": row.ticket.reference,
            "kind": row.kind,
            "author": row.author_address or row.author_name,
            "text": row.text,
            "full_text": row.full_text,
            "message_id": row.message_id or None,
            "attachments": [
                {"name": file.name, "size": file.size, "type": file.type, "sha256": file.sha256} for file in files
            ],
            "created_at": row.created_at.isoformat(),
        }


def events() -> Iterator[dict[str, Any]]:
    """Every event: who, where, when, what was before and after; `about` is what an admin changed."""
    for row in exports.events():
        yield {
            "ticket": row.ticket.reference if row.ticket_id else None,
            "about": row.data.get("about"),
            "kind": row.kind,
            "actor": row.actor,
            "name": row.actor_name,
            "role": row.role or None,
            "platform": row.platform,
            "at": row.at.isoformat(),
            "old": row.old,
            "new": row.new,
        }


WHAT: dict[str, Callable[[], Iterator[dict[str, Any]]]] = {"tickets": tickets, "messages": messages, "events": events}
