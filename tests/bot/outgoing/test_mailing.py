"""Which letters an event sends, and to whom."""

from dataclasses import replace
from typing import Any

import pytest

from bot.backoffice import Backoffice
from bot.desk.outbox import Happened, Parcel
from bot.desk.people import DESK, Actor
from bot.desk.views import Reader, TicketView
from bot.outgoing.mailing import Mailing
from tests.conftest import NOON

ANN, DAN = "ann@acme.example", "dan@acme.example"
ALL_ON = {"confirmation": "on", "confirm_unverified": "on", "assignment_notice": "on"}


@pytest.fixture
def watched(ticket: TicketView) -> TicketView:
    """Ann's ticket, which Dan watches; they are told everything."""
    return replace(ticket, watchers=(Reader(DAN, "Dan"),), notify="all")


@pytest.fixture(autouse=True)
def all_on(office: Backoffice) -> None:
    """Every automatic letter is switched on."""
    for name, value in ALL_ON.items():
        office.desk.settings.set(name, value, "test")


def parcels(office: Backoffice, ticket: TicketView, kind: str, by: Actor = DESK, **data: Any) -> list[Parcel]:
    """What is sent when this happens to the ticket."""
    happened = Happened(9, kind, by, NOON, data=data)
    return list(Mailing(office.desk.settings, {"support@example.org"})(happened, ticket))


def letters(office: Backoffice, ticket: TicketView, kind: str, **data: Any) -> list[tuple[str, str]]:
    """The letters and who gets them."""
    return [(parcel.payload["letter"], parcel.channel) for parcel in parcels(office, ticket, kind, **data)]


# automatic letters ---------------------------------------------------------------------------------------------------


@pytest.mark.row("D11", "N6", "N7", "N8", "N9", "C5")
@pytest.mark.parametrize(
    ("kind", "data", "letter", "notify"),
    [
        ("opened", {}, "confirmation", "milestones all"),
        ("assigned", {}, "assignment", "all"),
        ("client_reminded", {}, "reminder", "all"),
        ("closed", {"notify": True}, "closing", "milestones all"),
        ("abandoned", {"notify": True}, "closing", "milestones all"),
        ("closed", {"notify": True, "silent": True}, "closing_silent", "milestones all"),
        ("closed", {"notify": False}, "", ""),
        ("closed", {"notify": [ANN]}, "closing", "none milestones all"),
        ("resumed", {}, "", ""),
        ("taken", {}, "assignment", "all"),
        ("taken_over", {}, "assignment", "all"),
        ("taken", {"kept": True}, "", ""),
        ("noted", {}, "", ""),
    ],
)
@pytest.mark.parametrize("chosen", ["none", "milestones", "all"])
def test_a_ticket_is_told_of_as_much_as_was_chosen_for_it(
    office: Backoffice, ticket: TicketView, kind: str, data: dict[str, Any], letter: str, notify: str, chosen: str
) -> None:
    told = letters(office, replace(ticket, notify=chosen), kind, **data)

    assert told == ([(letter, ANN)] if chosen in notify.split() else [])


@pytest.mark.row("N7", "N8")
@pytest.mark.parametrize(
    ("setting", "kind", "letter"),
    [("confirmation", "opened", "confirmation"), ("assignment_notice", "assigned", "assignment")],
)
def test_a_setting_switches_its_letter_alone(
    office: Backoffice, watched: TicketView, setting: str, kind: str, letter: str
) -> None:
    before = letters(office, watched, kind)
    office.desk.settings.set(setting, "off", "test")

    assert before == [(letter, ANN)]
    assert letters(office, watched, kind) == []
    assert letters(office, watched, "client_reminded") == [("reminder", ANN)]


