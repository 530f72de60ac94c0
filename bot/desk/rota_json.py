"""Rotas for programs: as `--json` prints them. People are addresses, times are in the rota's own zone."""

from datetime import datetime
from typing import Any

from bot.desk.oncall import AHEAD, Followed, Rota, Turn
from bot.desk.rota_feeds import shown
from bot.desk.shifts import Shift


def as_json(rota: Rota, now: datetime) -> dict[str, Any]:
    """A rota whole, with its turns of the coming four weeks; people are addresses, times in the rota's zone."""
    current, following = rota.now_and_next(now)
    return {
        "code": rota.code,
        "name": rota.name,
        "timezone": rota.zone.key,
        "active": rota.active,
        "slack_user_group": rota.user_group or None,
        "now": _turn_json(rota, current),
        "next": _turn_json(rota, following),
        "layers": [layer_json(rota, number) for number in range(len(rota.layers))],
        "overrides": [
            {"number": one.id, **_span_json(rota, one.shift), "agent": _address(rota, one.shift.who)}
            for one in rota.pending(now)
        ],
        "calendar": _calendar_json(rota.followed) if rota.followed else None,
        "turns": [_turn_json(rota, turn) for turn in rota.turns(now, now + AHEAD)],
        "gaps": [{"from": _local(rota, start), "to": _local(rota, end)} for start, end in rota.gaps(now)],
        "overlaps": [
            {**_span_json(rota, above), "agents": [below.agent.email, above.agent.email]}
            for below, above in rota.overlaps(now)
        ],
    }


def layer_json(rota: Rota, number: int) -> dict[str, Any]:
    """One layer, counted from 0, the lowest."""
    layer = rota.layers[number]
    return {
        "number": number + 1,
        "members": [_address(rota, one) for one in layer.members],
        "days": layer.days,
        "handover": f"{layer.handover:%H:%M}",
        "starts": layer.starts.isoformat(),
        "ends": layer.ends.isoformat() if layer.ends else None,
        "hours": rota.hours[number] or None,
    }


def _address(rota: Rota, agent_id: int) -> str | None:
    """None for whoever may not be on call any more."""
    agent = rota.staff.get(agent_id)
    return agent.email if agent else None


def _turn_json(rota: Rota, turn: Turn | None) -> dict[str, Any] | None:
    return {"agent": turn.agent.email, **_span_json(rota, turn)} if turn else None


def _span_json(rota: Rota, span: Turn | Shift) -> dict[str, str]:
    return {"from": _local(rota, span.start), "to": _local(rota, span.end)}


def _local(rota: Rota, moment: datetime) -> str:
    return moment.astimezone(rota.zone).isoformat()


def _calendar_json(followed: Followed) -> dict[str, Any]:
    read_at = followed.read_at.isoformat() if followed.read_at else None
    return {"from": shown(followed.address), "read_at": read_at, "error": followed.fault or None}
