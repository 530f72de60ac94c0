"""Shift changes: told once, with notes and tickets, accepted once by whoever comes, who then has what is overdue."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.backoffice import Backoffice, open_backoffice
from bot.clock import SetClock
from bot.config import load_config
from bot.desk import oncall, people
from bot.desk.handovers import find
from bot.desk.opening import Opening
from bot.desk.people import Actor
from bot.desk.views import TicketView
from bot.errors import NotAllowed, Refusal, Stale
from bot.outgoing import handover_notices
from bot.texts import Words
from storage.database import session
from storage.models import Delivery, Event, GroupAgent, Handover, Ticket, TicketGroup
from storage.queries import desk as desk_rows
from storage.queries import people as people_rows
from tests.at_once import all_at_once, meet
from tests.conftest import NOON

EVENING, MORNING = NOON.replace(hour=18), NOON.replace(hour=8) + timedelta(days=1)


@pytest.fixture
def nights(office: Backoffice, bob: Actor) -> str:
    """Bob and Carol take turns day by day from eight to eight; today is Bob's."""
    people.add_agent("sam@example.org", "Sam", "agent", office.clock)
    office.desk.rotas.add("nights", bob, name="Nights", zone="UTC")
    typed = {"members": "bob@example.org, carol@example.org", "days": "day", "starts": "2026-03-04"}
    office.desk.rotas.set_layer("NIGHTS", typed, bob)
    office.desk.handovers.look()
    return "NIGHTS"


@pytest.fixture
def changed(office: Backoffice, clock: SetClock, nights: str) -> Callable[[], Handover]:
    """Carol has come on call in Bob's place; the hand-over."""

    def change() -> Handover:
        clock.move(hours=(MORNING - clock.now()).total_seconds() / 3600)
        assert office.desk.handovers.look() == 1
        return newest()

    return change


def newest() -> Handover:
    """The hand-over that was told last."""
    last = Handover.select().where(Handover.at.is_null(False)).order_by(Handover.at.desc()).get()
    return find(last.id)


def posts() -> list[Delivery]:
    """What the team is told of hand-overs."""
    return [one for one in Delivery.select().order_by(Delivery.id) if "handover" in one.payload]


def drawn(office: Backoffice, one: Handover) -> str:
    """What hangs there now."""
    handed = office.desk.handovers.tickets(one)
    return handover_notices.draw(one, handed, Words(), office.clock.now()).text


def opened(office: Backoffice, subject: str, whose: Actor, due_at: datetime | None = None) -> TicketView:
    """A ticket of somebody's, due at this moment."""
    ticket = office.desk.tickets.open(Opening(subject, "Please help", assignee=whose.agent.email), whose)
    Ticket.update(due_at=due_at).where(Ticket.id == ticket.id).execute()
    return office.desk.tickets.view(ticket.id)


def holder(office: Backoffice, ticket: TicketView) -> str:
    """Whose ticket it is now."""
    assignee = office.desk.tickets.view(ticket.id).assignee
    return assignee.name if assignee else ""


# told ----------------------------------------------------------------------------------------------------------------


@pytest.mark.database
def test_a_change_of_person_is_told_once(office: Backoffice, changed: Callable[[], Handover]) -> None:
    one = changed()

    again = office.desk.handovers.look()

    assert (one.goes and one.goes.name, one.comes and one.comes.name) == ("Bob", "Carol")
    assert (one.at, one.state) == (MORNING, "open")
    assert again == 0
    assert [(post.kind, post.channel, post.payload["handover"]) for post in posts()] == [("post", "#support", one.id)]


def test_after_a_long_stop_only_the_last_change_of_a_rota_is_told(
    office: Backoffice, clock: SetClock, bob: Actor, nights: str
) -> None:
    office.desk.rotas.set_layer(
        nights, {"members": "bob, carol", "days": "day", "hours": "mon-sun 00:00-24:00"}, bob, 1
    )
    office.desk.rotas.override(
        nights, people.agent("sam@example.org"), NOON.replace(hour=13), NOON.replace(hour=14), bob
    )
    clock.move(hours=20)

    told = office.desk.handovers.look()

    assert told == 1
    assert (newest().at, len(posts())) == (MORNING, 1)


