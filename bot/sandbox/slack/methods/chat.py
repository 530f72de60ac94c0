"""chat.*: post, update and delete messages as the bot; blocks are checked first, nothing is stored when refused."""

import json
import re
from dataclasses import dataclass

from bot.sandbox.slack.blocks import message_parts
from bot.sandbox.slack.methods.registry import SPECIAL, TIER_3, TIER_4, Arguments, method
from bot.sandbox.slack.records import Channel, Message
from bot.sandbox.slack.refusals import Json, Refused
from bot.sandbox.slack.workspace import Workspace

LONGEST_TEXT = 40_000
LONGEST_UPDATE = 4_000
LARGEST_METADATA = 8_000
TS = re.compile(r"\d{10,}\.\d{6}")


@dataclass
class Content:
    """What a message is to show; a part is None where the call did not mention it."""

    text: str | None
    blocks: list[Json] | None
    attachments: list[Json] | None

    @property
    def is_empty(self) -> bool:
        return not ((self.text or "").strip() or self.blocks or self.attachments)


def content_of(arguments: Arguments, longest: int = LONGEST_TEXT) -> Content:
    """The checked content of a call; raises no_text, msg_too_long and what `message_parts` raises."""
    blocks = arguments.part("blocks", "invalid_blocks_format")
    attachments = arguments.part("attachments", "invalid_attachments")
    text = arguments.get("text")
    if text is not None and len(str(text)) > longest:
        raise Refused("msg_too_long")
    checked_blocks, checked_attachments = message_parts(blocks, attachments)
    content = Content(
        None if text is None else str(text),
        None if blocks is None else checked_blocks,
        None if attachments is None else checked_attachments,
    )
    if content.is_empty:
        raise Refused("no_text")
    return content


def metadata_of(arguments: Arguments) -> Json | None:
    """The message's metadata: event_type and event_payload."""
    metadata = arguments.part("metadata", "invalid_metadata_format")
    if not metadata:
        return None
    right = isinstance(metadata, dict) and set(metadata) <= {"event_type", "event_payload", "entities"}
    if not right or not isinstance(metadata.get("event_type"), str):
        raise Refused("invalid_metadata_format")
    if not isinstance(metadata.get("event_payload"), dict):
        raise Refused("invalid_metadata_format")
    if len(json.dumps(metadata)) > LARGEST_METADATA:
        raise Refused("metadata_too_large")
    return dict(metadata)


def target(workspace: Workspace, name: str) -> Channel:
    """The channel of an id or `#name`, or the direct conversation with a member."""
    if name in workspace.members:
        if workspace.members[name].deleted:
            raise Refused("channel_not_found")
        return workspace.direct(name)
    named = (c.id for c in workspace.channels.values() if not c.im_with and c.name == name.removeprefix("#"))
    return workspace.channel(next(named, name))


def may_write(workspace: Workspace, channel: Channel) -> None:
    """Raises is_archived or not_in_channel."""
    if channel.archived:
        raise Refused("is_archived")
    anywhere = "chat:write.public" in workspace.scopes and channel.kind == "channel"
    if workspace.bot_user not in channel.members and not anywhere:
        raise Refused("not_in_channel")


def thread_of(arguments: Arguments) -> str | None:
    thread_ts = arguments.text("thread_ts")
    if thread_ts and not TS.fullmatch(thread_ts):
        raise Refused("invalid_thread_ts")
    return thread_ts or None


def bot_message(workspace: Workspace, channel: Channel, content: Content, **more: object) -> Message:
    return Message(
        ts=workspace.new_ts(),
        channel=channel.id,
        user=workspace.bot_user,
        team=workspace.team,
        bot_id=workspace.bot_id,
        app_id=workspace.app_id,
        text=content.text or "",
        blocks=content.blocks or [],
        attachments=content.attachments or [],
        **more,  # type: ignore[arg-type]
    )


@method("chat.postMessage", "channel", scopes=("chat:write",), rate=60)
def post_message(workspace: Workspace, arguments: Arguments) -> Json:
    channel = target(workspace, arguments.text("channel"))
    may_write(workspace, channel)
    content = content_of(arguments)
    message = bot_message(
        workspace,
        channel,
        content,
        thread_ts=thread_of(arguments),
        metadata=metadata_of(arguments),
        broadcast=arguments.flag("reply_broadcast"),
        link_names=arguments.flag("link_names") or arguments.text("parse") == "full",
    )
    workspace.post(message)
    return {"channel": channel.id, "ts": message.ts, "message": workspace.describe(message, with_metadata=True)}


def own_message(workspace: Workspace, arguments: Arguments, refusal: str) -> Message:
    """The bot's message that a call names; raises `refusal` for somebody else's."""
    channel = workspace.channel(arguments.text("channel"))
    message = workspace.message(channel, arguments.text("ts"))
    if message.user != workspace.bot_user:
        raise Refused(refusal)
    if channel.archived:
        raise Refused("is_archived")
    return message


@method("chat.update", "channel", "ts", scopes=("chat:write",), rate=TIER_3)
def update(workspace: Workspace, arguments: Arguments) -> Json:
    """Text without blocks takes the blocks away; attachments stay until they are named."""
    message = own_message(workspace, arguments, "cant_update_message")
    content = content_of(arguments, LONGEST_UPDATE)
    parts: Json = {"blocks": content.blocks or []}
    if content.blocks is None and content.text is None:
        del parts["blocks"]
    if content.text is not None:
        parts["text"] = content.text
    if content.attachments is not None:
        parts["attachments"] = content.attachments
    if (metadata := metadata_of(arguments)) is not None:
        parts["metadata"] = metadata
    if content.blocks is None:
        parts["edited"] = {"user": workspace.bot_id, "ts": workspace.new_ts()}
    workspace.change(message, **parts)
    described = workspace.describe(message, with_metadata=True)
    del described["ts"]  # Slack names it beside the message only
    return {"channel": message.channel, "ts": message.ts, "text": message.text, "message": described}


@method("chat.delete", "channel", "ts", scopes=("chat:write",), rate=TIER_3)
def delete(workspace: Workspace, arguments: Arguments) -> Json:
    message = own_message(workspace, arguments, "cant_delete_message")
    workspace.remove(message)
    return {"channel": message.channel, "ts": message.ts}


@method("chat.postEphemeral", "channel", "user", scopes=("chat:write",), rate=TIER_4)
def post_ephemeral(workspace: Workspace, arguments: Arguments) -> Json:
    channel, user = target(workspace, arguments.text("channel")), arguments.text("user")
    may_write(workspace, channel)
    if user not in channel.members:
        raise Refused("user_not_in_channel")
    content = content_of(arguments)
    message = bot_message(workspace, channel, content, thread_ts=thread_of(arguments), ephemeral_for=user)
    workspace.show_privately(message)
    return {"message_ts": message.ts}


@method("chat.getPermalink", "channel", "message_ts", rate=SPECIAL)
def permalink(workspace: Workspace, arguments: Arguments) -> Json:
    channel = workspace.channel(arguments.text("channel"))
    message = workspace.message(channel, arguments.text("message_ts"))
    return {"channel": channel.id, "permalink": address_of(workspace, message)}


def address_of(workspace: Workspace, message: Message) -> str:
    """A message's permanent address."""
    address = f"{workspace.base}archives/{message.channel}/p{message.ts.replace('.', '')}"
    if message.thread_ts and message.thread_ts != message.ts:
        address += f"?thread_ts={message.thread_ts}&cid={message.channel}"
    return address
