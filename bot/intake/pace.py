"""How fast mails of one address are filed: above MOST a minute the others are held back. None is lost.

A mail that is held back stays kept with its bytes and is read again when the minute is over.
"""

from datetime import datetime, timedelta

from bot.intake.reading import ParsedMail
from storage.queries import budgets as rows

MOST = 120
SPAN = timedelta(minutes=1)
COUNTED = frozenset(("ticket", "followup"))
"""What somebody has to look at; bounces and the like are no burden."""


def sender_of(mail: ParsedMail) -> str:
    """The address that a mail counts for, "" for those that count for none."""
    return mail.sender.address.lower() if mail.sender and not mail.ignore else ""


def held_until(mail: ParsedMail, now: datetime) -> datetime | None:
    """Until when this mail has to wait; None when it may be filed."""
    sender = sender_of(mail)
    filed = rows.filed_from(sender, now - SPAN, MOST) if sender else []
    return filed[-1] + SPAN if len(filed) >= MOST else None
