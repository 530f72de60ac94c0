"""What Slack sends an app, shape by shape; every payload is made here and nowhere else."""

from typing import Any

from bot.sandbox.slack.records import Channel, Message, View
from bot.sandbox.slack.refusals import Json
from bot.sandbox.slack.view_state import state_of
from bot.sandbox.slack.workspace import Workspace

VERIFICATION = "sandbox-verification-token"


def _home(workspace: Workspace) -> Json:
    return {"id": workspace.team, "domain": workspace.domain}


def _person(workspace: Workspace, user: str) -> Json:
    member = workspace.members[user]
    return {"id": user, "username": member.username, "name": member.username, "team_id": member.team}


def _interactive(workspace: Workspace, kind: str, user: str) -> Json:
    return {
        "type": kind,
        "user": _person(workspace, user),
        "api_app_id": workspace.app_id,
        "token": VERIFICATION,
        "team": _home(workspace),
        "enterprise": None,
        "is_enterprise_install": False,
    }


def slash_command(workspace: Workspace, user: str, channel: Channel, command: str, text: str) -> Json:
    return {
        "token": VERIFICATION,
        "team_id": workspace.team,
        "team_domain": workspace.domain,
        "channel_id": channel.id,
        "channel_name": channel.shown_name,
        "user_id": user,
        "user_name": workspace.members[user].username,
        "command": command,
        "text": text,
        "api_app_id": workspace.app_id,
        "is_enterprise_install": "false",
    }


def action(workspace: Workspace, block: Json, element: Json, chosen: Json) -> Json:
    """One entry of `actions`: the element's identity, its fixed parts and what was chosen."""
    entry: Json = {"type": element["type"], "action_id": element["action_id"], "block_id": block["block_id"]}
    fixed = ("text", "style", "url", "placeholder", "initial_option", "confirm")
    entry |= {name: element[name] for name in fixed if name in element}
    return entry | chosen | {"action_ts": workspace.new_ts()}


def message_press(
    workspace: Workspace, user: str, message: Message, actions: list[Json], attachment_id: int | None
) -> Json:
    channel = workspace.channels[message.channel]
    payload = _interactive(workspace, "block_actions", user)
    payload["container"] = message_container(message, attachment_id)
    payload["channel"] = {"id": channel.id, "name": channel.shown_name}
    if not message.ephemeral_for:
        payload["message"] = workspace.describe(message)
    payload["state"] = {"values": state_of(message.all_blocks, {})}
    return payload | {"actions": actions}


def message_container(message: Message, attachment_id: int | None) -> Json:
    container: Json = {
        "type": "message" if attachment_id is None else "message_attachment",
        "message_ts": message.ts,
        "channel_id": message.channel,
        "is_ephemeral": bool(message.ephemeral_for),
    }
    if attachment_id is not None:
        container |= {"attachment_id": attachment_id, "is_app_unfurl": False}
    return container | ({"thread_ts": message.thread_ts} if message.thread_ts else {})


def view_press(workspace: Workspace, user: str, view: View, actions: list[Json]) -> Json:
    return _interactive(workspace, "block_actions", user) | {
        "container": {"type": "view", "view_id": view.id},
        "view": workspace.describe_view(view),
        "actions": actions,
    }


def submission(workspace: Workspace, user: str, view: View) -> Json:
    payload = _interactive(workspace, "view_submission", user)
    return payload | {"view": workspace.describe_view(view), "response_urls": []}


def view_closed(workspace: Workspace, user: str, view: View, *, cleared: bool) -> Json:
    payload = _interactive(workspace, "view_closed", user)
    return payload | {"view": workspace.describe_view(view), "is_cleared": cleared}


def global_shortcut(workspace: Workspace, user: str, callback_id: str) -> Json:
    payload = _interactive(workspace, "shortcut", user)
    return payload | {"callback_id": callback_id, "action_ts": workspace.new_ts()}


def message_shortcut(workspace: Workspace, user: str, message: Message, callback_id: str) -> Json:
    channel = workspace.channels[message.channel]
    payload = _interactive(workspace, "message_action", user)
    del payload["api_app_id"]  # the only interaction without it
    return payload | {
        "callback_id": callback_id,
        "action_ts": workspace.new_ts(),
        "message_ts": message.ts,
        "message": workspace.describe(message),
        "channel": {"id": channel.id, "name": channel.shown_name},
    }


def suggestion(workspace: Workspace, user: str, block: Json, element: Json, query: str, place: Json) -> Json:
    """`place` holds container and view, or container, channel and message."""
    payload = _interactive(workspace, "block_suggestion", user)
    named = {"action_id": element["action_id"], "block_id": block["block_id"], "value": query}
    return payload | named | place


def event_callback(workspace: Workspace, event: Json) -> Json:
    """The envelope of the Events API around one event."""
    author = workspace.members.get(str(event.get("user", "")))
    authorization: Json = {
        "enterprise_id": None,
        "team_id": workspace.team,
        "user_id": workspace.bot_user,
        "is_bot": True,
        "is_enterprise_install": False,
    }
    return {
        "token": VERIFICATION,
        "team_id": workspace.team,
        "context_team_id": workspace.team,
        "context_enterprise_id": None,
        "api_app_id": workspace.app_id,
        "event": event,
        "type": "event_callback",
        "event_id": workspace.new_id("Ev"),
        "event_time": int(workspace.clock()),
        "authorizations": [authorization],
        "is_ext_shared_channel": bool(author and author.foreign),
        "event_context": f"4-{workspace.new_id('E')}",
    }


def file_entry(workspace: Workspace, file_id: str) -> Any:
    return workspace.files[file_id].to_dict(workspace.base)
