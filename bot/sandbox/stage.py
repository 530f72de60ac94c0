"""The server behind the demo page: its files, a socket that tells every change, the gestures that people make there.

It answers only on loopback, and only to its own page: Host and Origin are checked on everything that can do something.
"""

import asyncio
import contextlib
import json
import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiohttp import WSMsgType, web

from bot.sandbox.cast import Cast
from bot.sandbox.mail import PretendMail
from bot.sandbox.panes import Item, Outcome, Pane, Perform, refused
from bot.sandbox.panes.client import ClientPane
from bot.sandbox.panes.slack import SlackPane
from bot.sandbox.panes.telegram import TelegramPane
from bot.sandbox.slack import PretendSlack
from bot.sandbox.telegram import PretendTelegram

PAGE = Path(__file__).parent / "page"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
TOGETHER = 0.02
BIGGEST = 40 * 1024 * 1024
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
log = logging.getLogger(__name__)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Stage:
    """The page of one demo. `address` is where it is to be opened, once started."""

    def __init__(self, slack: PretendSlack, telegram: PretendTelegram, mail: PretendMail, cast: Cast) -> None:
        self.cast = cast
        self.address = ""
        self._panes: list[Pane] = []
        self._gestures: dict[str, Perform] = {}
        self._shown: dict[str, dict[str, Item]] = {}
        self._sockets: set[asyncio.Queue[str]] = set()
        self._changed = asyncio.Event()
        self._running = contextlib.AsyncExitStack()
        self._platforms = (slack, telegram, mail)
        self.add(ClientPane(mail, cast), SlackPane(slack, cast), TelegramPane(telegram, cast))

    def add(self, *panes: Pane) -> None:
        """Show these too."""
        for pane in panes:
            self._panes.append(pane)
            self._shown[pane.name] = {}
            self._gestures |= {f"{pane.name}.{name}": perform for name, perform in pane.gestures.items()}

    async def start(self, port: int = 0) -> None:
        """Listen on 127.0.0.1; raises OSError where the port is taken."""
        self._loop = asyncio.get_running_loop()
        app = web.Application(middlewares=[_only_here], client_max_size=BIGGEST)
        app.router.add_get("/live", self._live)
        app.router.add_post("/gestures", self._posted)
        app.router.add_get("/{name:[a-z]*(?:[.][a-z]+)?}", _file)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await runner.setup()
        self._running.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", port).start()
        self.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        for platform in self._platforms:
            platform.subscribe(self.heard)
        watching = asyncio.create_task(self._watch())
        self._running.push_async_callback(_ended, watching)

    async def stop(self) -> None:
        """Close every socket and the port."""
        for queue in list(self._sockets):
            queue.put_nowait("")
        await self._running.aclose()

    async def perform(self, name: str, details: dict[str, Any]) -> Outcome:
        """Carry out a gesture such as `slack.press`; whatever goes wrong is in the outcome, in words."""
        if name not in self._gestures:
            return refused(f"No such gesture: {name}")
        try:
            return await self._gestures[name](details)
        except LookupError:
            log.info("%s: not there any more", name, exc_info=True)
            return refused("That is not there any more.")
        except Exception:
            number = secrets.token_hex(3)
            log.exception("gesture %s failed (%s)", name, number)
            return refused(f"That did not work ({number}).")

    def heard(self, _change: object = None) -> None:
        """Something may have changed; from any thread."""
        with contextlib.suppress(RuntimeError):  # the demo is ending
            self._loop.call_soon_threadsafe(self._changed.set)

    async def _watch(self) -> None:
        while True:
            await self._changed.wait()
            await asyncio.sleep(TOGETHER)
            self._tell_changes()

    def _tell_changes(self) -> None:
        self._changed.clear()
        for pane in self._panes:
            before, now = self._shown[pane.name], json.loads(json.dumps(pane.items()))
            put = {key: item for key, item in now.items() if before.get(key) != item}
            drop = [key for key in before if key not in now]
            if put or drop:
                self._shown[pane.name] = now
                self._broadcast({"kind": "change", "pane": pane.name, "put": put, "drop": drop})

    def _broadcast(self, news: dict[str, Any]) -> None:
        text = json.dumps(news)
        for queue in self._sockets:
            queue.put_nowait(text)

    async def _live(self, request: web.Request) -> web.StreamResponse:
        _require_own_page(request)
        socket = web.WebSocketResponse(heartbeat=20, max_msg_size=BIGGEST)
        await socket.prepare(request)
        async with self._listening(socket) as queue, asyncio.TaskGroup() as gestures:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    gestures.create_task(self._gesture(message.data, queue))
        return socket

    @contextlib.asynccontextmanager
    async def _listening(self, socket: web.WebSocketResponse) -> AsyncIterator[asyncio.Queue[str]]:
        self._tell_changes()
        queue: asyncio.Queue[str] = asyncio.Queue()
        queue.put_nowait(json.dumps({"kind": "snapshot", "cast": self.cast.as_json(), "items": self._shown}))
        self._sockets.add(queue)
        sending = asyncio.create_task(_send_all(queue, socket))
        try:
            yield queue
        finally:
            self._sockets.discard(queue)
            await _ended(sending)

    async def _gesture(self, text: str, queue: asyncio.Queue[str]) -> None:
        asked = _asked(text)
        outcome = await self.perform(asked["do"], asked["with"]) if asked else refused("Not understood.")
        self._tell_changes()
        queue.put_nowait(json.dumps({"kind": "outcome", "id": asked.get("id"), **outcome}))

    async def _posted(self, request: web.Request) -> web.Response:
        _require_own_page(request)
        asked = _asked(await request.text())
        if not asked:
            raise web.HTTPBadRequest(text='Send {"do": "slack.say", "with": {…}}.')
        return web.json_response(await self.perform(asked["do"], asked["with"]))


def _asked(text: str) -> dict[str, Any]:
    try:
        asked = json.loads(text)
    except ValueError:
        return {}
    whole = isinstance(asked, dict) and isinstance(asked.get("do"), str) and isinstance(asked.get("with"), dict)
    return asked if whole else {}


async def _send_all(queue: asyncio.Queue[str], socket: web.WebSocketResponse) -> None:
    with contextlib.suppress(ConnectionError):
        while text := await queue.get():
            await socket.send_str(text)
        await socket.close()


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


@web.middleware
async def _only_here(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A page elsewhere cannot reach this one by a name that it points at loopback."""
    if urlsplit(f"//{request.host}").hostname not in LOOPBACK:
        raise web.HTTPForbidden(text="This page answers on loopback only.")
    return await handler(request)


def _require_own_page(request: web.Request) -> None:
    if request.headers.get("Origin") != f"http://{request.host}":
        raise web.HTTPForbidden(text="Only the demo's own page may do this.")


async def _file(request: web.Request) -> web.Response:
    path = PAGE / (request.match_info["name"] or "index.html")
    if path.suffix not in TYPES or not path.is_file():
        raise web.HTTPNotFound(text="There is nothing here.")
    return web.Response(
        body=await asyncio.to_thread(path.read_bytes),
        content_type=TYPES[path.suffix],
        charset="utf-8",
        headers=_headers(request.host),
    )


def _headers(host: str) -> dict[str, str]:
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data:",
        "connect-src": f"'self' ws://{host}",
        "base-uri": "'self'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-cache",
    }
