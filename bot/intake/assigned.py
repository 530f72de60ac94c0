"""What mailbox rules set, held against what the desk has: nothing that is not there (any more) ever costs a mail.

`missing` says the same of the rules as they stand in the file, before there is a mail.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.config import MailboxConfig
from bot.desk import custom_fields, dictionaries, duty, engagements
from bot.desk import fields as known
from bot.desk.people import Client
from bot.errors import Refusal
from bot.intake.rules import Ruling
from storage.queries import people as rows
from storage.queries.dictionaries import default

OWN = "custom."
CODES = ("type", "group", "severity", "assignee", "third_party", "project", "contract", "notify")


@dataclass(frozen=True, slots=True)
class Usable:
    """What a ticket can have: `fields` of an Opening, `more` of it, and a sentence for each value that was left out."""

    fields: Mapping[str, Any]
    more: Mapping[str, str]
    misfits: tuple[str, ...] = ()


def usable(wanted: Mapping[str, str], client: Client | None) -> Usable:
    """The values that a ticket of this client can have."""
    fields, more, misfits = {}, {}, []
    party = _party(wanted, client)
    for name, value in wanted.items():
        fault = _fault(name, value, party)
        if fault:
            misfits.append(fault)
        elif name in CODES:
            fields[name] = value
        elif name == "tag":
            more["tag"] = value
        elif name.startswith(OWN):
            field = custom_fields.find(name.removeprefix(OWN))
            more[field.code] = custom_fields.parse(field, value)
    return Usable(fields, more, tuple(misfits))


def filed_under(ruling: Ruling, client: Client | None) -> dict[str, Any]:
    """What a new ticket gets and from where: `sources` {field: words}, `left_out` a sentence for each misfit."""
    given = usable(ruling.fields, client)
    sources = {name: f"rule “{rule}”" for name, rule in ruling.sources.items() if _is_taken(name, given)}
    group = dictionaries.find("group", given.fields["group"]) if "group" in given.fields else default("group")
    defaults = f"the defaults of the group {group.code}"
    if group.forced_severity:
        sources["severity"] = f"the group {group.code}, which forces it"
    elif group.default_severity:
        sources.setdefault("severity", defaults)
    if group.default_assignee_id or group.default_rota_id:
        sources.setdefault("assignee", defaults)
    sources = dict.fromkeys(("type", "group", "severity"), "the dictionary's default") | sources
    return {"sources": sources, "left_out": list(given.misfits)}


def _is_taken(name: str, given: Usable) -> bool:
    return name.removeprefix(OWN) in {*given.fields, *given.more}


def missing(mailboxes: Iterable[MailboxConfig]) -> Iterator[str]:
    """A sentence for each value that a rule sets and the desk does not have."""
    for box in mailboxes:
        for rule in box.rules:
            for name, value in rule.sets.items():
                fault = _fault(name, value, None)
                if fault:
                    yield f'mailbox "{box.name}": rule "{rule.name}": {fault}'


def _party(wanted: Mapping[str, str], client: Client | None) -> int | None:
    """The client organisation that the ticket will have."""
    row = rows.third_party(wanted["third_party"]) if "third_party" in wanted else None
    return row.id if row else client.third_party_id if client else None


def _fault(name: str, value: str, party: int | None) -> str:
    """Why a value cannot be taken, "" when it can."""
    try:
        return "" if _is_there(name, value, party) else f"there is no {name} {value}"
    except Refusal as fault:
        return str(fault)


def _is_there(name: str, value: str, party: int | None) -> bool:
    if name == "assignee" and duty.is_meant(value):
        return duty.is_there(value)
    if name == "assignee":
        agent = rows.agent_by_email(value)
        return agent is not None and agent.active
    if name == "third_party":
        return rows.third_party(value) is not None
    if name in ("project", "contract"):
        return bool(engagements.of_client(name, value, party) if party else engagements.find(name, value))
    if name in ("type", "group", "severity"):
        return bool(dictionaries.find(name, value))
    if name == "tag":
        return bool(known.tags((), value))
    if name.startswith(OWN):
        return custom_fields.parse(custom_fields.find(name.removeprefix(OWN)), value) is not None
    return True
