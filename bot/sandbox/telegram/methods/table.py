"""The table of methods: a function of the world and the arguments, which returns the result or refuses."""

from collections.abc import Callable
from typing import Any

from bot.sandbox.telegram.arguments import Arguments
from bot.sandbox.telegram.world import World

Method = Callable[[World, Arguments], Any]
METHODS: dict[str, Method] = {}
NAMES: dict[str, str] = {"getupdates": "getUpdates"}


def method(name: str) -> Callable[[Method], Method]:
    """Enter the function under the Bot API's name."""

    def enter(function: Method) -> Method:
        METHODS[name.lower()] = function
        NAMES[name.lower()] = name
        return function

    return enter
