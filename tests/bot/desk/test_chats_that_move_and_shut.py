"""Chats with another id and chats that are shut, as the desk keeps them, on each database."""

import pytest

from bot.backoffice import Backoffice
from bot.desk.moves import Moves
from bot.desk.opening import Opening
from bot.desk.people import Actor
from storage.models import Delivery, Event, Posting
from storage.queries import deliveries as rows

OLD, NEW = "-4001", "-1000000004001"
PLACE = ("telegram", OLD, 0)


def hang(office: Backoffice, ticket: int) -> None:
    """The ticket's card hangs in the old chat, and a line waits to be said there."""
    where = {"platform": "telegram", "channel": OLD, "topic": 0}
    rows.hang(ticket, f"telegram:{OLD}", message=str(ticket), version=1, at=office.clock.now(), **where)
    office.desk.alarms.post("once", "Hello", [PLACE])


@pytest.mark.database
@pytest.mark.row("CI-21")
def test_everything_follows_a_chat_to_its_new_id_once(office: Backoffice, bob: Actor) -> None:
    moved, closed = (office.desk.tickets.open(Opening(subject), bob) for subject in ("Fire", "Flood"))
    office.desk.tickets.close(closed.reference, bob, notify=False)
    for one in (moved, closed):
        hang(office, one.id)

    news = [office.desk.moves.learn("telegram", OLD, NEW) for _ in range(2)]

    waiting = Delivery.select().where((Delivery.platform == "telegram") & (Delivery.state == "pending"))
    assert news == [True, False]
    assert sorted((row.kind, row.place, row.ticket_id) for row in waiting) == [
        ("card", f"telegram:{NEW}", moved.id),
        ("notice", f"telegram:{NEW}", None),
    ]
    assert not Posting.select().where(Posting.channel == OLD).exists()
    assert Moves(office.clock).telegram(OLD) == NEW


@pytest.mark.database
@pytest.mark.row("CI-20")
def test_a_shut_chat_is_told_of_once_and_once_when_it_is_open(office: Backoffice) -> None:
    doors = office.desk.doors

    told = [doors.shut("telegram", OLD, "thrown out", "On call") for _ in range(2)]
    shut = doors.is_shut("telegram", OLD)
    opened = [doors.opened("telegram", OLD) for _ in range(2)]

    said = [row.payload["text"][0] for row in Delivery.select().where(Delivery.kind == "notice").order_by(Delivery.id)]
    assert (told, shut, opened, doors.is_shut("telegram", OLD)) == ([True, False], True, [True, False], False)
    assert said == ["📵", "📳"]
    assert Event.select().where(Event.kind.in_(["chat_shut", "chat_opened"])).count() == 2
