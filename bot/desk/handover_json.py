"""Hand-overs for programs, as `--json` prints them: people are addresses, times are UTC."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from bot.desk.handover_list import HandedOver
from storage.models import Handover


def as_json(one: Handover, handed: Iterable[HandedOver]) -> dict[str, Any]:
    """One hand-over; `tickets` are the open ones of whoever goes, until it is settled."""
    waits = one.state in ("open", "draft")
    return {
        "number": one.id,
        "rota": one.rota.code,
        "state": one.state,
        "at": _iso(one.at),
        "goes": one.goes.email if one.goes else None,
        "comes": one.comes.email if one.comes else None,
        "notes": one.notes,
        "tickets": [{"reference": each.ticket.reference, "moves": each.moves} for each in handed] if waits else [],
        "accepted_by": one.accepted_by.email if one.accepted_by else None,
        "accepted_at": _iso(one.accepted_at),
        "moved": list(one.moved),
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
