"""Automatic answers are limited, to one address, about one ticket and in all; what people write is not."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from bot.backoffice import Backoffice, open_backoffice
from bot.clock import SetClock
from bot.config import load_config
from bot.desk import outbox
from bot.desk.budgets import LIMITS, Budget, is_spent
from bot.desk.changes import Writing
from bot.desk.opening import Opening
from bot.desk.outbox import Happened, Parcel
from bot.desk.people import DESK, Actor, client_of
from bot.desk.views import TicketView
from storage import database
from storage.database import session, transaction
from storage.models import Delivery
from storage.queries import budgets as rows
from storage.rows import db
from tests.at_once import all_at_once, meet

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
ANN = "ann@acme.example"
Mail = Callable[..., TicketView]


@pytest.fixture
def mail(office: Backoffice) -> Mail:
    """Somebody's mail opens a ticket, now."""
    return lambda address=ANN: opened(office, address)


def opened(office: Backoffice, address: str) -> TicketView:
    """A ticket made of a mail."""
    opening = Opening("Help", "Please", client=client_of(address), reply_address=address)
    return office.desk.tickets.open(opening, Actor("client", address, "mail"))


def confirmed(address: str = ANN) -> int:
    """How many confirmations were written to an address."""
    return Delivery.select().where(Delivery.automatic & (Delivery.channel == address)).count()


def notices() -> list[str]:
    """What the team was told that belongs to no ticket."""
    told = Delivery.select().where((Delivery.kind == "notice") & Delivery.ticket.is_null()).order_by(Delivery.id)
    return [notice.payload["text"] for notice in told]


# the rule ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("most", "minutes"), LIMITS)
def test_a_budget_is_spent_by_so_many_within_so_many_minutes(most: int, minutes: int) -> None:
    latest = [NOON - timedelta(minutes=minutes) * n / most for n in range(most)]

    assert is_spent(latest, NOON)
    assert not is_spent(latest, latest[-1] + timedelta(minutes=minutes))
    assert not is_spent(latest[:-1], NOON)


@pytest.mark.row("MI-37")
def test_whoever_writes_every_ten_seconds_for_a_day_gets_no_more_than_the_budget() -> None:
    written: list[datetime] = []

    for now in (NOON + timedelta(seconds=10 * n) for n in range(6 * 60 * 24)):
        if not is_spent(written[:100], now):
            written.insert(0, now)

    assert len(written) < 300
    for most, minutes in LIMITS:
        assert all(written[n] - written[n + most] >= timedelta(minutes=minutes) for n in range(len(written) - most))


# one address ---------------------------------------------------------------------------------------------------------


@pytest.mark.row("MI-40")
def test_one_address_gets_ten_confirmations_in_ten_minutes_and_the_tickets_are_made(
    mail: Mail, clock: SetClock
) -> None:
    tickets = [mail() for _ in range(12)]

    assert (len(tickets), confirmed()) == (12, 10)
    clock.move(minutes=10)
    mail()
    assert confirmed() == 11


@pytest.mark.row("MI-40")
def test_one_who_wrote_too_much_takes_nothing_from_others(mail: Mail) -> None:
    for _ in range(11):
        mail()

    mail("dan@acme.example")

    assert confirmed("dan@acme.example") == 1


@pytest.mark.row("MI-37")
def test_the_team_is_told_once_that_a_budget_is_spent(mail: Mail, clock: SetClock) -> None:
    for _ in range(30):
        mail()
        Delivery.update(state="sent", sent_at=clock.now()).where(Delivery.kind == "notice").execute()
        clock.move(seconds=1)

    assert notices() == [f"🔁 Too many automatic answers to {ANN}: none leaves until it is quieter there."]


# all, and what is not counted ----------------------------------------------------------------------------------------


@pytest.mark.row("SE-13", "MI-40")
def test_forged_senders_make_no_more_answers_a_minute_than_the_setting_says(
    mail: Mail, office: Backoffice, clock: SetClock
) -> None:
    office.desk.settings.set("auto_answers", 5, "test")
    for number in range(8):
        mail(f"victim{number}@forged.example")

    written = Delivery.select().where(Delivery.automatic).count()

    assert written == 5
    assert notices() == ["🔁 More than 5 automatic answers a minute: the others do not leave (setting auto_answers)."]
    clock.move(minutes=1)
    mail("dan@acme.example")
    assert confirmed("dan@acme.example") == 1


