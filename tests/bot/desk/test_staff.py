"""Agents as administrators keep them: the last admin stays, who leaves gets nothing new, every change is an event."""

import pytest

from bot.backoffice import Backoffice
from bot.desk import people, staff
from bot.desk.audit import at_the_server
from bot.desk.opening import Opening
from bot.desk.people import Actor
from bot.errors import NotAllowed, Refusal
from storage.models import Event

BOB, CAROL = "bob@example.org", "carol@example.org"


def change(office: Backoffice, address: str, **values: object) -> staff.Record:
    """Change an agent, by the one at the server."""
    return staff.change(address, office.clock, at_the_server(), **values)  # type: ignore[arg-type]


@pytest.mark.row("C10")
@pytest.mark.parametrize("values", [{"role": "manager"}, {"active": False}])
def test_the_last_admin_stays(office: Backoffice, values: dict[str, object]) -> None:
    with pytest.raises(Refusal, match="Bob is the last admin"):
        change(office, BOB, **values)

    assert (people.agent(BOB).role, people.agent(BOB).active) == ("admin", True)


@pytest.mark.row("C10")
def test_an_admin_who_is_not_the_last_may_leave(office: Backoffice) -> None:
    change(office, CAROL, role="admin")

    change(office, BOB, active=False)

    assert people.agent(BOB).active is False


def test_an_admin_who_left_may_be_given_another_role(office: Backoffice) -> None:
    change(office, CAROL, role="admin")
    change(office, BOB, active=False)

    assert change(office, BOB, role="viewer").agent.role == "viewer"


def test_all_about_an_agent_is_kept(office: Backoffice) -> None:
    office.desk.dictionaries.add("group", "SECRET", {"agents": BOB}, at_the_server())

    made = staff.add(
        "Sam@example.org",
        " Sam  Smith ",
        "agent",
        office.clock,
        at_the_server(),
        accounts={"telegram": "7001"},
        groups=["secret"],
        language="fr",
        timezone="Europe/Paris",
        quiet_hours="22:00-07:00",
    )

    assert made.as_json() == {
        "email": "sam@example.org",
        "name": "Sam Smith",
        "role": "agent",
        "active": True,
        "language": "fr",
        "timezone": "Europe/Paris",
        "quiet_hours": "22:00-07:00",
        "accounts": {"telegram": "7001"},
        "groups": ["SECRET"],
    }
    assert office.desk.dictionaries.find("group", "SECRET").values["agents"] == "bob@example.org, sam@example.org"


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"role": "owner"}, "owner is not a role"),
        ({"language": "de"}, "de is not a language I speak"),
        ({"timezone": "Mars"}, "timezone must be a time zone"),
        ({"quiet_hours": "at night"}, "quiet_hours must look like"),
        ({"name": "  "}, "A name has from 1 to 100"),
        ({"groups": ["OTHER"]}, "All agents see OTHER"),
        ({"groups": ["NOWHERE"]}, "There is no group NOWHERE"),
        ({"accounts": {"telegram": "7001"}}, "bob@example.org's account already"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    office: Backoffice, values: dict[str, object], sentence: str
) -> None:
    change(office, BOB, accounts={"telegram": "7001"})
    before = staff.record(CAROL)

    with pytest.raises(Refusal, match=sentence):
        change(office, CAROL, **{"role": "viewer", **values})

    assert staff.record(CAROL) == before


def test_an_account_is_unlinked(office: Backoffice) -> None:
    change(office, CAROL, accounts={"telegram": "7001", "slack": "U0CAROL"})

    assert change(office, CAROL, accounts={"telegram": ""}).accounts == {"slack": "U0CAROL"}


@pytest.mark.row("D4", "D12")
def test_new_tickets_go_to_nobody_in_place_of_who_left(office: Backoffice, bob: Actor) -> None:
    office.desk.dictionaries.change("group", "OTHER", {"default_assignee": CAROL}, at_the_server())

    change(office, CAROL, active=False)

    assert office.desk.tickets.open(Opening("Printer"), bob).assignee is None


def test_a_change_is_an_event_of_what_differs(office: Backoffice, bob: Actor) -> None:
    staff.change(CAROL, office.clock, bob, role="manager", name="Carol")

    event = Event.select().order_by(Event.id.desc()).get()
    assert (event.kind, event.actor_name, event.role) == ("agent_changed", "Bob", "admin")
    assert (event.old, event.new) == ({"role": "agent"}, {"role": "manager"})


@pytest.mark.row("C10")
def test_an_agent_changes_no_agent(office: Backoffice, carol: Actor) -> None:
    with pytest.raises(NotAllowed):
        staff.change(CAROL, office.clock, carol, role="admin")

    assert people.agent(CAROL).role == "agent"
