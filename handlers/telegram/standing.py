"""Where the bot stands: let in, made admin, thrown out or blocked, and groups that become supergroups.

Said in a group at most once, by the desk's decision; nothing that is said here tells anything of a ticket.
"""

from typing import Any

import structlog
from telegram import Bot, Chat, ChatMember, ChatMemberUpdated, Message, Update
from telegram.error import BadRequest, Forbidden
from telegram.ext import Application, ChatMemberHandler, MessageHandler, filters

from bot.ports import Standing
from bot.texts import Phrase
from handlers.telegram.asking import Asking, caller
from handlers.telegram.markup import sentence, to_html

log = structlog.get_logger("deskbell.telegram")

BEFORE = -1
"""What is noticed of an update whatever else is done with it."""
OUT = frozenset((ChatMember.LEFT, ChatMember.BANNED))
BLOCKED, THROWN_OUT, MUTED = Phrase("blocked"), Phrase("thrown out"), Phrase("not allowed to write")


def register(app: Application[Any, Any, Any, Any, Any, Any], asking: Asking, standing: Standing) -> None:
    """Listen to what becomes of the bot in its chats."""
    watch = Watch(app.bot, asking, standing)
    moved = filters.StatusUpdate.MIGRATE & filters.UpdateType.MESSAGE

    async def changed(update: Update, context: Any) -> None:
        if update.my_chat_member is not None:
            await watch.changed(update.my_chat_member)

    async def migrated(update: Update, context: Any) -> None:
        if update.message is not None:
            await watch.moved(update.message)

    async def heard(update: Update, context: Any) -> None:
        if update.effective_chat is not None:
            await standing.opened(str(update.effective_chat.id))

    app.add_handler(MessageHandler(filters.ChatType.PRIVATE, heard), group=BEFORE)
    app.add_handler(ChatMemberHandler(changed, ChatMemberHandler.MY_CHAT_MEMBER))
    app.add_handler(MessageHandler(moved, migrated))


class Watch:
    """Tells the desk, and leaves where the desk has no work."""

    def __init__(self, bot: Bot, asking: Asking, standing: Standing) -> None:
        self._bot = bot
        self._asking = asking
        self._standing = standing

    async def moved(self, message: Message) -> None:
        """A group has become a supergroup: both chats say so, whichever is heard first."""
        here = str(message.chat.id)
        old, new = message.migrate_from_chat_id or here, message.migrate_to_chat_id or here
        if str(old) == str(new):
            return
        log.info("a group became a supergroup", chat=old, now=new)
        await self._standing.moved(str(old), str(new))
        if str(old) in self._asking.chat.known:
            self._asking.chat.known.add(str(new))

    async def changed(self, change: ChatMemberUpdated) -> None:
        """The bot was let in, made admin, thrown out, blocked, or is let in again."""
        chat, before, now = change.chat, change.old_chat_member, change.new_chat_member
        log.info("standing in a chat changed", chat=chat.id, before=before.status, status=now.status)
        if why := _shut_by(chat, now):
            await self._standing.shut(str(chat.id), why, chat.title or "")
            return
        await self._standing.opened(str(chat.id))
        if chat.type in (Chat.GROUP, Chat.SUPERGROUP, Chat.CHANNEL) and before.status in OUT:
            await self._let_in(change)

    async def _let_in(self, change: ChatMemberUpdated) -> None:
        chat = change.chat
        admission = await self._standing.let_in(str(chat.id), chat.title or "", caller(change.from_user, chat))
        if admission.says and chat.type != Chat.CHANNEL:
            await self._say(chat.id, admission.says)
        if not admission.stays:
            log.warning("left a group that is none of the desk's", chat=chat.id, let_in_by=change.from_user.id)
            await self._leave(chat.id)

    async def _say(self, chat: int, text: str) -> None:
        try:
            await self._bot.send_message(chat, to_html(sentence(text)), parse_mode="HTML", disable_notification=True)
        except (BadRequest, Forbidden) as fault:
            log.info("nothing said in a foreign group", chat=chat, error=fault.message)

    async def _leave(self, chat: int) -> None:
        try:
            await self._bot.leave_chat(chat)
        except (BadRequest, Forbidden) as fault:
            log.info("a foreign group had been left", chat=chat, error=fault.message)


def _shut_by(chat: Chat, now: ChatMember) -> str:
    """Why nothing can be said in a chat any more, "" where it can."""
    if now.status in OUT:
        return BLOCKED if chat.type == Chat.PRIVATE else THROWN_OUT
    may_write = getattr(now, "can_send_messages", True)
    return MUTED if now.status == ChatMember.RESTRICTED and not may_write else ""
