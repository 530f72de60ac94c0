"""What people do on the pretend Telegram: write, press, edit, react, let the bot in and throw it out."""

import mimetypes
import secrets
import time
from collections.abc import Iterable
from typing import Any

from bot.sandbox.telegram.entities import Formatted, detected, trimmed
from bot.sandbox.telegram.gestures import Gesture
from bot.sandbox.telegram.messages import Message
from bot.sandbox.telegram.methods.sending import TEXT_UNITS
from bot.sandbox.telegram.methods.topics import begin, remove, switch
from bot.sandbox.telegram.places import CHANNEL_BOT, GROUP_ANONYMOUS_BOT, Chat, File, Person, Topic
from bot.sandbox.telegram.privacy import bot_sees
from bot.sandbox.telegram.world import Press, World

ANONYMOUS = Person(GROUP_ANONYMOUS_BOT, "Group", username="GroupAnonymousBot", is_bot=True)
CHANNEL = Person(CHANNEL_BOT, "Channel", username="Channel_Bot", is_bot=True)
SUPERGROUP = -1_000_000_000_000
Attached = tuple[str, bytes]


class People:
    """The doings of people; a person or a chat may be given by its id."""

    def __init__(self, world: World) -> None:
        self.world = world

    def add_person(
        self,
        person_id: int,
        first_name: str,
        *,
        last_name: str = "",
        username: str = "",
        language_code: str = "en",
        is_bot: bool = False,
        has_started: bool = False,
    ) -> Person:
        """A new account, with its private chat; the bot may write there once the person wrote (`has_started`)."""
        person = Person(person_id, first_name, last_name, username, language_code, is_bot, has_started)
        self.world.people[person_id] = person
        self.world.chats[person_id] = Chat(person_id, "private", person=person)
        self.world.tell("person", person=person.as_json())
        return person

    def add_group(
        self,
        chat_id: int,
        title: str,
        *,
        members: Iterable[Person] = (),
        forum: bool = False,
        bot_is_member: bool = True,
        bot_is_admin: bool = False,
    ) -> Chat:
        """A supergroup (ids of -100…) or a basic group (other negative ids)."""
        kind = "supergroup" if chat_id < SUPERGROUP else "group"
        status = "administrator" if bot_is_admin else "member" if bot_is_member else "left"
        chat = Chat(chat_id, kind, title, is_forum=forum, bot_status=status)
        for person in members:
            chat.join(person)
        self.world.chats[chat_id] = chat
        self.world.tell("chat", chat=chat_id, title=title, forum=forum)
        return chat

    def add_topic(self, chat: Chat | int, name: str) -> Topic:
        """A topic that a person began."""
        return begin(self.world, self._chat(chat), name)

    async def close_topic(
        self, person: Person | int, chat: Chat | int, topic: Topic, *, again: bool = False
    ) -> Gesture:
        """A person closes a topic (`again`: opens it again)."""
        switch(self.world, self._chat(chat), topic, self._person(person), is_closed=not again)
        return self._gesture(self.world.updates.newest)

    async def delete_topic(self, chat: Chat | int, topic: Topic) -> None:
        """Somebody deletes a topic with all its messages; Telegram tells bots nothing of it."""
        remove(self.world, self._chat(chat), topic, by_bot=False)

    def messages(self, chat: Chat | int, *, topic: int | None = None, service: bool = False) -> list[Message]:
        """What stands in the chat now, oldest first; with `topic` only that one (0: the general one)."""
        kept = (one for one in self._chat(chat).messages.values() if service or not one.service)
        return [one for one in kept if topic is None or one.topic == topic]

    async def say(
        self,
        person: Person | int,
        chat: Chat | Person | int,
        text: str = "",
        *,
        reply_to: Message | int | None = None,
        topic: int | None = None,
        document: Attached | None = None,
        photo: Attached | bytes | None = None,
        voice: bytes | None = None,
        video_note: bytes | None = None,
        album: str = "",
        anonymous: bool = False,
        channel: Chat | None = None,
        via_bot: Person | None = None,
        forwarded_from: Person | None = None,
    ) -> Gesture:
        """Write to a chat (one's own id: to the bot in private), with a file (`(name, bytes)`) or none.

        `album`: one of several messages that were sent as one.
        `anonymous`: as an admin who stays anonymous; `channel`: in a channel's name; `via_bot`: through an
        inline bot; `forwarded_from`: somebody else's words. ValueError where Telegram's apps would not allow it.
        """
        writer, place = self._person(person), self._chat(chat)
        self._check_may_write(writer, place, topic)
        file, kind = self._attachment(document, photo, voice, video_note)
        message = Message(
            self.world.next_id(place),
            place,
            self.world.now(),
            writer,
            _typed(text, needed=file is None),
            topic=topic or 0,
            reply_to=self._message(place, reply_to),
            attachment=file,
            kind=kind,
        )
        message.topic = message.topic or (message.reply_to.topic if message.reply_to else 0)
        _disguise(message, anonymous=anonymous, channel=channel, via_bot=via_bot, forwarded_from=forwarded_from)
        message.disguise |= {"media_group_id": album} if album else {}
        writer.has_started = writer.has_started or place.is_private
        self.world.keep(message)
        kinds = "channel_post" if place.type == "channel" else "message"
        seen = bot_sees(self.world.bot, message)
        return self._gesture(self.world.updates.push(kinds, message.as_json()) if seen else None, message=message)

    async def press(
        self,
        person: Person | int,
        chat: Chat | Person | int,
        message_id: Message | int,
        label_or_data: str = "",
        *,
        data: str | None = None,
    ) -> Gesture:
        """Press a button of the message as it is now (LookupError when it shows no such one).

        `data` forges what the press carries, on any message or none.
        """
        presser, place = self._person(person), self._chat(chat)
        number = message_id.id if isinstance(message_id, Message) else message_id
        message = place.messages.get(number)
        if data is None:
            if message is None:
                raise LookupError(f"no message {number} in {place.title or place.id}")
            button = message.button(label_or_data)
            if button.url:
                return self._gesture(opened=button.url)
            data = button.data
        press = Press(str(secrets.randbits(62)), presser, self.world.clock(), time.monotonic())
        self.world.presses[press.id] = press
        gone = {"chat": place.as_json(), "message_id": number, "date": 0}
        query = {
            "id": press.id,
            "from": presser.as_json(),
            "message": message.as_json() if message else gone,
            "chat_instance": place.instance,
            "data": data,
        }
        return self._gesture(self.world.updates.push("callback_query", query), press=press)

    async def edit(self, person: Person | int, chat: Chat | Person | int, message: Message | int, text: str) -> Gesture:
        """Correct one's own message."""
        writer, place = self._person(person), self._chat(chat)
        changed = self._message(place, message)
        if changed is None or changed.author is not writer:
            raise ValueError(f"{writer.name} cannot edit that message")
        changed.formatted, changed.edited_at = (
            _typed(text, needed=changed.attachment is None),
            self.world.now(),
        )
        self.world.redrawn(changed, by_bot=False)
        seen = bot_sees(self.world.bot, changed)
        return self._gesture(self.world.updates.push("edited_message", changed.as_json()) if seen else None)

    async def delete(self, chat: Chat | Person | int, message: Message | int) -> None:
        """Somebody deletes a message; Telegram tells bots nothing of it."""
        found = self._message(self._chat(chat), message)
        if found:
            self.world.remove(found, by_bot=False)

    async def react(
        self, person: Person | int, chat: Chat | Person | int, message: Message | int, emoji: str
    ) -> Gesture:
        """React to a message ("" takes the reaction back); only an admin bot that asked for it is told."""
        reactor, place = self._person(person), self._chat(chat)
        target = self._message(place, message)
        if target is None:
            raise LookupError("no such message")
        old = target.reactions.pop(reactor.id, "")
        target.reactions |= {reactor.id: emoji} if emoji else {}
        self.world.redrawn(target, by_bot=False)
        change = {
            "chat": place.as_json(),
            "message_id": target.id,
            "user": reactor.as_json(),
            "date": self.world.now(),
            "old_reaction": _reactions(old),
            "new_reaction": _reactions(emoji),
        }
        told = place.is_private or place.bot_is_admin
        return self._gesture(self.world.updates.push("message_reaction", change) if told else None)

    async def block(self, person: Person | int) -> None:
        """Block the bot in private."""
        self._person(person).has_blocked = True
        self.world.bot_becomes(self._chat(person), self._person(person), "kicked")

    async def unblock(self, person: Person | int) -> None:
        """Let the bot write again."""
        self._person(person).has_blocked = False
        self.world.bot_becomes(self._chat(person), self._person(person), "member")

    async def kick_bot(self, chat: Chat | int) -> None:
        """Throw the bot out."""
        self.world.bot_becomes(self._chat(chat), ANONYMOUS, "kicked")

    async def add_bot(self, chat: Chat | int, *, admin: bool = False, by: Person | int | None = None) -> None:
        """Let the bot in, or make it an admin; `by` whom, else an admin who stays anonymous."""
        place, who = self._chat(chat), self._person(by) if by is not None else ANONYMOUS
        joined = place.bot_status in ("kicked", "left")
        self.world.bot_becomes(place, who, "administrator" if admin else "member")
        if joined:
            self.world.serve(place, who, {"new_chat_members": [self.world.bot.as_json()]})

    async def join(self, chat: Chat | int, person: Person | int) -> None:
        """A person comes in."""
        place, member = self._chat(chat), self._person(person)
        place.join(member)
        self.world.serve(place, member, {"new_chat_members": [member.as_json()]})

    async def migrate(self, chat: Chat | int) -> int:
        """The group becomes a supergroup of another id; every call with the old one is refused from then on."""
        old = self._chat(chat)
        new_id = SUPERGROUP + old.id if old.type == "group" else old.id - 1
        new = Chat(new_id, "supergroup", old.title, is_forum=old.is_forum, bot_status=old.bot_status)
        for person in old.people.values():
            new.join(person, old.members[person.id])
        self.world.chats[new_id] = new
        self.world.serve(old, ANONYMOUS, {"migrate_to_chat_id": new_id})
        self.world.serve(new, ANONYMOUS, {"migrate_from_chat_id": old.id})
        old.migrated_to = new_id
        self.world.tell("migrated", chat=old.id, to=new_id)
        return new_id

    async def send_raw(self, update: dict[str, Any]) -> Gesture:
        """Any update at all, as it stands (numbered unless it brings `update_id`)."""
        return self._gesture(self.world.updates.push_raw(update))

    def _gesture(self, update: int | None = None, **details: Any) -> Gesture:
        return Gesture(self.world, [update], **details)

    def _person(self, person: Person | int) -> Person:
        return person if isinstance(person, Person) else self.world.people[person]

    def _chat(self, chat: Chat | Person | int) -> Chat:
        if isinstance(chat, Chat):
            return chat
        return self.world.chats[chat.id if isinstance(chat, Person) else chat]

    def _message(self, chat: Chat, message: Message | int | None) -> Message | None:
        return chat.messages[message] if isinstance(message, int) else message

    def _check_may_write(self, person: Person, chat: Chat, topic: int | None) -> None:
        if chat.person not in (None, person):
            raise ValueError(f"{person.name} cannot write in somebody else's private chat")
        if chat.person and person.has_blocked:
            raise ValueError(f"{person.name} has blocked the bot")
        if not chat.person and person.id not in chat.members:
            raise ValueError(f"{person.name} is not in {chat.title}")
        if topic and chat.topics[topic].is_closed and chat.members[person.id] == "member":
            raise ValueError(f"the topic {chat.topics[topic].name} is closed")

    def _attachment(
        self,
        document: Attached | None,
        photo: Attached | bytes | None,
        voice: bytes | None,
        video_note: bytes | None,
    ) -> tuple[File | None, str]:
        if document:
            return self.world.store(document[0], _type_of(document[0]), document[1]), "document"
        if photo:
            name, content = photo if isinstance(photo, tuple) else ("photo.jpg", photo)
            return self.world.store(name, _type_of(name), content), "photo"
        if voice:
            return self.world.store("voice.oga", "audio/ogg", voice), "voice"
        if video_note:
            return self.world.store("note.mp4", "video/mp4", video_note), "video_note"
        return None, "text"


def _typed(text: str, *, needed: bool) -> Formatted:
    formatted = detected(trimmed(Formatted(text)))
    if needed and not 1 <= formatted.length <= TEXT_UNITS:
        raise ValueError("Telegram's apps send 1–4096 characters")
    return formatted


def _disguise(
    message: Message,
    *,
    anonymous: bool,
    channel: Chat | None,
    via_bot: Person | None,
    forwarded_from: Person | None,
) -> None:
    if anonymous:
        message.author = ANONYMOUS
        message.disguise["sender_chat"] = message.chat.as_json()
    if channel:
        message.author = CHANNEL
        message.disguise["sender_chat"] = channel.as_json()
    if via_bot:
        message.disguise["via_bot"] = via_bot.as_json()
    if forwarded_from:
        origin = {"type": "user", "date": message.date, "sender_user": forwarded_from.as_json()}
        message.disguise["forward_origin"] = origin


def _reactions(emoji: str) -> list[dict[str, str]]:
    return [{"type": "emoji", "emoji": emoji}] if emoji else []


def _type_of(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "application/octet-stream"
