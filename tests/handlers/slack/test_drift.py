"""The manifest says what the code registers: the same commands and events, and everything has a listener."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from bot.texts import Words
from handlers.slack.app import PARTS, make_app
from handlers.slack.asking import Asking
from handlers.slack.commands import COMMANDS
from handlers.slack.scopes import EVENTS
from tests.handlers.slack.stage import WrittenDown

MANIFEST = yaml.safe_load((Path(__file__).parents[3] / "app_manifest.yml").read_text(encoding="utf-8"))


class Register:
    """Stands in for a Bolt app and writes down what is listened to."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, Any]] = []

    def __getattr__(self, kind: str) -> Callable[..., Any]:
        def listen(what: Any = None) -> Callable[[Any], Any]:
            self.heard.append((kind, what))
            return lambda listener: listener

        return listen

    def names(self, kind: str) -> set[str]:
        return {what for of, what in self.heard if of == kind}


def registered() -> Register:
    register = Register()
    for part in PARTS:
        part.register(register, Asking(WrittenDown(), None, Words()))  # type: ignore[arg-type]
    return register


def test_the_manifest_has_exactly_the_commands_that_are_registered() -> None:
    described = {command["command"] for command in MANIFEST["features"]["slash_commands"]}

    assert described == set(COMMANDS) == registered().names("command")


def test_the_manifest_subscribes_to_exactly_the_events_that_are_listened_to() -> None:
    subscribed = MANIFEST["settings"]["event_subscriptions"]["bot_events"]
    heard = registered().names("event") | {"tokens_revoked", "app_uninstalled"}

    assert sorted(subscribed) == sorted(EVENTS)
    assert {event.partition(".")[0] for event in subscribed} == heard


def test_the_manifest_has_shortcuts_only_where_they_are_registered() -> None:
    described = {shortcut["callback_id"] for shortcut in MANIFEST["features"].get("shortcuts", [])}

    assert described == {what for kind, what in registered().heard if kind.endswith("shortcut")}


async def test_bolt_takes_every_listener() -> None:
    from slack_sdk.web.async_client import AsyncWebClient

    app = make_app(Asking(WrittenDown(), AsyncWebClient(token="xoxb-1"), Words()), on_revoked=lambda: None)

    assert len(app._async_listeners) == len(registered().heard) + 2
