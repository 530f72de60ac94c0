"""What `list` shows: its scopes and its `key:value` filters, turned into one filter for the database."""

from bot.commands.calls import Call
from bot.desk import dictionaries
from bot.desk.workflow import Status
from bot.errors import NotFound, WrongUsage
from storage.queries import people as people_rows
from storage.queries.tickets import Filter

SCOPES = ("mine", "open", "all", "unassigned", "overdue", "waiting", "closed")
PAGE = 10


def wanted(call: Call) -> Filter:
    """The filter of a call; what is not understood is an error that names the nearest value."""
    scope = call.text("scope") or ("all" if call.has("status") else "mine")
    statuses = _statuses(call, scope)
    return Filter(
        reader_id=call.agent.id,
        open_only=_open_only(scope, bool(statuses)),
        statuses=statuses,
        assignee_id=_assignee(call, scope),
        unassigned=scope == "unassigned" or call.text("assignee").lower() == "nobody",
        overdue_at=call.desk.clock.now() if scope == "overdue" else None,
        type_id=_entry(call, "type"),
        group_id=_entry(call, "group"),
        severity_id=_entry(call, "severity"),
        third_party_id=_third_party(call),
        requester_address=call.text("contact"),
        text=call.text(),
    )


def page_of(call: Call) -> tuple[int, int]:
    """The page asked for and the size of pages."""
    text = call.text("page") or "1"
    if not text.isdecimal() or not 1 <= int(text) <= 100_000:
        raise WrongUsage("{page} is no page number.", page=text[:20])
    return int(text), PAGE


def _open_only(scope: str, by_status: bool) -> bool | None:
    if scope == "all" or by_status:
        return None
    return scope != "closed"


def _statuses(call: Call, scope: str) -> tuple[int, ...]:
    if scope == "waiting":
        return (Status.WAITING, Status.ON_HOLD)
    named = [part for part in call.text("status").lower().split(",") if part]
    codes = {status.code: status for status in Status}
    unknown = [name for name in named if name not in codes]
    if unknown:
        raise WrongUsage("There is no status {name}. There are: {names}.", name=unknown[0], names=", ".join(codes))
    return tuple(codes[name] for name in named)


def _assignee(call: Call, scope: str) -> int | None:
    if call.has("assignee") and call.text("assignee").lower() != "nobody":
        return call.someone("assignee").id
    return call.agent.id if scope == "mine" else None


def _entry(call: Call, kind: str) -> int | None:
    return dictionaries.find(kind, call.text(kind)).id if call.has(kind) else None


def _third_party(call: Call) -> int | None:
    if not call.has("client"):
        return None
    row = people_rows.third_party(call.text("client"))
    if row is None:
        raise NotFound("There is no client {code}.", code=call.text("client"))
    return row.id
