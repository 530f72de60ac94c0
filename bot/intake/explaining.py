"""What would happen to a mail, changing nothing: `deskbell explain`."""

from pathlib import Path
from typing import Any

from bot.desk.desk import Desk
from bot.desk.people import Client, client_of
from bot.errors import MailUnreadable
from bot.intake.assigned import filed_under
from bot.intake.judging import Decision, Judge
from bot.intake.reader import Reader
from bot.intake.reading import Address, ParsedMail
from storage.database import session


class Explainer:
    """Reads mails from files and says what the desk would make of them."""

    def __init__(self, desk: Desk, judge: Judge) -> None:
        self._desk = desk
        self._judge = judge
        self._reader = Reader()

    def explain(self, file: Path) -> dict[str, Any]:
        """One mail, for programs."""
        raw = file.read_bytes()
        try:
            mail = self._reader.read(raw)
        except MailUnreadable as fault:
            return {"file": str(file), "decision": "quarantine", "reason": str(fault)}
        with session():
            return self._told(file, mail, self._judge.judge(mail, len(raw)))

    def close(self) -> None:
        """Stop the reading process."""
        self._reader.close()

    def _told(self, file: Path, mail: ParsedMail, decided: Decision) -> dict[str, Any]:
        ticket = decided.thread.ticket
        bounce, mentioned = mail.bounce, decided.thread.mentions
        return {
            "file": str(file),
            "from": _person(mail.sender) if mail.sender and mail.sender.address else None,
            "to": [_person(one) for one in mail.to],
            "subject": mail.original_subject,
            "text": mail.text,
            "full_text": mail.full_text,
            "attachments": [{"name": part.name, "size": len(part.content), "type": part.type} for part in mail.parts],
            "message_id": mail.message_id,
            "automatic": mail.automatic,
            "authentication": {"verdict": decided.verdict.word or "unknown", "reason": decided.verdict.why},
            "bounce": bounce
            and {"recipients": list(bounce.recipients), "status": bounce.status, "action": bounce.action},
            "decision": "ignore" if decided.decision == "bounce" else decided.decision,
            "reason": decided.reason,
            "mentions": self._desk.tickets.view(mentioned).reference if mentioned else None,
            "ticket": self._desk.tickets.view(ticket).reference if ticket else None,
            "rule": decided.ruling.rule,
            "because": list(decided.ruling.because),
            "fields": dict(decided.ruling.fields),
            **(filed_under(decided.ruling, _client(mail)) if decided.decision == "create" else {"sources": {}}),
        }


def _client(mail: ParsedMail) -> Client | None:
    return client_of(mail.sender.address, mail.sender.name) if mail.sender and mail.sender.address else None


def _person(one: Address) -> dict[str, str]:
    return {"name": one.name, "address": one.address}
