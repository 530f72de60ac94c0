"""Telegram: translates what comes in into requests, draws answers and cards. It knows only the verbs' one door."""

from handlers.telegram.adapter import TelegramAdapter
from handlers.telegram.chat import TelegramChat

__all__ = ["TelegramAdapter", "TelegramChat"]
