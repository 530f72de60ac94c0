"""What is to become of a mail, decided without changing anything: that is what `deskbell explain` shows."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from bot.config import MailboxConfig
from bot.desk.addressees import is_at
from bot.desk.desk import Desk
from bot.intake.authentication import NOBODY_BELIEVED, Verdict, verdict_on
from bot.intake.reading import ParsedMail
from bot.intake.rules import Ruling, decide
from bot.intake.threading import Thread, find_thread
from storage.queries import tickets as rows
from storage.queries.joining import current

SILENT = frozenset(("ignore", "quarantine"))


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to become of a mail and why. `decision` is create, reply, ignore, quarantine or bounce."""

    decision: str
    reason: str
    thread: Thread = field(default_factory=Thread)
    ruling: Ruling = field(default_factory=Ruling)
    verdict: Verdict = NOBODY_BELIEVED


class Judge:
    """Decides about mails of one mailbox."""

    def __init__(self, desk: Desk, mailbox: MailboxConfig) -> None:
        self._desk = desk
        self._mailbox = mailbox

    def judge(self, mail: ParsedMail, size: int) -> Decision:
        """What is to become of this mail."""
        verdict = verdict_on(mail, self._mailbox.authserv_id)
        return replace(self._decided(mail, size, verdict), verdict=verdict)

    def _decided(self, mail: ParsedMail, size: int, verdict: Verdict) -> Decision:
        if self._is_ours(mail):
            return Decision("ignore", "our own letter")
        thread = find_thread(mail, self, forged=verdict.failed)
        if mail.bounce is not None and thread.ticket is not None:
            return Decision("bounce", "a letter of this ticket could not be delivered", thread)
        if mail.ignore:
            return Decision("ignore", mail.automatic or "automatic", thread)
        ruling = decide(self._mailbox.rules, mail, is_reply=thread.ticket is not None, size=size)
        if ruling.action in SILENT:
            return Decision(ruling.action, ruling.reason, thread, ruling)
        if thread.ticket is not None:
            return Decision("reply", thread.how, thread, ruling)
        return Decision("create", ruling.reason or "a new mail", thread, ruling)

    def _is_ours(self, mail: ParsedMail) -> bool:
        return self._desk.signer.token_of_message_id(mail.message_id) is not None

    # lookups (bot.intake.threading.Lookups) --------------------------------------------------------------------------

    def by_token(self, address: str) -> int | None:
        """The ticket of a signed reply address of this mailbox."""
        if not is_at(address, {self._mailbox.address.lower()}):
            return None
        token = self._desk.signer.token_of_address(address)
        return current(rows.id_of_token(token)) if token else None

    def by_our_id(self, message_id: str) -> int | None:
        """The ticket of one of our own Message-IDs."""
        token = self._desk.signer.token_of_message_id(message_id)
        return current(rows.id_of_token(token)) if token else None

    def by_note_address(self, address: str) -> int | None:
        """The ticket of the address where a mailed note is answered."""
        if not is_at(address, {self._mailbox.address.lower()}):
            return None
        token = self._desk.signer.token_of_note_address(address)
        return current(rows.id_of_token(token)) if token else None

    def by_note_id(self, message_id: str) -> int | None:
        """The ticket of a mailed note's Message-ID."""
        token = self._desk.signer.token_of_note_id(message_id)
        return current(rows.id_of_token(token)) if token else None

    def by_foreign_id(self, message_ids: Sequence[str]) -> int | None:
        """The ticket that holds a mail with one of these Message-IDs."""
        return current(rows.id_of_message_id(message_ids))

    def by_reference(self, reference: str) -> int | None:
        """The ticket with this reference."""
        return current(rows.id_of_reference(reference))

    def is_participant(self, ticket: int, address: str) -> bool:
        """Whether this address asked, or wrote before."""
        return rows.is_participant(ticket, address)
