"""What a list is to show: its scope and its `key:value` filters, turned into one filter and one order.

Nothing unknown passes: each name is looked up in a table, and the error names the nearest or all of them.
"""

from datetime import datetime

from bot.commands import moments
from bot.commands.calls import Call
from bot.commands.grammar import KEYS
from bot.desk import addresses, clients, dictionaries
from bot.desk.workflow import Status
from bot.errors import NotFound, WrongUsage
from storage.queries import clients as client_rows
from storage.queries import dictionaries as dictionary_rows
from storage.queries import labels
from storage.queries import people as people_rows
from storage.queries.lists import SORTS, Filter, Order
from storage.queries.search import words as words_of

SCOPES = ("mine", "open", "all", "unassigned", "overdue", "waiting", "closed")
HISTORIES = ("client", "contact", "project", "contract")
_OPEN = {"all": None, "closed": False}
_NAMED = {"waiting": (Status.WAITING, Status.ON_HOLD)}


def scope_of(call: Call) -> str:
    """The scope typed, else what is meant: all of a client, project …, the open ones of somebody, else one's own."""
    if call.has("scope"):
        return call.text("scope")
    if any(call.has(key) for key in (*HISTORIES, "status")):
        return "all"
    return "open" if call.has("assignee") else "mine"


def wanted(call: Call) -> Filter:
    """The filter of a call; what is not understood is an error that names the nearest value."""
    scope, statuses = scope_of(call), _statuses(call)
    return Filter(
        reader_id=call.agent.id,
        open_only=None if statuses else _OPEN.get(scope, True),
        statuses=statuses or _NAMED.get(scope, ()),
        assignee_id=_assignee(call, scope),
        unassigned=scope == "unassigned" or call.text("assignee").lower() == "nobody",
        overdue_at=call.desk.clock.now() if scope == "overdue" else None,
        created_since=_since(call),
        type_id=_entry(call, "type"),
        group_id=_entry(call, "group"),
        severity_id=_entry(call, "severity"),
        third_party_id=_third_party(call),
        project_id=_engagement(call, "project"),
        contract_id=_engagement(call, "contract"),
        requester_addresses=_addresses(call),
        origin=call.text("origin").lower(),
        tag=call.text("tag").lower(),
        custom=_custom(call),
        text=_text(call),
    )


def order(call: Call) -> Order:
    """The order of a call: `sort:due`, `sort:-created`; the newest first where none is named."""
    text = call.text("sort").lower()
    if not text:
        return Order()
    name = text.removeprefix("-")
    if name not in SORTS:
        raise WrongUsage("There is no order {name}. There are: {names}.", name=name[:40], names=", ".join(SORTS))
    return Order(name, descending=text.startswith("-"))


def _text(call: Call) -> str:
    if call.text() and not words_of(call.text()):
        raise WrongUsage("Please give at least one word or number to look for.")
    return call.text()


def _statuses(call: Call) -> tuple[int, ...]:
    named = [part for part in call.text("status").lower().split(",") if part]
    codes = {status.code: status for status in Status}
    unknown = [name for name in named if name not in codes]
    if unknown:
        raise WrongUsage("There is no status {name}. There are: {names}.", name=unknown[0], names=", ".join(codes))
    return tuple(codes[name] for name in named)


def _assignee(call: Call, scope: str) -> int | None:
    if call.has("assignee"):
        return None if call.text("assignee").lower() == "nobody" else call.someone("assignee").id
    return call.agent.id if scope == "mine" else None


def _since(call: Call) -> datetime | None:
    if not call.has("since"):
        return None
    return moments.past(call.text("since"), call.desk.clock.now(), call.words.zone)


def _entry(call: Call, kind: str) -> int | None:
    """Also an entry that is used no more: tickets keep it."""
    if not call.has(kind):
        return None
    row = dictionary_rows.by_code(kind, call.text(kind)) or dictionaries.find(kind, call.text(kind))
    return int(row.id)


def _third_party(call: Call) -> int | None:
    if not call.has("client"):
        return None
    return clients.find(call.text("client")).id


def _engagement(call: Call, kind: str) -> int | None:
    if not call.has(kind):
        return None
    row = client_rows.engagement(kind, call.text(kind))
    if row is None:
        raise NotFound(_NO_ENGAGEMENT[kind], reference=call.text(kind))
    return int(row.id)


_NO_ENGAGEMENT = {"project": "There is no project {reference}.", "contract": "There is no contract {reference}."}


def _addresses(call: Call) -> tuple[str, ...]:
    """All addresses of the person with this one."""
    if not call.has("contact"):
        return ()
    address = addresses.address(call.text("contact"))
    contact = people_rows.contact_of(address)
    return tuple(dict.fromkeys([address, *(people_rows.addresses(contact.id) if contact else ())]))


def _custom(call: Call) -> tuple[tuple[int, str], ...]:
    """Own fields by their codes, with `custom.` before them or without."""
    asked = {key.removeprefix("custom."): value.strip() for key, value in call.values.items() if key not in KEYS}
    fields = labels.custom_fields() if asked else []
    return tuple((field.id, asked[field.code]) for field in fields if field.code in asked)
