"""References given to tickets: by the model in force, each once, whatever was set, counted or restored before."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from itertools import chain
from pathlib import Path

import pytest

from bot.backoffice import Backoffice, open_backoffice
from bot.clock import SetClock
from bot.commands.effects import effects
from bot.commands.requests import Caller, Request, Spot
from bot.config import load_config
from bot.desk import people
from bot.desk.opening import Opening
from bot.desk.people import Actor, Client
from bot.desk.settings import Settings
from bot.desk.tickets import TicketService
from bot.desk.views import TicketView
from bot.errors import NotFound, Refusal
from bot.intake.filing import Filing
from bot.intake.judging import Decision
from bot.intake.reading import read_mail
from bot.outgoing.recipients import Audience
from storage.database import session, transaction
from storage.models import Counter, Delivery, Ticket
from storage.queries import deliveries
from storage.queries import desk as desk_rows
from storage.queries import people as people_rows
from storage.queries import tickets as ticket_rows
from storage.rows import db
from tests.at_once import all_at_once, meet
from tests.conftest import NOON

ANN = Actor("client", "Ann", "mail")


def _by_mask(office: Backoffice, mask: str, **others: str) -> None:
    for name, value in {"numbering_model": "mask", "numbering_mask": mask, **others}.items():
        office.desk.settings.set(name, value, "bob@example.org")


def _simply(office: Backoffice) -> None:
    office.desk.settings.set("numbering_model", "simple", "bob@example.org")


def _open(office: Backoffice, times: int = 1, by: Actor = ANN, **about: str) -> list[str]:
    opening = Opening("Printer", "Help", client=Client("ann@acme.example", "Ann"), **about)
    return [office.desk.tickets.open(opening, by).reference for _ in range(times)]


def _party(office: Backoffice, code: str, kind: str) -> None:
    with transaction():
        people_rows.add_third_party([], name=code, code=code, kind=kind, created_at=office.clock.now())


def _notices() -> list[str]:
    return [row.payload["text"] for row in Delivery.select().where(Delivery.kind == "notice")]


def _count(counter: str, last: int) -> None:
    Counter.insert(name=counter, value=last).on_conflict(
        conflict_target=[Counter.name], update={Counter.value: last}
    ).execute()


# many at once --------------------------------------------------------------------------------------------------------


def open_hundred(config: Path) -> list[str]:
    """Open a hundred tickets as fast as the others do; their references."""
    office = open_backoffice(load_config(config, {}), SetClock(NOON), migrate=False)
    meet()
    with session(patience=60):
        return _open(office, 100)


@pytest.mark.database
@pytest.mark.row("D1", "DB-02", "R:two at once")
@pytest.mark.parametrize(
    ("mask", "begins", "after"), [("", "TS2603-", ""), ("ACME-{yyyy}/{0000@1}.{uu}", "ACME-2026/", ".00")]
)
def test_four_processes_that_open_a_hundred_tickets_each_leave_no_gap(
    office: Backoffice, database_url: str, tmp_path: Path, mask: str, begins: str, after: str
) -> None:
    if mask:
        _by_mask(office, mask)

    given = all_at_once(4, open_hundred, tmp_path / "deskbell.toml", url=database_url)

    assert sorted(chain(*given)) == [f"{begins}{number:04d}{after}" for number in range(1, 401)]


@pytest.mark.database("postgres")
@pytest.mark.row("D1", "DB-02", "R:two at once")
def test_whoever_has_not_heard_of_a_new_mask_gets_another_reference(office: Backoffice) -> None:
    settings = Settings(office.clock)
    elsewhere = TicketService(office.clock, settings, Audience(office.channels, settings))
    opening = Opening("Printer", "Help", client=Client("ann@acme.example", "Ann"))
    elsewhere.open(opening, ANN)
    _by_mask(office, "TS{yy}{mm}-{0000+1@99}")

    with ThreadPoolExecutor() as threads:
        with transaction():
            (first,) = _open(office)
            second = threads.submit(in_session, elsewhere.open, opening, ANN)
            _until(_somebody_waits)
        given = [first, second.result(10).reference]

    assert given == ["TS2603-0002", "TS2603-0003"]


def in_session(work: Callable[..., TicketView], *given: object) -> TicketView:
    """On a connection of this thread's own."""
    with session():
        return work(*given)


