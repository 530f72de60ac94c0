"""Questions about clients: third parties with their mail domains, the people there, projects and contracts."""

from collections.abc import Iterable, Sequence
from typing import Any

from peewee import JOIN, fn

from storage.models import (
    Contact,
    ContactAddress,
    Contract,
    Intervention,
    MailDomain,
    Message,
    Project,
    ThirdParty,
    Ticket,
    Watcher,
)
from storage.rows import Row

ENGAGEMENTS: dict[str, type[Project] | type[Contract]] = {"project": Project, "contract": Contract}

# third parties -------------------------------------------------------------------------------------------------------


def change_third_party(third_party_id: int, **values: Any) -> None:
    """Change columns of one."""
    ThirdParty.update(**values).where(ThirdParty.id == third_party_id).execute()


def set_domains(third_party_id: int, domains: Iterable[str]) -> None:
    """These mail domains and no others."""
    MailDomain.delete().where(MailDomain.third_party == third_party_id).execute()
    for domain in domains:
        MailDomain.create(third_party=third_party_id, domain=domain)


def owner_of_domain(domain: str) -> ThirdParty | None:
    """The third party that a mail domain belongs to."""
    return ThirdParty.select().join(MailDomain).where(MailDomain.domain == domain).first()


def drop_domain(third_party_id: int, domain: str) -> None:
    """Take one mail domain away."""
    MailDomain.delete().where((MailDomain.third_party == third_party_id) & (MailDomain.domain == domain)).execute()


def domains_of(third_party_ids: Sequence[int]) -> list[MailDomain]:
    """The mail domains of these, in the order they were given."""
    return list(MailDomain.select().where(MailDomain.third_party.in_(third_party_ids)).order_by(MailDomain.id))


def code_is_taken(code: str) -> bool:
    """Whether a third party has this code, whatever the case."""
    return ThirdParty.select().where(fn.lower(ThirdParty.code) == code.lower()).exists()


# contacts ------------------------------------------------------------------------------------------------------------


def contacts_of(third_party_ids: Sequence[int]) -> list[Contact]:
    """The people of these third parties, by name."""
    query = Contact.select().where(Contact.third_party.in_(third_party_ids))
    return list(query.order_by(fn.lower(Contact.name), Contact.id))


def addresses_of(contact_ids: Sequence[int]) -> list[ContactAddress]:
    """The addresses of these people, the first choice of each first."""
    query = ContactAddress.select().where(ContactAddress.contact.in_(contact_ids))
    return list(query.order_by(ContactAddress.contact, ContactAddress.position, ContactAddress.id))


def contact(contact_id: int) -> Contact | None:
    """One, its third party joined."""
    query = Contact.select(Contact, ThirdParty).join(ThirdParty, JOIN.LEFT_OUTER)
    return query.where(Contact.id == contact_id).first()


def change_contact(contact_id: int, **values: Any) -> None:
    """Change columns of one."""
    Contact.update(**values).where(Contact.id == contact_id).execute()


def set_addresses(contact_id: int, addresses: Iterable[str]) -> None:
    """These addresses and no others, the first choice first."""
    ContactAddress.delete().where(ContactAddress.contact == contact_id).execute()
    for position, address in enumerate(addresses):
        ContactAddress.create(contact=contact_id, address=address, position=position)


def forget_contact(contact_id: int, name: str) -> None:
    """Take name and addresses out of everything that was kept about the person; tickets and messages stay."""
    asked = {"requester_name": name, "requester_address": "", "reply_address": ""}
    Ticket.update(**asked).where(Ticket.requester == contact_id).execute()
    Message.update(author_name=name, author_address="").where(Message.contact == contact_id).execute()
    tickets = Ticket.select(Ticket.id).where(Ticket.requester == contact_id)
    Intervention.update(contact=name).where(Intervention.ticket.in_(tickets)).execute()
    Watcher.delete().where(Watcher.contact == contact_id).execute()
    ContactAddress.delete().where(ContactAddress.contact == contact_id).execute()
    Contact.update(name=name, phone="", active=False).where(Contact.id == contact_id).execute()


def open_of_address(address: str, most: int) -> list[Ticket]:
    """Open tickets that this address asked for and that have no contact yet, oldest first."""
    asked = (Ticket.requester_address == address) & Ticket.requester.is_null() & (Ticket.status < 8)
    return list(Ticket.select().where(asked & Ticket.deleted_at.is_null()).order_by(Ticket.id).limit(most))


# projects and contracts ----------------------------------------------------------------------------------------------


def engagement(kind: str, reference: str) -> Any:
    """The project or contract with this reference, whatever the case."""
    model = ENGAGEMENTS[kind]
    return model.get_or_none(fn.lower(model.reference) == reference.lower())


def engagements(kind: str, *, active_only: bool = False) -> list[Any]:
    """All projects or contracts with their third parties joined, by reference."""
    model = ENGAGEMENTS[kind]
    query = model.select(model, ThirdParty).join(ThirdParty, JOIN.LEFT_OUTER).order_by(model.reference)
    return list(query.where(model.active) if active_only else query)


def add_engagement(kind: str, **values: Any) -> Row:
    """A new one."""
    return ENGAGEMENTS[kind].create(**values)


def change_engagement(kind: str, engagement_id: int, **values: Any) -> None:
    """Change columns of one."""
    model = ENGAGEMENTS[kind]
    model.update(**values).where(model.id == engagement_id).execute()
