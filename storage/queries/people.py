"""Questions about people: agents, their accounts, pairing codes, clients."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from peewee import JOIN, ModelSelect, fn

from storage.database import locked, transaction
from storage.models import Account, Agent, Contact, ContactAddress, GroupAgent, MailDomain, Pairing, ThirdParty, Ticket
from storage.prepared import prepared

# agents --------------------------------------------------------------------------------------------------------------


def agent(agent_id: int) -> Agent | None:
    """By id."""
    return Agent.get_or_none(Agent.id == agent_id)


def agent_by_email(address: str) -> Agent | None:
    """By address, whatever its case."""
    return _agent_at.first(address.lower())


@prepared
def _agent_at(address: Any) -> ModelSelect[Agent]:
    return Agent.select().where(Agent.email == address)


def account(platform: str, external_id: str) -> Account | None:
    """By the id on a platform, its agent joined."""
    return _account.first(platform, external_id)


@prepared
def _account(platform: Any, external_id: Any) -> ModelSelect[Account]:
    known = (Account.platform == platform) & (Account.external_id == external_id)
    return Account.select(Account, Agent).join(Agent).where(known)


def accounts_on(platform: str) -> list[Account]:
    """Those of active agents on a platform, their agents joined."""
    rows = Account.select(Account, Agent).join(Agent)
    return list(rows.where((Account.platform == platform) & Agent.active).order_by(Account.id))


def accounts_called(platform: str, name: str) -> list[Account]:
    """By what people are called on a platform, whatever its case; their agents joined."""
    named = (Account.platform == platform) & (fn.lower(Account.name) == name.lower())
    return list(Account.select(Account, Agent).join(Agent).where(named & Agent.active))


def rename_account(account_id: int, name: str) -> None:
    """The person is called otherwise now."""
    with transaction():
        Account.update(name=name).where(Account.id == account_id).execute()


def staff_among(addresses: Iterable[str]) -> set[str]:
    """Those of these addresses (lower case) that are agents'."""
    return {row.email for row in Agent.select(Agent.email).where(Agent.email.in_(list(addresses)))}


def agents(*, active_only: bool = True) -> list[Agent]:
    """All, by name."""
    query = Agent.select().order_by(fn.lower(Agent.name), Agent.id)
    return list(query.where(Agent.active) if active_only else query)


def add_agent(**values: Any) -> Agent:
    """A new one; the address must be lower case and new."""
    return Agent.create(**values)


def change_agent(agent_id: int, **values: Any) -> None:
    """Change columns of one."""
    Agent.update(**values).where(Agent.id == agent_id).execute()


def other_admins(agent_id: int) -> int:
    """How many active admins there are beside this one."""
    return Agent.select().where((Agent.role == "admin") & Agent.active & (Agent.id != agent_id)).count()


def open_tickets(agent_id: int) -> int:
    """How many open tickets are this agent's."""
    is_open = (Ticket.status < 8) & Ticket.deleted_at.is_null()
    return Ticket.select().where((Ticket.assignee == agent_id) & is_open).count()


def accounts(agent_id: int) -> dict[str, str]:
    """An agent's ids by platform."""
    return {row.platform: row.external_id for row in Account.select().where(Account.agent == agent_id)}


def link_account(agent_id: int, platform: str, external_id: str, name: str, at: datetime) -> None:
    """Link an id to an agent, in place of whatever either had on that platform; one link of an agent at a time."""
    with transaction():
        list(locked(Agent.select(Agent.id).where(Agent.id == agent_id)))
        Account.delete().where(
            (Account.platform == platform) & ((Account.external_id == external_id) | (Account.agent == agent_id))
        ).execute()
        Account.create(agent=agent_id, platform=platform, external_id=external_id, name=name, created_at=at)


def unlink_account(agent_id: int, platform: str) -> bool:
    """Forget an agent's id on a platform; whether there was one."""
    with transaction():
        return bool(Account.delete().where((Account.agent == agent_id) & (Account.platform == platform)).execute())


def sees_group(agent_id: int, group_id: int) -> bool:
    """Whether the agent is named in a restricted group."""
    return GroupAgent.select().where((GroupAgent.group == group_id) & (GroupAgent.agent == agent_id)).exists()


# pairing -------------------------------------------------------------------------------------------------------------


def add_pairing(**values: Any) -> Pairing:
    """A new code (its hash)."""
    with transaction():
        return Pairing.create(**values)


def drop_pairings(platform: str, external_id: str, *, pressed: bool) -> None:
    """Forget what this account was given or, with `pressed`, what it tried."""
    with transaction():
        which = (Pairing.platform == platform) & (Pairing.external_id == external_id)
        Pairing.delete().where(which & Pairing.pending.is_null(not pressed)).execute()