def test_what_changed_more_than_a_day_ago_is_not_told(
    office: Backoffice, clock: SetClock, bob: Actor, nights: str
) -> None:
    office.desk.rotas.set_layer(nights, {"members": "bob, carol", "days": "week"}, bob, 1)
    office.desk.rotas.override(
        nights, people.agent("sam@example.org"), NOON.replace(hour=13), NOON.replace(hour=14), bob
    )
    clock.move(days=1, hours=3)

    assert office.desk.handovers.look() == 0
    assert posts() == []


def test_a_shift_that_is_taken_over_is_handed_over(
    office: Backoffice, clock: SetClock, carol: Actor, nights: str
) -> None:
    clock.move(minutes=1)
    office.desk.swaps.take_over(nights, NOON, EVENING, carol)
    clock.move(seconds=2)

    assert office.desk.handovers.look() == 1
    assert (newest().goes.name, newest().comes.name) == ("Bob", "Carol")


def test_nobody_after_is_said_and_whoever_comes_then_takes_over_from_the_last(
    office: Backoffice, clock: SetClock, bob: Actor, nights: str
) -> None:
    office.desk.rotas.set_layer(nights, {"hours": "mon-sun 08:00-18:00"}, bob, 1)
    office.desk.handovers.write(
        office.desk.handovers.of_rota(oncall.find(nights, NOON), bob.agent).id, bob, line="Disk"
    )
    clock.move(hours=7)
    office.desk.handovers.look()
    alone = newest()
    clock.move(hours=14)
    office.desk.handovers.look()
    following = newest()

    assert (alone.goes.name, alone.comes, alone.notes) == ("Bob", None, "Disk")
    assert "nobody is on call after that" in handover_notices.draw(alone, (), Words(), EVENING).text
    assert (following.goes.name, following.comes.name, following.notes) == ("Bob", "Carol", "Disk")
    assert find(alone.id).state == "over"


def test_the_phones_of_both_are_told_too(office: Backoffice, clock: SetClock, nights: str) -> None:
    people_rows.link_account(people.agent("carol@example.org").id, "telegram", "7002", "Carol", NOON)
    clock.move(hours=20)

    office.desk.handovers.look()

    assert {(post.platform, post.channel) for post in posts()} == {("slack", "#support"), ("telegram", "7002")}


def test_a_rota_s_places_are_those_of_the_groups_that_give_it_their_tickets(
    office: Backoffice, bob: Actor, nights: str, changed: Callable[[], Handover]
) -> None:
    rota = oncall.find(nights, NOON)
    TicketGroup.update(slack_channel="#nights", default_rota=rota.id).where(TicketGroup.id == 1).execute()

    changed()

    assert [(post.platform, post.channel) for post in posts()] == [("slack", "#nights")]


# notes ---------------------------------------------------------------------------------------------------------------


def test_notes_are_written_before_the_change_and_after_it(
    office: Backoffice, bob: Actor, nights: str, changed: Callable[[], Handover]
) -> None:
    draft = office.desk.handovers.of_rota(oncall.find(nights, NOON), bob.agent)
    office.desk.handovers.write(draft.id, bob, line="The disk is full.")
    one = changed()

    later = office.desk.handovers.write(one.id, bob, line="ACME calls at nine.")

    assert one.id == draft.id
    assert later.notes == "The disk is full.\nACME calls at nine."
    assert "The disk is full.\nACME calls at nine." in drawn(office, later)


def test_only_whoever_goes_writes_notes(office: Backoffice, carol: Actor, changed: Callable[[], Handover]) -> None:
    one = changed()

    with pytest.raises(NotAllowed, match="These are the notes of Bob"):
        office.desk.handovers.write(one.id, carol, line="Mine")


def test_notes_are_closed_with_the_acceptance(
    office: Backoffice, bob: Actor, carol: Actor, changed: Callable[[], Handover]
) -> None:
    one = changed()
    office.desk.handovers.accept(one.id, carol)

    with pytest.raises(Stale, match="Carol has accepted this hand-over already"):
        office.desk.handovers.write(one.id, bob, line="Too late")


