"""A small load balancer: hands each request to the next of several web servers that takes it.

A server that is not there, or answers 503, has done nothing: the next one is asked. What breaks off later is a 502.
"""

from collections.abc import Sequence

import aiohttp
from aiohttp import web

HOP_BY_HOP = {"connection", "host", "transfer-encoding", "content-length", "keep-alive"}


class Balancer:
    """Listens on a free port of 127.0.0.1; `url` says where. `served` counts the requests that each server took."""

    def __init__(self, ports: Sequence[int]) -> None:
        self.url = ""
        self.served = dict.fromkeys(ports, 0)
        self._ports = list(ports)
        app = web.Application(client_max_size=2**24)
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)

    async def start(self) -> None:
        """Listen."""
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True))
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Listen no more."""
        await self._runner.cleanup()
        await self._session.close()

    async def _serve(self, request: web.Request) -> web.Response:
        body = await request.read()
        for port in list(self._ports):
            self._ports.append(self._ports.pop(0))
            try:
                answer = await self._ask(port, request, body)
            except aiohttp.ClientConnectorError:
                continue
            except (aiohttp.ClientError, TimeoutError):
                return web.Response(status=502)
            if answer.status != 503:
                self.served[port] += 1
                return answer
        return web.Response(status=503)

    async def _ask(self, port: int, request: web.Request, body: bytes) -> web.Response:
        headers = {name: value for name, value in request.headers.items() if name.lower() not in HOP_BY_HOP}
        url = f"http://127.0.0.1:{port}{request.path_qs}"
        timeout = aiohttp.ClientTimeout(total=5)
        async with self._session.request(request.method, url, data=body, headers=headers, timeout=timeout) as answer:
            kind = answer.headers.get("Content-Type", "text/plain").partition(";")[0]
            return web.Response(status=answer.status, body=await answer.read(), content_type=kind)
