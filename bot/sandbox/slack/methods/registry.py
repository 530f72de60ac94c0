"""The table of Web API methods: name, arguments, scopes, rate; a method is a function of workspace and arguments.

Scopes are any-of: one of them is enough to call the method. Rates are calls a minute (Slack's tiers 2, 3 and 4).
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.sandbox.slack.refusals import Json, Refused
from bot.sandbox.slack.workspace import Workspace

TIER_1, TIER_2, TIER_3, TIER_4, SPECIAL = 1, 20, 50, 100, 600
READ = ("channels:read", "groups:read", "im:read", "mpim:read")
HISTORY = ("channels:history", "groups:history", "im:history", "mpim:history")
PREFIX = {"channel": "channels", "group": "groups", "im": "im"}


class Arguments(dict[str, Any]):
    """A call's arguments, from query, form or JSON; parts that arrive as JSON texts are decoded where asked for."""

    def text(self, name: str, default: str = "") -> str:
        value = self.get(name, default)
        return default if value is None else str(value)

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.get(name, default)
        return value if isinstance(value, bool) else str(value).lower() in ("1", "true")

    def number(self, name: str, default: int) -> int:
        try:
            return int(self.get(name) or default)
        except (TypeError, ValueError):
            raise Refused("invalid_arguments", [f"[ERROR] must be an integer [json-pointer:/{name}]"]) from None

    def part(self, name: str, error: str) -> Any:
        """A structured argument: already JSON, or its text; raises `error` where it cannot be read."""
        value = self.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except ValueError:
            raise Refused(error) from None


Work = Callable[[Workspace, Arguments], Json]


@dataclass(frozen=True)
class Method:
    name: str
    work: Work
    required: tuple[str, ...]
    scopes: tuple[str, ...]
    rate: int
    app_token: bool


METHODS: dict[str, Method] = {}


def method(
    name: str,
    *required: str,
    scopes: tuple[str, ...] = (),
    rate: int = TIER_3,
    app_token: bool = False,
) -> Callable[[Work], Work]:
    """Registers a function as a Web API method."""

    def register(work: Work) -> Work:
        METHODS[name] = Method(name, work, required, scopes, rate, app_token)
        return work

    return register


def require_scope(workspace: Workspace, *scopes: str) -> None:
    """One of these is granted, or the call is refused with Slack's `needed` and `provided`."""
    if scopes and not workspace.scopes & set(scopes):
        provided = ",".join(sorted(workspace.scopes))
        raise Refused("missing_scope", needed=",".join(scopes), provided=provided)


def page(items: list[Any], arguments: Arguments, default: int = 100, most: int = 1000) -> tuple[list[Any], str]:
    """One page of a list and the cursor of the next, "" after the last."""
    cursor = arguments.text("cursor")
    if cursor and not cursor.isdigit():
        raise Refused("invalid_cursor")
    start = int(cursor or 0)
    limit = min(max(arguments.number("limit", default), 1), most)
    rest = start + limit
    return items[start:rest], str(rest) if rest < len(items) else ""