def test_notes_that_are_too_long_are_refused_whole(
    office: Backoffice, bob: Actor, changed: Callable[[], Handover]
) -> None:
    one = changed()

    with pytest.raises(Refusal, match="at most 3000 characters"):
        office.desk.handovers.write(one.id, bob, line="x" * 3001)
    assert find(one.id).notes == ""


# accepted ------------------------------------------------------------------------------------------------------------


@pytest.mark.database
def test_the_overdue_tickets_and_the_chosen_ones_move_each_with_its_event(
    office: Backoffice, bob: Actor, carol: Actor, nights: str, changed: Callable[[], Handover]
) -> None:
    late = opened(office, "Late", bob, NOON + timedelta(hours=1))
    marked, kept = opened(office, "Marked", bob), opened(office, "Kept", bob)
    one = changed()
    written = office.desk.handovers.write(one.id, bob, chosen=[marked.id, 999])

    done = office.desk.handovers.accept(one.id, carol)

    assert [holder(office, ticket) for ticket in (late, marked, kept)] == ["Carol", "Carol", "Bob"]
    assert written.chosen == [marked.id]
    assert done.moved == [late.reference, marked.reference]
    events = Event.select().where((Event.kind == "assigned") & (Event.ticket == late.id))
    assert [(event.actor_name, event.new["assignee_id"]) for event in events] == [("Carol", carol.agent.id)]


def test_whoever_comes_accepts_once(office: Backoffice, carol: Actor, changed: Callable[[], Handover]) -> None:
    one = changed()

    office.desk.handovers.accept(one.id, carol)

    with pytest.raises(Stale, match="Carol has accepted this hand-over already"):
        office.desk.handovers.accept(one.id, carol)
    assert Event.select().where(Event.kind == "handover_accepted").count() == 1
    assert "✅ Accepted by Carol · 08:00." in drawn(office, find(one.id))
    assert handover_notices.draw(find(one.id), (), Words(), MORNING).buttons == ()


def test_nobody_else_accepts_but_a_manager_who_is_named(
    office: Backoffice, bob: Actor, changed: Callable[[], Handover]
) -> None:
    late = opened(office, "Late", bob, NOON + timedelta(hours=1))
    one, sam = changed(), Actor.of(people.agent("sam@example.org"), "slack")

    with pytest.raises(NotAllowed, match="Carol accepts this hand-over, or a manager does"):
        office.desk.handovers.accept(one.id, sam)
    office.desk.handovers.accept(one.id, bob)

    assert "Accepted by Bob in Carol's place" in drawn(office, find(one.id))
    assert holder(office, late) == "Carol"


def test_a_hand_over_that_nobody_accepted_is_over_with_the_next_change(
    office: Backoffice, clock: SetClock, carol: Actor, changed: Callable[[], Handover]
) -> None:
    one = changed()
    clock.move(days=1)

    office.desk.handovers.look()

    with pytest.raises(Stale, match="over"):
        office.desk.handovers.accept(one.id, carol)
    assert "Nobody accepted it before the next change" in drawn(office, find(one.id))
    assert newest().goes.name == "Carol"


def test_a_ticket_that_may_not_be_theirs_stays(
    office: Backoffice, bob: Actor, carol: Actor, changed: Callable[[], Handover]
) -> None:
    hidden, late = (opened(office, name, bob, NOON + timedelta(hours=1)) for name in ("Hidden", "Late"))
    group = TicketGroup.create(code="BOARD", labels={"en": "Board"}, restricted=True, position=9)
    GroupAgent.create(group=group, agent=bob.agent.id)
    Ticket.update(group=group).where(Ticket.id == hidden.id).execute()
    one = changed()
    said = drawn(office, one)

    done = office.desk.handovers.accept(one.id, carol)

    assert done.moved == [late.reference]
    assert holder(office, hidden) == "Bob"
    assert "Hidden" not in said
    assert "🔒 1 ticket of a restricted group" in said


# reminded ------------------------------------------------------------------------------------------------------------


