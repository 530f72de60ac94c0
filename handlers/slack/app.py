"""The Bolt app with all its listeners: whatever comes in passes here first, over Socket Mode and HTTP alike.

Requests of other workspaces are acknowledged and dropped, and so is what nobody listens to.
"""

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.response import BoltResponse

from handlers.slack import actions, commands, events, home, options, reactions, shortcuts, views
from handlers.slack.asking import Asking

log = structlog.get_logger("deskbell.slack")

PARTS = (commands, actions, views, options, shortcuts, events, reactions, home)
"""Each listens to one kind of thing that comes in."""
MALFORMED = (KeyError, TypeError, ValueError, AttributeError, IndexError)


def make_app(asking: Asking, *, on_revoked: Callable[[], None]) -> AsyncApp:
    """An app that answers after its work is committed; `on_revoked` is called when the tokens may be dead.

    Signatures are checked before, on the raw bytes (`handlers.slack.http_mode`).
    """
    app = AsyncApp(
        client=asking.client,
        process_before_response=True,
        request_verification_enabled=False,
        raise_error_for_unhandled_request=True,
    )

    async def only_ours(body: dict[str, Any], ack: AsyncAck, next: Any) -> None:  # noqa: A002  # Bolt's name
        if asking.is_ours(body):
            await next()
            return
        log.warning("foreign request dropped", team=str(body.get("team_id") or body.get("team"))[:80])
        await ack()

    async def revoked() -> None:
        on_revoked()

    app.middleware(only_ours)
    for part in PARTS:
        part.register(app, asking)
    app.event("tokens_revoked")(revoked)
    app.event("app_uninstalled")(revoked)
    app.error(_failed)
    return app


async def _failed(error: Exception, body: dict[str, Any]) -> BoltResponse | None:
    """What nobody listens to is acknowledged; what a listener lets escape is not, so that Slack sends it again."""
    if isinstance(error, BoltUnhandledRequestError):
        return BoltResponse(status=200, body="")
    kind = str(body.get("type"))[:40]
    if isinstance(error, MALFORMED):
        log.warning("request makes no sense", kind=kind, error=type(error).__name__, at=_place(error))
        return BoltResponse(status=400, body="")
    log.error("listener failed", kind=kind, exc_info=error)
    return BoltResponse(status=503, body="")


def _place(error: Exception) -> str:
    """Where it was found, without a word of what was sent."""
    last = traceback.extract_tb(error.__traceback__)[-1:]
    return "".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in last)
