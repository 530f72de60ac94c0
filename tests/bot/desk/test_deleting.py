"""Deleting: gone for everybody at once, back within fifteen minutes, then purged for good."""

import os
import time
from pathlib import Path

import pytest

from bot.backoffice import Backoffice
from bot.clock import SetClock
from bot.desk.changes import Writing
from bot.desk.opening import Opening
from bot.desk.people import Actor, Client
from bot.desk.tickets import TicketService
from bot.desk.views import TicketView
from bot.errors import NotAllowed, NotFound
from storage.models import Attachment, CustomField, Delivery, Event, Message, Ticket
from storage.queries import deletion, joining
from storage.queries import tickets as rows

CANARY = "canary-7391"


@pytest.fixture
def tickets(office: Backoffice) -> TicketService:
    """The desk's ticket service."""
    return office.desk.tickets


def an_hour_old(path: Path) -> None:
    """As if the file had been stored an hour ago."""
    then = time.time() - 3600
    os.utime(path, (then, then))


def purge(office: Backoffice, clock: SetClock) -> list[str]:
    """A quarter of an hour later, the job runs."""
    clock.move(minutes=15)
    return office.desk.tickets.bin.purge(office.desk.files)


def everything_kept() -> str:
    """All rows of all tables, as text."""
    tables = Ticket._meta.database.get_tables()
    return str([list(Ticket._meta.database.execute_sql(f'SELECT * FROM "{table}"').fetchall()) for table in tables])


# gone ----------------------------------------------------------------------------------------------------------------


@pytest.mark.row("F10")
def test_a_deleted_ticket_is_there_for_nobody(tickets: TicketService, ticket: TicketView, bob: Actor) -> None:
    tickets.bin.delete(ticket.reference, bob)

    assert bob.agent is not None
    for typed in (ticket.reference, "1"):
        with pytest.raises(NotFound, match=f"There is no ticket {typed} that you can see"):
            tickets.find(typed, bob.agent)
        with pytest.raises(NotFound):
            tickets.take(typed, bob)


@pytest.mark.row("F10")
def test_mails_to_a_deleted_ticket_find_nothing(tickets: TicketService, ticket: TicketView, bob: Actor) -> None:
    assert joining.current(rows.id_of_token(ticket.token)) == ticket.id

    tickets.bin.delete(ticket.reference, bob)

    assert joining.current(rows.id_of_token(ticket.token)) is None


@pytest.mark.row("F10")
def test_no_deadline_of_a_deleted_ticket_is_told(
    office: Backoffice, tickets: TicketService, ticket: TicketView, bob: Actor
) -> None:
    office.desk.settings.set("action_delay", 1, "Bob")
    tickets.note(ticket.reference, Writing("Hm"), bob)
    assert tickets.view(ticket.id).next_alert_at is not None

    deleted = tickets.bin.delete(ticket.reference, bob)

    assert deleted.next_alert_at is None


@pytest.mark.row("F10", "C10")
def test_deleting_and_bringing_back_need_a_manager(tickets: TicketService, ticket: TicketView, carol: Actor) -> None:
    with pytest.raises(NotAllowed, match="you need the role manager"):
        tickets.bin.delete(ticket.reference, carol)
    with pytest.raises(NotAllowed, match="you need the role manager"):
        tickets.bin.undelete(ticket.reference, carol)


# back ----------------------------------------------------------------------------------------------------------------


@pytest.mark.row("F10")
@pytest.mark.parametrize("typed", ["TS2603-0001", "1", "ts-1"])
def test_within_a_quarter_of_an_hour_it_comes_back_as_it_was(
    tickets: TicketService, ticket: TicketView, bob: Actor, clock: SetClock, typed: str
) -> None:
    tickets.take(ticket.reference, bob)
    tickets.bin.delete(ticket.reference, bob)
    clock.move(minutes=14, seconds=59)

    back = tickets.bin.undelete(typed, bob)

    assert (back.deleted_at, back.assignee, back.description) == (None, bob.agent, "Please help")
    assert [message.text for message in rows.messages(ticket.id)] == ["Please help"]


@pytest.mark.row("F10")
def test_after_a_quarter_of_an_hour_nothing_brings_it_back(
    tickets: TicketService, ticket: TicketView, bob: Actor, clock: SetClock
) -> None:
    tickets.bin.delete(ticket.reference, bob)
    clock.move(minutes=15)

    with pytest.raises(NotFound, match="cannot be brought back any more"):
        tickets.bin.undelete(ticket.reference, bob)


@pytest.mark.row("F10")
def test_what_was_not_deleted_is_not_brought_back(tickets: TicketService, ticket: TicketView, bob: Actor) -> None:
    with pytest.raises(NotFound):
        tickets.bin.undelete(ticket.reference, bob)


# purged --------------------------------------------------------------------------------------------------------------


