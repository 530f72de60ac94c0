"""Letters: what happened, told by mail. One thread for each ticket, every address and id in it signed.

A letter is a Markdown template in the client's language with fixed places (`{reference}`, `{text}`, …), between the
header and footer of the settings. No text of a client is ever taken for Markdown, and the confirmation carries none.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from email.headerregistry import Address
from email.utils import format_datetime, parseaddr
from functools import cache
from importlib import resources

from bot.cleaning import clean_line
from bot.desk.desk import Desk
from bot.desk.files import StoredFile
from bot.desk.placeholders import LETTER, as_plain, filled
from bot.desk.views import TicketView
from bot.outgoing import markup, mime, pictures
from bot.outgoing.plain_text import as_text
from bot.texts import LANGUAGES

MARKER = {"en": "--- reply above this line ---", "fr": "--- répondez au-dessus de cette ligne ---"}
SUBJECTS = {
    "en": {
        "confirmation": "[{reference}] We have received your message",
        "notice": "[{reference}] New: {subject}",
        "ring": "[{reference}] Nobody could be rung: {subject}",
    },
    "fr": {
        "confirmation": "[{reference}] Nous avons reçu votre message",
        "notice": "[{reference}] Nouveau : {subject}",
        "ring": "[{reference}] Personne n’a pu être appelé : {subject}",
    },
}
AUTOMATIC = {"confirmation": "auto-replied"} | dict.fromkeys(
    ("closing", "closing_silent", "assignment", "reminder", "notice", "ring"), "auto-generated"
)
TO_STAFF = frozenset(("notice", "ring", "alarm"))
APART = TO_STAFF | {"note"}
"""What belongs to no thread that the client sees."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A letter ready to leave. `sender` is the envelope's ("" = empty); `otherwise` is for where "" is refused."""

    sender: str
    otherwise: str
    message: bytes
    message_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What a letter is about: its kind, who reads it, its own text, and what it answers to.

    `serial` makes the Message-ID: the same one for every try and every recipient. `thread` are the Message-IDs before.
    """

    kind: str
    ticket: TicketView
    recipients: tuple[str, ...]
    serial: str
    cc: tuple[str, ...] = ()
    text: str = ""
    agent: str = ""
    thread: tuple[str, ...] = ()
    answers: str = ""
    files: tuple[StoredFile, ...] = ()


class LetterWriter:
    """Writes letters for one desk."""

    def __init__(self, desk: Desk, sender: str, mailboxes: Mapping[str, tuple[str, bool]]) -> None:
        """`mailboxes`: name → (address, whether it takes plus-addresses)."""
        self._desk = desk
        self._sender = sender
        self._mailboxes = mailboxes

    def write(self, draft: Draft) -> Envelope:
        """The letter, whole."""
        language = language_of(self._desk, draft)
        seen = pictures.pictures_of(draft.files, self._own_address()[1].rpartition("@")[2])
        body, html = both_of(self._desk, draft, language, seen)
        marker = "" if draft.kind in TO_STAFF else MARKER[language]
        message = mime.message(
            self._headers(draft, language),
            f"{marker}\n\n{body}".lstrip(),
            markup.letter_html(marker, html),
            self._enclosures(draft.files, seen),
        )
        back = mime.deliverable(self.reply_address(draft.ticket, private=draft.kind == "note"))
        sender = "" if draft.kind == "confirmation" else back
        return Envelope(sender, back, message.as_bytes(), str(message["Message-ID"]), body)

    def alarm(self, number: int, address: str, text: str) -> Envelope:
        """A letter to the team that is about no ticket: one sentence, which is its subject as well."""
        name, own = self._own_address()
        message_id = f"<alarm.{number}@{own.rpartition('@')[2] or 'localhost'}>"
        headers = (
            ("From", Address(display_name=name, addr_spec=own)),
            ("To", mime.listed([address])),
            ("Subject", text),
            ("Date", format_datetime(self._desk.clock.now())),
            ("Message-ID", message_id),
            ("Auto-Submitted", "auto-generated"),
            ("X-Auto-Response-Suppress", "All"),
            ("Precedence", "bulk"),
        )
        message = mime.message(headers, text, markup.letter_html("", markup.to_html(as_plain(text))))
        return Envelope("", own, message.as_bytes(), message_id, text)

    def reply_address(self, ticket: TicketView, *, private: bool = False) -> str:
        """Where answers to a ticket's letters go: signed where the mailbox takes it, so that they find the ticket.

        `private`: to a mailed note, whose answers are notes.
        """
        address, plus = self._answered_at(ticket)
        if not plus:
            return address or self._own_address()[1]
        signer = self._desk.signer
        return (signer.note_address if private else signer.reply_address)(address, ticket.token)

    def _answered_at(self, ticket: TicketView) -> tuple[str, bool]:
        """The setting reply_to, else the ticket's mailbox, else the first; and whether it takes plus-addresses."""
        chosen = self._desk.settings.get("reply_to").lower()
        if chosen:
            return next((box for box in self._mailboxes.values() if box[0].lower() == chosen), (chosen, False))
        return self._mailboxes.get(ticket.mailbox) or next(iter(self._mailboxes.values()), ("", False))

    # the parts -------------------------------------------------------------------------------------------------------

    def _headers(self, draft: Draft, language: str) -> Iterable[tuple[str, str | Address]]:
        ticket = draft.ticket
        name, address = self._own_address()
        domain = address.rpartition("@")[2] or "localhost"
        yield "From", Address(display_name=name, addr_spec=address)
        yield "To", mime.listed(draft.recipients)
        if draft.cc:
            yield "Cc", mime.listed(draft.cc)
        yield "Reply-To", mime.listed([self.reply_address(ticket, private=draft.kind == "note")])
        yield "Subject", subject_of(draft.kind, ticket, language)
        yield "Date", format_datetime(self._desk.clock.now())
        yield "Message-ID", self._desk.signer.message_id(ticket.token, draft.serial, domain)
        for header, known in (("In-Reply-To", mime.ids([draft.answers])), ("References", mime.ids(draft.thread))):
            if known and draft.kind not in APART:
                yield header, known
        if draft.kind in AUTOMATIC:
            yield "Auto-Submitted", AUTOMATIC[draft.kind]
            yield "X-Auto-Response-Suppress", "All"
            yield "Precedence", "bulk"

    def _own_address(self) -> tuple[str, str]:
        """The name and the address that letters come from."""
        name, address = parseaddr(self._desk.settings.get("sender") or self._sender)
        return clean_line(name), mime.deliverable(address)

    def _enclosures(self, files: Iterable[StoredFile], seen: Iterable[pictures.Picture]) -> list[mime.Enclosure]:
        ids = {picture.file: picture.cid for picture in seen}
        read = self._desk.files.read
        return [mime.Enclosure(file.name, file.type, read(file.sha256), ids.get(file, "")) for file in files]