@pytest.mark.row("MI-37")
def test_what_a_person_writes_is_neither_counted_nor_stopped(mail: Mail, office: Backoffice, bob: Actor) -> None:
    tickets = [mail() for _ in range(11)]

    for ticket in tickets:
        office.desk.tickets.reply(ticket.reference, Writing("We come."), bob, to=[ANN])
        office.desk.tickets.close(ticket.reference, bob)

    letters = Delivery.select().where((Delivery.kind == "letter") & (Delivery.channel == ANN))
    assert (letters.count(), confirmed()) == (32, 10)


def test_a_new_tickets_notice_does_not_go_to_whoever_wrote(mail: Mail, office: Backoffice) -> None:
    office.desk.settings.set("notify_address", "team@example.net", "test")

    mail("team@example.net")
    mail("dan@acme.example")

    told = [row.ticket_id for row in Delivery.select() if row.payload.get("letter") == "notice"]
    assert told == [2]


# several processes, and indexes --------------------------------------------------------------------------------------


def write_many(config: Path) -> None:
    """As a process of one's own: open tickets of one address at the same moment as the others."""
    office = open_backoffice(load_config(config, {}), SetClock(NOON), migrate=False)
    for _ in range(5):
        meet()
        with session(patience=20):
            opened(office, ANN)


@pytest.mark.database
@pytest.mark.row("MI-40")
def test_several_processes_have_one_budget_and_those_that_start_later_too(
    office: Backoffice, tmp_path: Path, database_url: str
) -> None:
    opened(office, ANN)

    all_at_once(3, write_many, tmp_path / "deskbell.toml", url=database_url)

    assert (confirmed(), len(notices())) == (10, 1)


def answer_slowly(config: Path) -> None:
    """As a process of one's own: write one answer about the first ticket at the same moment as the others."""
    office = open_backoffice(load_config(config, {}), SetClock(NOON), migrate=False)
    budget, happened = Budget(office.clock, office.desk.settings), Happened(1, "opened", DESK, NOON)
    with session(patience=20):
        ticket = office.desk.tickets.view(1)
        meet()
        with transaction():
            answer = Parcel(str(uuid4()), "letter", "mail", ANN, automatic=True)
            outbox.send(budget.within([answer], ticket, ()), happened, ticket.id)
            time.sleep(0.3)  # long enough for the others to count what is not committed yet


@pytest.mark.database
@pytest.mark.row("MI-40")
def test_processes_that_count_at_the_same_moment_do_not_write_one_too_many(
    office: Backoffice, tmp_path: Path, database_url: str
) -> None:
    for _ in range(9):
        opened(office, ANN)

    all_at_once(3, answer_slowly, tmp_path / "deskbell.toml", url=database_url)

    assert confirmed() == 10


def answered_many(number: int) -> None:
    """Automatic answers to as many addresses, which the database then knows: in an empty table any index will do."""
    usual = {"kind": "letter", "platform": "mail", "state": "sent", "automatic": True}
    written = []
    for n in range(number):
        where, at = (
            {"key": f"letter:{n}", "place": f"mail:{n}", "channel": f"a{n}@x.example"},
            NOON + timedelta(seconds=n),
        )
        written.append({**usual, **where, "next_at": at, "created_at": at, "sent_at": at})
    with transaction():
        Delivery.insert_many(written).execute()
    db.execute_sql("ANALYZE")


@pytest.mark.database
def test_every_question_of_a_budget_is_answered_by_an_index(
    office: Backoffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered_many(2000)
    asked: list[str] = []
    execute = db.obj.execute_sql
    if not database.is_sqlite():
        db.execute_sql("SET enable_seqscan = off")

    def explained(sql: str, params: object = None, *more: object) -> object:
        word = "EXPLAIN QUERY PLAN" if database.is_sqlite() else "EXPLAIN"
        asked.append("\n".join(row[-1] for row in execute(f"{word} {sql}", params).fetchall()))
        return execute(sql, params, *more)

    with monkeypatch.context() as patch:
        patch.setattr(db.obj, "execute_sql", explained)
        rows.answers_to(ANN, NOON)
        rows.answers_about(1, NOON)
        rows.count_answers(NOON)
        rows.filed_from(ANN, NOON, 120)

    used = ["delivery_automatic_to", "delivery_automatic_about", "delivery_automatic", "mail_sender"]
    assert [name in plan for name, plan in zip(used, asked, strict=True)] == [True] * 4, asked