@pytest.mark.row("R:deletion purges", "F10")
def test_of_a_purged_ticket_no_word_no_name_no_file_and_no_event_is_left(
    office: Backoffice, tickets: TicketService, ann: Client, bob: Actor, clock: SetClock
) -> None:
    CustomField.create(code="order", labels={}, kind="text", choices=[])
    client = Client(f"{CANARY}@acme.example", CANARY)
    file = office.desk.files.keep(b"secret", f"{CANARY}.txt", "text/plain")
    an_hour_old(office.desk.files.path(file.sha256))
    more = {"tag": CANARY, "order": CANARY, "cc": f"cc-{CANARY}@acme.example"}
    made = tickets.open(
        Opening(CANARY, CANARY, client=client, reply_address=client.address, files=(file,), more=more),
        Actor("client", CANARY, "mail"),
    )
    tickets.reply(made.reference, Writing(CANARY), bob, to=[client.address])
    tickets.time.spend(made.reference, 5, bob, text=CANARY)
    tickets.editor.edit(made.reference, {"subject": f"{CANARY} again"}, bob)
    tickets.close(made.reference, bob, text=CANARY)
    tickets.bin.delete(made.reference, bob)

    assert purge(office, clock) == [made.reference]

    assert CANARY not in everything_kept()
    assert not office.desk.files.path(file.sha256).exists()
    assert Event.select().where(Event.ticket == made.id).count() == 0
    assert Attachment.select().count() == 0


@pytest.mark.row("R:deletion purges", "F10")
def test_who_deleted_it_and_when_stays_without_the_ticket(
    office: Backoffice, tickets: TicketService, ticket: TicketView, bob: Actor, clock: SetClock
) -> None:
    tickets.bin.delete(ticket.reference, bob)
    when = clock.now()

    purge(office, clock)

    audit = Event.get(Event.kind == "purged")
    assert audit.ticket_id is None
    assert audit.data == {"reference": ticket.reference, "deleted_by": "Bob", "deleted_at": when.isoformat()}


@pytest.mark.row("R:deletion purges")
def test_a_file_that_another_ticket_has_too_stays(
    office: Backoffice, tickets: TicketService, ticket: TicketView, bob: Actor, clock: SetClock
) -> None:
    file = office.desk.files.keep(b"the same", "same.txt", "text/plain")
    an_hour_old(office.desk.files.path(file.sha256))
    tickets.note(ticket.reference, Writing("Look", files=(file,)), bob)
    kept = tickets.open(Opening("Other", "Look", files=(file,)), bob)
    tickets.bin.delete(ticket.reference, bob)

    purge(office, clock)

    assert office.desk.files.read(file.sha256) == b"the same"
    assert [row.sha256 for row in rows.attachments([rows.messages(kept.id)[0].id])] == [file.sha256]


@pytest.mark.row("R:deletion purges")
def test_a_file_that_is_just_coming_in_again_puts_the_purge_off(
    office: Backoffice, tickets: TicketService, ticket: TicketView, bob: Actor, clock: SetClock
) -> None:
    file = office.desk.files.keep(b"again", "again.txt", "text/plain")
    path = office.desk.files.path(file.sha256)
    tickets.note(ticket.reference, Writing("Look", files=(file,)), bob)
    tickets.bin.delete(ticket.reference, bob)
    assert purge(office, clock) == []
    an_hour_old(path)
    office.desk.files.keep(b"again", "again.txt", "text/plain")
    assert purge(office, clock) == []

    an_hour_old(path)

    assert purge(office, clock) == [ticket.reference]
    assert not path.exists()


@pytest.mark.row("F10")
def test_a_purge_happens_once_and_never_to_what_came_back(
    office: Backoffice, tickets: TicketService, ticket: TicketView, bob: Actor, clock: SetClock
) -> None:
    kept = tickets.open(Opening("Other"), bob)
    for one in (ticket, kept):
        tickets.bin.delete(one.reference, bob)
    tickets.bin.undelete(kept.reference, bob)

    assert purge(office, clock) == [ticket.reference]
    assert purge(office, clock) == []
    assert tickets.view(kept.id).subject == "Other"
    assert [message.text for message in Message.select().where(Message.ticket == ticket.id)] == [""]


@pytest.mark.row("F10")
def test_a_card_that_could_not_be_redrawn_yet_still_is_after_the_purge(
    office: Backoffice, tickets: TicketService, ticket: TicketView, bob: Actor, clock: SetClock
) -> None:
    tickets.bin.delete(ticket.reference, bob)

    purge(office, clock)

    waiting = list(Delivery.select().where(Delivery.ticket == ticket.id))
    assert {row.kind for row in waiting} == {"card"}
    assert {row.state for row in waiting} == {"pending"}
    assert deletion.due(clock.now(), 10) == []


@pytest.mark.row("R:deletion purges", "F16")
def test_what_was_merged_into_a_purged_ticket_is_purged_with_it(
    office: Backoffice, tickets: TicketService, ticket: TicketView, bob: Actor, clock: SetClock
) -> None:
    merged = tickets.open(Opening(CANARY, CANARY), bob)
    tickets.joiner.merge(merged.reference, ticket.reference, bob)
    tickets.bin.delete(ticket.reference, bob)

    purge(office, clock)

    assert CANARY not in everything_kept()
