"""Interventions: prefilled from their ticket, from draft to done, and the time they bring into it."""

from datetime import timedelta
from typing import Any

import pytest

from bot.backoffice import Backoffice
from bot.clock import SetClock
from bot.desk import clients, engagements, worksheet
from bot.desk.interventions import Interventions, Plan, Work
from bot.desk.opening import Opening
from bot.desk.people import Actor, client_of
from bot.desk.views import TicketView
from bot.desk.workflow import Status
from bot.desk.worksheet import InterventionView
from bot.errors import NotAllowed, NotFound, Refusal, Stale
from storage.models import Event, GroupAgent, TicketGroup, TimeEntry
from tests.conftest import NOON

pytestmark = pytest.mark.database
HOUR = Work(NOON, 60, "Replaced the drum")


@pytest.fixture
def interventions(office: Backoffice) -> Interventions:
    """The desk's interventions."""
    return office.desk.tickets.interventions


@pytest.fixture
def draft(interventions: Interventions, ticket: TicketView, bob: Actor) -> InterventionView:
    """A draft of Bob's on Ann's ticket, with an hour of work in it."""
    made = interventions.plan(ticket.reference, Plan(), bob)
    return interventions.add(made.number, HOUR, bob)


def spent(office: Backoffice, ticket: TicketView) -> tuple[int, list[int]]:
    """The sum of a ticket's time, and its entries."""
    entries = TimeEntry.select().where(TimeEntry.ticket == ticket.id).order_by(TimeEntry.id)
    return office.desk.tickets.view(ticket.id).minutes, [entry.minutes for entry in entries]


# drafts --------------------------------------------------------------------------------------------------------------


@pytest.mark.row("F6")
def test_a_new_one_is_prefilled_from_its_ticket(
    office: Backoffice, interventions: Interventions, clock: SetClock, bob: Actor, carol: Actor
) -> None:
    clients.add("ACME", clock, code="ACME")
    clients.add_contact(["ann@acme.example"], clock, name="Ann", client="ACME")
    engagements.add("project", "P-1", "Printers", clock, client="ACME")
    engagements.add("contract", "C-1", "Care", clock, client="ACME")
    opening = Opening("It burns", "Please help", client=client_of("ann@acme.example"), project="P-1", contract="C-1")
    ticket = office.desk.tickets.open(opening, bob)
    assert carol.agent is not None
    office.desk.tickets.assign(ticket.reference, carol.agent, bob)

    made = interventions.plan(ticket.reference, Plan(), bob)

    assert (made.number, made.ticket, made.state) == ("FI2603-0001", ticket.reference, "draft")
    assert (made.subject, made.description) == ("It burns", "Please help")
    assert (made.client, made.contact) == ("ACME", "Ann <ann@acme.example>")
    assert (made.project, made.contract, made.technician) == ("P-1", "C-1", carol.agent)


@pytest.mark.row("F6")
def test_what_is_said_of_it_stands_before_what_the_ticket_says(
    interventions: Interventions, ticket: TicketView, bob: Actor, carol: Actor
) -> None:
    plan = Plan("Drum", "Bring one", NOON + timedelta(days=1), carol.agent)

    made = interventions.plan(ticket.reference, plan, bob)

    assert (made.subject, made.description) == ("Drum", "Bring one")
    assert (made.planned_at, made.technician) == (NOON + timedelta(days=1), carol.agent)


@pytest.mark.row("F6")
def test_numbers_count_on_by_themselves_whatever_the_month(
    interventions: Interventions, ticket: TicketView, bob: Actor, clock: SetClock
) -> None:
    first = interventions.plan(ticket.reference, Plan(), bob)
    clock.move(hours=24 * 31)
    second = interventions.plan(ticket.reference, Plan(), bob)

    assert [one.number for one in (first, second)] == ["FI2603-0001", "FI2604-0002"]


@pytest.mark.row("F6")
def test_a_line_that_goes_leaves_the_others_numbered_in_their_order(
    interventions: Interventions, draft: InterventionView, bob: Actor
) -> None:
    for text in ("Two", "Three"):
        interventions.add(draft.number, Work(NOON, 5, text), bob)

    left = interventions.remove(draft.number, 2, bob)

    assert [(line.number, line.text) for line in left.lines] == [(1, "Replaced the drum"), (2, "Three")]
    with pytest.raises(NotFound, match="FI2603-0001 has no line 3"):
        interventions.remove(draft.number, 3, bob)


