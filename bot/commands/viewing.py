"""Verbs that open a ticket or look at one: the card, the timeline, what happens next."""

from dataclasses import replace

from bot.commands import after_hours, forms, interventions, sharing
from bot.commands.calls import Call
from bot.commands.verbs import verb
from bot.desk import addresses, clients, custom_fields, fields, permissions, worksheet
from bot.desk.opening import Opening
from bot.desk.people import Client, client_of
from bot.desk.views import as_json
from bot.desk.workflow import Status
from bot.errors import FieldErrors, Refusal
from bot.outgoing import drawing
from bot.outgoing.cards import Answer, Card
from storage.queries import people as people_rows

LINES = 30


@verb("new [key:value …] [SUBJECT]", "open a ticket", writes=True)
def new(call: Call) -> Answer:
    """In chats a form asks for the rest; on the command line the words are all there is."""
    from_cli = call.request.caller.platform == "cli"
    if not call.has("subject") or not (call.request.submitted or from_cli):
        return call.ask(forms.new(call))
    ticket = call.desk.tickets.open(opening(call), call.actor)
    return replace(call.done(ticket, "{reference} is open."), lines=after_hours.notice(call))


def opening(call: Call) -> Opening:
    """What a form of a new ticket says."""
    return Opening(
        subject=call.text("subject"),
        text=call.text(),
        type=call.text("type"),
        group=call.text("group"),
        severity=call.text("severity"),
        assignee=call.someone("assignee").email if call.has("assignee") else "",
        third_party=call.text("client"),
        project=call.text("project"),
        contract=call.text("contract"),
        client=_client(call),
        origin=call.text("origin") or call.request.caller.platform,
        files=call.files(),
        notify=fields.notify(call.text("notify") or "all"),
        more={key: call.text(key) for key in _more(call) if call.has(key)},
    )


def _more(call: Call) -> list[str]:
    return ["tag", "cc", *(field.code for field in custom_fields.defined())]


def _client(call: Call) -> Client | None:
    address = call.text("contact")
    if not address:
        return None
    try:
        return _found_or_made(addresses.address(address), call)
    except Refusal as fault:
        raise FieldErrors({"contact": fault}) from None


def _found_or_made(address: str, call: Call) -> Client:
    """Whoever writes to us from there; somebody new becomes a contact of the client whose domain it is."""
    known = client_of(address)
    if known.contact_id is None and people_rows.contact_of(address) is None:
        party = people_rows.third_party_of_domain(address.rpartition("@")[2])
        clients.add_contact([address], call.desk.clock, client=party.code if party else "")
        known = client_of(address)
    return known


@verb("show REF", "show a ticket")
def show(call: Call) -> Answer:
    """The card as it is now, without buttons (they hang on the card in the channel). An agent has read it then."""
    ticket = call.ticket
    if ticket.status is Status.UNREAD and permissions.may(call.agent.role, "read"):
        ticket = call.desk.tickets.read(ticket.reference, call.actor)
    card = replace(drawing.draw(ticket, call.pen), buttons=(), menu=(), phone=())
    others = [one.reference for one in call.desk.tickets.problems.others(ticket)]
    if others:
        together = call.words("🧩 together with {references}", references=", ".join(others))
        card = replace(card, notes=(*card.notes, together))
    visits = call.desk.tickets.interventions.of(ticket.id)
    lines = tuple(interventions.headline(call, one) for one in visits if not one.is_open)
    data = {**as_json(ticket), "interventions": [worksheet.as_json(one) for one in visits]}
    data |= {"alike": ticket.alike, "same_problem": others}
    return Answer(card=card, lines=lines, reference=ticket.reference, version=ticket.version, data=data)


@verb("more REF", "the second level of the phone's keyboard", right="show", hidden=True)
def more(call: Call) -> Answer:
    """The same card with the rest of its buttons."""
    card = sharing.with_files(_hanging(call), call)
    return Answer(redraw=replace(card, phone=card.phone_more), reference=card.reference, version=card.version)


@verb("back REF", "the first level of the phone's keyboard", right="show", hidden=True)
def back(call: Call) -> Answer:
    """The card as it was."""
    card = _hanging(call)
    return Answer(redraw=card, reference=card.reference, version=card.version)


def _hanging(call: Call) -> Card:
    """The card as it hangs in the chat: everybody's, so in the desk's language whoever presses."""
    return drawing.draw(call.ticket, replace(call.pen, words=call.desk.words()))
