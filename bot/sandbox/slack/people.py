"""What people do in conversations: type commands, press buttons, write, edit, delete, react, use shortcuts.

Every gesture goes to the app as Slack would send it and returns when the app has acknowledged it, or has not in time.
"""

import asyncio
import uuid
from collections.abc import Iterable
from typing import Any

from bot.sandbox.slack import payloads, screen
from bot.sandbox.slack.delivery import Delivery
from bot.sandbox.slack.gesture import Gesture
from bot.sandbox.slack.methods.registry import Arguments
from bot.sandbox.slack.mrkdwn import as_typed, escaped
from bot.sandbox.slack.records import Channel, File, Message
from bot.sandbox.slack.refusals import Json, NotThere, Refused
from bot.sandbox.slack.response_urls import answer_gesture
from bot.sandbox.slack.workspace import Workspace

Upload = tuple[str, bytes, str]


class People:
    """Gestures in channels. `escape_commands`: the manifest's should_escape for the slash command."""

    workspace: Workspace
    delivery: Delivery
    escape_commands = False

    def _begin(self, user: str) -> Gesture:
        gesture = Gesture()
        self.workspace.current[user] = gesture
        return gesture

    async def slash(self, user: str, channel: str, text: str, *, command: str = "/ticket") -> Gesture:
        """A slash command; the acknowledgement's text or blocks are shown as an answer."""
        place, gesture = screen.channel_of(self.workspace, user, channel), self._begin(user)
        typed = self.typed(text) if self.escape_commands else escaped(text)
        payload = payloads.slash_command(self.workspace, user, place, command, typed)
        payload["response_url"] = self.workspace.rights.new_response_url(user, channel, gesture)
        payload["trigger_id"] = self.workspace.rights.new_trigger(user, gesture)
        gesture.payload = payload
        await self.delivery.send("slash_commands", gesture)
        self._show_ack(gesture)
        return gesture

    def _show_ack(self, gesture: Gesture) -> None:
        if not isinstance(gesture.ack, dict) or not gesture.ack:
            return
        right = self.workspace.rights.of_address(gesture.response_url)
        try:
            answer_gesture(self.workspace, right, Arguments(gesture.ack))
        except Refused as refused:
            gesture.error, gesture.problems = refused.error, refused.messages

    def typed(self, text: str) -> str:
        """Typed words as a client sends them: names become mentions, addresses links."""
        people = {m.name: m.id for m in self.workspace.members.values() if not m.deleted}
        channels = {c.name: c.id for c in self.workspace.channels.values() if c.kind == "channel"}
        return as_typed(text, people, channels)

    async def press(
        self,
        user: str,
        channel: str,
        ts: str,
        action_id: str,
        *,
        value: str | None = None,
        option: Any = None,
        block_id: str | None = None,
    ) -> Gesture:
        """A button pressed, or an option of a menu chosen, in the message as it is now; `value` forges another.

        `block_id` says which one where several blocks have the same action id.
        """
        message = screen.message_of(self.workspace, user, channel, ts)
        block, element = screen.find(message.all_blocks, action_id, block_id)
        entry = payloads.action(self.workspace, block, element, screen.chosen(element, value, option))
        gesture = self._begin(user)
        attachment = screen.attachment_of(message, block)
        gesture.payload = payloads.message_press(self.workspace, user, message, [entry], attachment)
        return await self._interact(gesture, user, channel, message)

    async def _interact(self, gesture: Gesture, user: str, channel: str, source: Message | None) -> Gesture:
        gesture.payload["response_url"] = self.workspace.rights.new_response_url(user, channel, gesture, source)
        gesture.payload["trigger_id"] = self.workspace.rights.new_trigger(user, gesture)
        return await self.delivery.send("interactive", gesture)

    async def shortcut(
        self, user: str, callback_id: str, *, channel: str | None = None, ts: str | None = None
    ) -> Gesture:
        """A message shortcut where channel and ts are given, else a global one."""
        gesture = self._begin(user)
        if channel is None or ts is None:
            gesture.payload = payloads.global_shortcut(self.workspace, user, callback_id)
            gesture.payload["trigger_id"] = self.workspace.rights.new_trigger(user, gesture)
            return await self.delivery.send("interactive", gesture)
        message = screen.message_of(self.workspace, user, channel, ts)
        if message.ephemeral_for:
            raise NotThere("an ephemeral message has no shortcuts")
        gesture.payload = payloads.message_shortcut(self.workspace, user, message, callback_id)
        return await self._interact(gesture, user, channel, None)

    async def say(
        self,
        user: str,
        channel: str,
        text: str,
        *,
        thread_ts: str | None = None,
        files: Iterable[Upload] = (),
        as_it_is: bool = False,
    ) -> Message:
        """A message; the app has then been told. Files are (name, content, MIME type); `as_it_is` skips the client's
        escaping of typed words."""
        place = screen.channel_of(self.workspace, user, channel)
        if place.archived or user not in place.members:
            raise NotThere(f"{user} cannot write in {place.name}")
        self._begin(user)
        member = self.workspace.members[user]
        message = Message(
            ts=self.workspace.new_ts(),
            channel=channel,
            user=user,
            team=member.team,
            text=text if as_it_is else self.typed(text),
            thread_ts=thread_ts,
            client_msg_id=str(uuid.uuid4()),
            files=[self._file(user, channel, upload) for upload in files],
        )
        if message.files:
            message.subtype = "file_share"
        if member.bot:
            message.bot_id = f"B{user[1:]}"
        return await self._said(place, message)

    async def _said(self, place: Channel, message: Message) -> Message:
        self.workspace.post(message)
        tasks = [*message.deliveries, self._mention(place, message)]
        message.deliveries = [await task for task in tasks if task is not None]
        return message

    def _mention(self, place: Channel, message: Message) -> asyncio.Task[Gesture] | None:
        if f"<@{self.workspace.bot_user}>" not in message.text or place.im_with:
            return None
        event = self.workspace.message_event(place, message) | {"type": "app_mention"}
        event.pop("channel_type")
        return self.delivery.event(event, place)

    def _file(self, user: str, channel: str, upload: Upload) -> Json:
        name, content, mimetype = upload
        file = File(self.workspace.new_id("F"), name, content, mimetype, user, length=len(content), complete=True)
        file.channels.append(channel)
        self.workspace.files[file.id] = file
        return file.to_dict(self.workspace.base)

    async def edit_message(self, user: str, channel: str, ts: str, text: str) -> Message:
        message = screen.message_of(self.workspace, user, channel, ts)
        if message.user != user:
            raise NotThere("only one's own messages can be edited")
        edited = {"user": user, "ts": self.workspace.new_ts()}
        await _done(self.workspace.change(message, text=self.typed(text), edited=edited))
        return message

    async def delete_message(self, user: str, channel: str, ts: str) -> None:
        """One's own message; an admin deletes anybody's. An ephemeral one is dismissed, which the app never learns."""
        message = screen.message_of(self.workspace, user, channel, ts)
        if message.ephemeral_for:
            self.workspace.remove_ephemeral(message)
            return
        if message.user != user and not self.workspace.members[user].admin:
            raise NotThere("only an admin deletes other people's messages")
        await _done(self.workspace.remove(message))

    async def react(self, user: str, channel: str, ts: str, name: str) -> None:
        message = screen.message_of(self.workspace, user, channel, ts)
        if user in message.reactions.get(name, []):
            raise NotThere(f"{user} has already reacted with {name}")
        self._begin(user)
        await _done(self.workspace.react(message, user, name, added=True))

    async def unreact(self, user: str, channel: str, ts: str, name: str) -> None:
        message = screen.message_of(self.workspace, user, channel, ts)
        if user not in message.reactions.get(name, []):
            raise NotThere(f"{user} has not reacted with {name}")
        await _done(self.workspace.react(message, user, name, added=False))

    async def archive(self, user: str, channel: str) -> None:
        """The channel is closed for writing; the app is told by channel_archive."""
        place = self.workspace.channels[channel]
        place.archived = True
        await self.emit({"type": "channel_archive", "channel": channel, "user": user, "is_moved": 0}, place)

    async def unarchive(self, user: str, channel: str) -> None:
        place = self.workspace.channels[channel]
        place.archived = False
        await self.emit({"type": "channel_unarchive", "channel": channel, "user": user}, place)

    async def leave(self, user: str, channel: str) -> None:
        """The member leaves or is removed; the bot too can be the one."""
        place = self.workspace.channels[channel]
        place.members.discard(user)
        await self.emit(self._membership("member_left_channel", user, place), place)

    async def join(self, user: str, channel: str) -> None:
        place = self.workspace.channels[channel]
        place.members.add(user)
        await self.emit(self._membership("member_joined_channel", user, place), place)

    def _membership(self, kind: str, user: str, place: Channel) -> Json:
        member = self.workspace.members[user]
        letter = "G" if place.private else "C"
        return {"type": kind, "user": user, "channel": place.id, "channel_type": letter, "team": member.team}

    async def uninstall(self) -> None:
        """The app is removed from the workspace: its tokens are dead, and it is told."""
        self.workspace.faults.refuse_tokens = "account_inactive"
        await self.emit({"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [self.workspace.bot_user]}}, None)
        await self.emit({"type": "app_uninstalled"}, None)

    async def emit(self, event: Json, channel: Channel | None = None) -> Gesture | None:
        """Any event, known or not; what the first attempt to deliver it came to, None where the app is not told."""
        event = {"event_ts": self.workspace.new_ts(), **event}
        task = self.delivery.event(event, channel)
        return None if task is None else await task

    async def send_raw(self, envelope: Json) -> Gesture:
        """Any request: `{"type": "slash_commands" | "interactive" | "events_api", "payload": {…}}`, sent as it is."""
        gesture = Gesture(envelope["payload"])
        attempt, reason = envelope.get("retry_attempt", 0), envelope.get("retry_reason", "")
        return await self.delivery.send(envelope["type"], gesture, attempt=attempt, reason=reason)


async def _done(task: asyncio.Task[Gesture] | None) -> None:
    if task is not None:
        await task
