"""What a mail that was read becomes: a ticket, a follow-up, a duplicate, or nothing. One transaction each.

What is to become of it is decided in `bot.intake.judging`; here it is carried out.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from bot.config import MailboxConfig
from bot.desk import file_rules, returned
from bot.desk.addressees import is_at
from bot.desk.changes import Writing
from bot.desk.desk import Desk
from bot.desk.files import StoredFile
from bot.desk.opening import Opening
from bot.desk.people import Actor, Agent, Client, client_of
from bot.desk.returned import Returned
from bot.desk.views import TicketView
from bot.errors import Refusal
from bot.intake import staff_mail, strangers
from bot.intake.assigned import usable
from bot.intake.judging import Decision, Judge
from bot.intake.parts import Part
from bot.intake.reading import ParsedMail
from bot.intake.staff_mail import StaffMail
from bot.intake.threading import Thread
from storage.queries import failing
from storage.queries import people as people_rows
from storage.queries import tickets as rows


@dataclass(frozen=True, slots=True)
class Filed:
    """What became of a mail, as the ledger keeps it."""

    state: str
    reason: str = ""
    ticket: int | None = None
    rule: str = ""


class Filing:
    """Decides about mails of one mailbox and files them."""

    def __init__(self, desk: Desk, mailbox: MailboxConfig) -> None:
        self._desk = desk
        self._mailbox = mailbox
        self.judge = Judge(desk, mailbox).judge

    # filing ----------------------------------------------------------------------------------------------------------

    def file(
        self,
        mail: ParsedMail,
        size: int,
        received_at: datetime,
        *,
        files: tuple[StoredFile, ...] = (),
        silent: bool = False,
        head_only: bool = False,
    ) -> Filed:
        """Carry the decision out; only inside the transaction that also finishes the mail's row.

        `files` are the mail's attachments as `keep` gave them; `head_only`: there is nothing but its head.
        """
        decided = self.judge(mail, size)
        if decided.decision in ("reply", "create"):
            self._hear_from(mail, decided)
        if decided.decision == "reply":
            return self._reply(mail, decided, received_at, files)
        if decided.decision == "create":
            return self._open(mail, decided, received_at, files, silent=silent, head_only=head_only)
        if decided.decision == "bounce":
            return self._bounced(mail, decided)
        state = {"ignore": "ignored", "quarantine": "quarantined"}[decided.decision]
        return Filed(state, decided.reason, rule=decided.ruling.rule or "")

    def _reply(
        self, mail: ParsedMail, decided: Decision, received_at: datetime, files: tuple[StoredFile, ...]
    ) -> Filed:
        thread, client = decided.thread, self._client(mail)
        assert thread.ticket is not None
        writing = Writing(
            self._shown(mail),
            self._told(mail.full_text, mail),
            mail.message_id,
            files,
            self._mark(decided, client),
            min(received_at, self._desk.clock.now()),
            self._answers_go_to(mail, client, decided),
            verdict=decided.verdict.word,
            automatic=mail.automatic or "",
        )
        ticket = self._said(thread.ticket, mail, decided, writing, client)
        return Filed("followup", thread.how, ticket.id, decided.ruling.rule or "")

    def _said(
        self, ticket_id: int, mail: ParsedMail, decided: Decision, writing: Writing, client: Client | None
    ) -> TicketView:
        """An agent's mail, one that only the team reads, or the client's."""
        thread, tickets = decided.thread, self._desk.tickets
        agent = self._agent(ticket_id, client)
        if agent is not None:
            private = thread.private or bool(mail.automatic) or not mail.text.strip()
            sent = StaffMail(agent, writing, decided.verdict.passed, private)
            return staff_mail.file(self._desk, ticket_id, sent)
        sender = client or Client("", "unknown sender")
        if thread.private or (thread.stranger and strangers.is_for_the_team(mail)):
            return tickets.answer_to_note(ticket_id, writing, sender)
        return tickets.client_writes(ticket_id, writing, sender, stranger=bool(writing.mark))

    def _agent(self, ticket_id: int, client: Client | None) -> Agent | None:
        """Whose address it is, if it is an agent's; on a ticket of their own they are the client."""
        row = people_rows.agent_by_email(client.address) if client else None
        if row is None or self._desk.tickets.view(ticket_id).requester_address == row.email:
            return None
        return Agent.of(row)

    def _answers_go_to(self, mail: ParsedMail, client: Client | None, decided: Decision) -> str:
        """An address in From alone does not lead the answers elsewhere."""
        proved = decided.thread.is_signed or decided.verdict.passed
        return _answers_go_to(mail, client, self._desk.own_addresses) if proved else ""

    def _mark(self, decided: Decision, client: Client | None) -> str:
        if not self._is_strange(decided.thread, client):
            return ""
        return "unverified" if decided.verdict.failed else "stranger"

    def _is_strange(self, thread: Thread, client: Client | None) -> bool:
        """Whether somebody writes who was never a part of it; those who were picked for a note are."""
        if not thread.private:
            return thread.stranger
        return client is None or not rows.was_picked(thread.ticket or 0, client.address)

    def _open(
        self,
        mail: ParsedMail,
        decided: Decision,
        received_at: datetime,
        files: tuple[StoredFile, ...],
        *,
        silent: bool,
        head_only: bool,
    ) -> Filed:
        client = self._client(mail)
        given = usable(decided.ruling.fields, client)
        opening = Opening(
            **given.fields,
            subject=mail.subject,
            text=self._shown(mail),
            full_text=self._told(mail.full_text, mail),
            original_subject=mail.original_subject,
            client=client,
            reply_address=_answers_go_to(mail, client, self._desk.own_addresses),
            mailbox=self._mailbox.name,
            routed_by=decided.ruling.rule or "",
            automatic=mail.automatic or "",
            doubtful="the sender could not be told for certain" if mail.sender_doubtful else "",
            verdict=decided.verdict.word,
            message_id=mail.message_id,
            files=files,
            created_at=received_at,
            previous_id=decided.thread.mentions,
            silent=silent,
            head_only=head_only,
            more=given.more,
        )
        by = Actor("client", (client.name or client.address) if client else "unknown sender", "mail")
        ticket = self._desk.tickets.open(opening, by)
        reason = "; ".join([decided.reason, *decided.ruling.filled_by, *given.misfits])
        return Filed("ticket", reason, ticket.id, decided.ruling.rule or "")

    def _bounced(self, mail: ParsedMail, decided: Decision) -> Filed:
        assert decided.thread.ticket is not None
        assert mail.bounce is not None
        report = Returned(mail.bounce.recipients, mail.bounce.status, mail.bounce.action)
        returned.note(self._desk.tickets, decided.thread.ticket, report, self._desk.clock.now())
        return Filed("bounce", mail.bounce.status, decided.thread.ticket)

    @staticmethod
    def _hear_from(mail: ParsedMail, decided: Decision) -> None:
        """Whoever writes from an address reads there as well."""
        if mail.sender is not None and not (mail.sender_doubtful or mail.automatic or decided.verdict.failed):
            failing.works(mail.sender.address)

    def _client(self, mail: ParsedMail) -> Client | None:
        if mail.sender is None or not mail.sender.address:
            return None
        known = client_of(mail.sender.address, mail.sender.name)
        return replace(known, contact_id=None, third_party_id=None) if mail.sender_doubtful else known

    def keep(self, mail: ParsedMail) -> tuple[StoredFile, ...]:
        """The attachments of a mail that may be kept, durable from now on; before the transaction that names them."""
        keep = self._desk.files.keep
        return tuple(
            keep(
                part.content,
                part.name,
                part.type,
                original_name=part.original_name,
                inline=part.inline,
                cid=part.content_id,
            )
            for part in mail.parts
            if self._fault_of(part) is None
        )

    def _fault_of(self, part: Part) -> Refusal | None:
        return file_rules.fault_of(part.name, part.type, len(part.content), self._desk.settings)

    def _told(self, text: str, mail: ParsedMail) -> str:
        """The text, and under it what of the mail was left out."""
        words = self._desk.words()
        faults = [fault.in_words(words) for part in mail.parts if (fault := self._fault_of(part))]
        left_out = [f"[{sentence}]" for sentence in (*mail.left_out, *faults)]
        return "\n\n".join([text, *left_out] if text else left_out)

    def _shown(self, mail: ParsedMail) -> str:
        """What people read of it first: the new text, or that there is none."""
        words = self._desk.words()
        nothing = words("(no text, only files)") if mail.parts else words("(empty mail)")
        return self._told(mail.text or mail.full_text, mail) or nothing


def _answers_go_to(mail: ParsedMail, client: Client | None, ours: Collection[str]) -> str:
    """Where the client reads answers: Reply-To if there is one address, and none of ours, else the sender."""
    if len(mail.reply_to) == 1 and mail.reply_to[0].address and not is_at(mail.reply_to[0].address, ours):
        return mail.reply_to[0].address
    return client.address if client else ""
