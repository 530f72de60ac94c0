"""The topics of a forum: an admin bot makes, renames, closes and reopens them."""

from typing import Any

from bot.sandbox.telegram.arguments import Arguments
from bot.sandbox.telegram.entities import units
from bot.sandbox.telegram.methods.table import method
from bot.sandbox.telegram.places import Chat, Topic
from bot.sandbox.telegram.refusals import bad_request
from bot.sandbox.telegram.world import World

NAME_UNITS = 128
COLOURS = (0x6FB9F0, 0xFFD67E, 0xCB86DB, 0x8EEE98, 0xFF93B2, 0xFB6F5F)


@method("createForumTopic")
def create_forum_topic(world: World, arguments: Arguments) -> dict[str, Any]:
    """Begin a topic of this name."""
    chat = _forum(world, arguments)
    name = _name(arguments.text("name"))
    colour = arguments.integer("icon_color", COLOURS[0])
    if colour not in COLOURS:
        raise bad_request("wrong icon color specified")
    topic = begin(world, chat, name, colour, arguments.text("icon_custom_emoji_id"))
    return topic.as_json()


@method("editForumTopic")
def edit_forum_topic(world: World, arguments: Arguments) -> bool:
    """Rename a topic, change its icon."""
    chat = _forum(world, arguments)
    topic = _topic(chat, arguments)
    name = _name(arguments.text("name")) if arguments.text("name") else topic.name
    icon = arguments.text("icon_custom_emoji_id", topic.icon_custom_emoji_id)
    if (name, icon) == (topic.name, topic.icon_custom_emoji_id):
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.name, topic.icon_custom_emoji_id = name, icon
    _told(world, chat, topic, {"forum_topic_edited": {"name": name}})
    return True


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
    for message in [one for one in chat.messages.values() if one.topic == topic.id]:
        world.remove(message)
    del chat.topics[topic.id]
    return True


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
    topic.is_closed = is_closed
    _told(world, chat, topic, {"forum_topic_closed" if is_closed else "forum_topic_reopened": {}})
    return True


def _told(world: World, chat: Chat, topic: Topic, service: dict[str, Any]) -> None:
    world.serve(chat, world.bot, service, topic=topic.id)
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


def _name(name: str) -> str:
    if not name.strip():
        raise bad_request("topic title must be non-empty")
    if units(name) > NAME_UNITS:
        raise bad_request("topic title is too long")
    return name.strip()
