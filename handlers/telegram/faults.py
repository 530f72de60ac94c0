"""What each of Telegram's errors means, in one table: for a delivery, and for somebody who waits for an answer.

retry     Telegram could not, this time: the same again, later; so is every error that nobody knows
repair    the message that was to be changed or answered is lost to us: another one in its place
hold      the chat, or the bot as a whole, is shut: it waits until a person has opened it
give up   what we sent is at fault, or the person does not want to hear of us: the same would be refused again

Telegram's errors have no codes of their own, so they are known by their words, the first of the table that fit.
"""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum

from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.errors import DeliveryError

HELD_FOR = 60.0
LONGEST_WAIT = 600.0


class Reaction(StrEnum):
    """What is done about an error."""

    RETRY = "retry"
    REPAIR = "repair"
    HOLD = "hold"
    GIVE_UP = "give up"
    PERSON = "give up the person"


def _any(*words: str) -> re.Pattern[str]:
    return re.compile("|".join(words), re.IGNORECASE)


NOT_MODIFIED = _any("message is not modified", "message_not_modified")
NO_TOPIC = _any("message thread not found", "topic_deleted", "topic_closed", "topic_id_invalid")
CLOSED_TOPIC = _any("topic_closed")
NO_PICTURE = _any("image_process_failed", "photo_invalid", "photo_ext_invalid", "wrong type of the web")
NOTHING_TO_ANSWER = _any("message to be replied not found", "message to reply not found", "replied message not found",
                         "reply message not found", "reply_message_id_invalid")  # fmt: skip

PASSING = _any("slowmode_wait", "flood_wait")
GONE = _any(
    "message to edit not found", "message can't be edited", "message_id_invalid", "message_edit_time_expired",
    "message_author_required", "there is no text in the message", "there is no caption in the message",
    "message identifier is not specified", "message not found", NOTHING_TO_ANSWER.pattern,
)  # fmt: skip
AT_FAULT = _any(
    "message is too long", "message_too_long", "caption is too long", "media_caption_too_long", "text is empty",
    "text must be non-empty", "message_empty", "can't parse", "unsupported parse_mode", "entit(y|ies)_", "button_",
    "inline keyboard", "reply markup", "reply_markup", "text buttons are unallowed", "chat_id is empty",
    "url is invalid", "wrong http url", "query is too old", "query_id_invalid", "can't be deleted",
    "message to delete not found",
    "message_delete_forbidden", "message to (un)?pin not found", "message to react not found", "reaction_invalid",
    "reactions_too_many", "manage (pinned|topics)", "topic_not_modified", "chat is not a forum", "method is available",
    "wrong parameter", "user not found", "user_id_invalid", "participant_id_invalid", "entity_mention_user_invalid",
)  # fmt: skip
NO_FILE = _any(
    "file is too big", "is too big for", "too large", "file must be non-empty", "wrong file", "wrong remote file",
    "invalid file", "failed to get http url", "there is no (document|photo)", "send (photos|documents|media)",
    "chat_send_(photos|docs|media)_forbidden", "file_parts?_invalid", "media_(empty|invalid)", NO_PICTURE.pattern,
)  # fmt: skip
UNWANTED = _any(
    "bot was blocked by the user", "user_is_blocked", "user is deactivated", "user_deactivated",
    "input_user_deactivated", "can't initiate conversation", "can't send messages to (bots|the user)", "user_is_bot",
    "privacy_premium_required", "allow_payment_required",
)  # fmt: skip
SHUT = _any(
    "bot was kicked", "bot is not a member", "bot is not participant", "chat not found", "peer_id_invalid",
    "chat_id_invalid", "channel_private", "channel_invalid", "group chat was deactivated", "group chat was deleted",
    "the group chat is deactivated", "chat_write_forbidden", "chat_send_plain_forbidden", "chat_restricted",
    "chat_forbidden", "chat_guest_send_forbidden", "chat_admin_required", "user_banned_in_channel",
    "not enough rights", "have no rights", "need administrator rights", "right_forbidden", "no write access",
    "logged out", "bot_method_invalid",
)  # fmt: skip

REACTIONS: tuple[tuple[re.Pattern[str], Reaction], ...] = (
    (PASSING, Reaction.RETRY),
    (GONE, Reaction.REPAIR),
    (NO_FILE, Reaction.GIVE_UP),
    (AT_FAULT, Reaction.GIVE_UP),
    (UNWANTED, Reaction.PERSON),
    (SHUT, Reaction.HOLD),
)
MEANING: Mapping[Reaction, Callable[[str], DeliveryError]] = {
    Reaction.RETRY: DeliveryError,
    Reaction.REPAIR: lambda said: DeliveryError(said, gone=True),
    Reaction.HOLD: lambda said: DeliveryError(said, retry_after=HELD_FOR, shut=True, closed=True),
    Reaction.GIVE_UP: lambda said: DeliveryError(said, permanent=True),
    Reaction.PERSON: lambda said: DeliveryError(said, permanent=True, closed=True),
}


def reaction_to(description: str) -> Reaction:
    """What is done about an error with these words of Telegram's."""
    return next((reaction for words, reaction in REACTIONS if words.search(description)), Reaction.RETRY)


def as_delivery_error(fault: TelegramError) -> DeliveryError:
    """What an error means for a delivery."""
    said = f"Telegram: {fault.message}"
    if isinstance(fault, RetryAfter):
        return DeliveryError("Telegram asks to slow down", retry_after=seconds(fault), shut=True)
    if isinstance(fault, ChatMigrated):
        return DeliveryError("the group became a supergroup", moved_to=str(fault.new_chat_id))
    if isinstance(fault, InvalidToken):
        return DeliveryError("Telegram refused the token", retry_after=HELD_FOR, shut=True)
    if isinstance(fault, BadRequest | Forbidden) or _refuses_a_file(fault):
        reaction = reaction_to(fault.message)
        is_unknown = reaction is Reaction.RETRY and isinstance(fault, Forbidden)
        return MEANING[Reaction.HOLD if is_unknown else reaction](said)
    return DeliveryError(f"Telegram does not answer ({type(fault).__name__})")


def _refuses_a_file(fault: TelegramError) -> bool:
    """413, which the library takes for trouble on the way."""
    return isinstance(fault, NetworkError) and "too large" in fault.message.lower()


def seconds(fault: RetryAfter) -> float:
    """How long we are asked to wait, within reason."""
    asked = fault._retry_after  # the public attribute changes its type and warns of it
    return max(1.0, min(asked.total_seconds(), LONGEST_WAIT))


def is_final(fault: TelegramError) -> bool:
    """Whether saying the same once more is of no use: the message is gone, the person blocked us, the press is old."""
    return isinstance(fault, BadRequest | Forbidden | ChatMigrated | InvalidToken)
