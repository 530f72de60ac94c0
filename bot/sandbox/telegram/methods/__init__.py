"""The Bot API's methods, one module per subject; `METHODS` finds them by lower-case name, as Telegram does."""

from bot.sandbox.telegram.methods import chats, editing, menus, pressing, receiving, sending, topics
from bot.sandbox.telegram.methods.table import METHODS, NAMES, Method

__all__ = [
    "METHODS",
    "NAMES",
    "Method",
    "chats",
    "editing",
    "menus",
    "pressing",
    "receiving",
    "sending",
    "topics",
]
