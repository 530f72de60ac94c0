"""Files that people put into a thread, fetched with the bot's token, which is shown to nobody but Slack."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.commands.requests import Enclosure

log = structlog.get_logger("deskbell.slack")

LARGEST_FILE = 25 * 1024 * 1024
MOST_FILES, SECONDS = 20, 20


async def fetch_files(
    client: AsyncWebClient, files: Iterable[Mapping[str, Any]]
) -> tuple[tuple[Enclosure, ...], tuple[str, ...]]:
    """The files with their bytes, and the names of those that are too large or cannot be had."""
    fetched, missing = [], []
    for file in list(files)[:MOST_FILES]:
        content = await _content(client, file)
        if content is None:
            missing.append(_name(file))
        else:
            fetched.append(Enclosure(_name(file), str(file.get("mimetype") or "application/octet-stream"), content))
    return tuple(fetched), tuple(missing)


def _name(file: Mapping[str, Any]) -> str:
    return str(file.get("name") or file.get("title") or "file")


async def _content(client: AsyncWebClient, file: Mapping[str, Any]) -> bytes | None:
    address, size = str(file.get("url_private_download") or file.get("url_private") or ""), int(file.get("size") or 0)
    if size > LARGEST_FILE or not _is_slacks(address, client.base_url):
        log.warning("file left out", file=file.get("id"), size=size)
        return None
    try:
        return await _download(address, str(client.token), str(file.get("mimetype") or ""))
    except (aiohttp.ClientError, TimeoutError, OSError) as fault:
        log.warning("file left out", file=file.get("id"), error=type(fault).__name__)
        return None


async def _download(address: str, token: str, kind: str) -> bytes | None:
    """None for what is too large, and for the sign-in page that Slack shows in place of a file it does not give."""
    headers, timeout = {"Authorization": f"Bearer {token}"}, aiohttp.ClientTimeout(total=SECONDS)
    async with (
        aiohttp.ClientSession(timeout=timeout) as session,
        session.get(address, headers=headers, allow_redirects=False) as answer,
    ):
        if answer.status != 200 or (answer.content_type == "text/html" and kind != "text/html"):
            return None
        content = bytearray()
        async for chunk in answer.content.iter_chunked(65_536):
            content += chunk
            if len(content) > LARGEST_FILE:
                return None
        return bytes(content)


def _is_slacks(address: str, api_url: str) -> bool:
    """Whether the address is one of Slack's own: under its domain, or where its API is."""
    asked, api = urlsplit(address), urlsplit(api_url)
    if (asked.scheme, asked.netloc) == (api.scheme, api.netloc):
        return True
    return asked.scheme == "https" and (asked.hostname or "").endswith(".slack.com")