@pytest.mark.row("N7")
@pytest.mark.parametrize(
    ("doubtful", "verdict", "setting", "is_told"),
    [
        ("", "pass", "off", True),
        ("two senders", "pass", "off", False),
        ("", "unknown", "off", False),
        ("", "", "off", False),
        ("two senders", "fail", "on", True),
    ],
)
def test_an_unverified_sender_is_confirmed_only_where_that_is_wanted(
    office: Backoffice, watched: TicketView, doubtful: str, verdict: str, setting: str, is_told: bool
) -> None:
    office.desk.settings.set("confirm_unverified", setting, "test")

    mailed = replace(watched, doubtful=doubtful, verdict=verdict)
    assert bool(letters(office, mailed, "opened")) is is_told
    assert letters(office, mailed, "assigned") == [("assignment", ANN)]


@pytest.mark.parametrize("kind", ["opened", "assigned", "client_reminded"])
def test_a_robot_gets_no_automatic_letter(office: Backoffice, watched: TicketView, kind: str) -> None:
    assert letters(office, replace(watched, automatic="bulk mail"), kind) == []


@pytest.mark.row("F5")
@pytest.mark.parametrize(
    ("kind", "data", "cc"),
    [("opened", {}, []), ("assigned", {}, []), ("closed", {"notify": True}, [DAN]), ("abandoned", {}, [DAN])],
)
def test_watchers_are_told_of_the_end_only(
    office: Backoffice, watched: TicketView, kind: str, data: dict[str, Any], cc: list[str]
) -> None:
    sent = parcels(office, watched, kind, **data)

    assert [parcel.channel for parcel in sent] == [ANN, *cc]
    assert all(parcel.payload["to"] == [ANN] and parcel.payload["cc"] == cc for parcel in sent)


@pytest.mark.row("C5", "R:no addresses leak", "MO-10")
@pytest.mark.parametrize("chosen", [[DAN, DAN, "support@example.org"], (DAN, "support+x@example.org")])
def test_those_who_were_picked_for_the_end_are_told_and_no_mailbox_of_ours(
    office: Backoffice, watched: TicketView, chosen: list[str]
) -> None:
    assert letters(office, watched, "closed", notify=chosen) == [("closing", DAN)]


@pytest.mark.row("F5", "MO-10")
def test_our_own_mailbox_is_no_watcher(office: Backoffice, ticket: TicketView) -> None:
    looped = replace(ticket, watchers=(Reader("support@example.org", "Us"),), reply_address="support@example.org")

    assert letters(office, looped, "closed", notify=True) == []


# what an agent wrote -------------------------------------------------------------------------------------------------


@pytest.mark.row("F4", "S6")
@pytest.mark.parametrize(
    ("data", "letter", "cc"),
    [
        ({"to": [ANN]}, "reply", []),
        ({"to": [ANN], "cc": [DAN]}, "reply", [DAN]),
        ({"to": [ANN], "closes": True}, "reply_closing", []),
        ({"to": [ANN], "closes": False}, "reply", []),
    ],
)
def test_a_reply_always_goes_to_those_it_was_written_to(
    office: Backoffice, ticket: TicketView, data: dict[str, Any], letter: str, cc: list[str]
) -> None:
    sent = parcels(office, replace(ticket, notify="none", automatic="bulk mail"), "replied", **data)

    assert [(parcel.payload["letter"], parcel.channel) for parcel in sent] == [(letter, who) for who in (ANN, *cc)]
    assert sent[0].payload == {"letter": letter, "to": [ANN], "cc": cc}


@pytest.mark.row("F3", "R:note reaches nobody")
def test_a_note_goes_to_each_who_was_picked_and_names_no_other(office: Backoffice, watched: TicketView) -> None:
    sent = parcels(office, watched, "noted", to=["paul@partner.example", DAN])

    assert [(parcel.payload["to"], parcel.payload["cc"]) for parcel in sent] == [
        (["paul@partner.example"], []),
        ([DAN], []),
    ]
    assert {parcel.payload["letter"] for parcel in sent} == {"note"}
    assert letters(office, watched, "noted") == []


