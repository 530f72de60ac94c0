"""Asking Slack's Web API for the deliveries: paced, one try each, every refusal and every silence a DeliveryError."""

import asyncio
from collections.abc import Awaitable, Mapping
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import DeliveryError
from handlers.slack.faults import as_delivery_error, is_slower
from handlers.slack.pacing import PATIENCE, Pace

SILENCE = (aiohttp.ClientError, TimeoutError, OSError, ValueError)


class WebApi:
    """One workspace's methods by name."""

    def __init__(self, client: AsyncWebClient) -> None:
        self.client = client
        self._pace = Pace()

    async def post(self, method: str, **arguments: Any) -> dict[str, Any]:
        """What Slack answers to arguments sent as JSON."""
        return await self._turn(method, arguments, lambda: self.client.api_call(method, json=arguments))

    async def get(self, method: str, **arguments: Any) -> dict[str, Any]:
        """What Slack answers to arguments in the address."""
        return await self._turn(
            method, arguments, lambda: self.client.api_call(method, http_verb="GET", params=arguments)
        )

    async def heard(self, method: str, call: Awaitable[Any], channel: str = "") -> dict[str, Any]:
        """What came of any call that is one method's."""
        try:
            answer = await call
        except SlackApiError as fault:
            refusal = as_delivery_error(method, fault)
            if is_slower(fault):
                self._pace.slow_down(method, channel, refusal.retry_after or 0.0)
            raise refusal from fault
        except SILENCE as fault:
            raise DeliveryError(f"Slack does not answer ({type(fault).__name__})") from fault
        data = answer if isinstance(answer, dict) else answer.data
        return data if isinstance(data, dict) else {}

    async def _turn(self, method: str, arguments: Mapping[str, Any], call: Any) -> dict[str, Any]:
        channel = str(arguments.get("channel") or "")
        wait = self._pace.wait(method, channel)
        if wait > PATIENCE:
            raise DeliveryError("Slack asks to slow down", retry_after=wait, shut=True)
        if wait:
            await asyncio.sleep(wait)
        return await self.heard(method, call(), channel)
