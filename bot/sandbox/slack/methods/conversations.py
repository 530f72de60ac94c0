"""conversations.*: channels, their members and messages; each kind of channel needs its own scope."""

from bot.sandbox.slack.methods.chat import TS
from bot.sandbox.slack.methods.registry import (
    HISTORY,
    PREFIX,
    READ,
    TIER_2,
    TIER_3,
    TIER_4,
    Arguments,
    method,
    page,
    require_scope,
)
from bot.sandbox.slack.records import Channel, Message
from bot.sandbox.slack.refusals import Json, Refused
from bot.sandbox.slack.workspace import Workspace

TYPES = {"public_channel": "channel", "private_channel": "group", "im": "im", "mpim": "mpim"}


def _channel(workspace: Workspace, arguments: Arguments, right: str) -> Channel:
    channel = workspace.channel(arguments.text("channel"))
    require_scope(workspace, f"{PREFIX[channel.kind]}:{right}")
    return channel


@method("conversations.info", "channel", scopes=READ, rate=TIER_3)
def info(workspace: Workspace, arguments: Arguments) -> Json:
    return {"channel": _channel(workspace, arguments, "read").to_dict(workspace.bot_user)}


@method("conversations.list", scopes=READ, rate=TIER_2)
def list_(workspace: Workspace, arguments: Arguments) -> Json:
    types = [name.strip() for name in arguments.text("types", "public_channel").split(",")]
    if any(name not in TYPES for name in types):
        raise Refused("invalid_types")
    kinds = [TYPES[name] for name in types]
    for kind in kinds:
        require_scope(workspace, f"{PREFIX.get(kind, 'mpim')}:read")
    shown = [c for c in workspace.channels.values() if c.kind in kinds and _is_visible(workspace, c, arguments)]
    channels, cursor = page(shown, arguments)
    return {
        "channels": [channel.to_dict(workspace.bot_user) for channel in channels],
        "response_metadata": {"next_cursor": cursor},
    }


def _is_visible(workspace: Workspace, channel: Channel, arguments: Arguments) -> bool:
    if channel.archived and arguments.flag("exclude_archived"):
        return False
    return not channel.private or workspace.bot_user in channel.members


@method("conversations.members", "channel", scopes=READ, rate=TIER_4)
def members(workspace: Workspace, arguments: Arguments) -> Json:
    channel = _channel(workspace, arguments, "read")
    users, cursor = page(sorted(channel.members), arguments)
    return {"members": users, "response_metadata": {"next_cursor": cursor}}


@method("conversations.join", "channel", scopes=("channels:join",), rate=TIER_3)
def join(workspace: Workspace, arguments: Arguments) -> Json:
    channel = workspace.channel(arguments.text("channel"))
    if channel.kind != "channel":
        raise Refused("method_not_supported_for_channel_type")
    if channel.archived:
        raise Refused("is_archived")
    channel.members.add(workspace.bot_user)
    return {"channel": channel.to_dict(workspace.bot_user)}


@method("conversations.open", scopes=("im:write", "mpim:write"), rate=TIER_3)
def open_(workspace: Workspace, arguments: Arguments) -> Json:
    given = arguments.get("users") or ""
    users = given if isinstance(given, list) else [name for name in str(given).split(",") if name]
    if not users:
        raise Refused("users_list_not_supplied")
    if len(users) > 1:
        raise Refused("method_not_supported_for_channel_type")
    member = workspace.member(users[0])
    if member.deleted:
        raise Refused("user_disabled")
    channel = workspace.direct(member.id)
    full = arguments.flag("return_im")
    return {"channel": channel.to_dict(workspace.bot_user) if full else {"id": channel.id}}


def _between(messages: list[Message], arguments: Arguments) -> list[Message]:
    oldest, latest = arguments.text("oldest", "0"), arguments.text("latest")
    for name, ts in (("oldest", oldest), ("latest", latest or "0")):
        if not ts.replace(".", "", 1).isdigit():
            raise Refused(f"invalid_ts_{name}")
    first, last, inclusive = float(oldest), float(latest or "inf"), arguments.flag("inclusive")
    inside = [m for m in messages if first < float(m.ts) < last]
    edges = [m for m in messages if inclusive and m.ts in (oldest, latest)]
    return sorted({m.ts: m for m in inside + edges}.values(), key=lambda message: message.ts)


def _page_of(workspace: Workspace, messages: list[Message], arguments: Arguments) -> Json:
    shown, cursor = page(messages, arguments, most=999)
    all_metadata = arguments.flag("include_all_metadata")
    answer: Json = {
        "messages": [workspace.describe(m, with_metadata=all_metadata) for m in shown],
        "has_more": bool(cursor),
    }
    return answer | ({"response_metadata": {"next_cursor": cursor}} if cursor else {})


@method("conversations.history", "channel", scopes=HISTORY, rate=TIER_3)
def history(workspace: Workspace, arguments: Arguments) -> Json:
    """Newest first; answers in threads only where they were broadcast."""
    channel = _channel(workspace, arguments, "history")
    if workspace.bot_user not in channel.members:
        raise Refused("not_in_channel")
    top = [m for m in channel.messages.values() if m.broadcast or m.thread_ts in (None, m.ts)]
    return _page_of(workspace, _between(top, arguments)[::-1], arguments) | {"pin_count": 0}


@method("conversations.replies", "channel", "ts", scopes=HISTORY, rate=TIER_3)
def replies(workspace: Workspace, arguments: Arguments) -> Json:
    """The thread's first message and its answers, oldest first."""
    channel, ts = _channel(workspace, arguments, "history"), arguments.text("ts")
    if workspace.bot_user not in channel.members:
        raise Refused("not_in_channel")
    if not TS.fullmatch(ts) or ts not in channel.messages:
        raise Refused("thread_not_found")
    return _page_of(workspace, [channel.messages[ts], *_between(workspace.replies(channel, ts), arguments)], arguments)
