"""Clients as the desk keeps them: third parties with mail domains and people, added, changed, linked and forgotten.

A mail address belongs to one contact and a mail domain to one third party; whoever takes one that is taken is told
whose it is. Nothing is ever deleted that a ticket speaks of.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from bot.cleaning import clean_line, clean_text
from bot.clock import Clock
from bot.desk import addresses
from bot.errors import NotFound, Refusal, UnknownValue
from bot.texts import LANGUAGES
from storage.database import transaction
from storage.models import Contact, ContactAddress, ThirdParty
from storage.queries import clients as rows
from storage.queries import people as people_rows

CODE = re.compile(r"[A-Z0-9][A-Z0-9_.-]{0,23}")
ERASED = "(erased)"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at a client. The first address is the one that letters go to; from those `failing` they come back."""

    id: int
    name: str
    addresses: tuple[str, ...]
    phone: str
    language: str
    active: bool
    failing: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "name": self.name,
            "addresses": list(self.addresses),
            "failing": list(self.failing),
            "phone": self.phone or None,
            "language": self.language or None,
            "active": self.active,
        }


@dataclass(frozen=True, slots=True)
class ClientRecord:
    """A third party whole."""

    id: int
    code: str
    name: str
    kind: str
    language: str
    notes: str
    active: bool
    domains: tuple[str, ...]
    people: tuple[Person, ...]

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "code": self.code,
            "name": self.name,
            "kind": self.kind or None,
            "language": self.language or None,
            "notes": self.notes or None,
            "active": self.active,
            "domains": list(self.domains),
            "contacts": [person.as_json() for person in self.people],
        }


# looking -------------------------------------------------------------------------------------------------------------


def find(code_or_name: str) -> ThirdParty:
    """The row of a third party by code or name. NotFound, which names the nearest, otherwise."""
    wanted = code_or_name.strip()
    row = people_rows.third_party(wanted)
    if row is not None:
        return row
    known = {word.lower(): word for party in people_rows.third_parties() for word in (party.code, party.name)}
    near = get_close_matches(wanted.lower(), known, 1, 0.55)
    if near:
        raise NotFound("There is no client {code}. Did you mean {near}?", code=wanted, near=known[near[0]])
    raise NotFound("There is no client {code}.", code=wanted)


def record(code_or_name: str) -> ClientRecord:
    """One client whole. NotFound otherwise."""
    return _records([find(code_or_name)])[0]


def everyone() -> list[ClientRecord]:
    """All clients whole, by name."""
    return _records(people_rows.third_parties())


def _records(parties: Sequence[ThirdParty]) -> list[ClientRecord]:
    ids = [party.id for party in parties]
    contacts = rows.contacts_of(ids)
    domains: dict[int, list[str]] = defaultdict(list)
    for row in rows.domains_of(ids):
        domains[row.third_party_id].append(row.domain)
    people: dict[int, list[Person]] = defaultdict(list)
    written_to = _addresses(contacts)
    for contact in contacts:
        people[contact.third_party_id or 0].append(_person(contact, written_to[contact.id]))
    return [_record(party, domains[party.id], people[party.id]) for party in parties]


def _addresses(contacts: Sequence[Contact]) -> Mapping[int, list[ContactAddress]]:
    found: dict[int, list[ContactAddress]] = defaultdict(list)
    for row in rows.addresses_of([contact.id for contact in contacts]):
        found[row.contact_id].append(row)
    return found


def _person(row: Contact, written_to: Sequence[ContactAddress]) -> Person:
    listed = tuple(one.address for one in written_to)
    failing = tuple(one.address for one in written_to if one.failed_at is not None)
    return Person(row.id, row.name, listed, row.phone, row.language, row.active, failing)


def _record(row: ThirdParty, domains: Iterable[str], people: Iterable[Person]) -> ClientRecord:
    return ClientRecord(
        row.id, row.code, row.name, row.kind, row.language, row.notes, row.active, tuple(domains), tuple(people)
    )


# third parties -------------------------------------------------------------------------------------------------------


def add(name: str, clock: Clock, *, code: str = "", domains: Iterable[str] = (), **values: str) -> ClientRecord:
    """A new client; without a code it gets one made of its name. Refusal when code or domain are taken."""
    title = clean_line(name)
    if not title:
        raise Refusal("A client needs a name.")
    with transaction():
        chosen = _free_code(code) if code else _made_code(title)
        wanted = [addresses.domain(domain) for domain in domains]
        for domain in wanted:
            _check_free(domain, None)
        party = people_rows.add_third_party(wanted, name=title, code=chosen, created_at=clock.now(), **_checked(values))
        return _records([party])[0]


