"""Editing a ticket: what was typed for its fields becomes one change with its difference, or a fault for each field.

The difference is the event `edited`: old and new of every field, names of people by their ids alone. A group that
forces a severity gets it; closed tickets keep type, group and severity unless `reclassify_closed` is on.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from bot.cleaning import clean_line
from bot.clock import Clock
from bot.desk import addresses, clients, custom_fields, dictionaries, engagements, fields, outbox
from bot.desk.changes import Changes
from bot.desk.fields import CLASSIFYING, SUBJECT_LIMIT, Difference
from bot.desk.people import Actor, client_of
from bot.desk.settings import Settings
from bot.desk.views import TicketView
from bot.errors import FieldErrors, Refusal
from storage.database import transaction
from storage.models import Contact, Ticket
from storage.queries import labels
from storage.queries import people as people_rows
from storage.queries import tickets as rows

ByHand = Callable[["Editor", Ticket, TicketView, str, Mapping[str, Any]], "Draft"]


@dataclass(frozen=True, slots=True)
class Draft:
    """What one field is to become: how it is read afterwards, its columns, and what changes beside the ticket's row."""

    value: str
    columns: Mapping[str, Any] = field(default_factory=dict)
    beside: Callable[[int], None] | None = None
    told: str | None = None
    row: Any = None


