"""Access tokens from a command and from a token server."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.config import OAuthConfig
from bot.errors import MailboxError
from handlers.mail.oauth import access_token


@pytest_asyncio.fixture
async def token_server() -> AsyncIterator[TestServer]:
    """Gives "token-1" for the refresh token "good", and refuses all others."""

    async def answer(request: web.Request) -> web.Response:
        form = await request.post()
        if form["refresh_token"] != "good" or form["grant_type"] != "refresh_token":
            return web.json_response({"error": "invalid_grant"}, status=400)
        return web.json_response({"access_token": "token-1", "expires_in": 3599})

    app = web.Application()
    app.router.add_post("/token", answer)
    server = TestServer(app)
    await server.start_server()
    yield server
    await server.close()


def _config(server: TestServer, refresh_token: str) -> OAuthConfig:
    url = str(server.make_url("/token"))
    return OAuthConfig(token_url=url, client_id="desk", client_secret="s3cret", refresh_token=refresh_token)


def test_a_command_prints_the_token() -> None:
    config = OAuthConfig(command=["sh", "-c", "echo token-from-a-command"])

    assert access_token(config) == "token-from-a-command"


@pytest.mark.parametrize("command", [["sh", "-c", "echo s3cret >&2; exit 3"], ["true"], ["no-such-program"]])
def test_a_command_without_a_token_is_an_error_that_repeats_nothing(command: list[str]) -> None:
    with pytest.raises(MailboxError, match="printed no token") as caught:
        access_token(OAuthConfig(command=command))

    assert "s3cret" not in str(caught.value)


async def test_a_refresh_token_gets_an_access_token(token_server: TestServer) -> None:
    token = await asyncio.to_thread(access_token, _config(token_server, "good"))

    assert token == "token-1"


async def test_a_refused_refresh_token_needs_a_person(token_server: TestServer) -> None:
    with pytest.raises(MailboxError, match="refused the refresh token") as caught:
        await asyncio.to_thread(access_token, _config(token_server, "stale"))

    assert caught.value.permanent
    assert "s3cret" not in str(caught.value)
