"""The menus of commands, the whole way: each in its reader's language, with what the reader may do, and up to date."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.desk import staff
from bot.desk.audit import at_the_server
from handlers.telegram import menus
from storage.database import session
from tests.handlers.telegram.forum import SAM, Forum, running_forum

STRANGERS, GROUPS = '{"type": "all_private_chats"}', '{"type": "all_group_chats"}'
SAMS = f'{{"chat_id": {SAM}, "type": "chat"}}'


@pytest.fixture
async def forum(tmp_path: Path, desks_hold: None, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Forum]:
    monkeypatch.setattr(menus, "EVERY", 0.1)
    async with running_forum(tmp_path) as running:
        await running.until(lambda: (SAMS, "") in running.telegram.world.menus)
        yield running


def names(forum: Forum, scope: str, language: str = "") -> list[str]:
    """The commands of a menu."""
    return [one["command"] for one in forum.telegram.world.menus[scope, language]]


def said(forum: Forum, scope: str, command: str, language: str = "") -> str:
    """What a menu says of a command."""
    found = (one["description"] for one in forum.telegram.world.menus[scope, language] if one["command"] == command)
    return next(found, "")


def changed(forum: Forum, **values: Any) -> None:
    """Sam's role, language or phone is another one."""
    with session():
        staff.change("sam@example.org", forum.office.clock, at_the_server(), **values)


async def test_strangers_see_three_commands_and_people_what_their_role_allows(forum: Forum) -> None:
    as_agent = names(forum, SAMS)
    changed(forum, role="viewer")
    await forum.until(lambda: "take" not in names(forum, SAMS))

    assert names(forum, STRANGERS) == names(forum, STRANGERS, "fr") == ["start", "help", "pair"]
    assert as_agent == ["ticket", "list", "mine", "take", "note", "reply", "close", "oncall", "help", "pair"]
    assert names(forum, SAMS) == ["ticket", "list", "mine", "oncall", "help"]


async def test_menus_follow_the_desk_s_language_and_a_person_s_own(forum: Forum) -> None:
    with session():
        forum.office.desk.settings.set("language", "fr", "Bob")
    await forum.until(lambda: said(forum, GROUPS, "mine") == said(forum, SAMS, "mine") == "vos tickets")
    changed(forum, language="en")
    await forum.until(lambda: said(forum, SAMS, "mine") == "your tickets")

    assert said(forum, GROUPS, "mine") == "vos tickets"
    assert said(forum, GROUPS, "mine", "en") == "your tickets"


async def test_whoever_is_linked_no_more_has_no_menu_of_their_own(forum: Forum) -> None:
    changed(forum, accounts={"telegram": ""})

    await forum.until(lambda: (SAMS, "") not in forum.telegram.world.menus)


async def test_what_telegram_does_not_take_for_one_person_is_not_tried_all_the_time(forum: Forum) -> None:
    changed(forum, accounts={"telegram": "999"})
    await forum.until(lambda: any(not call.ok for call in forum.telegram.calls_of("setMyCommands")))
    changed(forum, accounts={"telegram": str(SAM)})
    await forum.until(lambda: (SAMS, "") in forum.telegram.world.menus)

    refused = [call for call in forum.telegram.calls_of("setMyCommands") if not call.ok]
    assert len(refused) == 1
