"""What a person can reach on the screen: the element with an action id, and what choosing it sends.

Raises NotThere for what nobody could press; a forged value is put in afterwards, knowingly.
"""

from typing import Any

from bot.sandbox.slack.blocks import located
from bot.sandbox.slack.elements import all_options
from bot.sandbox.slack.records import Channel, Message, View
from bot.sandbox.slack.refusals import Json, NotThere
from bot.sandbox.slack.view_state import VALUES, as_value, option_of
from bot.sandbox.slack.workspace import Workspace


def channel_of(workspace: Workspace, user: str, channel_id: str) -> Channel:
    """A channel that the person can see: public, or joined; a guest or foreigner only where a member."""
    channel = workspace.channels.get(channel_id)
    member = workspace.members.get(user)
    if channel is None or member is None or member.deleted:
        raise NotThere(f"{user} has no {channel_id}")
    if user not in channel.members and (channel.private or member.guest or member.foreign):
        raise NotThere(f"{user} is not in {channel.name}")
    return channel


def message_of(workspace: Workspace, user: str, channel_id: str, ts: str) -> Message:
    """The message of this timestamp on the person's screen, ephemeral or not."""
    channel = channel_of(workspace, user, channel_id)
    for message in workspace.ephemerals:
        if (message.ts, message.channel, message.ephemeral_for) == (ts, channel_id, user):
            return message
    if ts not in channel.messages:
        raise NotThere(f"there is no message {ts} in {channel.name}")
    return channel.messages[ts]


def view_of(workspace: Workspace, user: str, view_id: str, *, topmost: bool = True) -> View:
    """The person's open view; in a stack only the topmost can be touched."""
    view = workspace.views.get(view_id)
    if view is None or view.user != user or not view.is_open:
        raise NotThere(f"{user} has no open view {view_id}")
    stack = workspace.stack(user)
    if topmost and view in stack and stack[-1] is not view:
        raise NotThere(f"view {view_id} lies under another")
    return view


def find(blocks: list[Json], action_id: str, block_id: str | None = None) -> tuple[Json, Json]:
    """The block and element of an action id, the first one or the one in the named block."""
    for block, element in located(blocks):
        if element["action_id"] == action_id and block_id in (None, block["block_id"]):
            return block, element
    there = [element["action_id"] for _, element in located(blocks)]
    raise NotThere(f"there is no {action_id!r}, only {there}")


def attachment_of(message: Message, block: Json) -> int | None:
    """The number of the attachment that holds the block; None for the message's own."""
    for attachment in message.attachments:
        if any(inside["block_id"] == block["block_id"] for inside in attachment.get("blocks") or []):
            return int(attachment["id"])
    return None


def chosen(element: Json, value: str | None, option: Any, view: View | None = None) -> Json:
    """What `actions` carries of a press: the button's value, the option of a menu; `value` forges one."""
    kind = element["type"]
    if kind == "button":
        sent = element.get("value") if value is None else value
        return {} if sent is None else {"value": sent}
    if kind == "overflow":
        return {"selected_option": _option(element, value, option)}
    name = VALUES[kind][0]
    if value is not None and name == "selected_option":
        return {name: _forged(element, value)}
    suggested = view.suggested if view else None
    return {name: as_value(element, value if option is None else option, suggested)}


def _option(element: Json, value: str | None, option: Any) -> Json:
    return _forged(element, value) if value is not None else option_of(element, str(option))


def _forged(element: Json, value: str) -> Json:
    first = next(all_options(element), {"text": {"type": "plain_text", "text": value, "emoji": True}})
    return {**first, "value": value}
