"""The verb behind “Link client”: an unknown sender becomes a person of a client, known or new."""

from bot.commands.calls import Call
from bot.commands.verbs import verb
from bot.desk import addresses, clients, permissions
from bot.desk.views import TicketView
from bot.errors import Refusal
from bot.outgoing.cards import Answer, Field, Form, Option
from storage.database import transaction
from storage.queries import people as people_rows

NEW, ALONE = "+new", "+alone"
MOST_OPTIONS = 98


@verb("linkclient REF", "say which client an unknown sender belongs to", right="link", writes=True, hidden=True)
def linkclient(call: Call) -> Answer:
    """Asks first; a new client needs the right to make one."""
    ticket = call.ticket
    if ticket.requester_id is not None:
        raise Refusal("{name} is known already.", name=ticket.requester_name)
    if not ticket.requester_address:
        raise Refusal("{reference} has no sender to link.", reference=ticket.reference)
    if not call.request.submitted:
        return call.ask(_form(call, ticket))
    with transaction():
        code = _client(call)
        name = call.text("name") or ticket.requester_name
        contact = clients.add_contact([ticket.requester_address], call.desk.clock, name=name, client=code)
        if code and call.text("domain") == "yes":
            clients.add_domain(clients.find(code), _domain(ticket))
        linked = call.desk.tickets.link_client(ticket.reference, contact, call.actor)
    return call.done(linked, "{name} asks on {reference}.", name=contact.name)


def _client(call: Call) -> str:
    """The code of the client chosen, made first where it is a new one; "" for somebody on their own."""
    chosen = call.text("client")
    if call.has("new_client") or chosen == NEW:
        permissions.allow(call.agent.role, "clients")
        return clients.add(call.text("new_client"), call.desk.clock).code
    return "" if chosen in ("", "-", ALONE) else clients.find(chosen).code


def _form(call: Call, ticket: TicketView) -> Form:
    words = call.words
    makes = permissions.may(call.agent.role, "clients")
    fields = [
        Field("name", words("Name"), value=ticket.requester_name or ticket.requester_address, limit=200),
        _choice(call, ticket, makes=makes),
    ]
    if makes:
        fields.append(Field("new_client", words("Name of a new client"), optional=True, limit=200))
    if _domain(ticket):
        fields.append(_whole_domain(call, _domain(ticket)))
    return Form("linkclient", words("Link client"), words("Save"), tuple(fields), ticket.reference, ticket.version)


def _choice(call: Call, ticket: TicketView, *, makes: bool) -> Field:
    words = call.words
    known = [party for party in people_rows.third_parties() if party.active]
    if len(known) > MOST_OPTIONS:
        hint = words("Name or code of a client; leave it empty for somebody on their own.")
        return Field("client", words("Client"), value=ticket.third_party_code, optional=True, hint=hint, search=True)
    options = [Option(ALONE, words("on their own")), *(Option(party.code, party.name) for party in known)]
    if makes:
        options.append(Option(NEW, words("a new client")))
    return Field("client", words("Client"), "select", ticket.third_party_code or ALONE, tuple(options))


def _whole_domain(call: Call, domain: str) -> Field:
    words = call.words
    options = (Option("no", words("only this person")), Option("yes", words("everybody at {domain}", domain=domain)))
    return Field("domain", words("From now on this client's mails are those of"), "select", "no", options)


def _domain(ticket: TicketView) -> str:
    """The sender's mail domain, "" where it is everybody's."""
    try:
        return addresses.domain(ticket.requester_address.rpartition("@")[2])
    except Refusal:
        return ""
