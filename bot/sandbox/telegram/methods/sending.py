"""What the bot says: text, documents, photos; every limit is checked before anything is kept."""

from typing import Any

from bot.sandbox.telegram.arguments import Arguments
from bot.sandbox.telegram.entities import BLANK, Formatted
from bot.sandbox.telegram.messages import Message
from bot.sandbox.telegram.methods.table import method
from bot.sandbox.telegram.places import Chat, File
from bot.sandbox.telegram.refusals import Refusal, bad_request
from bot.sandbox.telegram.world import World

TEXT_UNITS = 4096
CAPTION_UNITS = 1024
UPLOAD_BYTES = 50 * 1024 * 1024
PHOTO_BYTES = 10 * 1024 * 1024
PICTURES = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM")
ACTIONS = frozenset((
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice",
    "upload_document", "choose_sticker", "find_location", "record_video_note", "upload_video_note",
))  # fmt: skip


@method("sendMessage")
def send_message(world: World, arguments: Arguments) -> dict[str, Any]:
    """Write a text."""
    chat = world.chat_to_write(arguments.text("chat_id"))
    return _send(world, chat, arguments, text_of(arguments)).as_json()


@method("sendDocument")
def send_document(world: World, arguments: Arguments) -> dict[str, Any]:
    """Send a file, with a caption."""
    chat = world.chat_to_write(arguments.text("chat_id"))
    file = _file(world, arguments, "document", UPLOAD_BYTES)
    return _send(world, chat, arguments, caption_of(arguments), file, "document").as_json()


@method("sendPhoto")
def send_photo(world: World, arguments: Arguments) -> dict[str, Any]:
    """Send a picture, with a caption."""
    chat = world.chat_to_write(arguments.text("chat_id"))
    file = _file(world, arguments, "photo", PHOTO_BYTES)
    if not file.content.startswith(PICTURES):
        raise bad_request("IMAGE_PROCESS_FAILED")
    return _send(world, chat, arguments, caption_of(arguments), file, "photo").as_json()


@method("sendChatAction")
def send_chat_action(world: World, arguments: Arguments) -> bool:
    """ "Deskbell is typing…"."""
    chat = world.chat_of_bot(arguments.text("chat_id"))
    if arguments.text("action") not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    world.tell("action", chat=chat.id, action=arguments.text("action"))
    return True


def text_of(arguments: Arguments) -> Formatted:
    """The message's text: 1–4096 units after parsing."""
    formatted = arguments.formatted("text", "entities")
    if not formatted.text:
        raise bad_request("message text is empty")
    if BLANK.fullmatch(formatted.text):
        raise bad_request("text must be non-empty")
    if formatted.length > TEXT_UNITS:
        raise bad_request("message is too long")
    return formatted


def caption_of(arguments: Arguments) -> Formatted:
    """A file's caption: at most 1024 units after parsing."""
    formatted = arguments.formatted("caption", "caption_entities")
    if formatted.length > CAPTION_UNITS:
        raise bad_request("message caption is too long")
    return formatted


def _send(
    world: World,
    chat: Chat,
    arguments: Arguments,
    formatted: Formatted,
    attachment: File | None = None,
    kind: str = "text",
) -> Message:
    keyboard, prompt = arguments.keyboard(), arguments.prompt()
    replied = _replied(chat, arguments)
    topic = _topic(chat, arguments) or (replied.topic if replied else 0)
    message = Message(
        world.next_id(chat),
        chat,
        world.now(),
        world.bot,
        formatted,
        keyboard=keyboard,
        topic=topic,
        reply_to=replied,
        silent=arguments.flag("disable_notification"),
        attachment=attachment,
        kind=kind,
        prompt=prompt,
    )
    return world.keep(message, by_bot=True)


def _replied(chat: Chat, arguments: Arguments) -> Message | None:
    asked = arguments.json("reply_parameters") or {}
    number = int(asked.get("message_id", 0) or arguments.integer("reply_to_message_id"))
    message = chat.messages.get(number)
    lenient = asked.get("allow_sending_without_reply") or arguments.flag("allow_sending_without_reply")
    if number and message is None and not lenient:
        raise bad_request("message to be replied not found")
    return message


def _topic(chat: Chat, arguments: Arguments) -> int:
    number = arguments.integer("message_thread_id")
    if not number:
        return 0
    topic = chat.topics.get(number)
    if topic is None:
        raise bad_request("message thread not found")
    if topic.is_closed and not chat.bot_is_admin:
        raise bad_request("TOPIC_CLOSED")
    return number


def _file(world: World, arguments: Arguments, name: str, most_bytes: int) -> File:
    upload = arguments.upload(name)
    if upload is None:
        return _known_file(world, arguments.text(name), name)
    if len(upload.content) > UPLOAD_BYTES:
        raise Refusal(413, "Request Entity Too Large")
    if len(upload.content) > most_bytes:
        size = len(upload.content)
        raise bad_request(f"file of size {size} bytes is too big for a {name}; the maximum size is {most_bytes} bytes")
    if not upload.content:
        raise bad_request("file must be non-empty")
    return world.store(upload.name, upload.type, upload.content)


def _known_file(world: World, file_id: str, name: str) -> File:
    if not file_id:
        raise bad_request(f"there is no {name} in the request")
    if file_id.startswith(("http://", "https://")):
        raise bad_request("failed to get HTTP URL content")
    if file_id not in world.files:
        raise bad_request("wrong file identifier/HTTP URL specified")
    return world.files[file_id]
