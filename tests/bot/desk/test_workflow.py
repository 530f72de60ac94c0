"""Where each step leads from each status: the whole table, cell by cell."""

import re

import pytest

from bot.desk import workflow
from bot.desk.workflow import Status
from bot.errors import Refusal

OPEN = "UNREAD READ ASSIGNED IN_PROGRESS WAITING ON_HOLD".split()
EVERY = [*OPEN, "CLOSED", "ABANDONED"]
STAY = " ".join([*OPEN, "- -"])
TABLE = {
    "read": "READ READ ASSIGNED IN_PROGRESS WAITING ON_HOLD - -",
    "assign": "ASSIGNED ASSIGNED ASSIGNED IN_PROGRESS WAITING ON_HOLD - -",
    "unassign": "UNREAD READ READ IN_PROGRESS WAITING ON_HOLD - -",
    "take": "IN_PROGRESS IN_PROGRESS IN_PROGRESS IN_PROGRESS WAITING ON_HOLD - -",
    "reply": "IN_PROGRESS IN_PROGRESS IN_PROGRESS IN_PROGRESS WAITING ON_HOLD - -",
    "note": "READ READ ASSIGNED IN_PROGRESS WAITING ON_HOLD CLOSED ABANDONED",
    "wait": " ".join([*["WAITING"] * 6, "- -"]),
    "hold": " ".join([*["ON_HOLD"] * 6, "- -"]),
    "resume": "- - - - IN_PROGRESS IN_PROGRESS - -",
    "close": " ".join([*["CLOSED"] * 6, "- -"]),
    "abandon": " ".join([*["ABANDONED"] * 6, "- -"]),
    "snooze": STAY,
    "escalate": STAY,
    "merge_in": STAY,
}
CELLS = [
    (step, Status[status], Status[then] if then != "-" else None)
    for step, line in TABLE.items()
    for status, then in zip(EVERY, line.split(), strict=True)
]


def test_every_step_and_every_status_stands_in_the_table() -> None:
    assert set(workflow.NEXT) == set(TABLE)
    assert [status.name for status in Status] == EVERY


@pytest.mark.row("S3", "S4", "S5", "S6", "S7", "S9")
@pytest.mark.parametrize(("step", "status", "then"), CELLS)
def test_each_cell_of_the_table(step: str, status: Status, then: Status | None) -> None:
    assert workflow.allowed(step, status) is (then is not None)
    if then is not None:
        assert workflow.after(step, status, "TS-1") is then


@pytest.mark.parametrize(
    ("step", "status", "sentence"),
    [
        ("close", Status.CLOSED, "TS-1 is Closed. Reopen it first."),
        ("take", Status.ABANDONED, "TS-1 is Abandoned. Reopen it first."),
        (
            "resume",
            Status.IN_PROGRESS,
            "TS-1 is neither waiting nor on hold, so there is nothing to resume. It is: In progress.",
        ),
    ],
)
def test_a_step_that_leads_nowhere_is_refused_with_where_it_stands(step: str, status: Status, sentence: str) -> None:
    with pytest.raises(Refusal) as refusal:
        workflow.after(step, status, "TS-1")

    assert str(refusal.value) == sentence


def test_an_unknown_step_leads_nowhere() -> None:
    assert not any(workflow.allowed("dance", status) for status in Status)
    with pytest.raises(Refusal):
        workflow.after("dance", Status.READ, "TS-1")


@pytest.mark.row("S10")
@pytest.mark.parametrize("status", list(Status))
def test_only_what_is_over_can_be_reopened(status: Status) -> None:
    over = status.name in ("CLOSED", "ABANDONED")

    assert workflow.allowed("reopen", status) is over
    assert status.is_open is not over


@pytest.mark.row("S10")
@pytest.mark.parametrize("status", [Status.CLOSED, Status.ABANDONED])
def test_reopening_leads_back_to_its_assignee_or_to_everyone(status: Status) -> None:
    assert workflow.after_reopening(status, "TS-1", has_assignee=True) is Status.ASSIGNED
    assert workflow.after_reopening(status, "TS-1", has_assignee=False) is Status.UNREAD


@pytest.mark.row("S10")
def test_reopening_what_is_open_is_refused_with_where_it_stands() -> None:
    with pytest.raises(Refusal) as refusal:
        workflow.after_reopening(Status.ON_HOLD, "TS-1", has_assignee=True)

    assert str(refusal.value) == "TS-1 is open already. It is: On hold."


@pytest.mark.row("C3", "C4")
@pytest.mark.parametrize(
    ("by_staff", "has_assignee", "auto_read", "status"),
    [
        (False, False, False, Status.UNREAD),
        (False, False, True, Status.UNREAD),
        (True, False, False, Status.UNREAD),
        (True, False, True, Status.READ),
        (False, True, False, Status.ASSIGNED),
        (False, True, True, Status.ASSIGNED),
        (True, True, False, Status.ASSIGNED),
        (True, True, True, Status.ASSIGNED),
    ],
)
def test_what_a_ticket_begins_with(by_staff: bool, has_assignee: bool, auto_read: bool, status: Status) -> None:
    assert workflow.first(by_staff=by_staff, has_assignee=has_assignee, auto_read=auto_read) is status


@pytest.mark.row("S8")
@pytest.mark.parametrize(
    ("status", "with_assignee", "without"),
    [
        ("UNREAD", "UNREAD", "UNREAD"),
        ("READ", "READ", "READ"),
        ("ASSIGNED", "ASSIGNED", "ASSIGNED"),
        ("IN_PROGRESS", "IN_PROGRESS", "IN_PROGRESS"),
        ("WAITING", "IN_PROGRESS", "UNREAD"),
        ("ON_HOLD", "IN_PROGRESS", "UNREAD"),
        ("CLOSED", "ASSIGNED", "UNREAD"),
        ("ABANDONED", "ASSIGNED", "UNREAD"),
    ],
)
def test_a_client_who_writes_wakes_what_waits_and_what_is_over(status: str, with_assignee: str, without: str) -> None:
    assert workflow.after_client_wrote(Status[status], has_assignee=True).name == with_assignee
    assert workflow.after_client_wrote(Status[status], has_assignee=False).name == without


@pytest.mark.parametrize(
    ("number", "code", "label"),
    [
        (0, "unread", "Unread"),
        (1, "read", "Read"),
        (2, "assigned", "Assigned"),
        (3, "in_progress", "In progress"),
        (5, "waiting", "Waiting for feedback"),
        (7, "on_hold", "On hold"),
        (8, "closed", "Closed"),
        (9, "abandoned", "Abandoned"),
    ],
)
def test_a_status_has_a_number_for_tables_a_code_for_programs_and_a_label(number: int, code: str, label: str) -> None:
    status = Status(number)

    assert (status.code, workflow.LABELS[status]) == (code, label)


def test_each_status_is_told_from_the_others_at_a_glance() -> None:
    assert len(set(workflow.EMOJI.values())) == len(set(workflow.COLOURS.values())) == len(Status)
    assert all(len(emoji) == 1 for emoji in workflow.EMOJI.values())
    assert all(re.fullmatch(r"#[0-9a-f]{6}", colour) for colour in workflow.COLOURS.values())
