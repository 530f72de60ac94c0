"""Letters: what happened, told by mail. One thread for each ticket, every address and id in it signed.

A letter is a Markdown template in the client's language with fixed places (`{reference}`, `{text}`, …), between the
header and footer of the settings. No text of a client is ever taken for Markdown, and the confirmation carries none.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import cache
from importlib import resources

from bot.cleaning import clean_line
from bot.desk.desk import Desk
from bot.desk.files import StoredFile
from bot.desk.views import TicketView
from bot.outgoing import markup
from bot.texts import LANGUAGES

MARKER = {"en": "--- reply above this line ---", "fr": "--- répondez au-dessus de cette ligne ---"}
SUBJECTS = {
    "en": {"confirmation": "[{reference}] We have received your message", "notice": "[{reference}] New: {subject}"},
    "fr": {
        "confirmation": "[{reference}] Nous avons reçu votre message",
        "notice": "[{reference}] Nouveau : {subject}",
    },
}
AUTOMATIC = {"confirmation": "auto-replied", "closing": "auto-generated", "assignment": "auto-generated"}
AUTOMATIC["notice"] = "auto-generated"
TO_STAFF = frozenset(("notice",))
_PLACE = re.compile(r"\{([a-z_]+)\}")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>])")


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
        language = self._language(draft)
        body = self._body(draft, language, escape=str)
        message = EmailMessage(policy=SMTP)
        for name, value in self._headers(draft, language):
            message[name] = value
        marker = "" if draft.kind in TO_STAFF else MARKER[language]
        message.set_content(f"{marker}\n\n{body}".lstrip())
        html = markup.letter_html(marker, self._body(draft, language, escape=plain_in_markdown))
        message.add_alternative(html, subtype="html")
        self._attach(message, draft.files)
        back = self.reply_address(draft.ticket)
        sender = "" if draft.kind == "confirmation" else back
        return Envelope(sender, back, message.as_bytes(), str(message["Message-ID"]), body)

    def reply_address(self, ticket: TicketView) -> str:
        """Where answers to a ticket's letters go: signed where the mailbox takes it, so that they find the ticket."""
        address, plus = self._mailboxes.get(ticket.mailbox) or next(iter(self._mailboxes.values()), ("", False))
        if not address:
            return self._desk.settings.get("reply_to") or parseaddr(self._own_sender())[1]
        return self._desk.signer.reply_address(address, ticket.token) if plus else address

    # the parts -------------------------------------------------------------------------------------------------------

    def _headers(self, draft: Draft, language: str) -> Iterable[tuple[str, object]]:
        ticket = draft.ticket
        name, address = parseaddr(self._own_sender())
        domain = address.rpartition("@")[2] or "localhost"
        yield "From", Address(display_name=clean_line(name), addr_spec=address)
        yield "To", ", ".join(draft.recipients)
        yield "Reply-To", self.reply_address(ticket)
        yield "Subject", clean_line(self._subject(draft, language))
        yield "Date", format_datetime(self._desk.clock.now())
        yield "Message-ID", self._desk.signer.message_id(ticket.token, draft.serial, domain)
        if draft.answers and draft.kind not in TO_STAFF:
            yield "In-Reply-To", draft.answers
        if draft.thread and draft.kind not in TO_STAFF:
            yield "References", " ".join(draft.thread)
        if draft.kind in AUTOMATIC:
            yield "Auto-Submitted", AUTOMATIC[draft.kind]
            yield "X-Auto-Response-Suppress", "All"
            yield "Precedence", "bulk"

    def _subject(self, draft: Draft, language: str) -> str:
        pattern = SUBJECTS[language].get(draft.kind, "Re: {subject} [{reference}]")
        return _filled(pattern, {"subject": draft.ticket.subject, "reference": draft.ticket.reference})

    def _body(self, draft: Draft, language: str, *, escape: Callable[[str], str]) -> str:
        ticket = draft.ticket
        values = {
            "reference": ticket.reference,
            "subject": escape(ticket.subject),
            "client": escape(ticket.who),
            "agent": escape(draft.agent),
            "text": escape(draft.text) if draft.kind in TO_STAFF else draft.text,
        }
        settings = self._desk.settings
        header, footer = settings.get("letter_header"), settings.get("letter_footer")
        parts = [
            _filled(header, values),
            _filled(_template(draft.kind, language), values).strip(),
            _filled(footer, values),
        ]
        return "\n\n".join(re.sub(r"\n{3,}", "\n\n", part) for part in parts if part.strip()) + "\n"

    def _language(self, draft: Draft) -> str:
        own = self._desk.settings.get("language")
        language = own if draft.kind in TO_STAFF else draft.ticket.language or own
        return language if language in LANGUAGES else "en"

    def _own_sender(self) -> str:
        return self._desk.settings.get("sender") or self._sender

    def _attach(self, message: EmailMessage, files: Iterable[StoredFile]) -> None:
        for file in files:
            maintype, _, subtype = file.type.partition("/")
            content = self._desk.files.read(file.sha256)
            message.add_attachment(content, maintype=maintype, subtype=subtype or "octet-stream", filename=file.name)


def plain_in_markdown(text: str) -> str:
    """A foreign text so that Markdown shows it as it stands."""
    return _MARKDOWN.sub(r"\\\1", text)


def _filled(template: str, values: Mapping[str, str]) -> str:
    """The template with its known places filled, once: what is filled in is not looked at again."""
    return _PLACE.sub(lambda place: values.get(place[1], place[0]), template)


@cache
def _template(kind: str, language: str) -> str:
    return (resources.files("bot") / "templates" / "letters" / f"{kind}.{language}.md").read_text("utf-8")
