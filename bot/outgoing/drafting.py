"""From a delivery's row to the draft of its letter: what it says, who reads it, what it answers to, what it brings."""

from dataclasses import replace

from bot.desk.desk import Desk
from bot.desk.files import StoredFile, size_in_words
from bot.desk.placeholders import as_plain
from bot.desk.signing import NOTE
from bot.desk.views import TicketView
from bot.outgoing.letters import Draft, language_of
from bot.outgoing.mailing import REPLIES
from storage.models import Delivery, Message
from storage.queries import tickets as rows

SAID = REPLIES | {"note"}
"""Letters that carry a message of the ticket."""


def draft_of(delivery: Delivery, ticket: TicketView, desk: Desk) -> Draft:
    """The letter of a delivery, ready to be written; the same for each try and each reader."""
    kind, event, payload = delivery.payload["letter"], delivery.event, delivery.payload
    message = rows.message(delivery.message_id) if delivery.message_id and kind in SAID else None
    last = rows.last_client_message(ticket.id)
    serial = _serial(kind, message, delivery)
    texts = {"closing": ticket.resolution, "notice": ticket.description, "ring": ticket.description}
    agent = event.actor_name if event and event.actor == "agent" else ""
    draft = Draft(
        kind=kind,
        ticket=ticket,
        recipients=tuple(payload.get("to", (delivery.channel,))),
        cc=tuple(payload.get("cc", ())),
        serial=serial,
        text=message.text if message else texts.get(kind, ""),
        agent=agent if kind != "assignment" else (ticket.assignee.name if ticket.assignee else ""),
        thread=tuple(known for known in rows.thread_ids(ticket.id) if f".{serial}." not in known),
        answers=last.message_id if last else "",
        files=files_of(message.id) if message else (),
    )
    if kind == "confirmation" and event and (event.data or {}).get("head_only"):
        draft = replace(draft, text=_too_large(draft, desk))
    return _without_files(draft, desk) if payload.get("lighter") else draft


def files_of(message_id: int) -> tuple[StoredFile, ...]:
    """The files of a message."""
    return tuple(map(StoredFile.of, rows.attachments([message_id])))


def _without_files(draft: Draft, desk: Desk) -> Draft:
    """The same letter, which names its files instead of bringing them."""
    words = desk.words(language_of(desk, draft))
    names = ", ".join(as_plain(f"{file.name} ({size_in_words(file.size)})") for file in draft.files)
    said = words("Left out, as your mail server takes no letter that large: {names}. Please ask us.", names=names)
    return replace(draft, text=f"{draft.text}\n\n{said}", files=())


def _too_large(draft: Draft, desk: Desk) -> str:
    """What the sender of a mail that was too large is told; no word of theirs."""
    sentence = "Your message was larger than {n} MB: only its head was read. Please send us the rest in smaller parts."
    return desk.words(language_of(desk, draft))(sentence, n=f"{desk.settings.get('max_mail_mb'):g}")


def _serial(kind: str, message: Message | None, delivery: Delivery) -> str:
    """What makes a letter's Message-ID."""
    if message is None:
        return f"e{delivery.event_id}{kind[0]}"
    return f"{NOTE if kind == 'note' else 'm'}{message.id}"
