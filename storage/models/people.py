"""Rows about people: agents and their accounts on platforms, clients and the people there."""

from peewee import AutoField, BooleanField, ForeignKeyField, IntegerField, TextField

from storage.rows import JSONField, Row, UTCField


class Agent(Row):
    """Somebody who answers. `role` is viewer, agent, manager or admin; the address is lower case."""

    id = AutoField()
    email = TextField()
    name = TextField()
    role = TextField()
    active = BooleanField(default=True)
    language = TextField(default="")
    timezone = TextField(default="")
    quiet_hours = TextField(default="")
    created_at = UTCField()


class Account(Row):
    """An agent's id on a platform: at most one for each person and platform."""

    id = AutoField()
    agent = ForeignKeyField(Agent, backref="accounts")
    platform = TextField()
    external_id = TextField()
    name = TextField(default="")
    created_at = UTCField()


class Pairing(Row):
    """A code that links an account; only its hash is kept. `pending` is the request that waits for it."""

    id = AutoField()
    code_hash = TextField()
    agent = ForeignKeyField(Agent, null=True)
    platform = TextField()
    external_id = TextField(default="")
    name = TextField(default="")
    pending = JSONField(null=True)
    tries = IntegerField(default=0)
    created_at = UTCField()
    expires_at = UTCField()
    used_at = UTCField(null=True)


class ThirdParty(Row):
    """A client organisation."""

    id = AutoField()
    name = TextField()
    code = TextField()
    language = TextField(default="")
    kind = TextField(default="")
    notes = TextField(default="")
    active = BooleanField(default=True)
    created_at = UTCField()


class MailDomain(Row):
    """Mails from this domain come from this third party."""

    id = AutoField()
    third_party_id: int
    third_party = ForeignKeyField(ThirdParty, backref="domains")
    domain = TextField()


class Contact(Row):
    """A person at a third party, or on their own."""

    id = AutoField()
    third_party_id: int | None
    third_party = ForeignKeyField(ThirdParty, null=True, backref="contacts")
    name = TextField()
    phone = TextField(default="")
    language = TextField(default="")
    active = BooleanField(default=True)
    created_at = UTCField()


class ContactAddress(Row):
    """One address of a contact, lower case; position 0 is the first choice for letters.

    `failed_at` and `failure` (a status code): letters to it come back, since the person last wrote from it.
    """

    id = AutoField()
    contact_id: int
    contact = ForeignKeyField(Contact, backref="addresses")
    address = TextField()
    position = IntegerField(default=0)
    failed_at = UTCField(null=True)
    failure = TextField(default="")