@pytest.mark.database
def test_whoever_comes_is_reminded_then_the_team(
    office: Backoffice, clock: SetClock, carol: Actor, changed: Callable[[], Handover]
) -> None:
    changed()
    said = []
    for _ in range(4):
        clock.move(minutes=31)
        office.desk.handovers.look()
        said.append([one.payload["text"] for one in Delivery.select() if "under_handover" in one.payload])
        Delivery.update(state="sent", sent_at=clock.now()).where(Delivery.state == "pending").execute()

    assert [len(one) for one in said] == [1, 2, 2, 2]
    assert said[0] == ["⏰ Carol, the hand-over of Nights waits for you to accept it."]
    assert "A manager may accept it in Carol's place." in said[1][1]


def test_nobody_is_reminded_of_what_is_accepted(
    office: Backoffice, clock: SetClock, carol: Actor, changed: Callable[[], Handover]
) -> None:
    one = changed()
    office.desk.handovers.accept(one.id, carol)
    clock.move(minutes=31)

    assert office.desk.handovers.look() == 0
    assert not [one for one in Delivery.select() if "under_handover" in one.payload]


# the list ------------------------------------------------------------------------------------------------------------


def test_the_list_says_what_is_late_what_is_promised_what_sleeps_and_for_whom_is_waited(
    office: Backoffice, clock: SetClock, bob: Actor, changed: Callable[[], Handover]
) -> None:
    opened(office, "Promised", bob, MORNING + timedelta(hours=2))
    opened(office, "Late", bob, MORNING - timedelta(hours=2))
    asleep, waits = opened(office, "Asleep", bob), opened(office, "Waits", bob)
    office.desk.tickets.snooze(asleep.reference, MORNING + timedelta(hours=5), bob)
    office.desk.tickets.wait(waits.reference, bob)

    lines = drawn(office, changed()).splitlines()[1:]

    assert lines[0] == "Bob has 4 open tickets (➡️ move with the acceptance):"
    assert [line.split()[0] for line in lines[1:]] == ["➡️", "•", "•", "•"]
    assert [line.split(" · ")[0].split()[-1] for line in lines[1:]] == ["Late", "Promised", "Waits", "Asleep"]
    assert "⏰ OVERDUE 2 h" in lines[1]
    assert "next step due 10:00" in lines[2]
    assert "waits for" in lines[3]
    assert "💤 quiet until 13:00" in lines[4]


# at once -------------------------------------------------------------------------------------------------------------


def look(config: Path) -> int:
    """Look at the same moment as others do; how many changes were told."""
    office = open_backoffice(load_config(config, {}), SetClock(MORNING), migrate=False)
    meet()
    with session():
        return office.desk.handovers.look()


def accept(config: Path) -> str:
    """Accept at the same moment as others do: once as Carol, who comes, and once as Bob, a manager."""
    office = open_backoffice(load_config(config, {}), SetClock(MORNING), migrate=False)
    with session():
        address = ("bob@example.org", "carol@example.org")[desk_rows.next_number("accepting") % 2]
        by = Actor.of(people.agent(address), "slack")
    meet()
    try:
        with session():
            office.desk.handovers.accept(1, by)
    except Stale:
        return "lost"
    return "won"


@pytest.mark.database
@pytest.mark.usefixtures("nights")
def test_several_processes_tell_of_a_change_once_and_one_press_wins(
    office: Backoffice, bob: Actor, tmp_path: Path, database_url: str
) -> None:
    for number in range(5):
        office.desk.rotas.add(f"R{number}", bob, zone="UTC")
        typed = {"members": "bob, carol", "days": "day", "starts": "2026-03-04"}
        office.desk.rotas.set_layer(f"R{number}", typed, bob)
    late = opened(office, "Late", bob, NOON + timedelta(hours=1))

    told = all_at_once(2, look, tmp_path / "deskbell.toml", url=database_url)
    presses = all_at_once(2, accept, tmp_path / "deskbell.toml", url=database_url)

    assert (sum(told), sorted(presses)) == (6, ["lost", "won"])
    assert (Handover.select().count(), len({post.payload["handover"] for post in posts()})) == (6, 6)
    assert Event.select().where((Event.kind == "assigned") & (Event.ticket == late.id)).count() == 1