def _somebody_waits() -> bool:
    return db.execute_sql("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()[0] > 0


def _until(happens: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not happens():
        assert time.monotonic() < end
        time.sleep(0.01)


# models --------------------------------------------------------------------------------------------------------------


@pytest.mark.database
@pytest.mark.row("D2", "C1")
def test_a_mask_names_client_and_author(office: Backoffice, bob: Actor) -> None:
    _party(office, "ACME", "LARGE")
    _by_mask(office, "{cccc}-{ttt}-{uuu}-{000}")

    assert _open(office, by=bob, third_party="acme") == ["ACME-LAR-BOB-001"]
    assert _open(office) == ["0000-000-000-002"]


def test_each_client_may_have_a_counter_of_its_own(office: Backoffice) -> None:
    _party(office, "ACME", "")
    _party(office, "BOLT", "")
    _by_mask(office, "{cccc000}")

    given = [_open(office, third_party=code)[0] for code in ("ACME", "BOLT", "ACME")]

    assert given == ["ACME001", "BOLT001", "ACME002"]


@pytest.mark.row("TM-04")
def test_the_month_is_the_desks_and_each_month_counts_by_itself(office: Backoffice, clock: SetClock) -> None:
    _by_mask(office, "TS{yyyy}{mm}-{000@99}", timezone="Pacific/Kiritimati")
    clock.move(days=27 - clock.now().day + 4, hours=-2, seconds=-0.1)

    before = _open(office, 2)
    clock.move(seconds=0.2)

    assert (before, _open(office)) == (["TS202603-001", "TS202603-002"], ["TS202604-001"])


def test_a_failed_opening_takes_no_number(office: Backoffice) -> None:
    _by_mask(office, "T{000}")

    with pytest.raises(NotFound):
        _open(office, third_party="NOBODY")

    assert _open(office) == ["T001"]


def test_a_mask_that_cannot_be_read_keeps_nobody_from_opening_a_ticket(office: Backoffice) -> None:
    _by_mask(office, "T{000}")
    desk_rows.set_setting("numbering_mask", "no counter", "bob@example.org", office.clock.now())
    office.desk.settings.reset("warn_at")

    assert _open(office) == ["TS2603-0001"]


# what is taken already -----------------------------------------------------------------------------------------------


@pytest.mark.database
def test_a_mask_that_comes_back_counts_on(office: Backoffice) -> None:
    given = []
    for mask in ("A{000}", "B{000}", "A{000}"):
        _by_mask(office, mask)
        given += _open(office, 2)

    assert given == ["A001", "A002", "B001", "B002", "A003", "A004"]


@pytest.mark.database
def test_references_that_another_model_gave_are_left_out(office: Backoffice) -> None:
    simple = _open(office, 2)
    _by_mask(office, "TS{yy}{mm}-{0000@99}")
    masked = _open(office, 2)
    _simply(office)

    assert simple + masked == [f"TS2603-{number:04d}" for number in range(1, 5)]
    assert _open(office, 2) == ["TS2603-0005", "TS2603-0006"]


@pytest.mark.database
def test_a_counter_that_was_set_back_skips_what_is_taken_and_fills_what_is_not(office: Backoffice) -> None:
    given = _open(office, 3)
    _count("reference", 7)
    given += _open(office, 1)
    _count("reference", 0)

    given += _open(office, 6)

    assert [int(reference[-4:]) for reference in given] == [1, 2, 3, 8, 4, 5, 6, 7, 9, 10]


# near the end --------------------------------------------------------------------------------------------------------


@pytest.mark.breaks("INV-06")
@pytest.mark.database
def test_the_team_is_warned_once_when_nine_tenths_of_a_counter_are_used_and_it_grows(office: Backoffice) -> None:
    _by_mask(office, "T{000}")
    _open(office)
    counter = Counter.get().name
    _count(counter, 898)

    before = (_open(office), _notices())
    after = _open(office, 2)
    _count(counter, 998)

    assert (before, after) == ((["T899"], []), ["T900", "T901"])
    assert ["T900" in text and "T{000}" in text for text in _notices()] == [True]
    assert _open(office, 2) == ["T999", "T1000"]
    assert len(_notices()) == 1


def test_a_counter_that_begins_near_its_end_warns_with_its_first(office: Backoffice) -> None:
    _by_mask(office, "T{000+950}")

    _open(office, 2)

    assert ["T951" in text for text in _notices()] == [True]


@pytest.mark.breaks("INV-06")
def test_the_simple_model_grows_without_a_warning(office: Backoffice) -> None:
    _count("reference", 8998)
    _open(office, 2)
    _count("reference", 9998)

    assert _open(office, 2) == ["TS2603-9999", "TS2603-10000"]
    assert _notices() == []


# finding them again --------------------------------------------------------------------------------------------------


@pytest.mark.database
def test_a_number_is_found_with_the_letters_before_it_only(office: Backoffice) -> None:
    _party(office, "ACME", "")
    _by_mask(office, "{cccc}-{0000+40}")
    mine = _open(office, third_party="ACME")
    _by_mask(office, "AC{0000+40}/{dd}")
    other = _open(office)
    carol = people.agent("carol@example.org")

    found = [office.desk.tickets.find(typed, carol).reference for typed in ("acme-41", "AC41")]

    assert found == mine + other == ["ACME-0041", "AC0041/04"]
    with pytest.raises(NotFound):
        office.desk.tickets.find("41", carol)


@pytest.mark.breaks("INV-06")
@pytest.mark.database
def test_numbers_of_tickets_that_are_there_already_are_filled_in(office: Backoffice) -> None:
    _count("reference", 41)
    _open(office)
    for mask in ("ACME-{yyyy}/{0000@1}", "X{0000+7}.{dd}"):
        _by_mask(office, mask)
        _open(office)
    given = [row.number for row in Ticket.select().order_by(Ticket.id)]
    Ticket.update(number=None).execute()

    import_module("storage.migrations.0011_numbers_and_silence").fill(db.obj)

    assert [row.number for row in Ticket.select().order_by(Ticket.id)] == given == [42, 1, 8]


@pytest.mark.database
@pytest.mark.parametrize("typed", ["ACME-2026/0002", "acme-2026/0002", "[ACME-2026/0002]", "2", "0002", "acme-2"])
def test_references_of_a_mask_are_found_whole_and_short(office: Backoffice, typed: str) -> None:
    _by_mask(office, "ACME-{yyyy}/{0000@1}")
    _open(office, 2)

    assert office.desk.tickets.find(typed, people.agent("carol@example.org")).reference == "ACME-2026/0002"


@pytest.mark.parametrize("typed", ["1", "T0001", "TS-3", "BX-1", "%", "____", "T%", "0"])
def test_what_is_no_reference_or_several_finds_nothing(office: Backoffice, typed: str) -> None:
    _open(office, 2)
    _by_mask(office, "B{000}X")
    _open(office, 1)

    with pytest.raises(NotFound):
        office.desk.tickets.find(typed, people.agent("carol@example.org"))


@pytest.mark.parametrize(("typed", "found"), [("TS-1", "TS2603-0001"), ("2", "TS2603-0002"), ("b001x", "B001X")])
def test_after_a_change_of_model_old_and_new_references_are_found(office: Backoffice, typed: str, found: str) -> None:
    _open(office, 2)
    _by_mask(office, "B{000}X")
    _open(office, 1)

    view = office.desk.tickets.find(typed, people.agent("carol@example.org"))

    assert view.reference == found


@pytest.mark.parametrize("said", ["acme-2026/0001 It burns", "It burns", "v2/3 burns"])
def test_in_a_thread_a_reference_is_only_what_names_a_ticket(office: Backoffice, said: str) -> None:
    _by_mask(office, "ACME-{yyyy}/{0000@1}")
    _open(office)
    ticket = office.desk.tickets.find("1", people.agent("carol@example.org"))
    deliveries.hang(
        ticket.id, "slack:C1", version=1, at=office.clock.now(), platform="slack", channel="C1", message="1"
    )

    caller, spot = Caller("cli", "carol@example.org"), Spot("slack", "C1", "1")
    office.runner.run(Request(caller, "note", words=said, spot=spot))

    assert ticket_rows.messages(ticket.id)[-1].text == said.removeprefix("acme-2026/0001 ")


@pytest.mark.parametrize("subject", ["Re: Printer [ACME-2026/0001]", "about acme-2026/0001."])
def test_a_reference_of_a_mask_in_a_subject_finds_the_ticket_for_who_takes_part(
    office: Backoffice, subject: str
) -> None:
    _by_mask(office, "ACME-{yyyy}/{0000@1}")
    _open(office)
    filing = Filing(office.desk, office.config.mailboxes[0])

    def decided(sender: str) -> Decision:
        raw = f"From: {sender}\r\nSubject: {subject}\r\nMessage-ID: <1@x.example>\r\n\r\nHello\r\n".encode()
        return filing.judge(read_mail(raw), len(raw))

    assert (decided("ann@acme.example").decision, decided("eve@evil.example").decision) == ("reply", "create")


# setting it ----------------------------------------------------------------------------------------------------------


@pytest.mark.row("C1", "D2")
def test_a_bad_mask_is_refused_when_it_is_set(office: Backoffice) -> None:
    with pytest.raises(Refusal, match="has 3 digits at least"):
        office.desk.settings.set("numbering_mask", "T{00}", "bob@example.org")

    assert office.desk.settings.get("numbering_mask") == ""


@pytest.mark.row("C1")
@pytest.mark.parametrize(
    ("mask", "upcoming"),
    [
        ("T{000+9}", "T010, T011, T012"),
        ("{cc000}", "CL001, CL002, CL003"),
        ("{uuu}{000}", "BOB001, BOB002, BOB003"),
    ],
)
def test_whoever_sets_a_mask_sees_the_next_three_references(office: Backoffice, mask: str, upcoming: str) -> None:
    _by_mask(office, mask)

    told = effects("numbering_mask", office.desk, office.desk.words(), "bob@example.org")

    assert told == [f"The next references: {upcoming}"]
    assert Counter.select().count() == 0


def test_a_preview_leaves_out_what_is_taken(office: Backoffice) -> None:
    _open(office, 2)
    _by_mask(office, "TS{yy}{mm}-{0000@99}")

    told = effects("numbering_model", office.desk, office.desk.words())

    assert told == ["The next references: TS2603-0003, TS2603-0004, TS2603-0005"]


def test_a_mask_that_is_not_in_force_says_so(office: Backoffice) -> None:
    _by_mask(office, "T{000}")
    _simply(office)

    told = effects("numbering_mask", office.desk, office.desk.words())

    assert told == [
        "The next references would be: T001, T002, T003",
        "They are made so once numbering_model is set to mask.",
    ]


def test_the_model_mask_without_a_mask_says_so(office: Backoffice) -> None:
    office.desk.settings.set("numbering_model", "mask", "bob@example.org")

    told = effects("numbering_model", office.desk, office.desk.words())

    assert told[1:] == ["There is no numbering_mask yet; until there is, the simple model counts."]


def test_other_settings_have_nothing_to_tell(office: Backoffice) -> None:
    assert effects("language", office.desk, office.desk.words()) == []
