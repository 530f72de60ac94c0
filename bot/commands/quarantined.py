"""What may be pressed under the notice about a mail in quarantine: read it again, make a ticket by hand, give it up.

A press carries the mail's number as its reference and counts only on a notice that hangs there about this very mail.
"""

from collections.abc import Mapping
from dataclasses import replace

from bot.commands import forms
from bot.commands.calls import Call
from bot.commands.verbs import verb
from bot.commands.viewing import opening
from bot.desk.files import StoredFile
from bot.errors import NotFound, Stale
from bot.intake.glimpse import glimpse
from bot.intake.quarantine import TRIES, find
from bot.outgoing.cards import Answer, Form
from storage.models import Mail
from storage.queries import mails as rows
from storage.queries import notices

RAW = ("mail.eml", "message/rfc822")


@verb("quarantine_retry", "read a mail in quarantine again", writes=True, hidden=True)
def retry(call: Call) -> Answer:
    """From its bytes, as soon as its mailbox is looked at; one without is asked for again there."""
    mail = _mail(call)
    _content(call, mail)
    rows.retry(mail.id, attempts=TRIES if mail.sha256 else 0)
    call.desk.alarms.mail_settled(mail.id, call.agent.name)
    return Answer(text=call.words("Mail {number} is read again now.", number=mail.id))


@verb("quarantine_drop", "give a mail in quarantine up", writes=True, hidden=True)
def drop(call: Call) -> Answer:
    """It is not listed or counted any more; its bytes stay where they are."""
    mail = _mail(call)
    rows.drop(mail.id)
    call.desk.alarms.mail_settled(mail.id, call.agent.name)
    return Answer(text=call.words("Mail {number} is given up.", number=mail.id))


@verb("quarantine_create", "make a ticket of a mail in quarantine", right="quarantine_retry", writes=True, hidden=True)
def create(call: Call) -> Answer:
    """A form, filled in with what can be read of the mail, which then belongs to the ticket and is attached to it."""
    mail = _mail(call)
    if not (call.request.submitted and call.has("subject")):
        return call.ask(_form(call, mail))
    rows.made_by_hand(mail.id)
    wanted = opening(call)
    files = (*wanted.files, *_raw(call, mail))
    ticket = call.desk.tickets.open(replace(wanted, files=files, mailbox=mail.mailbox, origin="mail"), call.actor)
    rows.belongs_to(mail.id, ticket.id)
    call.desk.alarms.mail_settled(mail.id, call.agent.name)
    return call.done(ticket, "{reference} is open.")


def _mail(call: Call) -> Mail:
    """The mail that is meant. NotFound where it is not in quarantine (any more), Stale where the press is not its."""
    number, spot = call.text("draft") or call.text("reference"), call.request.spot
    if not (number.isascii() and number.isdecimal() and len(number) <= 15):
        raise NotFound("There is no mail {number} in quarantine.", number=number[:20])
    mail = find(int(number))
    if spot is not None and notices.number_at("mail", spot.platform, spot.channel, spot.message) != mail.id:
        raise Stale("This button is out of date.")
    return mail


def _form(call: Call, mail: Mail) -> Form:
    known = replace(call, values={**_readable(_content(call, mail)), **call.values})
    return replace(forms.new(known), verb=call.verb.name, draft=str(mail.id))


def _readable(content: bytes | None) -> Mapping[str, str]:
    seen = glimpse(content) if content else None
    if seen is None:
        return {}
    sure = seen.sender is not None and not seen.sender_doubtful
    return {"subject": seen.subject[:255], "contact": seen.sender.address if sure and seen.sender else ""}


def _raw(call: Call, mail: Mail) -> tuple[StoredFile, ...]:
    content = _content(call, mail)
    return (call.desk.files.keep(content, *RAW),) if content else ()


def _content(call: Call, mail: Mail) -> bytes | None:
    """The mail as it came; None where it was never taken out of its mailbox."""
    if not mail.sha256:
        return None
    try:
        return call.desk.files.read(mail.sha256)
    except OSError:
        raise NotFound("The bytes of mail {number} are not in the data folder any more.", number=mail.id) from None