@pytest.mark.row("F6")
def test_a_draft_is_edited_and_the_same_again_is_no_event(
    interventions: Interventions, draft: InterventionView, bob: Actor, carol: Actor
) -> None:
    edited = interventions.edit(draft.number, bob, technician=carol.agent, planned_at=NOON)
    events = Event.select().count()

    again = interventions.edit(draft.number, bob, technician=carol.agent, planned_at=NOON)

    assert (edited.technician, edited.planned_at, edited.version) == (carol.agent, NOON, draft.version + 1)
    assert (again, Event.select().count()) == (edited, events)


@pytest.mark.row("F6")
def test_whoever_saw_an_older_state_changes_nothing(
    interventions: Interventions, draft: InterventionView, bob: Actor, carol: Actor
) -> None:
    interventions.add(draft.number, HOUR, carol)

    with pytest.raises(Stale):
        interventions.step(draft.number, "validate", bob, version=draft.version)
    with pytest.raises(Stale):
        interventions.edit(draft.number, bob, version=draft.version, subject="Mine")

    assert interventions.find(draft.number, bob.agent).state == "draft"  # type: ignore[arg-type]


# from draft to done --------------------------------------------------------------------------------------------------


@pytest.mark.row("F6")
@pytest.mark.parametrize(
    ("step", "state", "after"),
    [
        ("validate", "draft", "validated"),
        ("done", "validated", "done"),
        ("draft", "validated", "draft"),
        ("draft", "done", "draft"),
        ("validate", "validated", ""),
        ("validate", "done", ""),
        ("done", "draft", ""),
        ("done", "done", ""),
        ("draft", "draft", ""),
    ],
)
def test_each_step_leads_on_from_its_own_state_alone(step: str, state: str, after: str) -> None:
    if after:
        assert worksheet.after(step, state, "FI2603-0001") == after
    else:
        with pytest.raises(Refusal, match="FI2603-0001 is "):
            worksheet.after(step, state, "FI2603-0001")


@pytest.mark.row("F6", "D18")
def test_the_time_of_its_lines_counts_once_it_is_validated(
    office: Backoffice, interventions: Interventions, ticket: TicketView, draft: InterventionView, bob: Actor
) -> None:
    office.desk.tickets.time.spend(ticket.reference, 5, bob)
    interventions.add(draft.number, Work(NOON, 30, "Cleaned it"), bob)
    assert spent(office, ticket) == (5, [5])

    validated = interventions.step(draft.number, "validate", bob)

    assert (validated.state, validated.minutes, validated.validated_at) == ("validated", 90, NOON)
    assert spent(office, ticket) == (95, [5, 60, 30])


@pytest.mark.row("F6", "D18")
@pytest.mark.parametrize("further", [[], ["done"]])
def test_the_time_is_taken_back_when_it_is_a_draft_again(
    office: Backoffice,
    interventions: Interventions,
    ticket: TicketView,
    draft: InterventionView,
    bob: Actor,
    further: list[str],
) -> None:
    office.desk.tickets.time.spend(ticket.reference, 5, bob)
    for step in ("validate", *further):
        interventions.step(draft.number, step, bob)

    again = interventions.step(draft.number, "draft", bob)

    assert (again.state, again.validated_at, again.done_at) == ("draft", None, None)
    assert spent(office, ticket) == (5, [5])


@pytest.mark.row("F6")
def test_one_that_says_nothing_of_what_was_done_is_not_validated(
    interventions: Interventions, ticket: TicketView, bob: Actor
) -> None:
    made = interventions.plan(ticket.reference, Plan(), bob)

    with pytest.raises(Refusal, match="says nothing yet"):
        interventions.step(made.number, "validate", bob)


