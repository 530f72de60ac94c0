"""What a field offers while one types: clients, people, projects, contracts whose name holds the typed text.

A hundred at most, those that begin with it first. The whole table may be looked at: it is asked for by a person who
types, and a hundred thousand rows take some tens of milliseconds.
"""

from typing import Any

from peewee import JOIN, Expression, fn

from storage.models import Contact, ContactAddress, ThirdParty
from storage.queries.clients import ENGAGEMENTS

MOST = 100


def clients(text: str) -> list[ThirdParty]:
    """Third parties in use, by name or code."""
    wanted = text.lower()
    name = fn.lower(ThirdParty.name)
    query = ThirdParty.select().where(ThirdParty.active)
    if wanted:
        query = query.where(name.contains(wanted) | fn.lower(ThirdParty.code).contains(wanted))
    return list(query.order_by(*_first(name, wanted), name).limit(MOST))


def contacts(text: str) -> list[ContactAddress]:
    """Addresses of people in use with their contacts and clients joined, by name or address; each person once."""
    wanted = text.lower()
    query = (
        ContactAddress.select(ContactAddress, Contact, ThirdParty)
        .join(Contact)
        .join(ThirdParty, JOIN.LEFT_OUTER)
        .where(Contact.active & (ContactAddress.position == 0))
    )
    if wanted:
        query = query.where(fn.lower(Contact.name).contains(wanted) | ContactAddress.address.contains(wanted))
    return list(query.order_by(*_first(ContactAddress.address, wanted), ContactAddress.address).limit(MOST))


def engagements(kind: str, text: str) -> list[Any]:
    """Projects or contracts in use, by reference or name."""
    model = ENGAGEMENTS[kind]
    reference = fn.lower(model.reference)
    query = model.select().where(model.active)
    if text:
        query = query.where(reference.contains(text.lower()) | fn.lower(model.name).contains(text.lower()))
    return list(query.order_by(reference).limit(MOST))


def _first(column: Any, wanted: str) -> list[Expression]:
    """What begins with the text comes before what only holds it."""
    return [column.startswith(wanted).desc()] if wanted else []