def change(code_or_name: str, *, domains: Iterable[str] | None = None, **values: Any) -> ClientRecord:
    """Change name, code, kind, language, notes, active or the whole list of domains."""
    with transaction():
        party = find(code_or_name)
        if domains is not None:
            wanted = list(dict.fromkeys(addresses.domain(domain) for domain in domains))
            for domain in wanted:
                _check_free(domain, party.id)
            rows.set_domains(party.id, wanted)
        code = values.pop("code", None)
        if code and code.upper() != party.code:
            values["code"] = _free_code(code)
        if values:
            rows.change_third_party(party.id, **_checked(values))
        return record(values.get("code", party.code))


def add_domain(party: ThirdParty, domain: str) -> None:
    """Mails from this domain come from this client from now on."""
    known = [row.domain for row in rows.domains_of([party.id])]
    if domain not in known:
        change(party.code, domains=[*known, domain])


def _check_free(domain: str, third_party_id: int | None) -> None:
    owner = rows.owner_of_domain(domain)
    if owner is not None and owner.id != third_party_id:
        raise Refusal("{domain} is {name}'s domain already.", domain=domain, name=owner.name)


def _free_code(code: str) -> str:
    wanted = code.strip().upper()
    if not CODE.fullmatch(wanted):
        raise Refusal("{code} is no code: up to 24 letters and digits, - _ and . between them.", code=code[:40])
    if rows.code_is_taken(wanted):
        raise Refusal("There is already a client {code}.", code=wanted)
    return wanted


def _made_code(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    stem = re.sub(r"[^A-Z0-9]+", "", plain.upper())[:12] or "CLIENT"
    number = 1
    while rows.code_is_taken(stem if number == 1 else f"{stem}{number}"):
        number += 1
    return stem if number == 1 else f"{stem}{number}"


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    language = values.get("language")
    if language and language not in LANGUAGES:
        known = ", ".join(LANGUAGES)
        raise UnknownValue("{code} is no language I write. There are: {names}.", code=language, names=known)
    return {
        name: clean_text(value) if name == "notes" else clean_line(value) if isinstance(value, str) else value
        for name, value in values.items()
        if value is not None
    }


# contacts ------------------------------------------------------------------------------------------------------------


def add_contact(written_to: Iterable[str], clock: Clock, *, name: str = "", client: str = "", **values: str) -> Contact:
    """A new person, at a client or on their own. Refusal when an address is somebody's already."""
    wanted = list(dict.fromkeys(addresses.address(one) for one in written_to))
    if not wanted:
        raise Refusal("A contact needs an address.")
    with transaction():
        for address in wanted:
            _check_nobodys(address, None)
        party = find(client) if client else None
        title = clean_line(name) or wanted[0]
        return people_rows.add_contact(
            wanted, name=title, third_party=party, created_at=clock.now(), **_checked(values)
        )


def change_contact(
    address: str, *, written_to: Iterable[str] | None = None, client: str | None = None, **values: Any
) -> Contact:
    """Change name, phone, language, active, client ("" = on their own) or the whole list of addresses."""
    with transaction():
        contact = find_contact(address)
        if written_to is not None:
            wanted = list(dict.fromkeys(addresses.address(one) for one in written_to))
            for one in wanted:
                _check_nobodys(one, contact.id)
            rows.set_addresses(contact.id, wanted)
        changes = _checked(values)
        if client is not None:
            changes["third_party"] = find(client) if client else None
        if changes:
            rows.change_contact(contact.id, **changes)
        changed = rows.contact(contact.id)
        assert changed is not None
        return changed


def find_contact(address: str) -> Contact:
    """By one of the addresses. NotFound otherwise."""
    contact = people_rows.contact_of(address.strip())
    if contact is None:
        raise NotFound("There is no contact {address}.", address=address.strip())
    return contact


def erase(address: str) -> None:
    """Forget a person: name, addresses and phone go, the tickets stay without them."""
    with transaction():
        rows.forget_contact(find_contact(address).id, ERASED)


def _check_nobodys(address: str, contact_id: int | None) -> None:
    owner = people_rows.contact_of(address)
    if owner is not None and owner.id != contact_id:
        raise Refusal("{address} is {name}'s address already.", address=address, name=owner.name)
    if people_rows.agent_by_email(address) is not None:
        raise Refusal("{address} is an agent's address.", address=address)
