"""The menu of commands that Telegram shows beside the writing box, in private and in groups, in each language."""

from collections.abc import Mapping, Sequence

from telegram import Bot, BotCommand, BotCommandScope, BotCommandScopeAllGroupChats, BotCommandScopeAllPrivateChats

from bot.texts import LANGUAGES, Words
from handlers.telegram.markup import one_line

DESCRIPTION_UNITS = 256
OWN = {"ticket": "anything I can do: /ticket VERB …", "mine": "your tickets"}
IN_GROUPS = "ticket list mine take note reply close oncall help".split()
IN_PRIVATE = [*IN_GROUPS, "pair"]
Verbs = Sequence[tuple[str, str]]


async def publish(bot: Bot, verbs: Verbs, words: Words) -> int:
    """Set the menus that differ from what Telegram has; how many there were. Raises TelegramError."""
    changed = 0
    scopes: tuple[tuple[BotCommandScope, Sequence[str]], ...] = (
        (BotCommandScopeAllPrivateChats(), IN_PRIVATE),
        (BotCommandScopeAllGroupChats(), IN_GROUPS),
    )
    for scope, names in scopes:
        for code, speaking in (("", words), *((language, Words(language)) for language in LANGUAGES)):
            wanted = menu(names, dict(verbs), speaking)
            if tuple(await bot.get_my_commands(scope=scope, language_code=code)) != wanted:
                await bot.set_my_commands(wanted, scope=scope, language_code=code)
                changed += 1
    return changed


def menu(names: Sequence[str], verbs: Mapping[str, str], words: Words) -> tuple[BotCommand, ...]:
    """The commands of these names that there are, each with its line of help."""
    described = {**verbs, **OWN}
    return tuple(
        BotCommand(name, one_line(words(described[name]), DESCRIPTION_UNITS)) for name in names if name in described
    )
