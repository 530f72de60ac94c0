"""The checks of what must always be true: each sees what it is there for, when it is broken by hand."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.backoffice import Backoffice
from bot.desk import invariants
from bot.desk.views import TicketView
from storage.models import Counter, Delivery, Event, Mail, Ticket
from storage.rows import db

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
RAW = b"From: ann@acme.example\r\n\r\nHelp\r\n"


def mail(state: str, **other: Any) -> Mail:
    """A mail in support's ledger."""
    usual: dict[str, Any] = {
        "mailbox": "support",
        "uidvalidity": 1,
        "uid": 1 + Mail.select().count(),
        "identity": "the-same",
        "sha256": "",
        "size": len(RAW),
        "received_at": NOON,
        "stored_at": NOON,
        "state": state,
        "finished_at": None if state == "new" else NOON,
    }
    return Mail.create(**(usual | other))


def letter(**other: Any) -> Delivery:
    """A letter that was sent."""
    usual: dict[str, Any] = {
        "key": "letter:1:reply:ann@acme.example",
        "kind": "letter",
        "platform": "mail",
        "place": "mail:ann@acme.example",
        "channel": "ann@acme.example",
        "next_at": NOON,
        "created_at": NOON,
        "state": "sent",
        "sent_at": NOON,
    }
    return Delivery.create(**(usual | other))


def event(kind: str, **other: Any) -> Event:
    """Something that happened to the ticket and changed nothing."""
    usual: dict[str, Any] = {"ticket": 1, "kind": kind, "actor": "agent", "agent": 1, "platform": "slack", "at": NOON}
    return Event.create(**(usual | other))


def change(**columns: Any) -> None:
    """The ticket changes behind everybody's back."""
    Ticket.update(**columns).execute()


def twice(act: Callable[..., Any], *words: Any, **names: Any) -> None:
    act(*words, **names)
    act(*words, **names)


FAULTS: dict[str, tuple[Callable[[], Any], str]] = {
    "an unfinished mail": (lambda: mail("new"), "INV-01: mail 1 of support has no final state"),
    "a mail without its ticket": (lambda: mail("ticket"), "INV-01: mail 1 of support became a ticket that is not"),
    "lost bytes": (lambda: mail("ignored", sha256="ab" * 32), "INV-01: the bytes of mail 1 of support are not"),
    "other bytes": (lambda: mail("new", sha256="ab" * 32, content=RAW), "INV-01: the bytes of mail 1 of support"),
    "one mail, two tickets": (lambda: twice(mail, "ticket", ticket=1), "INV-02: one mail of support became 2 tickets"),
    "a ticket of no mail": (lambda: change(mailbox="support"), "INV-02: no mail stands behind TS2603-0001"),
    "a letter sent twice": (lambda: twice(letter), "INV-03: letter:1:reply:ann@acme.example was sent 2 times"),
    "a letter sent never": (
        lambda: letter(sent_at=None),
        "INV-03: letter:1:reply:ann@acme.example was sent at no",
    ),
    "an act without the right": (lambda: event("closed", role="viewer"), "INV-04: event 2: a viewer did “closed”"),
    "an act of nobody": (lambda: event("taken"), "INV-04: event 2: a nobody did “taken”"),
    "an act of no known right": (lambda: event("sung", role="admin"), "INV-04: event 2: it is not known what right"),
    "a client who closes": (lambda: event("closed", actor="client", agent=None), "INV-04: event 2: a client did"),
    "a deadline told twice": (
        lambda: event("overdue", actor="desk", agent=None),
        "INV-13: ticket 1 was told of 1 times for 0 alerts",
    ),
    "a step that leads nowhere": (
        lambda: event("noted", role="agent", old={"status": 3}, new={"status": 8}),
        "INV-07: TS2603-0001: event 2 “noted” led from in_progress to closed",
    ),
    "a number that nobody has": (
        lambda: Counter.update(value=4).where(Counter.name == "reference").execute(),
        "INV-06: 3 of the numbers of “reference” have no ticket, first 2",
    ),
    "a month that lacks one": (
        lambda: (change(reference="X2603-002"), Counter.create(name="reference:X{yy}{mm}-{0+0@99} 2026-03", value=2)),
        "INV-06: 1 of the numbers of “reference:X{yy}{mm}-{0+0@99} 2026-03” have no ticket, first 1",
    ),
    "a text that turns others round": (
        lambda: change(subject="\u202etxt.exe"),
        "INV-12: 1 texts in ticket.subject hold",
    ),
    "a status without an event": (lambda: change(status=3), "INV-05: TS2603-0001: status is 3, its events say 0"),
    "a version without an event": (lambda: change(version=2), "INV-05: TS2603-0001 has version 2 and 1 changes"),
    "a history with a hole": (
        lambda: event("taken", role="agent", old={"status": 2}, new={"status": 0}),
        "INV-05: TS2603-0001: status had changed before event 2",
    ),
}


def seen(office: Backoffice, fault: Callable[[], Any]) -> list[str]:
    """What is broken while the fault stands."""
    with db.atomic() as breaking:
        fault()
        sentences = list(invariants.broken(office.desk.files))
        breaking.rollback()
    return sentences


@pytest.mark.database
@pytest.mark.row("INV-01", "INV-02", "INV-03", "INV-04", "INV-05", "INV-06", "INV-07", "INV-12", "INV-13")
@pytest.mark.parametrize("name", FAULTS)
def test_what_is_broken_is_named(office: Backoffice, ticket: TicketView, name: str) -> None:
    fault, sentence = FAULTS[name]

    sentences = seen(office, fault)

    assert any(said.startswith(sentence) for said in sentences), sentences


def test_nothing_is_said_of_a_desk_where_all_is_well(office: Backoffice, ticket: TicketView) -> None:
    kept = office.desk.files.keep(RAW, "mail.eml", "message/rfc822")

    sentences = seen(office, lambda: mail("ignored", sha256=kept.sha256))

    assert sentences == []
