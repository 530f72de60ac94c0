"""The bot's own small web server: is it alive, is it ready. Nothing here is for clients."""

from aiohttp import web

from bot.bridge import Bridge
from bot.clock import Clock
from bot.health import Health
from storage.queries import deliveries, mails


class WebServer:
    """Serves `/healthz` and `/readyz`; adapters may add their routes to `app` before it starts."""

    def __init__(self, host: str, port: int, health: Health, bridge: Bridge, clock: Clock) -> None:
        self._host, self._port = host, port
        self._health = health
        self._bridge = bridge
        self._clock = clock
        self._runner: web.AppRunner | None = None
        self.app = web.Application(client_max_size=1024 * 1024)
        self.app.router.add_get("/healthz", self._healthz)
        self.app.router.add_get("/readyz", self._readyz)

    async def start(self) -> None:
        """Listen. OSError when the address is taken."""
        self._runner = web.AppRunner(self.app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()

    async def stop(self) -> None:
        """Listen no more."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _healthz(self, request: web.Request) -> web.Response:
        loops = self._health.loops()
        queues = await self._queues()
        well = all(loop["ok"] for loop in loops.values()) and queues is not None
        return web.json_response({"ok": well, "loops": loops, **(queues or {"error": "the database is away"})})

    async def _readyz(self, request: web.Request) -> web.Response:
        ready = self._health.is_ready()
        return web.json_response({"ready": ready}, status=200 if ready else 503)

    async def _queues(self) -> dict[str, object] | None:
        def look() -> dict[str, object]:
            now = self._clock.now()
            counted = deliveries.counts(now)
            oldest = (now - counted["oldest"]).total_seconds() if counted["oldest"] else 0
            return {
                "oldest_delivery_s": round(oldest, 1),
                "dead_letters": counted["dead"],
                "quarantine": mails.count_quarantined(),
            }

        try:
            return await self._bridge(look)
        except Exception:
            return None
