"""What each of Telegram's errors means, in one table: for a delivery, and for somebody who waits for an answer."""

import re
from collections.abc import Callable

from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter, TelegramError

from bot.errors import DeliveryError

HELD_FOR = 60.0
LONGEST_WAIT = 600.0
NOT_MODIFIED = re.compile(r"message is not modified", re.IGNORECASE)
NO_TOPIC = re.compile(r"message thread not found|topic_deleted|topic_closed|topic_id_invalid", re.IGNORECASE)
CLOSED_TOPIC = re.compile(r"topic_closed", re.IGNORECASE)
NO_PICTURE = re.compile(r"image_process_failed|photo_invalid|photo_ext_invalid|wrong type of the web", re.IGNORECASE)

_GONE = (
    "message to edit not found|message can't be edited|message_id_invalid|there is no text in the message to edit|"
    "message to be replied not found|message to reply not found|replied message not found|message not found"
)
_OURS = (
    "message is too long|message caption is too long|message text is empty|can't parse entities|button_data_invalid|"
    "button_url_invalid|reply markup is too long|inline keyboard|entities_too_long|text buttons are unallowed"
)
_PERSON = "bot was blocked by the user|user is deactivated|can't initiate conversation|can't send messages to bots"
_HELD = "chat not found|not enough rights|have no rights|chat_write_forbidden|need administrator rights|chat_restricted"

REACTIONS: tuple[tuple[re.Pattern[str], Callable[[str], DeliveryError]], ...] = (
    (re.compile(_GONE, re.IGNORECASE), lambda said: DeliveryError(said, gone=True)),
    (re.compile(_OURS, re.IGNORECASE), lambda said: DeliveryError(said, permanent=True)),
    (re.compile(_PERSON, re.IGNORECASE), lambda said: DeliveryError(said, permanent=True)),
    (re.compile(_HELD, re.IGNORECASE), lambda said: DeliveryError(said, retry_after=HELD_FOR)),
)


def as_delivery_error(fault: TelegramError) -> DeliveryError:
    """What an error means for a delivery. Unknown ones are tried again; a chat that is shut is held until it opens."""
    if isinstance(fault, RetryAfter):
        return DeliveryError("Telegram asks to slow down", retry_after=seconds(fault))
    if isinstance(fault, ChatMigrated):
        return DeliveryError("the group became a supergroup", moved_to=str(fault.new_chat_id))
    if isinstance(fault, InvalidToken):
        return DeliveryError("Telegram refused the token", retry_after=HELD_FOR)
    said = f"Telegram: {fault.message}"
    if isinstance(fault, BadRequest | Forbidden):
        found = next((react for pattern, react in REACTIONS if pattern.search(fault.message)), None)
        if found:
            return found(said)
        return DeliveryError(said, retry_after=HELD_FOR if isinstance(fault, Forbidden) else None)
    return DeliveryError(f"Telegram does not answer ({type(fault).__name__})")


def seconds(fault: RetryAfter) -> float:
    """How long we are asked to wait, within reason."""
    asked = fault._retry_after  # the public attribute changes its type and warns of it
    return max(1.0, min(asked.total_seconds(), LONGEST_WAIT))


def is_final(fault: TelegramError) -> bool:
    """Whether saying the same once more is of no use: the message is gone, the person blocked us, the press is old."""
    return isinstance(fault, BadRequest | Forbidden | ChatMigrated | InvalidToken)
