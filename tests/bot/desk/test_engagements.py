"""Projects and contracts: whose they are, and when a ticket is outside its contract."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.backoffice import Backoffice
from bot.clock import SetClock
from bot.desk import clients, engagements
from bot.desk.views import Agreement
from bot.errors import NotFound, Refusal

PARIS = ZoneInfo("Europe/Paris")
WEEK = "mon-fri 09:00-18:00"


@pytest.mark.row("D13")
def test_a_project_is_found_by_its_reference_whatever_the_case(office: Backoffice, clock: SetClock) -> None:
    clients.add("ACME", clock)
    engagements.add("project", "P-2026-01", "New roof", clock, client="ACME", url="https://acme.example/roof")

    found = engagements.find("project", " p-2026-01 ")

    assert engagements.as_json("project", found) == {
        "reference": "P-2026-01",
        "name": "New roof",
        "client": "ACME",
        "url": "https://acme.example/roof",
        "notes": None,
        "active": True,
    }


@pytest.mark.row("D13", "D14")
@pytest.mark.parametrize("kind", engagements.KINDS)
def test_another_client_s_project_or_contract_is_refused(office: Backoffice, clock: SetClock, kind: str) -> None:
    for name in ("ACME", "Globex"):
        clients.add(name, clock)
    engagements.add(kind, "X-1", "", clock, client="ACME")
    acme, globex = clients.find("ACME").id, clients.find("Globex").id

    assert engagements.of_client(kind, "X-1", acme).name == "X-1"
    assert engagements.of_client(kind, "X-1", None).name == "X-1"
    with pytest.raises(Refusal, match="belongs to ACME, another client"):
        engagements.of_client(kind, "X-1", globex)


@pytest.mark.row("D13")
@pytest.mark.parametrize("reference", ["P-1", "p-1"])
def test_a_reference_is_taken_once(office: Backoffice, clock: SetClock, reference: str) -> None:
    engagements.add("project", "P-1", "", clock)

    with pytest.raises(Refusal, match="There is already a project"):
        engagements.add("project", reference, "", clock)


@pytest.mark.row("D14")
@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"starts_on": "2026-02-30"}, "no date"),
        ({"starts_on": "2026-03-02", "ends_on": "2026-03-01"}, "cannot end on 2026-03-01"),
        ({"support_hours": "mornings"}, "support_hours"),
        ({"url": "javascript:alert(1)"}, "begins with https"),
    ],
)
def test_a_contract_that_makes_no_sense_is_refused(
    office: Backoffice, clock: SetClock, values: dict[str, str], reason: str
) -> None:
    with pytest.raises(Refusal, match=reason):
        engagements.add("contract", "C-1", "", clock, **values)

    with pytest.raises(NotFound):
        engagements.find("contract", "C-1")


@pytest.mark.row("D14")
def test_an_end_is_checked_against_the_beginning_that_is_kept(office: Backoffice, clock: SetClock) -> None:
    engagements.add("contract", "C-1", "", clock, starts_on="2026-03-01")

    with pytest.raises(Refusal, match="cannot end"):
        engagements.change("contract", "C-1", ends_on="2026-02-01")
    changed = engagements.change("contract", "C-1", ends_on="2026-12-31", support_hours=WEEK)

    assert (changed.starts_on, changed.ends_on) == (date(2026, 3, 1), date(2026, 12, 31))


@pytest.mark.row("D13")
def test_a_project_that_was_ended_is_not_found_for_new_tickets(office: Backoffice, clock: SetClock) -> None:
    engagements.add("project", "P-1", "", clock)

    engagements.change("project", "P-1", active=False)

    with pytest.raises(NotFound, match="no project P-1"):
        engagements.find("project", "P-1")


def test_a_project_has_no_dates(office: Backoffice, clock: SetClock) -> None:
    with pytest.raises(Refusal, match="A project has no ends_on"):
        engagements.add("project", "P-1", "", clock, ends_on="2026-12-31")


@pytest.mark.row("D14")
def test_a_beginning_is_checked_against_the_end_that_is_kept(office: Backoffice, clock: SetClock) -> None:
    engagements.add("contract", "C-1", "", clock, ends_on="2026-12-31")

    with pytest.raises(Refusal) as refusal:
        engagements.change("contract", "C-1", starts_on="2027-01-01")
    changed = engagements.change("contract", "C-1", starts_on="2026-12-31")

    assert str(refusal.value) == "A contract cannot end on 2026-12-31 before it begins on 2027-01-01."
    assert (changed.starts_on, changed.ends_on) == (date(2026, 12, 31), date(2026, 12, 31))


@pytest.mark.row("D14")
def test_what_is_not_said_stays_and_what_is_said_to_be_empty_goes(office: Backoffice, clock: SetClock) -> None:
    engagements.add("contract", "C-1", "Gold", clock, ends_on="2026-12-31", support_hours=WEEK, notes="a\nb")

    changed = engagements.change("contract", "C-1", name=None, url=" http://acme.example ", ends_on="")
    renamed = engagements.change("contract", "C-1", name=" Silver \t two ", support_hours="")

    assert (changed.name, changed.ends_on, changed.support_hours) == ("Gold", None, WEEK)
    assert changed.url == "http://acme.example"
    assert (renamed.name, renamed.support_hours, renamed.notes) == ("Silver two", "", "a\nb")


@pytest.mark.row("D14")
@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"ends_on": "x" * 41}, f"{'x' * 40} is no date such as 2026-12-31."),
        ({"url": "x" * 81}, f"{'x' * 80} is no address that begins with https://."),
        ({"support_hours": "mornings"}, f"support_hours must be days and hours, as in “{WEEK}”, not “mornings”"),
    ],
)
def test_the_refusal_shows_what_was_typed_cut_short(
    office: Backoffice, clock: SetClock, values: dict[str, str], sentence: str
) -> None:
    with pytest.raises(Refusal) as refusal:
        engagements.add("contract", "C-1", "", clock, **values)

    assert str(refusal.value) == sentence


@pytest.mark.row("D14")
@pytest.mark.parametrize(
    ("at", "sentence"),
    [
        ("2026-03-01 22:59", "⚠️ contract {reference} begins on {date}"),
        ("2026-03-01 23:00", "⚠️ outside the hours of contract {reference} ({hours})"),
        ("2026-03-02 07:59", "⚠️ outside the hours of contract {reference} ({hours})"),
        ("2026-03-02 08:00", None),
        ("2026-03-06 16:59", None),
        ("2026-03-06 17:00", "⚠️ outside the hours of contract {reference} ({hours})"),
        ("2026-12-31 22:59", "⚠️ outside the hours of contract {reference} ({hours})"),
        ("2026-12-31 23:00", "⚠️ contract {reference} ended on {date}"),
    ],
)
def test_a_moment_is_inside_a_contract_or_the_reason_is_told(at: str, sentence: str | None) -> None:
    contract = Agreement("C-1", "Gold", date(2026, 3, 2), date(2026, 12, 31), WEEK)

    told = engagements.outside(contract, datetime.fromisoformat(at).replace(tzinfo=UTC), PARIS)

    assert (told and told.sentence) == sentence
    if told:
        assert told.sentence.format(**told.values).startswith("⚠️ ")


def test_a_contract_without_dates_and_hours_is_never_left() -> None:
    contract = Agreement("C-1", "Gold", None, None, "")

    assert engagements.outside(contract, datetime(2040, 1, 1, tzinfo=UTC), PARIS) is None
