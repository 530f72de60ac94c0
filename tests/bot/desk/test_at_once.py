"""Several processes at one desk, as on several machines: one winner, one answer to one request."""

from pathlib import Path

import pytest

from bot.backoffice import Backoffice, open_backoffice
from bot.commands.requests import Caller, Request
from bot.config import load_config
from bot.desk import people
from bot.desk.opening import Opening
from bot.desk.people import Actor, Client
from bot.errors import HeldByAnother, Stale
from storage.database import session
from storage.queries import desk as desk_rows
from storage.queries import tickets as rows
from tests.at_once import all_at_once, meet

pytestmark = pytest.mark.database
TICKETS = 12
AGENTS = ["bob@example.org", "carol@example.org"]


@pytest.fixture
def config(office: Backoffice, ann: Client, tmp_path: Path) -> Path:
    """The configuration of a desk with some tickets."""
    for number in range(TICKETS):
        opening = Opening(f"Printer {number}", "Help", client=ann, reply_address=ann.address)
        office.desk.tickets.open(opening, Actor("client", "Ann", "mail"))
    return tmp_path / "deskbell.toml"


def _office(config: Path) -> Backoffice:
    return open_backoffice(load_config(config, {}), migrate=False)


def take_all(config: Path) -> list[str]:
    """As an agent of one's own: ask for each ticket at the same moment as the other; whether it was won or lost."""
    office = _office(config)
    with session():
        by = Actor.of(people.agent(AGENTS[desk_rows.next_number("taking") - 1]), "slack")
    return [_take(office, ticket_id, by) for ticket_id in range(1, TICKETS + 1)]


def _take(office: Backoffice, ticket_id: int, by: Actor) -> str:
    meet()
    try:
        with session():
            office.desk.tickets.take(office.desk.tickets.view(ticket_id).reference, by)
    except (HeldByAnother, Stale):
        return "lost"
    return "won"


def note_all(config: Path) -> list[str]:
    """Write one note to each ticket, each request at the same moment as the same one elsewhere; the answers."""
    office = _office(config)
    return [_note(office, number) for number in range(1, TICKETS + 1)]


def _note(office: Backoffice, number: int) -> str:
    meet()
    request = Request(Caller("cli", AGENTS[0]), words=f"note {number} It burns", receipt=f"slack:{number}")
    return office.runner.run(request).text


def happened(ticket_id: int) -> list[str]:
    return [event.kind for event in rows.events(ticket_id)]


@pytest.mark.row("S5", "CI-15")
def test_of_two_who_take_a_ticket_one_wins_and_the_other_is_told(config: Path, database_url: str) -> None:
    ones, others = all_at_once(2, take_all, config, url=database_url)

    assert [{one, other} for one, other in zip(ones, others, strict=True)] == [{"lost", "won"}] * TICKETS
    assert [happened(ticket_id) for ticket_id in range(1, TICKETS + 1)] == [["opened", "taken"]] * TICKETS


def test_a_request_that_comes_twice_at_once_has_one_effect_and_one_answer(config: Path, database_url: str) -> None:
    ones, others = all_at_once(2, note_all, config, url=database_url)

    assert ones == others
    assert [happened(ticket_id) for ticket_id in range(1, TICKETS + 1)] == [["opened", "noted"]] * TICKETS


def write_first(config: Path) -> list[bool]:
    """As people of whom the desk knows the address alone: write something at the same moment elsewhere, too."""
    office = _office(config)
    return [_write_first(office, number) for number in range(1, TICKETS + 1)]


def _write_first(office: Backoffice, number: int) -> bool:
    person = Caller("slack", f"U{number}", email=f"agent{number}@example.org")
    meet()
    return office.runner.run(Request(person, words="note 1 It burns")).refused


def test_the_first_two_things_that_somebody_does_are_done_even_at_once(
    office: Backoffice, config: Path, database_url: str
) -> None:
    for number in range(1, TICKETS + 1):
        people.add_agent(f"agent{number}@example.org", f"Agent {number}", "agent", office.clock)

    ones, others = all_at_once(2, write_first, config, url=database_url)

    assert ones == others == [False] * TICKETS
