"""The floor of the chat benchmark: a Bolt app that acknowledges and does nothing else; run as a process of its own."""

import asyncio
import re
import sys

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient


async def main(api_url: str, bot_token: str, app_token: str) -> None:
    """Listen until ended."""
    client = AsyncWebClient(token=bot_token, base_url=api_url)
    app = AsyncApp(client=client, process_before_response=True, request_verification_enabled=False)

    async def listener(ack: AsyncAck) -> None:
        await ack()

    app.command("/ticket")(listener)
    app.action(re.compile(".*"))(listener)
    await AsyncSocketModeHandler(app, app_token, web_client=client).connect_async()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
