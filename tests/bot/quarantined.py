"""A mail in quarantine and what the team is told of it: what tests of its notice share."""

from bot.backoffice import Backoffice
from bot.desk.alarms import Alarms
from bot.intake import finishing
from storage.database import session, transaction
from storage.models import Mail
from storage.queries import mails as rows

READABLE = (
    b"From: Ann <ann@acme.example>\r\nTo: support@example.org\r\nSubject: Printer on fire\r\n"
    b"Message-ID: <odd@acme.example>\r\n\r\nIt burns.\r\n"
)


def put_aside(office: Backoffice, content: bytes = READABLE, alarms: Alarms | None = None) -> int:
    """Ann's mail is in quarantine and the team is told; the mail's number."""
    kept = office.desk.files.keep(content, "mail.eml", "message/rfc822")
    now = office.clock.now()
    place = {"mailbox": "support", "uidvalidity": 7, "uid": 4000, "received_at": now, "stored_at": now}
    with session(), transaction():
        rows.store([{**place, "identity": kept.sha256, "sha256": kept.sha256, "size": kept.size}])
        mail = Mail.get(Mail.sha256 == kept.sha256)
        rows.finish(mail.id, now, state="quarantined", reason="it is poison")
        Mail.update(attempts=finishing.TRIES, tidied=True).where(Mail.id == mail.id).execute()
        (alarms or office.desk.alarms).about_mail(mail.id, "📮 A mail could not be read")
    return mail.id


def state_of(mail_id: int) -> str:
    """What became of it."""
    with session():
        return rows.mail(mail_id).state
