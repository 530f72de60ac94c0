"""The Bot API over HTTP on loopback: tokens, bodies, long polling, faults and the ledger; and the webhook's postman."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

import aiohttp
from aiohttp import web

from bot.sandbox.telegram.arguments import Arguments, arguments_of
from bot.sandbox.telegram.methods import METHODS, NAMES
from bot.sandbox.telegram.methods.receiving import keep_allowed
from bot.sandbox.telegram.refusals import WEBHOOK_ACTIVE, Refusal, conflict
from bot.sandbox.telegram.world import Call, World

BODY_BYTES = 60 * 1024 * 1024
LEDGER = 20_000
MOST_UPDATES = 100
MOST_SECONDS = 50
TOKEN = r"\d+:[A-Za-z0-9_-]{3,}"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
RETRY_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0)
HEARERS: list[Callable[[str, Arguments], None]] = []
"""Each is given every request, known or not, that any pretend Telegram of this program receives."""


class BotApi:
    """The server: `/bot<token>/<method>` and `/file/bot<token>/<path>`."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._runner: web.AppRunner | None = None
        self._postman: asyncio.Task[None] | None = None

    async def start(self, port: int) -> int:
        """Listen on 127.0.0.1; returns the port."""
        application = web.Application(client_max_size=BODY_BYTES)
        application.router.add_route("*", f"/bot{{token:{TOKEN}}}/{{method}}", self._call)
        application.router.add_get(f"/file/bot{{token:{TOKEN}}}/{{path:.+}}", self._file)
        application.router.add_route("*", "/{rest:.*}", self._nothing)
        self.world.updates.open()
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self._postman = asyncio.create_task(_post_updates(self.world))
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """End polls and connections."""
        self.world.updates.close()
        if self._postman:
            self._postman.cancel()
            await asyncio.gather(self._postman, return_exceptions=True)
        if self._runner:
            await self._runner.cleanup()

    async def _nothing(self, request: web.Request) -> web.Response:
        return _answered(Refusal(404, "Not Found").as_json())

    async def _file(self, request: web.Request) -> web.Response:
        if request.match_info["token"] != self.world.token:
            return _answered(Refusal(401, "Unauthorized").as_json())
        for file in self.world.files.values():
            if file.path == request.match_info["path"]:
                return web.Response(body=file.content, content_type="application/octet-stream")
        return _answered(Refusal(404, "Not Found").as_json())

    async def _call(self, request: web.Request) -> web.Response:
        if request.match_info["token"] != self.world.token:
            return _answered(Refusal(401, "Unauthorized").as_json())
        try:
            arguments = await arguments_of(request)
        except ConnectionResetError:  # the caller is gone in the middle of its request
            return _hung_up(request)
        for hear in HEARERS:
            hear(request.match_info["method"], arguments)
        name = NAMES.get(request.match_info["method"].lower())
        if name is None:
            return _answered(Refusal(404, "Not Found").as_json())
        if name == "getUpdates":
            return await self._with_faults(request, name, arguments, self._poll)
        async with _counted(self.world):
            return await self._with_faults(request, name, arguments, self._run)

    async def _with_faults(
        self,
        request: web.Request,
        name: str,
        arguments: Arguments,
        run: Callable[[str, Arguments, web.Request], Awaitable[Any]],
    ) -> web.Response:
        call = self._entered(name, arguments)
        fault = self.world.faults.take(name)
        await asyncio.sleep(fault.delay)
        if fault.hang_up == "before":
            return _hung_up(request)
        try:
            if fault.refusal:
                raise fault.refusal
            call.answer = {"ok": True, "result": await run(name, arguments, request)}
        except Refusal as refusal:
            call.answer = refusal.as_json()
        return _hung_up(request) if fault.hang_up else _answered(call.answer)

    def _entered(self, name: str, arguments: Arguments) -> Call:
        call = Call(name, arguments.plain, self.world.clock())
        self.world.calls.append(call)
        if len(self.world.calls) > LEDGER:
            del self.world.calls[: LEDGER // 2]
        return call

    async def _run(self, name: str, arguments: Arguments, request: web.Request) -> Any:
        return METHODS[name.lower()](self.world, arguments)

    async def _poll(self, name: str, arguments: Arguments, request: web.Request) -> Any:
        if self.world.webhook.url:
            raise conflict(WEBHOOK_ACTIVE)
        keep_allowed(self.world, arguments)
        limit = min(max(1, arguments.integer("limit", MOST_UPDATES)), MOST_UPDATES)
        timeout = min(arguments.number("timeout"), MOST_SECONDS)
        return await self.world.updates.poll(arguments.integer("offset"), limit, timeout)


class _counted:  # noqa: N801
    """Calls under way, by which a gesture knows when the bot has finished."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def __aenter__(self) -> None:
        self._world.running += 1

    async def __aexit__(self, *error: object) -> None:
        self._world.running -= 1
        self._world.quiet_since = time.monotonic()


def _answered(answer: dict[str, Any]) -> web.Response:
    return web.json_response(answer, status=answer.get("error_code", 200))


def _hung_up(request: web.Request) -> web.Response:
    if isinstance(request.transport, asyncio.Transport):
        request.transport.abort()
    return web.Response()


async def _post_updates(world: World) -> None:
    """Post what waits to the webhook, in order; what is not taken with 2xx is posted again, less and less often."""
    failures = 0
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
        while True:
            if not (world.webhook.url and world.updates.pending):
                world.updates.arrived.clear()
                await world.updates.arrived.wait()
                continue
            update = world.updates.pending[0]
            error = await _posted(world, session, update)
            if not error:
                failures = 0
                world.updates.confirm(update["update_id"] + 1)
                continue
            world.webhook.last_error, world.webhook.last_error_at = error, world.now()
            await asyncio.sleep(RETRY_SECONDS[min(failures, len(RETRY_SECONDS) - 1)])
            failures += 1


async def _posted(world: World, session: aiohttp.ClientSession, update: dict[str, Any]) -> str:
    """Post one update; returns Telegram's words for what went wrong, "" when it was taken."""
    hook = world.webhook
    headers = {SECRET_HEADER: hook.secret} if hook.secret else {}
    try:
        async with session.post(hook.url, json=update, headers=headers) as response:
            taken = 200 <= response.status < 300
            phrase = HTTPStatus(response.status).phrase
            return "" if taken else f"Wrong response from the webhook: {response.status} {phrase}"
    except aiohttp.ClientConnectorError:
        return "Connection refused"
    except (aiohttp.ClientError, TimeoutError):
        return "Connection timed out"
