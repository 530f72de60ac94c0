"""The live connection: refused tokens, lost sockets, a clean end, and what `deskbell check` finds."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest

from bot.errors import AdapterError
from bot.sandbox.slack import ALL_SCOPES, PretendSlack, wait_until
from handlers.slack import SCOPES, SlackAdapter
from tests.handlers.slack.stage import BOB, ENGLISH, SUPPORT, WrittenDown, config_of, until


def made(slack: PretendSlack, **more: Any) -> SlackAdapter:
    return SlackAdapter(config_of(slack, **more), WrittenDown(), ENGLISH)


@pytest.fixture
async def serving(slack: PretendSlack, verbs: WrittenDown) -> AsyncIterator["asyncio.Task[None]"]:
    """The task that serves; a test may see it end."""
    adapter = SlackAdapter(config_of(slack), verbs, ENGLISH)
    task = asyncio.create_task(adapter.serve(lambda: None))
    await slack.connected()
    yield task
    task.cancel()
    with suppress(asyncio.CancelledError, AdapterError):
        await task


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        (
            {"bot_token": "xoxb-1-2-wrongwrongwrong"},
            "slack: bot_token was refused (invalid_auth): copy the Bot User OAuth",
        ),
        (
            {"app_token": "xapp-1-A-1-wrongwrong"},
            "slack: app_token was refused (invalid_auth): make an App-Level Token",
        ),
    ],
    ids=["bot", "app"],
)
async def test_a_wrong_token_is_named_at_once_and_nothing_is_tried_again(
    slack: PretendSlack, setting: dict, told: str
) -> None:
    with pytest.raises(AdapterError) as raised:
        await made(slack, **setting).serve(lambda: None)

    assert str(raised.value).startswith(told)
    assert raised.value.permanent


@pytest.mark.parametrize("fault", ["internal_error", "ratelimited"])
async def test_a_slack_that_cannot_answer_now_is_tried_again(slack: PretendSlack, fault: str) -> None:
    slack.faults.fail("auth.test", fault)

    with pytest.raises(AdapterError) as raised:
        await made(slack).serve(lambda: None)

    assert not raised.value.permanent


async def test_a_slack_that_is_not_there_is_tried_again() -> None:
    away = PretendSlack()
    await away.start()
    adapter = made(away)
    await away.stop()

    with pytest.raises(AdapterError, match="does not answer") as raised:
        await adapter.serve(lambda: None)

    assert not raised.value.permanent


async def test_it_says_that_it_is_up_and_ends_at_once(slack: PretendSlack) -> None:
    seen: list[float] = []
    task = asyncio.create_task(made(slack).serve(lambda: seen.append(time.monotonic())))
    await until(lambda: seen)

    began = time.monotonic()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task

    assert time.monotonic() - began < 5
    await wait_until(lambda: not slack.sockets.links)


def opened(slack: PretendSlack) -> int:
    """How many connections were asked for so far."""
    return len(slack.calls_of("apps.connections.open"))


async def lose(slack: PretendSlack, how: str) -> None:
    """Lose the connection; returns once another one was asked for and stands."""
    before = opened(slack)
    if how == "asked":
        await slack.ask_to_reconnect()
    else:
        await slack.cut_sockets(abrupt=how == "abrupt")
    await wait_until(lambda: slack.sockets.links and opened(slack) > before)


@pytest.mark.slow
@pytest.mark.parametrize("how", ["abrupt", "closed", "asked"])
async def test_a_lost_connection_is_back_within_five_seconds(
    slack: PretendSlack, serving: Any, verbs: WrittenDown, how: str
) -> None:
    for number in range(1, 4):
        began = time.monotonic()
        await lose(slack, how)
        assert time.monotonic() - began < 5

        await slack.slash(BOB, SUPPORT, f"show {number}")
        assert verbs.last.words == f"show {number}"


@pytest.mark.slow
async def test_a_connection_that_has_gone_silent_is_replaced_within_five_seconds(
    slack: PretendSlack, serving: Any, verbs: WrittenDown
) -> None:
    before = opened(slack)
    slack.faults.silence_pings = True

    await wait_until(lambda: opened(slack) > before, 5)

    slack.faults.silence_pings = False


@pytest.mark.slow
async def test_a_revoked_token_ends_the_work_and_says_what_to_do(slack: PretendSlack, serving: Any) -> None:
    await slack.uninstall()

    with pytest.raises(AdapterError, match="bot_token was refused \\(account_inactive\\)") as raised:
        await asyncio.wait_for(serving, 20)
    assert raised.value.permanent


async def test_an_event_of_revoked_tokens_changes_nothing_while_they_are_good(
    slack: PretendSlack, serving: "asyncio.Task[None]", verbs: WrittenDown
) -> None:
    before = len(slack.calls_of("auth.test"))
    await slack.emit({"type": "tokens_revoked", "tokens": {"oauth": ["U0BOB"], "bot": []}})

    await until(lambda: len(slack.calls_of("auth.test")) > before)
    await slack.slash(BOB, SUPPORT, "help")

    assert not serving.done() and verbs.last.words == "help"


async def test_http_mode_without_a_web_server_says_so(slack: PretendSlack) -> None:
    with pytest.raises(AdapterError, match='mode "http" needs the web server') as raised:
        await made(slack, mode="http").serve(lambda: None)

    assert raised.value.permanent


# deskbell check ------------------------------------------------------------------------------------------------------


async def test_a_check_finds_all_well(slack: PretendSlack) -> None:
    findings = await made(slack).check()

    assert all(finding.ok for finding in findings)
    assert {finding.what for finding in findings} == {
        "slack",
        "slack app token",
        "slack scopes",
        "clock",
        "slack channel",
    }
    assert slack.messages(SUPPORT) == [] and not slack.sockets.links


async def sentence(slack: PretendSlack, what: str) -> str:
    """What the check says about this, which is not well."""
    finding = next(finding for finding in await made(slack).check() if finding.what == what)
    assert not finding.ok
    return finding.sentence


async def test_a_check_names_missing_scopes(slack: PretendSlack) -> None:
    slack.workspace.scopes = frozenset(ALL_SCOPES - {"users:read.email", "files:read"})

    assert "files:read, users:read.email" in await sentence(slack, "slack scopes")


async def test_a_check_needs_no_scope_that_is_not_asked_for(slack: PretendSlack) -> None:
    slack.workspace.scopes = frozenset(SCOPES)

    assert all(finding.ok for finding in await made(slack).check())


async def test_a_check_says_that_the_bot_is_not_in_its_channel(slack: PretendSlack) -> None:
    slack.workspace.channels[SUPPORT].members.discard(slack.bot_user)

    assert await sentence(slack, "slack channel") == "the bot is not in #support: /invite @Deskbell there"


async def test_a_check_finds_archived_and_missing_channels(slack: PretendSlack) -> None:
    slack.workspace.channels[SUPPORT].archived = True
    assert "is archived" in await sentence(slack, "slack channel")

    del slack.workspace.channels[SUPPORT]
    assert "there is no channel #support" in await sentence(slack, "slack channel")


async def test_a_check_tells_a_refused_app_token_apart(slack: PretendSlack) -> None:
    slack.faults.fail("apps.connections.open", "not_allowed_token_type")

    assert "app_token was refused" in await sentence(slack, "slack app token")
