"""Whom `oncall` means where an agent could be named: on a ticket, by its group's rota, or by the only one there is.

`oncall:NIGHTS` names the rota. What a group gives its new tickets to by itself is nobody's where nobody is on call.
"""

from datetime import datetime

from bot.desk import oncall
from bot.desk.oncall import Rota
from bot.desk.people import Agent
from bot.errors import NotFound
from storage.queries import oncall as rows

WORD = "oncall"


def is_meant(text: str) -> bool:
    """Whether this names whoever is on call."""
    return text.strip().lower().removeprefix("@").partition(":")[0] == WORD


def is_there(text: str) -> bool:
    """Whether there is a rota in use that is meant."""
    code = text.partition(":")[2].strip().upper()
    return any(row.active and code in ("", row.code) for row in rows.rotas())


def whoever(text: str, rota_id: int | None, at: datetime) -> Agent:
    """Whoever is on call now; `rota_id` is the rota of the ticket's group. NotFound for nobody or no such rota."""
    rota = _meant(text, rota_id, at)
    agent = rota.current(at)
    if agent is None:
        raise NotFound("Nobody is on call in {rota} now.", rota=rota.name)
    return agent


def default_of(rota_id: int | None, at: datetime) -> int | None:
    """The id of whoever gets the new tickets of a group with this rota; None for nobody."""
    rota = next((one for one in oncall.in_use(at) if one.id == rota_id), None) if rota_id else None
    agent = rota.current(at) if rota else None
    return agent.id if agent else None


def _meant(text: str, rota_id: int | None, at: datetime) -> Rota:
    code = text.partition(":")[2]
    if code.strip():
        return oncall.find(code, at)
    known = oncall.in_use(at)
    own = [rota for rota in known if rota.id == rota_id]
    if not own and len(known) > 1:
        names = ", ".join(f"{WORD}:{rota.code}" for rota in known)
        raise NotFound("Which rota? There are: {names}.", names=names)
    if not known:
        raise NotFound("There is no rota yet.")
    return (own or known)[0]
