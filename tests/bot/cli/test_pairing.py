"""`deskbell ticket pair` without a running bot: Telegram itself says what the bot is called."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from bot.sandbox.telegram import PretendTelegram
from tests.bot.cli.conftest import Shell


@pytest.fixture
async def telegram(deskbell: Shell) -> AsyncIterator[PretendTelegram]:
    """A pretend Telegram that `deskbell` is set up with, whose bot is @acme_desk_bot."""
    made = PretendTelegram(username="acme_desk_bot")
    await made.start()
    deskbell.configure("[telegram]", f'token = "{made.token}"', f'api_url = "{made.api_url}"')
    await asyncio.to_thread(deskbell, "agent", "add", "bob@example.org", "--name", "Bob")
    yield made
    await made.stop()


@pytest.mark.usefixtures("telegram")
async def test_the_pairing_address_names_the_bot(deskbell: Shell) -> None:
    paired = await asyncio.to_thread(deskbell, "ticket", "pair", "--as", "bob@example.org", "--json")

    assert paired.stderr == ""
    assert json.loads(paired.stdout)["link"].startswith("https://t.me/acme_desk_bot?start=")


async def test_a_telegram_that_is_away_is_one_line(deskbell: Shell, telegram: PretendTelegram) -> None:
    await telegram.stop()

    refused = await asyncio.to_thread(deskbell, "ticket", "pair", "--as", "bob@example.org")

    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (1, "", 1)
    assert refused.stderr.startswith("telegram: ")


@pytest.mark.usefixtures("telegram")
async def test_somebody_who_is_no_agent_is_not_paired(deskbell: Shell) -> None:
    refused = await asyncio.to_thread(deskbell, "ticket", "pair", "--as", "eve@evil.example")

    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("There is no active agent eve@evil.example.")
