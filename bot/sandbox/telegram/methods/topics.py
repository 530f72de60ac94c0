"""The topics of a forum: an admin bot makes, renames, closes and reopens them."""

from typing import Any

from bot.sandbox.telegram.arguments import Arguments
from bot.sandbox.telegram.entities import units
from bot.sandbox.telegram.methods.table import method
from bot.sandbox.telegram.places import Chat, Person, Topic
from bot.sandbox.telegram.refusals import bad_request
from bot.sandbox.telegram.world import World

NAME_UNITS = 128
ICONS = "📰💡⚡🎙🔝🗣🆒❗📝📆📁🔎📣🔥❤❓📈📉💎💻🏁✅💬✍👀☕⭐‼"
COLOURS = (0x6FB9F0, 0xFFD67E, 0xCB86DB, 0x8EEE98, 0xFF93B2, 0xFB6F5F)


@method("createForumTopic")
def create_forum_topic(world: World, arguments: Arguments) -> dict[str, Any]:
    """Begin a topic of this name."""
    chat = _forum(world, arguments)
    name = _name(arguments.text("name"))
    colour = arguments.integer("icon_color", COLOURS[0])
    if colour not in COLOURS:
        raise bad_request("wrong icon color specified")
    topic = begin(world, chat, name, colour, _icon(arguments.text("icon_custom_emoji_id")))
    return topic.as_json()


@method("editForumTopic")
def edit_forum_topic(world: World, arguments: Arguments) -> bool:
    """Rename a topic, change its icon."""
    chat = _forum(world, arguments)
    topic = _topic(chat, arguments)
    name = _name(arguments.text("name")) if arguments.text("name") else topic.name
    icon = _icon(arguments.text("icon_custom_emoji_id", topic.icon_custom_emoji_id))
    if (name, icon) == (topic.name, topic.icon_custom_emoji_id):
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.name, topic.icon_custom_emoji_id = name, icon
    _told(world, chat, topic, world.bot, {"forum_topic_edited": {"name": name}})
    return True


@method("getForumTopicIconStickers")
def get_forum_topic_icon_stickers(world: World, arguments: Arguments) -> list[dict[str, Any]]:
    """The emoji that any bot may set as an icon, each as a sticker."""
    return [_sticker(number, emoji) for number, emoji in enumerate(ICONS, start=1)]


@method("closeForumTopic")
def close_forum_topic(world: World, arguments: Arguments) -> bool:
    """Close a topic: only admins write in it now."""
    return _open_or_close(world, arguments, is_closed=True)


@method("reopenForumTopic")
def reopen_forum_topic(world: World, arguments: Arguments) -> bool:
    """Open a closed topic again."""
    return _open_or_close(world, arguments, is_closed=False)


@method("deleteForumTopic")
def delete_forum_topic(world: World, arguments: Arguments) -> bool:
    """Delete a topic and its messages."""
    chat = _forum(world, arguments)
    topic = _topic(chat, arguments)
    remove(world, chat, topic)
    return True


def remove(world: World, chat: Chat, topic: Topic, *, by_bot: bool = True) -> None:
    """A topic and its messages are gone."""
    for message in [one for one in chat.messages.values() if one.topic == topic.id]:
        world.remove(message, by_bot=by_bot)
    del chat.topics[topic.id]


def switch(world: World, chat: Chat, topic: Topic, author: Person, *, is_closed: bool) -> None:
    """A topic is closed, or opened again."""
    topic.is_closed = is_closed
    service: dict[str, Any] = {"forum_topic_closed" if is_closed else "forum_topic_reopened": {}}
    _told(world, chat, topic, author, service)


def begin(world: World, chat: Chat, name: str, colour: int = COLOURS[0], icon: str = "") -> Topic:
    """A new topic: its id is that of the service message that tells of it."""
    created = {"forum_topic_created": {"name": name, "icon_color": colour}}
    message = world.serve(chat, world.bot, created)
    topic = chat.topics[message.id] = Topic(message.id, name, colour, icon)
    world.tell("topic", chat=chat.id, topic=topic.as_json() | {"is_closed": False})
    return topic


def _open_or_close(world: World, arguments: Arguments, *, is_closed: bool) -> bool:
    chat = _forum(world, arguments)
    topic = _topic(chat, arguments)
    if topic.is_closed is is_closed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    switch(world, chat, topic, world.bot, is_closed=is_closed)
    return True


def _told(world: World, chat: Chat, topic: Topic, author: Person, service: dict[str, Any]) -> None:
    world.serve(chat, author, service, topic=topic.id)
    world.tell("topic", chat=chat.id, topic=topic.as_json() | {"is_closed": topic.is_closed})


def _forum(world: World, arguments: Arguments) -> Chat:
    chat = world.chat_of_bot(arguments.text("chat_id"))
    if not chat.is_forum:
        raise bad_request("the chat is not a forum")
    if not chat.bot_is_admin:
        raise bad_request("not enough rights to manage topics")
    return chat


def _topic(chat: Chat, arguments: Arguments) -> Topic:
    topic = chat.topics.get(arguments.integer("message_thread_id"))
    if topic is None:
        raise bad_request("message thread not found")
    return topic


def _sticker(number: int, emoji: str) -> dict[str, Any]:
    ident = f"E{number:018}"
    described = {"type": "custom_emoji", "width": 100, "height": 100, "is_animated": True, "is_video": False}
    return described | {"file_id": ident, "file_unique_id": ident, "emoji": emoji, "custom_emoji_id": ident}


def emoji_of(topic: Topic) -> str:
    """The emoji that a topic has as its icon, "" for none."""
    return ICONS[int(topic.icon_custom_emoji_id[1:]) - 1] if topic.icon_custom_emoji_id else ""


def _icon(ident: str) -> str:
    if ident and ident not in {one["custom_emoji_id"] for one in map(_sticker, range(1, len(ICONS) + 1), ICONS)}:
        raise bad_request("DOCUMENT_INVALID")
    return ident


def _name(name: str) -> str:
    if not name.strip():
        raise bad_request("topic title must be non-empty")
    if units(name) > NAME_UNITS:
        raise bad_request("topic title is too long")
    return name.strip()
