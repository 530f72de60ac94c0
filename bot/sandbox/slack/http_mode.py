"""HTTP mode: requests signed with the app's signing secret and posted to its address, bodies exactly as Slack's."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import aiohttp

from bot.sandbox.slack.faults import Faults
from bot.sandbox.slack.refusals import Json
from bot.sandbox.slack.socket_mode import Answer

FORM = "application/x-www-form-urlencoded"


def body_of(kind: str, payload: Json) -> tuple[str, str]:
    """The body and its content type: a slash command is a form, an interaction a form with `payload`, an event JSON."""
    if kind == "slash_commands":
        return urlencode(payload), FORM
    if kind == "interactive":
        return urlencode({"payload": json.dumps(payload)}), FORM
    return json.dumps(payload), "application/json"


def signature(secret: str, timestamp: str, body: str) -> str:
    """Slack's `v0=…` over the raw body."""
    digest = hmac.new(secret.encode(), f"v0:{timestamp}:{body}".encode(), hashlib.sha256)
    return f"v0={digest.hexdigest()}"


class HttpMode:
    """Posts to `address`; the clock is real, because the app compares the timestamp with its own."""

    def __init__(self, faults: Faults, secret: str, now: Callable[[], float] = time.time) -> None:
        self.faults, self.secret, self.now = faults, secret, now
        self.address: str | None = None
        self._session: aiohttp.ClientSession | None = None

    def headers(self, body: str, content_type: str, *, timestamp: str | None = None) -> dict[str, str]:
        """The signed headers of a body; give another timestamp for an old request."""
        timestamp = timestamp or str(int(self.now()))
        return {
            "Content-Type": content_type,
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature(self.secret, timestamp, body),
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
        }

    async def send(self, kind: str, payload: Json, patience: float, attempt: int, reason: str) -> Answer:
        body, content_type = body_of(kind, payload)
        headers = self.headers(body, content_type)
        if attempt:
            headers |= {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": reason}
        return await self.post(body, headers, patience)

    async def post(self, body: str, headers: dict[str, str], patience: float = 3.0) -> Answer:
        """These very bytes with these headers: forged, repeated or old ones too."""
        assert self.address, "deliver_to is not set"
        timeout = aiohttp.ClientTimeout(total=patience)
        began = time.perf_counter()
        try:
            async with self.session.post(self.address, data=body.encode(), headers=headers, timeout=timeout) as answer:
                text = await answer.text()
        except TimeoutError:
            return Answer(error="operation_timeout")
        except aiohttp.ClientError:
            return Answer(error="dispatch_failed")
        if self.faults.ack_is_lost():
            return Answer(error="operation_timeout")
        acked = answer.status == 200
        return Answer(
            acked=acked,
            payload=_parsed(text, answer.content_type),
            seconds=time.perf_counter() - began,
            status=answer.status,
            error=None if acked else "dispatch_failed",
            no_retry="X-Slack-No-Retry" in answer.headers,
        )

    @property
    def session(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        return self._session

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None


def _parsed(text: str, content_type: str) -> Any:
    if not text:
        return None
    if content_type == "application/json":
        try:
            return json.loads(text)
        except ValueError:
            return text
    return {"text": text}
