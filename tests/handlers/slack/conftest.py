"""The pretend Slack with its usual people, and the adapter running on it with nothing behind the verbs' door."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.ports import Place
from bot.sandbox.slack import PretendSlack
from handlers.slack import SCOPES, SlackAdapter
from handlers.slack.chat import SlackChat
from tests.handlers.slack.running import connected, served
from tests.handlers.slack.stage import BOB, CAROL, ENGLISH, EVE, GUEST, SUPPORT, WrittenDown, card


@pytest.fixture
async def slack() -> AsyncIterator[PretendSlack]:
    """It grants the scopes of the manifest and no other, so that every test shows that they are enough."""
    pretend = PretendSlack(scopes=frozenset(SCOPES))
    pretend.add_member(BOB, "Bob", "bob@example.org")
    pretend.add_member(CAROL, "Carol", "carol@example.org")
    pretend.add_member(GUEST, "Greg", "greg@example.org", guest=True)
    pretend.add_member(EVE, "Eve", "eve@stranger.example", foreign_team="T0FOREIGN")
    pretend.add_channel(SUPPORT, "support", members=(BOB, CAROL, GUEST, EVE))
    await pretend.start()
    yield pretend
    await pretend.stop()


@pytest.fixture
def verbs() -> WrittenDown:
    return WrittenDown()


@pytest.fixture(params=["socket", "http"])
async def adapter(
    slack: PretendSlack, verbs: WrittenDown, request: pytest.FixtureRequest
) -> AsyncIterator[SlackAdapter]:
    """Connected over Socket Mode, and once more behind a web server of its own."""
    way = served if request.param == "http" else connected
    async with way(slack, verbs) as running:
        yield running


@pytest.fixture
def client(slack: PretendSlack) -> AsyncWebClient:
    return AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, timeout=1, retry_handlers=[])


@pytest.fixture
def chat(client: AsyncWebClient) -> SlackChat:
    return SlackChat(client, ENGLISH)


@pytest.fixture
def place() -> Place:
    return Place("slack", "#support")


@pytest.fixture
async def hanging(adapter: SlackAdapter, place: Place) -> Any:
    """The ts of a card in the channel."""
    return (await adapter.chat.post_card(place, card(), key="d1")).message
