"""Slack's user groups of rotas: asked for on each change and every hour, told once where it does not work."""

import pytest

from bot.backoffice import Backoffice
from bot.clock import SetClock
from bot.desk import people
from bot.desk.people import Actor
from bot.errors import FieldErrors
from storage.models import Delivery
from storage.queries import people as people_rows
from tests.conftest import NOON

GROUP = "oncall"


@pytest.fixture
def nights(office: Backoffice, bob: Actor) -> str:
    """Bob and Carol take turns from eight to eight; a group of Slack follows them. Only Bob's account is known."""
    office.desk.rotas.add("nights", bob, name="Nights", zone="UTC")
    typed = {"members": "bob@example.org, carol@example.org", "days": "day", "starts": "2026-03-04"}
    office.desk.rotas.set_layer("NIGHTS", typed, bob)
    people_rows.link_account(people.agent("bob@example.org").id, "slack", "U0BOB", "Bob", NOON)
    return office.desk.rotas.change("NIGHTS", bob, user_group="@OnCall").code


def asked() -> list[Delivery]:
    """What Slack was asked for."""
    return list(Delivery.select().where(Delivery.kind == "group").order_by(Delivery.id))


def done() -> None:
    """It was taken."""
    Delivery.update(state="sent", sent_at=NOON).where(Delivery.state == "pending").execute()


def said() -> list[str]:
    """What the team was told."""
    return [one.payload["text"] for one in Delivery.select().where(Delivery.kind == "notice").order_by(Delivery.id)]


def test_slack_is_asked_once_and_again_after_an_hour(office: Backoffice, clock: SetClock, nights: str) -> None:
    first, again = office.desk.user_groups.look(), office.desk.user_groups.look()
    done()
    clock.move(minutes=61)
    later = office.desk.user_groups.look()

    assert (first, again, later) == (1, 0, 1)
    assert [(one.platform, one.channel) for one in asked()] == [("slack", GROUP)] * 2


def test_slack_is_asked_as_soon_as_somebody_else_is_on_call(
    office: Backoffice, clock: SetClock, carol: Actor, nights: str
) -> None:
    office.desk.user_groups.look()
    done()
    before = office.desk.user_groups.members(GROUP)

    office.desk.swaps.take_over(nights, NOON, NOON.replace(hour=18), carol)

    assert office.desk.user_groups.look() == 1
    assert (before, office.desk.user_groups.members(GROUP)) == (["U0BOB"], ["carol@example.org"])


def test_a_group_stays_as_it_is_while_nobody_is_on_call(office: Backoffice, bob: Actor, nights: str) -> None:
    office.desk.rotas.set_layer(nights, {"hours": "mon-sun 18:00-20:00"}, bob, 1)

    assert office.desk.user_groups.look() == 0
    assert office.desk.user_groups.members(GROUP) == []


def test_two_rotas_share_a_group(office: Backoffice, bob: Actor, nights: str) -> None:
    office.desk.rotas.add("days", bob, zone="UTC")
    office.desk.rotas.set_layer("DAYS", {"members": "carol"}, bob)
    office.desk.rotas.change("DAYS", bob, user_group=GROUP)

    assert sorted(office.desk.user_groups.members(GROUP)) == ["U0BOB", "carol@example.org"]


def test_what_does_not_work_is_told_once_and_so_is_its_end(office: Backoffice, nights: str) -> None:
    for _ in range(3):
        office.desk.user_groups.refused(GROUP, "permission_denied")
        done()
    office.desk.user_groups.kept(GROUP)
    office.desk.user_groups.kept(GROUP)

    assert said() == [
        "⚠️ Slack's user group oncall does not follow who is on call: permission_denied",
        "✅ Slack's user group oncall follows who is on call again.",
    ]


@pytest.mark.parametrize("typed", ["#support", "two words", "S!", "x" * 30])
def test_what_is_no_group_is_refused(office: Backoffice, bob: Actor, nights: str, typed: str) -> None:
    with pytest.raises(FieldErrors):
        office.desk.rotas.change(nights, bob, user_group=typed)


def test_a_rota_follows_no_group_any_more(office: Backoffice, bob: Actor, nights: str) -> None:
    assert office.desk.user_groups.groups() == [GROUP]

    office.desk.rotas.change(nights, bob, user_group="-")

    assert office.desk.user_groups.groups() == []
