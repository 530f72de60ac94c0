"""What a desk needs for the story of one night: quiet hours, a chain that rings two phones, a change of shift.

It is told by its own page (`bot.sandbox.panes.night`) and by a test on a clock that is moved by hand.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.desk import oncall
from bot.desk.desk import Desk
from bot.desk.people import DESK
from bot.sandbox.cast import Cast

ROTA, CHANGES = "SECOND", time(8)
QUIET = "22:00-07:00"
DAY = timedelta(days=1)


def furnish(desk: Desk, cast: Cast) -> None:
    """What is BLOCKING rings Sam, five minutes later whoever is second on call: Carol until 08:00, Bob from then on."""
    now = desk.clock.now()
    if all(rota.code != ROTA for rota in oncall.every(now)):
        desk.rotas.add(ROTA, DESK, name="Second line")
    rota = desk.rotas.find(ROTA)
    members = f"{cast.second.address} {cast.agents[0].address}"
    layer = {
        "members": members,
        "days": "day",
        "starts": f"{_shift_of(now, rota.zone)}",
        "handover": f"{CHANGES:%H:%M}",
    }
    desk.rotas.set_layer(ROTA, layer, DESK, 1 if rota.layers else None)
    desk.escalating.chains.set("", "BLOCKING", [f"{cast.on_call.address} 5m", f"rota:{ROTA} 5m"], now)
    desk.settings.set("quiet_hours", QUIET, DESK)


def _shift_of(now: datetime, zone: ZoneInfo) -> date:
    """The day on which the shift of this moment began."""
    local = now.astimezone(zone)
    return (local - DAY if local.time() < CHANGES else local).date()
