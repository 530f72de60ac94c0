"""Who gets a public letter: the requester first, watchers as copies, nobody twice and nobody of ours."""

from dataclasses import replace

import pytest

from bot.desk import addressees
from bot.desk.addressees import Addressees
from bot.desk.views import Reader, TicketView


@pytest.mark.row("F5")
def test_the_reply_to_of_the_last_mail_comes_before_the_sender(ticket: TicketView) -> None:
    answered_elsewhere = replace(ticket, reply_address="Team@acme.example")

    assert addressees.of_ticket(answered_elsewhere) == Addressees(("team@acme.example",))


@pytest.mark.row("F5")
def test_watchers_get_copies_and_nobody_gets_two(ticket: TicketView) -> None:
    watched = replace(
        ticket, watchers=(Reader("ANN@acme.example", "Ann"), Reader("dan@acme.example", "Dan"), Reader("x@y.z", "X"))
    )

    assert addressees.of_ticket(watched) == Addressees(("ann@acme.example",), ("dan@acme.example", "x@y.z"))


@pytest.mark.row("F5")
def test_who_is_inactive_is_skipped_and_named_and_the_next_takes_the_place(ticket: TicketView) -> None:
    left = replace(ticket, requester_is_active=False, watchers=(Reader("dan@acme.example", "Dan"),))

    found = addressees.of_ticket(left)

    assert found == Addressees(("dan@acme.example",), (), (("ann@acme.example", "is not active any more"),))


@pytest.mark.row("F5", "R:no addresses leak")
def test_agents_and_our_own_mailboxes_are_never_written_to(ticket: TicketView) -> None:
    looped = replace(
        ticket,
        reply_address="support+tag@example.org",
        watchers=(Reader("bob@example.org", "Bob"), Reader("dan@acme.example", "Dan")),
    )

    found = addressees.of_ticket(looped, staff={"bob@example.org"}, ours={"support@example.org"})

    assert found.all == ("dan@acme.example",)
    assert found.skipped == (("support+tag@example.org", "is our own address"), ("bob@example.org", "is an agent"))


@pytest.mark.row("F5", "R:no addresses leak")
@pytest.mark.parametrize(
    ("address", "is_ours"),
    [
        ("support@example.org", True),
        ("Support+token@Example.org", True),
        ("support+a+b@example.org", True),
        ("team+desk@example.org", True),
        ("team+desk+token@example.org", True),
        ("team@example.org", False),
        ("team+other@example.org", False),
        ("support@acme.example", False),
        ("supporter@example.org", False),
        ("", False),
    ],
)
def test_a_mailbox_of_ours_is_told_with_and_without_what_follows_a_plus(address: str, is_ours: bool) -> None:
    ours = {"support@example.org", "team+desk@example.org"}

    assert addressees.is_at(address, ours) is is_ours
    assert addressees.outside([address], (), ours) == ([] if is_ours else [address])


@pytest.mark.row("F5", "R:no addresses leak")
def test_agents_are_left_out_however_their_address_is_spelled() -> None:
    listed = ["Bob@Example.org", "dan@acme.example"]

    assert addressees.outside(listed, {"bob@example.org"}, ()) == ["dan@acme.example"]


@pytest.mark.row("F5")
def test_a_ticket_of_nobody_is_written_to_nobody(ticket: TicketView) -> None:
    internal = replace(ticket, requester_address="", reply_address="")

    assert addressees.of_ticket(internal) == Addressees()


@pytest.mark.row("F5")
def test_never_more_than_fifty(ticket: TicketView) -> None:
    crowd = replace(ticket, watchers=tuple(Reader(f"p{n}@acme.example", "") for n in range(80)))

    assert len(addressees.of_ticket(crowd).all) == 50
