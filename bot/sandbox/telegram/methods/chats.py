"""Who the bot is, what it may know of chats and people, and the files it may fetch."""

from typing import Any

from bot.sandbox.telegram.arguments import Arguments
from bot.sandbox.telegram.methods.table import method
from bot.sandbox.telegram.places import Chat, member_json
from bot.sandbox.telegram.refusals import bad_request
from bot.sandbox.telegram.world import World

DOWNLOAD_BYTES = 20 * 1024 * 1024


@method("getMe")
def get_me(world: World, arguments: Arguments) -> dict[str, Any]:
    """The bot itself, with privacy mode on."""
    return world.bot.as_json() | {
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


@method("getChat")
def get_chat(world: World, arguments: Arguments) -> dict[str, Any]:
    """One chat in full."""
    chat = world.chat_of_bot(arguments.text("chat_id"))
    pinned = [chat.messages[one] for one in chat.pinned if one in chat.messages]
    return chat.full_json() | ({"pinned_message": pinned[-1].as_json(with_reply=False)} if pinned else {})


@method("getChatMember")
def get_chat_member(world: World, arguments: Arguments) -> dict[str, Any]:
    """How a person, or the bot, stands in a chat."""
    chat = world.chat_of_bot(arguments.text("chat_id"))
    person = world.people.get(arguments.integer("user_id"))
    if person is None:
        raise bad_request("PARTICIPANT_ID_INVALID")
    return member_json(person, standing(world, chat, person.id))


@method("getChatAdministrators")
def get_chat_administrators(world: World, arguments: Arguments) -> list[dict[str, Any]]:
    """The admins of a group, the bot among them when it is one; other bots left out."""
    chat = world.chat_of_bot(arguments.text("chat_id"))
    if chat.is_private:
        raise bad_request("there are no administrators in the private chat")
    people = [world.bot, *chat.people.values()]
    admins = [one for one in people if standing(world, chat, one.id) in ("administrator", "creator")]
    return [member_json(one, standing(world, chat, one.id)) for one in admins]


@method("getChatMemberCount")
def get_chat_member_count(world: World, arguments: Arguments) -> int:
    """How many are in the chat, the bot counted."""
    return len(world.chat_of_bot(arguments.text("chat_id")).members) + 1


@method("leaveChat")
def leave_chat(world: World, arguments: Arguments) -> bool:
    """The bot goes by itself."""
    chat = world.chat_of_bot(arguments.text("chat_id"))
    if chat.is_private:
        raise bad_request("chat not found")
    world.bot_becomes(chat, world.bot, "left")
    return True


@method("getFile")
def get_file(world: World, arguments: Arguments) -> dict[str, Any]:
    """Where a file can be fetched, up to 20 MB."""
    file = world.files.get(arguments.text("file_id"))
    if file is None:
        raise bad_request("invalid file_id")
    if len(file.content) > DOWNLOAD_BYTES:
        raise bad_request("file is too big")
    return file.as_json(with_path=True)


@method("logOut")
def log_out(world: World, arguments: Arguments) -> bool:
    """Nothing to do here: there is one server only."""
    return True


@method("close")
def close(world: World, arguments: Arguments) -> bool:
    """Nothing to do here: there is one server only."""
    return True


def standing(world: World, chat: Chat, person_id: int) -> str:
    """The status of a person, or of the bot, in a chat."""
    return chat.bot_status if person_id == world.bot.id else chat.members.get(person_id, "left")
