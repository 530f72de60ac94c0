"""How the bot wants its updates: the webhook's address; getUpdates itself waits in `web`."""

import re
from typing import Any
from urllib.parse import urlsplit

from bot.sandbox.telegram.arguments import Arguments
from bot.sandbox.telegram.methods.table import method
from bot.sandbox.telegram.refusals import bad_request
from bot.sandbox.telegram.world import Webhook, World

SECRET = re.compile(r"[A-Za-z0-9_-]{0,256}")
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@method("setWebhook")
def set_webhook(world: World, arguments: Arguments) -> bool:
    """Post updates there from now on; an empty address ends it. Plain http is taken on loopback only."""
    url, secret = arguments.text("url"), arguments.text("secret_token")
    address = urlsplit(url)
    if url and address.scheme != "https" and address.hostname not in LOOPBACK:
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if not SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    _drop_pending(world, arguments)
    keep_allowed(world, arguments)
    world.webhook = Webhook(url, secret, arguments.integer("max_connections", 40))
    world.updates.arrived.set()
    return True


@method("deleteWebhook")
def delete_webhook(world: World, arguments: Arguments) -> bool:
    """Back to getUpdates."""
    _drop_pending(world, arguments)
    world.webhook = Webhook()
    return True


@method("getWebhookInfo")
def get_webhook_info(world: World, arguments: Arguments) -> dict[str, Any]:
    """Where updates are posted, how many wait, and what went wrong last."""
    hook = world.webhook
    info: dict[str, Any] = {
        "url": hook.url,
        "has_custom_certificate": False,
        "pending_update_count": len(world.updates.pending),
    }
    if hook.url:
        info |= {"max_connections": hook.max_connections, "ip_address": "127.0.0.1"}
    if hook.last_error:
        info |= {"last_error_date": hook.last_error_at, "last_error_message": hook.last_error}
    return info | ({"allowed_updates": world.updates.allowed} if world.updates.allowed else {})


def keep_allowed(world: World, arguments: Arguments) -> None:
    """`allowed_updates` stays as it was where it is not given."""
    if "allowed_updates" in arguments.values:
        world.updates.allowed = [str(one) for one in arguments.json("allowed_updates") or []]


def _drop_pending(world: World, arguments: Arguments) -> None:
    if arguments.flag("drop_pending_updates") and world.updates.pending:
        world.updates.confirm(world.updates.pending[-1]["update_id"] + 1)
