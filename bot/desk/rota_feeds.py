"""Calendars that rotas follow: taken from an iCal file, or read again and again at an address.

Only who keeps rotas at the server names an address; none ever comes from a mail. A calendar that cannot be read any
more stays as it was read last. Its address is a secret: it is shown and written down without its path.
"""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from bot import fetching
from bot.clock import Clock
from bot.desk import audit, oncall, rota_calendars
from bot.desk.oncall import AHEAD, Rota
from bot.desk.people import Actor
from bot.errors import NotAllowed, NotFound, Refusal
from storage.database import transaction
from storage.queries import oncall as rows

Fetch = Callable[..., bytes]
SECONDS = 10.0
READ_EVERY = timedelta(minutes=15)


class Feeds:
    """Takes calendars in; `fetch` is how an address is asked (`bot.fetching.fetch`)."""

    def __init__(self, clock: Clock, fetch: Fetch = fetching.fetch) -> None:
        self._clock = clock
        self._fetch = fetch

    def take(self, code: str, content: bytes, by: Actor) -> Rota:
        """Follow an iCal file, in place of any other calendar. Refusal where it is none."""
        return self._keep(code, "", content, by)

    def follow(self, code: str, address: str, by: Actor) -> Rota:
        """Follow the calendar at an address, which is read now and from now on. Refusal where it cannot be."""
        audit.allow(by, "rotas")
        if by.kind != "desk":
            raise NotAllowed("Only who works at the server names an address: `deskbell oncall import`.")
        oncall.find(code, self._clock.now())
        return self._keep(code, address, self._fetch(address, most=rota_calendars.MOST_BYTES, seconds=SECONDS), by)

    def drop(self, code: str, by: Actor) -> Rota:
        """Follow no calendar. NotFound where the rota follows none."""
        audit.allow(by, "rotas")
        with transaction():
            rota = oncall.find(code, self._clock.now())
            if rota.followed is None:
                raise NotFound("{code} follows no calendar.", code=rota.code)
            rows.drop_calendar(rota.id)
            old = {"calendar": shown(rota.followed.address)}
            audit.record("rota_changed", by, self._clock, about=f"rota {rota.code}", old=old, new={})
        return oncall.find(code, self._clock.now())

    def look(self) -> int:
        """Read those again that were not asked for lately; how many could not be. No transaction while it waits."""
        now, failed = self._clock.now(), 0
        for row in rows.calendars_to_read(now - READ_EVERY):
            fault = self._read_again(row.rota_id, row.address)
            failed += bool(fault)
            rows.change_calendar(row.rota_id, tried_at=now, fault=fault)
        return failed

    def _read_again(self, rota_id: int, address: str) -> str:
        """What went wrong, "" for nothing."""
        try:
            content = self._fetch(address, most=rota_calendars.MOST_BYTES, seconds=SECONDS)
            rows.change_calendar(rota_id, **self._values(content))
        except Refusal as fault:
            return str(fault)
        return ""

    def _keep(self, code: str, address: str, content: bytes, by: Actor) -> Rota:
        audit.allow(by, "rotas")
        values = self._values(content)
        with transaction():
            rota = oncall.find(code, self._clock.now())
            rows.set_calendar(rota.id, address=address, tried_at=self._clock.now(), fault="", **values)
            old = {"calendar": shown(rota.followed.address)} if rota.followed else {}
            audit.record(
                "rota_changed", by, self._clock, about=f"rota {rota.code}", old=old, new={"calendar": shown(address)}
            )
        return oncall.find(code, self._clock.now())

    def _values(self, content: bytes) -> dict[str, Any]:
        """The columns of a calendar that can be read; Refusal for any other."""
        now = self._clock.now()
        rota_calendars.duties(content, now, now + AHEAD)
        text = content.decode("utf-8", "replace").replace("\x00", "")
        return {"content": text, "digest": hashlib.sha256(text.encode()).hexdigest(), "read_at": now}


def shown(address: str) -> str:
    """An address without what is secret of it; "file" where there is none."""
    return f"{urlsplit(address).scheme}://{urlsplit(address).hostname}/…" if address else "file"
