"""Albums: what a person sends as one, Telegram gives as several messages that bear one number."""

from telegram import Message

from bot.commands.requests import Spot
from bot.ports import Notebook

KEPT_MINUTES = 60


def spot_of(message: Message) -> Spot | None:
    """The album as the message that its words are; None for a message that is part of none."""
    if not message.media_group_id:
        return None
    return Spot("telegram", str(message.chat.id), f"album:{message.media_group_id}")


async def remember(notebook: Notebook, message: Message) -> None:
    """What the message's album says has been noted: what else it brings belongs there."""
    if message.media_group_id:
        await notebook.keep(_key(message), {"noted": True}, minutes=KEPT_MINUTES)


async def is_known(notebook: Notebook, message: Message) -> bool:
    """Whether the beginning of the message's album has been noted."""
    return bool(message.media_group_id) and await notebook.recall(_key(message)) is not None


def _key(message: Message) -> str:
    return (
        f"telegram:album:{message.chat.id}:{message.from_user.id if message.from_user else 0}:{message.media_group_id}"
    )