def make_room(code_hash: str, now: datetime) -> bool:
    """Whether a code may be given: nobody has it, or who had it used it or let it run out, and is forgotten."""
    with transaction():
        had = Pairing.code_hash == code_hash
        Pairing.delete().where(had & (Pairing.used_at.is_null(False) | (Pairing.expires_at <= now))).execute()
        return not Pairing.select().where(had).exists()


def pairing(code_hash: str, now: datetime) -> Pairing | None:
    """The unused, living pairing of this code."""
    return Pairing.get_or_none(
        (Pairing.code_hash == code_hash) & Pairing.used_at.is_null() & (Pairing.expires_at > now)
    )


def use_pairing(pairing_id: int, now: datetime) -> bool:
    """Use it up; False when somebody was faster."""
    return bool(Pairing.update(used_at=now).where((Pairing.id == pairing_id) & Pairing.used_at.is_null()).execute())


def waiting_press(platform: str, external_id: str, now: datetime) -> Any:
    """The newest refused request of this account that waits for its pairing, taken out."""
    row = (
        Pairing.select()
        .where(
            (Pairing.platform == platform)
            & (Pairing.external_id == external_id)
            & Pairing.pending.is_null(False)
            & (Pairing.expires_at > now)
        )
        .order_by(Pairing.id.desc())
        .first()
    )
    if row is None:
        return None
    Pairing.update(pending=None).where(Pairing.id == row.id).execute()
    return row.pending


# clients -------------------------------------------------------------------------------------------------------------


def contact_of(address: str) -> Contact | None:
    """The contact with this address, its third party joined."""
    return _contact_at.first(address.lower())


@prepared
def _contact_at(address: Any) -> ModelSelect[Contact]:
    rows = Contact.select(Contact, ThirdParty).join(ContactAddress).switch(Contact)
    return rows.join(ThirdParty, JOIN.LEFT_OUTER).where(ContactAddress.address == address).limit(1)


def first_address(contact_id: int) -> str:
    """The first choice for letters, "" when there is none."""
    row = (
        ContactAddress.select()
        .where(ContactAddress.contact == contact_id)
        .order_by(ContactAddress.position, ContactAddress.id)
        .first()
    )
    return row.address if row else ""


def third_party_of_domain(domain: str) -> ThirdParty | None:
    """The third party that mails from this domain come from."""
    return _party_of_domain.first(domain.lower())


@prepared
def _party_of_domain(domain: Any) -> ModelSelect[ThirdParty]:
    return ThirdParty.select().join(MailDomain).where(MailDomain.domain == domain).limit(1)


def third_party(code_or_name: str) -> ThirdParty | None:
    """By code, else by name, whatever the case."""
    wanted = code_or_name.lower()
    found = ThirdParty.get_or_none(fn.lower(ThirdParty.code) == wanted)
    return found or ThirdParty.get_or_none(fn.lower(ThirdParty.name) == wanted)


def third_party_by_id(third_party_id: int) -> ThirdParty:
    """The one with this id."""
    return _party.all(third_party_id)[0]


@prepared
def _party(third_party_id: Any) -> ModelSelect[ThirdParty]:
    return ThirdParty.select().where(ThirdParty.id == third_party_id)


def third_parties() -> list[ThirdParty]:
    """All, by name."""
    return list(ThirdParty.select().order_by(fn.lower(ThirdParty.name), ThirdParty.id))


def contacts(third_party_id: int) -> list[Contact]:
    """The people of a third party, by name."""
    return list(Contact.select().where(Contact.third_party == third_party_id).order_by(Contact.name))


def addresses(contact_id: int) -> list[str]:
    """A contact's addresses, the first choice first."""
    rows = ContactAddress.select().where(ContactAddress.contact == contact_id)
    return [row.address for row in rows.order_by(ContactAddress.position, ContactAddress.id)]


def add_third_party(domains: Iterable[str], **values: Any) -> ThirdParty:
    """A new one with its mail domains."""
    with transaction():
        made = ThirdParty.create(**values)
        for domain in domains:
            MailDomain.create(third_party=made, domain=domain.lower())
        return made


def add_contact(addresses: Iterable[str], **values: Any) -> Contact:
    """A new one with its addresses, the first choice first."""
    with transaction():
        made = Contact.create(**values)
        for position, address in enumerate(addresses):
            ContactAddress.create(contact=made, address=address.lower(), position=position)
        return made


def domains(third_party_id: int) -> list[str]:
    """A third party's mail domains."""
    return [row.domain for row in MailDomain.select().where(MailDomain.third_party == third_party_id)]
