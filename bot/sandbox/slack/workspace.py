"""The state of one pretend workspace and the only ways to change it; whoever listens is told of every visible change.

Nothing here speaks HTTP: the Web API (`methods`), Socket Mode and the people's gestures all work on this object.
"""

import itertools
import secrets
from collections.abc import Callable
from typing import Any

from bot.sandbox.slack.faults import Faults
from bot.sandbox.slack.gesture import Gesture
from bot.sandbox.slack.records import Call, Channel, File, Member, Message, UserGroup, View
from bot.sandbox.slack.refusals import Json, Refused
from bot.sandbox.slack.rights import Rights
from bot.sandbox.slack.view_state import keep_entered, state_of

DEEPEST = 3


class Workspace:
    """One team as the app knows it. Times are the clock's, in seconds; a message's `ts` is unique, rising, `dated`.

    What changes a message returns the event's delivery (a task), or None where the app is not told.
    """

    def __init__(
        self, team: str, clock: Callable[[], float], scopes: frozenset[str], dated: Callable[[], float] | None = None
    ) -> None:
        self.team, self.clock, self.scopes = team, clock, scopes
        self.dated = dated or clock
        self.domain, self.app_id, self.bot_id, self.bot_user = (
            "deskbell-sandbox",
            "A0DESKBELL",
            "B0DESKBELL",
            "U0DESKBELL",
        )
        self.base = ""
        self.faults = Faults()
        self.members: dict[str, Member] = {}
        self.channels: dict[str, Channel] = {}
        self.groups: dict[str, UserGroup] = {}
        self.files: dict[str, File] = {}
        self.views: dict[str, View] = {}
        self.stacks: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}
        self.ephemerals: list[Message] = []
        self.rights = Rights(clock)
        self.current: dict[str, Gesture] = {}
        self.calls: list[Call] = []
        self.listeners: list[Callable[[Json], Any]] = []
        self.on_event: Callable[[Json, Channel | None], Any] = lambda event, channel: None
        self.new_ticket: Callable[[], str] = lambda: ""
        self._last_ts = 0
        self._numbers = itertools.count(1)

    # ids and times

    def new_id(self, letter: str) -> str:
        return f"{letter}0SB{next(self._numbers):06X}"

    def new_ts(self) -> str:
        """A timestamp in Slack's form, later than every one before."""
        self._last_ts = max(int(self.dated() * 1_000_000), self._last_ts + 1)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def tell(self, kind: str, **details: Any) -> None:
        for listener in list(self.listeners):
            listener({"kind": kind, **details})

    # looking up

    def member(self, user: str) -> Member:
        if user not in self.members:
            raise Refused("user_not_found")
        return self.members[user]

    def channel(self, channel_id: str) -> Channel:
        """The channel of this id, as far as the bot may know it; raises channel_not_found."""
        channel = self.channels.get(channel_id)
        hidden = channel is not None and channel.private and self.bot_user not in channel.members
        if channel is None or hidden:
            raise Refused("channel_not_found")
        return channel

    def message(self, channel: Channel, ts: str) -> Message:
        if ts not in channel.messages:
            raise Refused("message_not_found")
        return channel.messages[ts]

    def direct(self, user: str) -> Channel:
        """The direct conversation of a person with the bot, made when first needed."""
        found = next((c for c in self.channels.values() if c.im_with == user), None)
        if found is None:
            channel_id = self.new_id("D")
            found = Channel(channel_id, channel_id, {user, self.bot_user}, private=True, im_with=user)
            self.channels[channel_id] = found
        return found

    def replies(self, channel: Channel, thread_ts: str) -> list[Message]:
        return list(channel.threads.get(thread_ts, {}).values())

    def describe(self, message: Message, *, with_metadata: bool = False) -> Json:
        """The message as the Web API returns it: with its thread's counts."""
        described = message.to_dict(with_metadata=with_metadata)
        channel = self.channels[message.channel]
        replies = [] if message.ephemeral_for else self.replies(channel, message.ts)
        if replies:
            users = list(dict.fromkeys(reply.user for reply in replies))
            described |= {
                "thread_ts": message.ts,
                "reply_count": len(replies),
                "reply_users_count": len(users),
                "latest_reply": replies[-1].ts,
                "reply_users": users,
                "is_locked": False,
                "subscribed": False,
            }
        parent = channel.messages.get(message.thread_ts or "")
        if parent is not None and parent is not message:
            described["parent_user_id"] = parent.user
        return described

    # messages

    def post(self, message: Message) -> Message:
        channel = self.channels[message.channel]
        channel.add(message)
        self.tell("posted", channel=channel.id, ts=message.ts, message=message)
        message.deliveries.append(self.on_event(self.message_event(channel, message), channel))
        return message

    def message_event(self, channel: Channel, message: Message) -> Json:
        event = self.describe(message, with_metadata=True)
        if message.broadcast:
            event["subtype"] = "thread_broadcast"
        if message.subtype == "file_share":  # Slack leaves these out of uploads
            event = {name: value for name, value in event.items() if name not in ("team", "client_msg_id")}
        if message.team != self.team:
            event |= {"user_team": message.team, "source_team": message.team}
        return event | {"channel": channel.id, "event_ts": message.ts, "channel_type": channel.kind}

    def change(self, message: Message, **parts: Any) -> Any:
        channel, before = self.channels[message.channel], self.describe(message)
        for name, value in parts.items():
            setattr(message, name, value)
        message.edits += 1
        self.tell("changed", channel=channel.id, ts=message.ts, message=message)
        return self.on_event(
            self._hidden("message_changed", channel) | {"message": self.describe(message), "previous_message": before},
            channel,
        )

    def remove(self, message: Message) -> Any:
        channel, before = self.channels[message.channel], self.describe(message)
        channel.drop(message)
        self.tell("deleted", channel=channel.id, ts=message.ts)
        return self.on_event(
            self._hidden("message_deleted", channel) | {"deleted_ts": message.ts, "previous_message": before},
            channel,
        )

    def _hidden(self, subtype: str, channel: Channel) -> Json:
        ts = self.new_ts()
        return {
            "type": "message",
            "subtype": subtype,
            "channel": channel.id,
            "hidden": True,
            "ts": ts,
            "event_ts": ts,
            "channel_type": channel.kind,
        }

    def show_privately(self, message: Message, gesture: Gesture | None = None) -> Message:
        """An ephemeral message: on its person's screen only, until it is removed."""
        assert message.ephemeral_for
        self.ephemerals.append(message)
        gesture = gesture or self.current.get(message.ephemeral_for)
        if gesture is not None:
            gesture.ephemerals.append(message)
        self.tell("ephemeral", channel=message.channel, ts=message.ts, user=message.ephemeral_for, message=message)
        return message

    def change_ephemeral(self, message: Message, **parts: Any) -> None:
        for name, value in parts.items():
            setattr(message, name, value)
        message.edits += 1
        self.tell(
            "ephemeral_changed",
            channel=message.channel,
            ts=message.ts,
            user=message.ephemeral_for,
            message=message,
        )

    def remove_ephemeral(self, message: Message) -> None:
        self.ephemerals = [m for m in self.ephemerals if m is not message]
        self.tell("ephemeral_deleted", channel=message.channel, ts=message.ts, user=message.ephemeral_for)

    def react(self, message: Message, user: str, name: str, *, added: bool) -> Any:
        users = message.reactions.setdefault(name, [])
        users.append(user) if added else users.remove(user)
        if not users:
            del message.reactions[name]
        self.tell("reaction", channel=message.channel, ts=message.ts, message=message)
        item = {"type": "message", "channel": message.channel, "ts": message.ts}
        event: Json = {"type": "reaction_added" if added else "reaction_removed", "user": user, "reaction": name}
        event |= {"item": item, "item_user": message.user, "event_ts": self.new_ts()}
        return self.on_event(event, self.channels[message.channel])

    # views

    def stack(self, user: str) -> list[View]:
        return self.stacks.setdefault(user, [])

    def new_view(self, user: str, content: Json) -> View:
        self._external_id_is_free(content, None)
        view = View(self.new_id("V"), user, self.team, content, self._hash(), self.app_id, self.bot_id)
        view.root_id = view.id
        self.views[view.id] = view
        return view

    def _hash(self) -> str:
        return f"{int(self.clock())}.{secrets.token_hex(4)}"

    def _external_id_is_free(self, content: Json, owner: View | None) -> None:
        wanted = content.get("external_id")
        others = (v for v in self.views.values() if v is not owner and v.is_open)
        if wanted and any(v.content.get("external_id") == wanted for v in others):
            raise Refused("duplicate_external_id")

    def open_view(self, user: str, content: Json, gesture: Gesture) -> View:
        """A first modal; one that was open before is gone."""
        view = self.new_view(user, content)
        for old in self.stack(user):
            old.is_open = False
        self.stacks[user] = [view]
        gesture.opened.append(view)
        return self._show("view_opened", view, gesture)

    def push_view(self, user: str, content: Json, gesture: Gesture) -> View:
        """One more view on the stack; raises push_limit_reached over the third."""
        stack = self.stack(user)
        if len(stack) >= DEEPEST:
            raise Refused("push_limit_reached")
        view = self.new_view(user, content)
        if stack:
            view.root_id, view.previous_id = stack[0].id, stack[-1].id
        stack.append(view)
        gesture.pushed.append(view)
        return self._show("view_pushed", view, gesture)

    def update_view(self, view: View, content: Json, gesture: Gesture | None = None) -> View:
        """The view redrawn; what the person entered stays where block and action keep their ids."""
        self._external_id_is_free(content, view)
        view.content, view.hash = content, self._hash()
        view.entered = keep_entered(view)
        view.updates += 1
        gesture = gesture or self.current.get(view.user)
        if gesture is not None:
            gesture.updated.append(view)
        return self._show("view_updated", view, gesture)

    def _show(self, kind: str, view: View, gesture: Gesture | None) -> View:
        if gesture is not None:
            gesture.shown.append(view)
        self.tell(kind, user=view.user, view=view)
        return view

    def close_views(self, user: str, *, whole: bool = False) -> None:
        """The topmost view goes, or the whole stack."""
        stack = self.stack(user)
        gone = list(stack) if whole else stack[-1:]
        for view in gone:
            stack.remove(view)
            view.is_open = False
            self.tell("view_closed", user=user, view=view)

    def publish_home(self, user: str, content: Json) -> View:
        home = self.homes.get(user)
        if home is None:
            home = self.homes[user] = self.new_view(user, content)
        else:
            self.update_view(home, content)
        self.tell("home", user=user, view=home)
        return home

    def describe_view(self, view: View) -> Json:
        return view.to_dict(state_of(view.blocks, view.entered))
