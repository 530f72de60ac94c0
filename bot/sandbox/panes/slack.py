"""The Slack pane: channels, messages, private answers and modals as the page draws them, and what agents do."""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.sandbox.cast import Cast
from bot.sandbox.panes import DONE, Details, Item, Outcome, Perform, refused
from bot.sandbox.panes.client import attachment
from bot.sandbox.slack import PretendSlack
from bot.sandbox.slack.gesture import Gesture
from bot.sandbox.slack.records import Channel, Message, View

NEWEST = 200
LATE = "operation_timeout"


class SlackPane:
    """Everything that the agents of the cast may see; who sees what (`only`, `user`) is kept apart by the page."""

    name = "slack"

    def __init__(self, slack: PretendSlack, cast: Cast) -> None:
        self._slack, self._cast = slack, cast
        self.gestures: Mapping[str, Perform] = {
            "slash": self._slash,
            "say": self._say,
            "edit": self._edit,
            "delete": self._delete,
            "react": self._react,
            "shortcut": self._shortcut,
            "open_home": self._open_home,
            "press": self._press,
            "press_in_view": self._press_in_view,
            "submit": self._submit,
            "close_view": self._close_view,
            "suggest": self._suggest,
        }

    def items(self) -> dict[str, Item]:
        """All that is on show."""
        return {item["key"]: item for item in self._items()}

    def _items(self) -> Iterator[Item]:
        yield {"key": "names", "kind": "names", "order": 0, "names": self._names()}
        for number, channel in enumerate(self._channels()):
            yield self._channel(channel, number)
            for message in list(channel.messages.values())[-NEWEST:]:
                yield self._message(message)
        for message in self._slack.workspace.ephemerals[-NEWEST:]:
            yield self._message(message)
        for agent in self._cast.agents:
            for depth, view in enumerate(self._slack.open_views(agent.slack)):
                yield _view(view, depth)
            if home := self._slack.home(agent.slack):
                yield _home(home)

    def _names(self) -> dict[str, str]:
        workspace = self._slack.workspace
        people = {member.id: member.name for member in workspace.members.values()}
        channels = {channel.id: channel.name for channel in workspace.channels.values()}
        return people | channels | {workspace.bot_user: self._cast.bot_name}

    def _channels(self) -> list[Channel]:
        agents = {agent.slack for agent in self._cast.agents}
        return [channel for channel in self._slack.workspace.channels.values() if channel.members & agents]

    def _channel(self, channel: Channel, number: int) -> Item:
        direct = channel.im_with
        return {
            "key": f"channel {channel.id}",
            "kind": "channel",
            "order": number,
            "id": channel.id,
            "name": self._cast.bot_name if direct else f"#{channel.name}",
            "only": direct,
            "topic": "" if direct else "What clients write, and who takes it",
        }

    def _message(self, message: Message) -> Item:
        replies = self._slack.workspace.replies(self._slack.workspace.channels[message.channel], message.ts)
        is_bot = bool(message.bot_id)
        return {
            "key": f"{message.channel} {message.ts}",
            "kind": "message",
            "order": float(message.ts),
            "at": float(message.ts) * 1000,
            "channel": message.channel,
            "ts": message.ts,
            "thread": message.thread_ts if message.thread_ts != message.ts else None,
            "author": {"id": message.user, "name": self._name(message), "bot": is_bot},
            "text": message.text,
            "blocks": message.blocks,
            "attachments": message.attachments,
            "files": [{"name": file["name"], "bytes": file.get("size", 0)} for file in message.files],
            "reactions": [{"name": name, "users": users} for name, users in message.reactions.items()],
            "edited": bool(message.edited),
            "only": message.ephemeral_for,
            "replies": 0 if message.ephemeral_for else len(replies),
            "last_reply_at": float(replies[-1].ts) * 1000 if replies else None,
        }

    def _name(self, message: Message) -> str:
        member = self._slack.workspace.members.get(message.user)
        return self._cast.bot_name if message.bot_id or member is None else member.name

    async def _slash(self, details: Details) -> Outcome:
        user, channel, text = details["user"], details["channel"], details["text"]
        return _outcome(await self._slack.slash(user, channel, text, command=details["command"]))

    async def _say(self, details: Details) -> Outcome:
        await self._slack.say(details["user"], details["channel"], details["text"], thread_ts=details["thread_ts"])
        return DONE

    async def _edit(self, details: Details) -> Outcome:
        await self._slack.edit_message(*_place(details), details["text"])
        return DONE

    async def _delete(self, details: Details) -> Outcome:
        await self._slack.delete_message(*_place(details))
        return DONE

    async def _react(self, details: Details) -> Outcome:
        """Put an emoji under a message; the second time take it away."""
        user, channel, ts = _place(details)
        name = details["name"]
        mine = user in self._slack.message(channel, ts).reactions.get(name, [])
        await (self._slack.unreact if mine else self._slack.react)(user, channel, ts, name)
        return DONE

    async def _shortcut(self, details: Details) -> Outcome:
        place = {"channel": details.get("channel"), "ts": details.get("ts")}
        return _outcome(await self._slack.shortcut(details["user"], details["callback_id"], **place))

    async def _open_home(self, details: Details) -> Outcome:
        await self._slack.open_home(details["user"])
        return DONE

    async def _press(self, details: Details) -> Outcome:
        place = details["user"], details["channel"], details["ts"], details["action_id"]
        return _outcome(await self._slack.press(*place, **_choice(details)))

    async def _press_in_view(self, details: Details) -> Outcome:
        place = details["user"], details["view_id"], details["action_id"]
        return _outcome(await self._slack.press_in_view(*place, **_choice(details)))

    async def _submit(self, details: Details) -> Outcome:
        user = details["user"]
        values = {key: self._chosen(user, value) for key, value in details["values"].items()}
        return _outcome(await self._slack.submit(user, details["view_id"], values))

    def _chosen(self, user: str, value: Any) -> Any:
        """Files as they lie on Slack's servers; every other value as it is."""
        if not (isinstance(value, list) and value and isinstance(value[0], dict)):
            return value
        return [self._slack.choose_file(user, *attachment(file)) for file in value]

    async def _close_view(self, details: Details) -> Outcome:
        await self._slack.close_view(details["user"], details["view_id"])
        return DONE

    async def _suggest(self, details: Details) -> Outcome:
        place = details["user"], details["action_id"], details["text"]
        gesture = await self._slack.suggest(*place, view_id=details["view_id"], block_id=details["block_id"])
        return {**_outcome(gesture), "found": {"options": gesture.options}}


def _place(details: Details) -> tuple[str, str, str]:
    return details["user"], details["channel"], details["ts"]


def _choice(details: Details) -> dict[str, Any]:
    """Which element of several with one action id, and which of its options."""
    return {"option": details.get("option"), "block_id": details.get("block_id")}


def _view(view: View, depth: int) -> Item:
    return {
        "key": f"view {view.id}",
        "kind": "view",
        "order": depth,
        "user": view.user,
        "view": {"id": view.id, "hash": view.hash, **view.content},
    }


def _home(view: View) -> Item:
    return {
        "key": f"home {view.user}",
        "kind": "home",
        "order": 0,
        "user": view.user,
        "view": {"id": view.id, **view.content},
    }


def _outcome(gesture: Gesture) -> Outcome:
    if gesture.field_errors:
        return refused("", faults=gesture.field_errors)
    if gesture.error is None:
        return DONE
    return refused(f"That did not work ({gesture.error}).", timeout=gesture.error == LATE)
