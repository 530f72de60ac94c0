"""The Web API's methods, one module per family; importing this package fills `METHODS`."""

from bot.sandbox.slack.methods import chat, conversations, files, people, reactions, views
from bot.sandbox.slack.methods.registry import METHODS, Arguments, Method

__all__ = ["METHODS", "Arguments", "Method", "chat", "conversations", "files", "people", "reactions", "views"]
