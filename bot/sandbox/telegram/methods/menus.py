"""The menu of commands, per scope and language."""

import json
import re
from typing import Any

from bot.sandbox.telegram.arguments import Arguments
from bot.sandbox.telegram.entities import units
from bot.sandbox.telegram.methods.table import method
from bot.sandbox.telegram.refusals import bad_request
from bot.sandbox.telegram.world import World

COMMAND = re.compile(r"[a-z0-9_]{1,32}")
MOST_COMMANDS = 100
SCOPES = frozenset((
    "default", "all_private_chats", "all_group_chats", "all_chat_administrators", "chat",
    "chat_administrators", "chat_member",
))  # fmt: skip


@method("setMyCommands")
def set_my_commands(world: World, arguments: Arguments) -> bool:
    """Set the menu of one scope and language."""
    place = _place(world, arguments)
    commands = arguments.json("commands") or []
    if len(commands) > MOST_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    world.menus[place] = [_command(one) for one in commands]
    world.tell("menu", scope=place[0], language=place[1], commands=world.menus[place])
    return True


@method("getMyCommands")
def get_my_commands(world: World, arguments: Arguments) -> list[dict[str, str]]:
    """The menu of one scope and language."""
    return world.menus.get(_place(world, arguments), [])


@method("deleteMyCommands")
def delete_my_commands(world: World, arguments: Arguments) -> bool:
    """No menu for this scope and language any more."""
    world.menus.pop(_place(world, arguments), None)
    return True


def _place(world: World, arguments: Arguments) -> tuple[str, str]:
    scope: dict[str, Any] = arguments.json("scope") or {"type": "default"}
    if scope.get("type") not in SCOPES:
        raise bad_request("unsupported BotCommandScope specified")
    if "chat_id" in scope:
        world.chat(scope["chat_id"])
    language = arguments.text("language_code")
    if language and not re.fullmatch(r"[a-z]{2}", language):
        raise bad_request("LANG_CODE_INVALID")
    return json.dumps(scope, sort_keys=True), language


def _command(given: dict[str, Any]) -> dict[str, str]:
    name, description = str(given.get("command", "")).removeprefix("/"), str(given.get("description", ""))
    if not COMMAND.fullmatch(name):
        raise bad_request("BOT_COMMAND_INVALID")
    if not 1 <= units(description) <= 256:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name, "description": description}