def both_of(desk: Desk, draft: Draft, language: str, seen: Sequence[pictures.Picture] = ()) -> tuple[str, str]:
    """A letter's words as plain text and as HTML, between header and footer; `seen` are shown among them."""
    draft = replace(draft, text=pictures.placed(draft.text, seen))
    written = body_of(desk, draft, language, escape=as_plain)
    html = markup.to_html(written)
    plain = as_text(html) if markup.is_converted(written) else body_of(desk, draft, language)
    return pictures.told(plain, seen), pictures.shown(html, seen)


def body_of(desk: Desk, draft: Draft, language: str, *, escape: Callable[[str], str] = str) -> str:
    """A letter's text: header, the words of its kind, footer. `escape` what others wrote, where it is to be Markdown.

    The header and footer stand on what clients read and on the notice of a new ticket.
    """
    values = {name: escape(value) for name, value in _values(draft, language).items()}
    text = escape(draft.text) if draft.kind in TO_STAFF else draft.text
    middle = filled(_template(draft.kind, language), {**values, "text": text}).strip()
    return middle + "\n" if draft.kind == "note" else _between(desk, middle, values)


def _between(desk: Desk, middle: str, values: Mapping[str, str]) -> str:
    header, footer = (filled(desk.settings.get(name), values) for name in ("letter_header", "letter_footer"))
    parts = [part for part in (header, middle, footer) if part.strip()]
    return "\n\n".join(re.sub(r"\n{3,}", "\n\n", part) for part in parts) + "\n"


def _values(draft: Draft, language: str) -> dict[str, str]:
    """What fills the places. A confirmation says nothing that its sender chose: neither a subject nor a name."""
    ticket, is_confirmation = draft.ticket, draft.kind == "confirmation"
    return {
        "reference": ticket.reference,
        "subject": "" if is_confirmation else ticket.subject,
        "client": ticket.requester_address if is_confirmation else ticket.who,
        "agent": "" if _is_signed(draft) else draft.agent,
        "group": ticket.group.labels.get(language) or ticket.group.code,
        "third_party": ticket.third_party,
    }


def _is_signed(draft: Draft) -> bool:
    """Whether the agent has typed the own name below the text: once is enough."""
    return draft.text.rstrip(" \n\t.*_").rpartition("\n")[2].strip("-—–*_ \t") == draft.agent


def preview(desk: Desk) -> str:
    """A letter with the header and footer as they are set now, as plain text, with made-up values."""
    sample = {name: f"‹{name}›" for name in LETTER} | {"reference": "TS2611-0042"}
    return as_text(markup.to_html(_between(desk, "…", sample)))


def subject_of(kind: str, ticket: TicketView, language: str) -> str:
    """A letter's subject; it always carries the reference."""
    pattern = SUBJECTS[language].get(kind, "Re: {subject} [{reference}]")
    return clean_line(filled(pattern, {"subject": ticket.subject, "reference": ticket.reference}))


def language_of(desk: Desk, draft: Draft) -> str:
    """The reader's language: the client's for what clients read, else the desk's."""
    own = desk.settings.get("language")
    language = own if draft.kind in APART else draft.ticket.language or own
    return language if language in LANGUAGES else "en"


@cache
def _template(kind: str, language: str) -> str:
    return (resources.files("bot") / "templates" / "letters" / f"{kind}.{language}.md").read_text("utf-8")
