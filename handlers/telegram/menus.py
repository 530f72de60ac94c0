"""The menus of commands that Telegram shows beside the writing box: for groups, for strangers, for each linked person.

Groups and strangers read theirs in the language of their app; whoever is linked in the own language, with what the
role allows. All of them follow the desk's language and its people within `EVERY` seconds.
"""

import asyncio
import hashlib
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import structlog
from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
)
from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError

from bot.ports import Notebook, Standing
from bot.texts import LANGUAGES, Words
from handlers.telegram.faults import seconds
from handlers.telegram.markup import one_line

log = structlog.get_logger("deskbell.telegram")

EVERY, REFUSED_FOR = 15.0, 600.0
KEPT, KEPT_FOR = "telegram:menus", 400 * 24 * 60
DESCRIPTION_UNITS = 256
OWN = {
    "ticket": "anything I can do: /ticket VERB …",
    "mine": "your tickets",
    "start": "link your phone, or see what I can do",
}
NEEDS = {"ticket": "show", "mine": "list"}
IN_GROUPS = "ticket list mine take note reply close oncall help".split()
OF_PEOPLE = [*IN_GROUPS, "pair"]
OF_STRANGERS = ["start", "help", "pair"]
Verbs = Sequence[tuple[str, str]]


class Menu(NamedTuple):
    """One menu: whose it is ("chat" for one person's own), in which language it counts, and its commands."""

    scope: str
    chat: str
    language: str
    commands: tuple[BotCommand, ...]

    @property
    def key(self) -> str:
        """What it is remembered by."""
        return f"{self.scope}:{self.chat}:{self.language}"

    @property
    def digest(self) -> str:
        """Differs where the commands do."""
        told = "\n".join(f"{one.command} {one.description}" for one in self.commands)
        return hashlib.sha256(told.encode()).hexdigest()[:16]


class Menus:
    """Keeps the menus of one bot. What is set is remembered, so that only what differs is set again."""

    def __init__(self, verbs: Verbs, words: Words, notebook: Notebook, standing: Standing) -> None:
        self._verbs = dict(verbs)
        self._words = words
        self._notebook = notebook
        self._standing = standing
        self._looked = False
        self._not_before: dict[str, float] = {}

    async def keep(self, bot: Bot) -> None:
        """Work until cancelled."""
        while True:
            wait = EVERY
            try:
                if changed := await self.publish(bot):
                    log.info("command menus", changed=changed)
            except RetryAfter as fault:
                wait = max(EVERY, seconds(fault))
            except Exception as fault:  # a catalogue, the store or Telegram is not there now: it is tried again
                log.warning("command menus not set", error=type(fault).__name__)
            await asyncio.sleep(wait)

    async def publish(self, bot: Bot) -> int:
        """Set the menus that differ, take away those of people who are linked no more; how many. TelegramError."""
        known = dict(await self._notebook.recall(KEPT) or {})
        wanted = {menu.key: menu for menu in await self._wanted()}
        if not self._looked:
            known |= await _as_they_are(bot, [menu for menu in wanted.values() if not menu.chat])
        self._looked = True
        differing = [one for one in wanted.values() if known.get(one.key) != one.digest and self._is_due(one)]
        gone = [key for key in known if key not in wanted]
        for one in differing:
            if await _set(bot, one):
                known[one.key] = one.digest
            else:
                self._not_before[one.key] = time.monotonic() + REFUSED_FOR
        for key in gone:
            await _forget(bot, key)
            del known[key]
        if differing or gone:
            await self._notebook.keep(KEPT, known, minutes=KEPT_FOR)
        return len(differing) + len(gone)

    def _is_due(self, one: Menu) -> bool:
        return self._not_before.get(one.key, 0.0) <= time.monotonic()

    async def _wanted(self) -> list[Menu]:
        menus = [*self._of_everybody("all_private_chats", OF_STRANGERS), *self._of_everybody("all_groups", IN_GROUPS)]
        for phone in await self._standing.phones():
            names = [name for name in OF_PEOPLE if NEEDS.get(name, name) in phone.verbs]
            commands = menu(names, self._verbs, Words(phone.language) if phone.language else self._words)
            menus.append(Menu("chat", phone.chat, "", commands))
        return menus

    def _of_everybody(self, scope: str, names: Sequence[str]) -> Iterator[Menu]:
        for code, words in (("", self._words), *((language, Words(language)) for language in LANGUAGES)):
            yield Menu(scope, "", code, menu(names, self._verbs, words))


def menu(names: Sequence[str], verbs: Mapping[str, str], words: Words) -> tuple[BotCommand, ...]:
    """The commands of these names that there are, each with its line of help."""
    described = {**verbs, **OWN}
    return tuple(
        BotCommand(name, one_line(words(described[name]), DESCRIPTION_UNITS)) for name in names if name in described
    )


async def _as_they_are(bot: Bot, menus: Sequence[Menu]) -> dict[str, str]:
    """The digests of what Telegram has, which another program may have set."""
    found = {}
    for one in menus:
        has = tuple(await bot.get_my_commands(scope=_scope(one.scope, one.chat), language_code=one.language))
        found[one.key] = one._replace(commands=has).digest
    return found


async def _set(bot: Bot, one: Menu) -> bool:
    """Whether it is set; not in the chat of somebody who has not begun one."""
    try:
        await bot.set_my_commands(one.commands, scope=_scope(one.scope, one.chat), language_code=one.language)
    except (BadRequest, Forbidden) as fault:
        if not one.chat:
            raise
        log.info("menu not set", chat=one.chat, error=fault.message)
        return False
    return True


async def _forget(bot: Bot, key: str) -> None:
    scope, chat, language = key.split(":")
    try:
        await bot.delete_my_commands(scope=_scope(scope, chat), language_code=language)
    except TelegramError as fault:
        log.info("menu not taken away", chat=chat, error=type(fault).__name__)


def _scope(name: str, chat: str) -> BotCommandScope:
    if chat:
        return BotCommandScopeChat(int(chat))
    return BotCommandScopeAllPrivateChats() if name == "all_private_chats" else BotCommandScopeAllGroupChats()
