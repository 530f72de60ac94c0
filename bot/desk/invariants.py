"""What must always be true, as checks: no mail lost, none twice, nothing told twice, no act without the right to it.

Used after every end-to-end and fault test, and by `deskbell check --deep` on a real database.
"""

from collections.abc import Iterator

from bot.desk import permissions
from storage.queries import invariants as rows

RIGHT_OF = {
    "opened": "new",
    "read": "read",
    "assigned": "assign",
    "unassigned": "assign",
    "taken": "take",
    "taken_over": "takeover",
    "noted": "note",
    "replied": "reply",
    "reply_withdrawn": "undo",
    "waiting": "wait",
    "held": "hold",
    "resumed": "resume",
    "snoozed": "snooze",
    "closed": "close",
    "abandoned": "abandon",
    "reopened": "reopen",
    "client_linked": "link",
}


def broken(*, at_rest: bool = True) -> Iterator[str]:
    """A sentence for each thing that is not as it must be; `at_rest`: nothing is being worked on now."""
    if at_rest:
        for mail in rows.unfinished_mails():
            yield f"INV-01: mail {mail.uid} of {mail.mailbox} has no final state"
    for mail in rows.mails_without_their_ticket():
        yield f"INV-01: mail {mail.uid} of {mail.mailbox} became a ticket that is not there"
    for mailbox, identity, number in rows.doubled_mails():
        yield f"INV-02: one mail of {mailbox} became {number} tickets ({identity[:12]})"
    for ticket in rows.mail_tickets_without_a_mail():
        yield f"INV-02: no mail stands behind {ticket.reference}"
    for key, number in rows.doubled_deliveries():
        yield f"INV-03: {key} was sent {number} times"
    for event in rows.acts_of_agents():
        right = RIGHT_OF.get(event.kind)
        if right is None or not permissions.may(event.role, right):
            yield f"INV-04: event {event.id}: a {event.role or 'nobody'} did {event.kind}"
