"""reactions.*: emoji on messages, by name without colons; twice the same is refused."""

import re

from bot.sandbox.slack.methods.registry import TIER_2, TIER_3, Arguments, method
from bot.sandbox.slack.records import Message
from bot.sandbox.slack.refusals import Json, Refused
from bot.sandbox.slack.workspace import Workspace

NAME = re.compile(r"[a-z0-9_+'-]+(::skin-tone-[2-6])?")


def _item(workspace: Workspace, arguments: Arguments) -> Message:
    if not arguments.text("channel") or not arguments.text("timestamp"):
        raise Refused("no_item_specified")
    channel = workspace.channel(arguments.text("channel"))
    if workspace.bot_user not in channel.members:
        raise Refused("not_in_channel" if channel.kind == "channel" else "channel_not_found")
    if channel.archived:
        raise Refused("is_archived")
    return workspace.message(channel, arguments.text("timestamp"))


def _name(arguments: Arguments) -> str:
    name = arguments.text("name").strip(":")
    if not NAME.fullmatch(name):
        raise Refused("invalid_name")
    return name


@method("reactions.add", "channel", "name", "timestamp", scopes=("reactions:write",), rate=TIER_3)
def add(workspace: Workspace, arguments: Arguments) -> Json:
    message, name = _item(workspace, arguments), _name(arguments)
    if workspace.bot_user in message.reactions.get(name, []):
        raise Refused("already_reacted")
    workspace.react(message, workspace.bot_user, name, added=True)
    return {}


@method("reactions.remove", "name", scopes=("reactions:write",), rate=TIER_2)
def remove(workspace: Workspace, arguments: Arguments) -> Json:
    message, name = _item(workspace, arguments), _name(arguments)
    if workspace.bot_user not in message.reactions.get(name, []):
        raise Refused("no_reaction")
    workspace.react(message, workspace.bot_user, name, added=False)
    return {}


@method("reactions.get", scopes=("reactions:read",), rate=TIER_3)
def get(workspace: Workspace, arguments: Arguments) -> Json:
    message = _item(workspace, arguments)
    return {"type": "message", "channel": message.channel, "message": workspace.describe(message)}