class Editor:
    """Edits tickets, one transaction each."""

    def __init__(self, clock: Clock, settings: Settings, changes: Changes) -> None:
        self._clock = clock
        self._settings = settings
        self._changes = changes

    def edit(self, reference: str, wanted: Mapping[str, str], by: Actor) -> TicketView:
        """Set these fields (keys of `bot.desk.fields`, codes of own fields). FieldErrors names what cannot be."""
        with transaction():
            ticket = self._changes.grab(reference, by, "edit")
            before = self._changes.view(ticket.id)
            drafts = self._drafts(ticket, before, wanted)
            if not drafts:
                return before
            columns = _carried_out(ticket, drafts)
            return self._changes.apply(ticket, by, "edited", data=_told(before, drafts), **columns)

    def fill(self, ticket: Ticket, wanted: Mapping[str, str]) -> dict[str, Any]:
        """Set fields of a ticket that is just being made; the columns that follow. FieldErrors as for `edit`."""
        return _carried_out(ticket, self._drafts(ticket, self._changes.view(ticket.id), wanted)) if wanted else {}

    def since(self, ticket: TicketView, version: int) -> list[Difference]:
        """What was edited after a version, field by field: what stood there then, and what stands there now."""
        began: dict[str, str] = {}
        for event in rows.events(ticket.id):
            if int(event.new.get("version", 0)) > version:
                for key, old in _befores(event.old, event.data):
                    began.setdefault(key, old)
        now = fields.values(ticket)
        return [Difference(key, old, now.get(key, "")) for key, old in began.items() if old != now.get(key, "")]

    # working out -----------------------------------------------------------------------------------------------------

    def _drafts(self, ticket: Ticket, before: TicketView, wanted: Mapping[str, str]) -> dict[str, Draft]:
        """What really changes; what stands there already does not."""
        standing = fields.values(before)
        drafts: dict[str, Draft] = {}
        faults: dict[str, Refusal] = {}
        for key in sorted(wanted, key=_order):
            so_far = {name: value for draft in drafts.values() for name, value in draft.columns.items()}
            try:
                draft = _BY_HAND.get(key, partial(_custom, key))(self, ticket, before, wanted[key], so_far)
            except Refusal as fault:
                faults[key] = fault
            else:
                if draft.value != standing.get(key, ""):
                    drafts[key] = draft
        faults |= self._closed(before, drafts)
        faults |= self._forced(ticket, drafts)
        if faults:
            raise FieldErrors(faults)
        return drafts

    def _closed(self, before: TicketView, drafts: Mapping[str, Draft]) -> dict[str, Refusal]:
        if before.status.is_open or self._settings.is_on("reclassify_closed"):
            return {}
        sentence = "{reference} is closed and keeps its type, group and severity (setting reclassify_closed)."
        return {key: Refusal(sentence, reference=before.reference) for key in drafts if key in CLASSIFYING}

    def _forced(self, ticket: Ticket, drafts: dict[str, Draft]) -> dict[str, Refusal]:
        """The severity that the group forces: set with the group, refused to be another."""
        group = drafts["group"].row if "group" in drafts else ticket.group
        forced = group.forced_severity
        if forced is None or not ({"group", "severity"} & drafts.keys()):
            return {}
        if "severity" in drafts and drafts["severity"].value != forced.code:
            sentence = "Tickets of {group} always have the severity {severity}."
            return {"severity": Refusal(sentence, group=group.code, severity=forced.code)}
        if ticket.severity_id != forced.id:
            drafts["severity"] = Draft(forced.code, {"severity_id": forced.id})
        return {}

    # fields ----------------------------------------------------------------------------------------------------------

    def _subject(self, ticket: Ticket, before: TicketView, typed: str, so_far: Mapping[str, Any]) -> Draft:
        subject = clean_line(typed)
        if not subject or len(subject) > SUBJECT_LIMIT:
            raise Refusal("A subject has from 1 to {n} characters.", n=SUBJECT_LIMIT)
        return Draft(subject, {"subject": subject})

    def _client(self, ticket: Ticket, before: TicketView, typed: str, so_far: Mapping[str, Any]) -> Draft:
        if fields.is_empty(typed):
            return Draft("", {"third_party_id": None})
        party = clients.find(typed)
        return Draft(party.code, {"third_party_id": party.id})

    def _contact(self, ticket: Ticket, before: TicketView, typed: str, so_far: Mapping[str, Any]) -> Draft:
        if fields.is_empty(typed):
            nobody = {"requester_id": None, "requester_name": "", "requester_address": "", "reply_address": ""}
            return Draft("", {**nobody, "language": ""}, told="")
        address = addresses.address(typed)
        if address == before.requester_address and before.requester_id is not None:
            return Draft(address)
        contact = self._found_or_made(address)
        return Draft(address, self._asked_by(ticket, contact, address, so_far), told=f"#{contact.id}")

    def _found_or_made(self, address: str) -> Contact:
        contact = people_rows.contact_of(address)
        if contact is None:
            party = people_rows.third_party_of_domain(address.rpartition("@")[2])
            contact = clients.add_contact([address], self._clock, client=party.code if party else "")
        if not contact.active:
            raise Refusal("{name} is not active any more.", name=contact.name)
        return contact

    def _asked_by(self, ticket: Ticket, contact: Contact, address: str, so_far: Mapping[str, Any]) -> dict[str, Any]:
        asked: dict[str, Any] = {
            "requester_id": contact.id,
            "requester_name": contact.name,
            "requester_address": address,
            "reply_address": address,
            "language": client_of(address).language,
        }
        if contact.third_party_id is not None and "third_party_id" not in so_far:
            asked["third_party_id"] = contact.third_party_id
        if ticket.response_from is None:
            asked["response_from"] = self._clock.now()
        return asked

    def _engagement(
        self, ticket: Ticket, before: TicketView, typed: str, so_far: Mapping[str, Any], *, kind: str
    ) -> Draft:
        if fields.is_empty(typed):
            return Draft("", {f"{kind}_id": None})
        row = engagements.of_client(kind, typed, so_far.get("third_party_id", ticket.third_party_id))
        return Draft(row.reference, {f"{kind}_id": row.id})

    def _entry(self, ticket: Ticket, before: TicketView, typed: str, so_far: Mapping[str, Any], *, kind: str) -> Draft:
        row = dictionaries.find(kind, typed)
        return Draft(row.code, {f"{kind}_id": row.id}, row=row)

    def _tags(self, ticket: Ticket, before: TicketView, typed: str, so_far: Mapping[str, Any]) -> Draft:
        wanted = fields.tags(before.tags, clean_line(typed))
        return Draft(", ".join(wanted), beside=lambda ticket_id: labels.set_tags(ticket_id, wanted))

    def _notify(self, ticket: Ticket, before: TicketView, typed: str, so_far: Mapping[str, Any]) -> Draft:
        wanted = fields.notify(typed)
        return Draft(wanted, {"notify": wanted})

    def _progress(self, ticket: Ticket, before: TicketView, typed: str, so_far: Mapping[str, Any]) -> Draft:
        wanted = fields.progress(typed)
        return Draft(str(wanted), {"progress": wanted})

    def _watchers(self, ticket: Ticket, before: TicketView, typed: str, so_far: Mapping[str, Any]) -> Draft:
        now = [reader.address for reader in before.watchers]
        wanted = [addresses.address(one) for one in fields.changed_list(now, typed)]
        for address in wanted:
            if people_rows.agent_by_email(address) is not None:
                raise Refusal("{address} is an agent; write a note instead.", address=address)
        return Draft(", ".join(wanted), beside=lambda ticket_id: set_watchers(ticket_id, now, wanted), told="")


