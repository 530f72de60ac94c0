"""Socket Mode: WebSocket links that the app opens; each envelope goes to one of them and is acknowledged there or not.

A link is opened with an address from apps.connections.open, which works once. Ten at most.
"""

import asyncio
import itertools
import json
import secrets
import time
from dataclasses import dataclass
from typing import Any

from aiohttp import WSMsgType, web

from bot.sandbox.slack.faults import Faults
from bot.sandbox.slack.refusals import Json

MOST_LINKS = 10
PING_SECONDS = 10.0
RESPONDING = {"slash_commands", "interactive"}


@dataclass
class Answer:
    """How the app answered one request: `error` is None once it is acknowledged."""

    acked: bool = False
    payload: Any = None
    seconds: float | None = None
    status: int | None = None
    error: str | None = None
    no_retry: bool = False


@dataclass(eq=False)
class Link:
    socket: web.WebSocketResponse
    request: web.Request

    def cut(self) -> None:
        """The connection is gone without a word, as when a cable is pulled."""
        if self.request.transport is not None:
            self.request.transport.abort()


class SocketMode:
    """The open links and the envelopes under way."""

    def __init__(self, faults: Faults, app_id: str) -> None:
        self.faults, self.app_id = faults, app_id
        self.links: list[Link] = []
        self.opened = 0
        self.late_acks: list[str] = []
        self._tickets: set[str] = set()
        self._waiting: dict[str, asyncio.Future[Any]] = {}
        self._turn = itertools.count()

    def new_ticket(self) -> str:
        ticket = secrets.token_hex(16)
        self._tickets.add(ticket)
        return ticket

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One link's whole life."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets or self.faults.refuse_sockets:
            return web.Response(status=404 if ticket not in self._tickets else 503)
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        link = Link(socket, request)
        if len(self.links) >= MOST_LINKS:
            await self._say(link, {"type": "disconnect", "reason": "too_many_websockets", "debug_info": {}})
            await socket.close()
            return socket
        await self._serve_link(link)
        return socket

    async def _serve_link(self, link: Link) -> None:
        await self._say(link, self._hello())
        self.links.append(link)
        self.opened += 1
        pings = asyncio.create_task(self._ping(link))
        try:
            async for frame in link.socket:
                await self._receive(link, frame)
        finally:
            pings.cancel()
            if link in self.links:
                self.links.remove(link)

    def _hello(self) -> Json:
        debug = {"host": "applink-sandbox", "build_number": 1, "approximate_connection_time": 18060}
        return {
            "type": "hello",
            "num_connections": len(self.links) + 1,
            "connection_info": {"app_id": self.app_id},
            "debug_info": debug,
        }

    async def _ping(self, link: Link) -> None:
        while not link.socket.closed:
            await asyncio.sleep(PING_SECONDS)
            await link.socket.ping(b"Ping from applink-sandbox")

    async def _receive(self, link: Link, frame: Any) -> None:
        if frame.type == WSMsgType.PING and not self.faults.silence_pings:
            await link.socket.pong(frame.data)
        elif frame.type == WSMsgType.TEXT:
            self._acknowledged(frame.data)

    def _acknowledged(self, text: str) -> None:
        try:
            answer = json.loads(text)
            envelope_id = str(answer["envelope_id"])
        except (ValueError, KeyError, TypeError):
            return
        waiting = self._waiting.get(envelope_id)
        if waiting is None or waiting.done():
            self.late_acks.append(envelope_id)
        elif not self.faults.ack_is_lost():
            waiting.set_result(answer.get("payload"))

    async def send(self, kind: str, payload: Json, patience: float, attempt: int, reason: str) -> Answer:
        """One envelope to one link; answers within `patience` seconds."""
        if not self.links:
            return Answer(error="dispatch_failed")
        envelope = self._envelope(kind, payload, attempt, reason)
        envelope_id = str(envelope["envelope_id"])
        waiting = self._waiting[envelope_id] = asyncio.get_running_loop().create_future()
        began = time.perf_counter()
        try:
            await self._say(self.links[next(self._turn) % len(self.links)], envelope)
            answer = await asyncio.wait_for(waiting, patience)
        except TimeoutError:
            return Answer(error="operation_timeout")
        finally:
            del self._waiting[envelope_id]
        return Answer(acked=True, payload=answer, seconds=time.perf_counter() - began)

    def _envelope(self, kind: str, payload: Json, attempt: int, reason: str) -> Json:
        envelope: Json = {
            "envelope_id": "-".join(secrets.token_hex(n) for n in (4, 2, 2, 2, 6)),
            "payload": payload,
            "type": kind,
            "accepts_response_payload": kind in RESPONDING,
        }
        if kind == "events_api":
            envelope |= {"retry_attempt": attempt, "retry_reason": reason}
        return envelope

    async def _say(self, link: Link, words: Json) -> None:
        try:
            await link.socket.send_str(json.dumps(words))
        except ConnectionError:
            if link in self.links:
                self.links.remove(link)

    async def ask_to_reconnect(self, reason: str = "refresh_requested") -> None:
        """Slack's `disconnect` message on every link: warning, refresh_requested or link_disabled."""
        for link in list(self.links):
            await self._say(link, {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-sandbox"}})

    async def cut(self, *, abrupt: bool = True) -> None:
        """Every link ends: without a word, or with a close frame."""
        for link in list(self.links):
            if link in self.links:
                self.links.remove(link)
            if abrupt:
                link.cut()
            else:
                await link.socket.close()