# the team ------------------------------------------------------------------------------------------------------------


@pytest.mark.row("N2")
@pytest.mark.parametrize(
    ("of_group", "of_desk", "told"),
    [
        ("", "", []),
        ("", "boss@example.org", [("notice", "boss@example.org")]),
        ("team@example.org", "boss@example.org", [("notice", "team@example.org")]),
    ],
)
def test_the_groups_address_is_told_of_new_tickets_before_the_desks(
    office: Backoffice, ticket: TicketView, of_group: str, of_desk: str, told: list[tuple[str, str]]
) -> None:
    office.desk.settings.set("notify_address", of_desk, "test")
    quiet = replace(ticket, notify="none", group=replace(ticket.group, notify_address=of_group))

    assert letters(office, quiet, "opened") == told
    assert letters(office, quiet, "assigned") == []


# how they leave ------------------------------------------------------------------------------------------------------


@pytest.mark.row("N6")
@pytest.mark.parametrize("kind", ["opened", "replied", "closed"])
@pytest.mark.parametrize(("letters_are", "some"), [("off", False), ("dry_run", True), ("on", True)])
def test_no_letter_is_written_where_letters_are_off(
    office: Backoffice, watched: TicketView, kind: str, letters_are: str, some: bool
) -> None:
    office.desk.settings.set("letters", letters_are, "test")

    assert bool(letters(office, watched, kind, to=[ANN], notify=True)) is some


def test_a_parcel_is_a_letter_to_one_address(office: Backoffice, watched: TicketView) -> None:
    sent = parcels(office, watched, "replied", to=[ANN, DAN])

    assert sent == [
        Parcel(
            key=f"letter:9:reply:{address}",
            kind="letter",
            platform="mail",
            channel=address,
            payload={"letter": "reply", "to": [ANN, DAN], "cc": []},
            delay=30,
            urgency=4,
        )
        for address in (ANN, DAN)
    ]


@pytest.mark.row("R:no addresses leak")
def test_whoever_gets_no_letter_is_not_named_in_it_either(office: Backoffice, ticket: TicketView) -> None:
    sent = parcels(office, ticket, "replied", to=[ANN], cc=["support@example.org", DAN])

    assert [(parcel.payload["to"], parcel.payload["cc"]) for parcel in sent] == [([ANN], [DAN])] * 2


@pytest.mark.row("MO-10")
@pytest.mark.parametrize(("kind", "readers"), [("replied", "cc"), ("closed", "notify")])
def test_no_letter_has_more_than_fifty_readers(office: Backoffice, ticket: TicketView, kind: str, readers: str) -> None:
    crowd = [f"reader{number}@acme.example" for number in range(20_000)]

    sent = parcels(office, ticket, kind, **{"to": [ANN], readers: crowd})

    assert len({parcel.channel for parcel in sent}) == 50


@pytest.mark.row("F5")
def test_nobody_gets_a_letter_twice(office: Backoffice, ticket: TicketView) -> None:
    sent = parcels(office, ticket, "replied", to=[ANN], cc=[ANN, DAN])

    assert [parcel.channel for parcel in sent] == [ANN, DAN]


@pytest.mark.row("F4")
@pytest.mark.parametrize(
    ("kind", "by_agent", "delay"),
    [
        ("replied", True, 7),
        ("closed", True, 7),
        ("abandoned", True, 7),
        ("closed", False, 0),
        ("opened", True, 0),
        ("noted", True, 0),
    ],
)
def test_what_an_agent_may_take_back_leaves_a_little_later(
    office: Backoffice, watched: TicketView, bob: Actor, kind: str, by_agent: bool, delay: float
) -> None:
    office.desk.settings.set("undo_seconds", "7", "test")

    sent = parcels(office, watched, kind, bob if by_agent else DESK, to=[ANN], notify=True)

    assert {parcel.delay for parcel in sent} == {delay}