def set_watchers(ticket_id: int, now: list[str], wanted: list[str]) -> None:
    """These people read along and no others."""
    for address in now:
        if address not in wanted:
            labels.drop_watcher(ticket_id, address)
    for address in wanted:
        known = client_of(address)
        labels.add_watcher(ticket_id, address, known.name, known.contact_id)


def _custom(
    key: str, editor: Editor, ticket: Ticket, before: TicketView, typed: str, so_far: Mapping[str, Any]
) -> Draft:
    own = custom_fields.find(key)
    value = "" if fields.is_empty(typed) else custom_fields.parse(own, typed)
    return Draft(value, beside=lambda ticket_id: labels.set_custom(ticket_id, own.id, value))


_BY_HAND: dict[str, ByHand] = {
    "subject": Editor._subject,
    "group": partial(Editor._entry, kind="group"),
    "type": partial(Editor._entry, kind="type"),
    "severity": partial(Editor._entry, kind="severity"),
    "client": Editor._client,
    "contact": Editor._contact,
    "project": partial(Editor._engagement, kind="project"),
    "contract": partial(Editor._engagement, kind="contract"),
    "tag": Editor._tags,
    "notify": Editor._notify,
    "progress": Editor._progress,
    "cc": Editor._watchers,
}


def _order(key: str) -> int:
    return fields.KEYS.index(key) if key in fields.KEYS else len(fields.KEYS)


def _carried_out(ticket: Ticket, drafts: Mapping[str, Draft]) -> dict[str, Any]:
    """What stands beside the ticket's row is written; the row's columns are given back."""
    for draft in drafts.values():
        if draft.beside is not None:
            draft.beside(ticket.id)
    return {name: value for draft in drafts.values() for name, value in draft.columns.items()}


def _told(before: TicketView, drafts: Mapping[str, Draft]) -> dict[str, Any]:
    """The event's data: the difference, and with a new group where the card hung until now."""
    standing = fields.values(before)
    standing["contact"] = f"#{before.requester_id}" if before.requester_id else ""
    standing["cc"] = ""
    told = [
        [key, standing.get(key, ""), draft.value if draft.told is None else draft.told] for key, draft in drafts.items()
    ]
    data: dict[str, Any] = {"diff": told}
    if "group" in drafts:
        data["hung"] = [list(outbox.spot(row.place)) for row in rows.postings(before.id)]
    return data


def _befores(old: Mapping[str, Any], data: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What stood in fields before an event."""
    befores = [(key, before) for key, before, _ in data.get("diff", ())]
    if "assignee_id" in old:
        agent = people_rows.agent(old["assignee_id"]) if old["assignee_id"] else None
        befores.append(("assignee", agent.email if agent else fields.NOBODY))
    return befores
