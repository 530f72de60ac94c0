"""A user group in a real Slack is kept in step with a rota, and looked at by `check`."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.app import check_connections
from bot.desk.audit import at_the_server
from bot.sandbox.slack.records import UserGroup
from storage.database import session
from storage.models import Delivery
from tests.handlers.slack.house import CHANNEL, House, open_house

AT_SERVER, OLD = at_the_server(), "U0EVE"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as running:
        running.slack.workspace.groups["S0ONCALL"] = UserGroup("S0ONCALL", "oncall", "On call", users=[OLD])
        yield running


def members(house: House) -> list[str]:
    """Who is in the group."""
    return house.slack.workspace.groups["S0ONCALL"].users


def follow(house: House, group: str = "oncall") -> None:
    """Bob is on call, and a group follows that."""
    with session():
        rotas = house.office.desk.rotas
        rotas.add("NIGHTS", AT_SERVER, name="Nights", zone="UTC")
        rotas.set_layer("NIGHTS", {"members": "bob@example.org", "starts": "2020-01-01"}, AT_SERVER)
        rotas.change("NIGHTS", AT_SERVER, user_group=group)


async def test_whoever_is_on_call_is_its_only_member(house: House) -> None:
    follow(house)

    await house.until(lambda: members(house) == ["U0BOB"])


async def test_what_slack_refuses_is_told_once_and_held(house: House) -> None:
    house.slack.workspace.groups["S0ONCALL"].disabled = True
    follow(house, "S0ONCALL")

    await house.until(lambda: any("does not follow" in one.text for one in house.slack.messages(CHANNEL)))
    with session():
        held = Delivery.get(Delivery.kind == "group")
        waits = held.next_at - house.office.clock.now()
    assert (held.state, 55 < waits.total_seconds() / 60 < 61) == ("pending", True)
    assert "is switched off" in held.error
    assert members(house) == [OLD]


async def test_check_names_what_a_group_lacks(house: House) -> None:
    follow(house)
    with_scopes = await check_connections(house.office.config, house.office)
    house.slack.workspace.scopes -= {"usergroups:write"}

    without = await check_connections(house.office.config, house.office)

    assert [one.sentence for one in with_scopes if one.what == "slack user group"] == ["@oncall"]
    assert any("usergroups:write" in one.sentence and not one.ok for one in without)
