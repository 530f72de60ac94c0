"""Hand-overs from the command line: shown, noted, accepted."""

import json
from datetime import timedelta

import pytest

from bot.backoffice import open_backoffice
from bot.config import load_config
from bot.desk import people
from bot.desk.opening import Opening
from bot.desk.people import DESK, Actor
from storage.database import close_database, session
from storage.models import Ticket
from tests.bot.cli.conftest import Shell

BOB, CAROL = "bob@example.org", "carol@example.org"


@pytest.fixture
def changed(deskbell: Shell) -> Shell:
    """Carol has just come on call in the place of Bob, one of whose two tickets is late."""
    office = open_backoffice(load_config(deskbell.folder / "deskbell.toml", {}))
    with session():
        bob = people.add_agent(BOB, "Bob", "agent", office.clock)
        carol = people.add_agent(CAROL, "Carol", "agent", office.clock)
        office.desk.rotas.add("NIGHTS", DESK, name="Nights", zone="UTC")
        office.desk.rotas.set_layer("NIGHTS", {"members": BOB, "starts": "2020-01-01"}, DESK)
        now = office.clock.now()
        for subject, due_at in (("Late", now - timedelta(hours=1)), ("Promised", now + timedelta(hours=1))):
            ticket = office.desk.tickets.open(Opening(subject, assignee=BOB), Actor.of(bob, "cli"))
            Ticket.update(due_at=due_at).where(Ticket.id == ticket.id).execute()
        office.desk.handovers.look()
        office.desk.swaps.take_over("NIGHTS", now, now + timedelta(days=1), Actor.of(carol, "cli"))
        office.desk.handovers.look()
    close_database()
    return deskbell


def test_a_hand_over_is_noted_and_accepted(changed: Shell) -> None:
    noted = changed("oncall", "handover", "NIGHTS", "--as", BOB, "--note", "The disk is full.", "--tickets", "2")
    done = changed("oncall", "handover", "NIGHTS", "--as", CAROL, "--accept", "--json")

    assert "The disk is full." in noted.stdout
    assert noted.stdout.count("➡️ TS") == 2
    told = json.loads(done.stdout)
    assert (told["state"], told["accepted_by"], len(told["moved"])) == ("accepted", CAROL, 2)


def test_a_hand_over_is_shown_and_another_cannot_accept_it(changed: Shell) -> None:
    shown = json.loads(changed("oncall", "handover", "nights", "--json").stdout)
    refused = changed("oncall", "handover", "NIGHTS", "--as", BOB, "--accept")

    assert (shown["goes"], shown["comes"], shown["state"]) == (BOB, CAROL, "open")
    assert [each["moves"] for each in shown["tickets"]] == [True, False]
    assert (refused.returncode, refused.stderr.strip()) == (1, "Carol accepts this hand-over, or a manager does.")


def test_the_verb_does_the_same(changed: Shell) -> None:
    noted = changed("ticket", "handover", "ACME calls at nine.", "--as", BOB)
    shown = changed("ticket", "handover", "--as", CAROL)

    assert noted.stdout.strip() == "Noted for the hand-over of Nights."
    assert "ACME calls at nine." in shown.stdout
