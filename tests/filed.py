"""A mail taken in as the collector does it, in one step: filed, with its row in the ledger."""

from bot.backoffice import Backoffice
from bot.config import MailboxConfig
from bot.intake.filing import Filed, Filing
from bot.intake.reading import read_mail
from storage.database import transaction
from storage.models import Mail


def take(office: Backoffice, raw: bytes, mailbox: MailboxConfig | None = None) -> Filed:
    """What became of it; without `mailbox` it comes to the desk's first."""
    mailbox = mailbox or office.config.mailboxes[0]
    filing, mail, now = Filing(office.desk, mailbox), read_mail(raw), office.clock.now()
    number = Mail.select().count() + 1
    kept = office.desk.files.keep(raw, "mail.eml", "message/rfc822")
    with transaction():
        filed = filing.file(mail, len(raw), now, files=filing.keep(mail))
        Mail.create(
            mailbox=mailbox.name,
            uidvalidity=1,
            uid=number,
            identity=str(number),
            sha256=kept.sha256,
            size=len(raw),
            received_at=now,
            stored_at=now,
            state=filed.state,
            ticket=filed.ticket,
            finished_at=now,
        )
    return filed
