"""HTTP mode: Slack posts to /slack/events, and every request is checked on its raw bytes before anything reads it.

Size, age and signature first (Slack: "Verifying requests from Slack"), then the shape; what fails is a 4xx, never 5xx.
"""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs

import structlog
from aiohttp import web
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest

log = structlog.get_logger("deskbell.slack")

PATH = "/slack/events"
LARGEST_BODY, OLDEST, READ_SECONDS = 1024 * 1024, 300, 3.0
FORM = "application/x-www-form-urlencoded"


class HttpMode:
    """The route of one workspace; 503 while no app is behind it."""

    def __init__(self, signing_secret: str) -> None:
        self._secret = signing_secret.encode()
        self._app: AsyncApp | None = None

    def mount(self, server: web.Application) -> None:
        """Add the route to the bot's web server."""
        server.router.add_post(PATH, self.serve)

    def use(self, app: AsyncApp | None) -> None:
        """Where requests go from now on."""
        self._app = app

    async def serve(self, request: web.Request) -> web.Response:
        """One request of Slack's."""
        if (request.content_length or 0) > LARGEST_BODY:
            return web.Response(status=413)
        try:
            async with asyncio.timeout(READ_SECONDS):
                raw = await request.read()
        except TimeoutError:
            return web.Response(status=408)
        if len(raw) > LARGEST_BODY:
            return web.Response(status=413)
        if not self._is_signed(request, raw):
            return web.Response(status=401)
        if not is_well_formed(raw, request.content_type):
            return web.Response(status=400)
        return await self._answer(request, raw.decode()) if self._app else web.Response(status=503)

    def _is_signed(self, request: web.Request, raw: bytes) -> bool:
        sent_at = request.headers.get("X-Slack-Request-Timestamp", "")
        if not (sent_at.isascii() and sent_at.isdecimal() and len(sent_at) < 12):
            return False
        if abs(time.time() - int(sent_at)) > OLDEST:
            return False
        signed = hmac.new(self._secret, f"v0:{sent_at}:".encode() + raw, hashlib.sha256).hexdigest()
        given = request.headers.get("X-Slack-Signature", "")
        return hmac.compare_digest(f"v0={signed}".encode(), given.encode("utf-8", "replace"))

    async def _answer(self, request: web.Request, body: str) -> web.Response:
        assert self._app is not None
        headers: dict[str, str | Sequence[str]] = {name.lower(): value for name, value in request.headers.items()}
        try:
            answer = await self._app.async_dispatch(AsyncBoltRequest(body=body, headers=headers))
        except Exception as fault:
            log.warning("request could not be read", error=type(fault).__name__)
            return web.Response(status=400)
        kind = (answer.headers.get("content-type") or ["text/plain"])[0]
        return web.Response(status=answer.status, text=answer.body or "", content_type=kind.partition(";")[0])


def is_well_formed(raw: bytes, content_type: str) -> bool:
    """Whether it is a form or a JSON object, and in a form's `payload` a JSON object."""
    try:
        text = raw.decode()
        if content_type != FORM:
            return _is_object(text)
        fields = parse_qs(text, strict_parsing=True, max_num_fields=100)
        return _is_object(fields["payload"][0]) if "payload" in fields else "command" in fields or "ssl_check" in fields
    except (ValueError, RecursionError):
        return False


def _is_object(text: str) -> bool:
    read: Any = json.loads(text)
    return isinstance(read, dict)