@pytest.mark.row("F6")
@pytest.mark.parametrize("change", ["add", "remove", "edit"])
def test_only_a_draft_can_be_changed(
    interventions: Interventions, draft: InterventionView, bob: Actor, change: str
) -> None:
    interventions.step(draft.number, "validate", bob)
    what: dict[str, Any] = {
        "add": lambda: interventions.add(draft.number, HOUR, bob),
        "remove": lambda: interventions.remove(draft.number, 1, bob),
        "edit": lambda: interventions.edit(draft.number, bob, subject="Other"),
    }

    with pytest.raises(Refusal, match="FI2603-0001 is validated"):
        what[change]()


@pytest.mark.row("F6")
def test_at_the_end_all_that_have_a_report_are_done_and_the_others_stay(
    office: Backoffice, interventions: Interventions, ticket: TicketView, draft: InterventionView, bob: Actor
) -> None:
    empty = interventions.plan(ticket.reference, Plan(), bob)

    finished = interventions.finish(ticket.reference, bob)

    assert [(one.number, one.state) for one in finished] == [(draft.number, "done")]
    assert [visit.number for visit in office.desk.tickets.view(ticket.id).visits] == [empty.number]
    assert spent(office, ticket) == (60, [60])


# its ticket ----------------------------------------------------------------------------------------------------------


@pytest.mark.row("F6", "C7")
def test_every_change_is_an_event_of_the_ticket_and_work_on_it(
    office: Backoffice, interventions: Interventions, ticket: TicketView, draft: InterventionView, bob: Actor
) -> None:
    for step in ("validate", "done", "draft"):
        interventions.step(draft.number, step, bob)

    events = list(Event.select().where(Event.ticket == ticket.id).order_by(Event.id))
    assert [event.kind.removeprefix("intervention_") for event in events[1:]] == [
        *("planned", "edited", "validated", "done", "reopened")
    ]
    assert {event.data["intervention"] for event in events[1:]} == {draft.number}
    assert [event.data.get("minutes") for event in events[3:]] == [60, None, -60]
    assert office.desk.tickets.view(ticket.id).status is Status.READ


@pytest.mark.row("F6", "SE-15")
def test_whoever_may_not_see_the_ticket_sees_no_intervention_and_is_no_technician(
    interventions: Interventions, ticket: TicketView, draft: InterventionView, bob: Actor, carol: Actor
) -> None:
    assert carol.agent is not None and bob.agent is not None
    TicketGroup.update(restricted=True).where(TicketGroup.id == ticket.group.id).execute()
    GroupAgent.create(group=ticket.group.id, agent=bob.agent.id)

    for number in (draft.number, "FI2603-0099"):
        with pytest.raises(NotFound, match=f"There is no intervention {number} that you can see."):
            interventions.find(number, carol.agent)
    with pytest.raises(Refusal, match="Carol may not see TS2603-0001"):
        interventions.edit(draft.number, bob, technician=carol.agent)


@pytest.mark.row("F6", "C10")
def test_a_viewer_makes_none(interventions: Interventions, ticket: TicketView, vic: Actor) -> None:
    with pytest.raises(NotAllowed):
        interventions.plan(ticket.reference, Plan(), vic)


@pytest.mark.row("F6", "F16")
def test_it_goes_along_when_its_ticket_is_merged(
    office: Backoffice, interventions: Interventions, ticket: TicketView, draft: InterventionView, bob: Actor
) -> None:
    other = office.desk.tickets.open(Opening("Two"), bob)
    office.desk.tickets.joiner.merge(ticket.reference, other.reference, bob)

    interventions.step(draft.number, "validate", bob)

    assert spent(office, other) == (60, [60])
    with pytest.raises(Refusal, match="was merged into"):
        interventions.plan(ticket.reference, Plan(), bob)


@pytest.mark.row("F6", "D10")
def test_a_person_who_is_forgotten_stands_in_none(
    office: Backoffice, interventions: Interventions, clock: SetClock, bob: Actor
) -> None:
    clients.add_contact(["ann@acme.example"], clock, name="Ann")
    ticket = office.desk.tickets.open(Opening("It burns", client=client_of("ann@acme.example")), bob)
    interventions.plan(ticket.reference, Plan(), bob)

    clients.erase("ann@acme.example")

    assert [one.contact for one in interventions.of(ticket.id)] == [clients.ERASED]
