"""Questions about what tickets are labelled with: tags, own fields, watchers, links; for many tickets at once."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache, partial
from typing import Any

from peewee import JOIN

from storage.models import Contact, CustomField, CustomValue, Problem, Tag, Ticket, TicketGroup, TicketLink, Watcher
from storage.rows import db


@dataclass(slots=True)
class Labels:
    """The labels of one ticket. `custom` is value by code, in the order of the fields.

    `links` are the references of linked tickets that nobody is kept from who sees this one, `mentions` likewise the
    one that its first mail names or goes on with.
    """

    tags: list[str] = field(default_factory=list)
    custom: dict[str, str] = field(default_factory=dict)
    watchers: list[Watcher] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    merged_into: str = ""
    mentions: str = ""
    problem: str = ""


_WHERE = {
    "tags": "ticket_tag WHERE ticket_id",
    "custom": "custom_value WHERE ticket_id",
    "watchers": "watcher WHERE ticket_id",
    "links": "ticket_link WHERE ticket_id",
    "linked": "ticket_link WHERE other_id",
    "merged": "ticket WHERE merged_into_id IS NOT NULL AND id",
    "mentions": "ticket WHERE previous_id IS NOT NULL AND id",
    "problem": "ticket WHERE problem_id IS NOT NULL AND id",
}


def of(ticket_ids: Iterable[int]) -> Mapping[int, Labels]:
    """The labels of each of these tickets; at most nine questions, however many they are."""
    ids = list(ticket_ids)
    found: dict[int, Labels] = defaultdict(Labels)
    for kind in _present(ids) if ids else ():
        _FILL[kind](found, ids)
    return found


def _present(ids: list[int]) -> list[str]:
    """Which kinds of labels there are at all: one cheap question, for most tickets have none."""
    (there,) = db.execute_sql(_presence(len(ids), db.param), ids * len(_WHERE)).fetchall()
    return [kind for kind, is_there in zip(_WHERE, there, strict=True) if is_there]


@lru_cache(64)
def _presence(count: int, mark: str) -> str:
    marks = ", ".join([mark] * count)
    asked = ", ".join(f"EXISTS (SELECT 1 FROM {where} IN ({marks}))" for where in _WHERE.values())  # noqa: S608
    return f"SELECT {asked}"


def _tags(found: dict[int, Labels], ids: list[int]) -> None:
    for tag in Tag.select().where(Tag.ticket.in_(ids)).order_by(Tag.tag):
        found[tag.ticket_id].tags.append(tag.tag)


def _custom(found: dict[int, Labels], ids: list[int]) -> None:
    values = CustomValue.select(CustomValue, CustomField).join(CustomField).where(CustomValue.ticket.in_(ids))
    for value in values.order_by(CustomField.position, CustomField.id):
        found[value.ticket_id].custom[value.field.code] = value.value


def _watchers(found: dict[int, Labels], ids: list[int]) -> None:
    watchers = Watcher.select(Watcher, Contact).join(Contact, JOIN.LEFT_OUTER).where(Watcher.ticket.in_(ids))
    for watcher in watchers.order_by(Watcher.id):
        found[watcher.ticket_id].watchers.append(watcher)


def _linked(found: dict[int, Labels], ids: list[int], *, back: bool) -> None:
    for ticket_id, reference in _links(ids, back=back):
        found[ticket_id].links = sorted([*found[ticket_id].links, reference])


def _merged(found: dict[int, Labels], ids: list[int]) -> None:
    target = Ticket.alias()
    merged = Ticket.select(Ticket.id, target.reference).join(target, on=(Ticket.merged_into == target.id))
    pairs: Any = merged.where(Ticket.id.in_(ids)).tuples()
    for ticket_id, reference in pairs:
        found[ticket_id].merged_into = reference


def _mentions(found: dict[int, Labels], ids: list[int]) -> None:
    old = Ticket.alias()
    named = Ticket.select(Ticket.id, old.reference).join(old, on=(Ticket.previous == old.id)).join(TicketGroup)
    pairs: Any = named.where(Ticket.id.in_(ids) & _seen_from(Ticket, old)).tuples()
    for ticket_id, reference in pairs:
        found[ticket_id].mentions = reference


def _problems(found: dict[int, Labels], ids: list[int]) -> None:
    pairs: Any = Ticket.select(Ticket.id, Problem.title).join(Problem).where(Ticket.id.in_(ids)).tuples()
    for ticket_id, title in pairs:
        found[ticket_id].problem = title


_FILL: dict[str, Callable[[dict[int, Labels], list[int]], None]] = {
    "tags": _tags,
    "custom": _custom,
    "watchers": _watchers,
    "links": partial(_linked, back=False),
    "linked": partial(_linked, back=True),
    "merged": _merged,
    "mentions": _mentions,
    "problem": _problems,
}


def _links(ids: list[int], *, back: bool) -> Iterable[tuple[int, str]]:
    """Pairs of a ticket and the reference of one linked to it: of no restricted group but its own, and not deleted."""
    one, two = Ticket.alias(), Ticket.alias()
    here, there = (TicketLink.other, TicketLink.ticket) if back else (TicketLink.ticket, TicketLink.other)
    rows = (
        TicketLink.select(one.id, two.reference)
        .join(one, on=(here == one.id))
        .switch(TicketLink)
        .join(two, on=(there == two.id))
        .join(TicketGroup, on=(two.group == TicketGroup.id))
    )
    return list(rows.where(one.id.in_(ids) & _seen_from(one, two)).tuples())  # type: ignore[arg-type]


def _seen_from(one: Any, other: Any) -> Any:
    """Whether whoever sees a ticket may know of another one, whose group is joined."""
    return other.deleted_at.is_null() & ((~TicketGroup.restricted) | (other.group == one.group))


# tags and own fields -------------------------------------------------------------------------------------------------


def set_tags(ticket_id: int, tags: Iterable[str]) -> None:
    """These tags and no others."""
    Tag.delete().where(Tag.ticket == ticket_id).execute()
    rows = [{"ticket": ticket_id, "tag": tag} for tag in dict.fromkeys(tags)]
    if rows:
        Tag.insert_many(rows).execute()


def set_custom(ticket_id: int, field_id: int, value: str) -> None:
    """The value of one own field; "" takes it away."""
    CustomValue.delete().where((CustomValue.ticket == ticket_id) & (CustomValue.field == field_id)).execute()
    if value:
        CustomValue.create(ticket=ticket_id, field=field_id, value=value)


def custom_fields() -> list[CustomField]:
    """All own fields, in their order."""
    return list(CustomField.select().order_by(CustomField.position, CustomField.id))


# watchers ------------------------------------------------------------------------------------------------------------


def add_watcher(ticket_id: int, address: str, name: str = "", contact_id: int | None = None) -> bool:
    """Somebody reads along; False when they did already."""
    row = {"ticket": ticket_id, "address": address.lower(), "name": name, "contact": contact_id}
    conflict = Watcher.insert(row).on_conflict_ignore().returning(Watcher.id)
    return bool(list(conflict.execute()))


def drop_watcher(ticket_id: int, address: str) -> bool:
    """Somebody reads along no more; False when they did not."""
    gone = Watcher.delete().where((Watcher.ticket == ticket_id) & (Watcher.address == address.lower()))
    return bool(gone.execute())


# links ---------------------------------------------------------------------------------------------------------------


def link(ticket_id: int, other_id: int, at: datetime) -> bool:
    """Two tickets belong together; False when they did already."""
    first, second = sorted((ticket_id, other_id))
    row = {"ticket": first, "other": second, "created_at": at}
    return bool(list(TicketLink.insert(row).on_conflict_ignore().returning(TicketLink.id).execute()))


def unlink(ticket_id: int, other_id: int) -> bool:
    """They belong together no more; False when they did not."""
    first, second = sorted((ticket_id, other_id))
    gone = TicketLink.delete().where((TicketLink.ticket == first) & (TicketLink.other == second))
    return bool(gone.execute())


def linked(ticket_id: int) -> list[Ticket]:
    """The tickets that belong together with this one."""
    others = TicketLink.select(TicketLink.other).where(TicketLink.ticket == ticket_id)
    firsts = TicketLink.select(TicketLink.ticket).where(TicketLink.other == ticket_id)
    return list(Ticket.select().where(Ticket.id.in_(others) | Ticket.id.in_(firsts)).order_by(Ticket.id))
