"""Verbs that only look: one ticket, lists, the timeline, a client's history."""

from dataclasses import replace

from bot.commands import forms
from bot.commands.calls import Call
from bot.commands.lists import SCOPES, page_of, wanted
from bot.commands.verbs import verb
from bot.desk.opening import Opening
from bot.desk.people import Client, client_of
from bot.desk.views import TicketView, as_json
from bot.errors import FieldErrors, NotFound, Refusal
from bot.outgoing import drawing
from bot.outgoing.cards import Answer
from storage.models import Event, Message
from storage.queries import people as people_rows
from storage.queries import tickets as rows

LINES = 30


@verb("new [key:value …] [SUBJECT]", "open a ticket", writes=True)
def new(call: Call) -> Answer:
    """In chats a form asks for the rest; on the command line the words are all there is."""
    from_cli = call.request.caller.platform == "cli"
    if not call.has("subject") or not (call.request.submitted or from_cli):
        return call.ask(forms.new(call))
    ticket = call.desk.tickets.open(_opening(call), call.actor)
    return call.done(ticket, "{reference} is open.")


def _opening(call: Call) -> Opening:
    return Opening(
        subject=call.text("subject"),
        text=call.text(),
        type=call.text("type"),
        group=call.text("group"),
        severity=call.text("severity"),
        assignee=call.someone("assignee").email if call.has("assignee") else "",
        third_party=call.text("client"),
        client=_client(call),
        origin=call.text("origin") or call.request.caller.platform,
        files=call.files(),
        notify=call.text("notify") or "all",
    )


def _client(call: Call) -> Client | None:
    address = call.text("contact")
    if not address:
        return None
    if address.count("@") != 1:
        raise FieldErrors({"contact": Refusal("{address} is not an address.", address=address)})
    return client_of(address)


@verb("show REF", "show a ticket")
def show(call: Call) -> Answer:
    """The card as it is now, without buttons (they hang on the card in the channel)."""
    ticket = call.ticket
    card = replace(drawing.draw(ticket, call.pen), buttons=(), menu=(), phone=())
    return Answer(card=card, reference=ticket.reference, version=ticket.version, data=as_json(ticket))


@verb("list [" + "|".join(SCOPES) + "] [key:value …] [TEXT]", "list tickets: yours, if nothing is said")
def list_(call: Call) -> Answer:
    """A page at a time in chats; on the command line all that match."""
    query = rows.matching(wanted(call))
    if call.request.caller.platform == "cli" and not call.has("page"):
        found = [TicketView.of(row) for row in rows.every(query)]
        return _list(call, found, len(found), 1, 1)
    number, size = page_of(call)
    found_rows, total = rows.page(query, number, size)
    found = [TicketView.of(row) for row in found_rows]
    return _list(call, found, total, number, max(1, -(-total // size)))


def _list(call: Call, found: list[TicketView], total: int, page: int, pages: int) -> Answer:
    words = call.words
    again = " ".join(f"{key}:{_quoted(value)}" for key, value in call.values.items() if key not in _NOT_KEYS)
    scope, text = call.text("scope") or "mine", call.text()
    return Answer(
        text=words.plural("1 ticket", "{n} tickets", total) if total else words("No tickets here."),
        rows=tuple(drawing.row(ticket, call.pen) for ticket in found),
        page=page,
        pages=pages,
        again=" ".join(part for part in ("list", scope, again, "page:{page}", text) if part),
        data=[as_json(ticket) for ticket in found],
    )


_NOT_KEYS = {"scope", "text", "page", "argument"}


def _quoted(value: str) -> str:
    return f'"{value}"' if " " in value else value


@verb("search TEXT", "find tickets by words of their subject or request")
def search(call: Call) -> Answer:
    """Newest first."""
    return list_(replace(call, values={**call.values, "scope": "all"}))


@verb("log REF", "show the timeline of a ticket: all that was said and done")
def log(call: Call) -> Answer:
    """Oldest first; on the command line every text in full."""
    ticket = call.ticket
    said = {message.id: message for message in rows.messages(ticket.id)}
    lines = [_told(event, said, call) for event in rows.events(ticket.id)]
    shown = lines if call.request.caller.platform == "cli" else lines[-LINES:]
    text = call.words("Timeline of {reference}", reference=ticket.reference)
    data = [_event_json(event, said) for event in rows.events(ticket.id)]
    return Answer(text=text, lines=tuple(shown), reference=ticket.reference, version=ticket.version, data=data)


def _told(event: Event, said: dict[int, Message], call: Call) -> str:
    from bot.desk.views import LastEvent

    told = drawing.happened(LastEvent(event.kind, event.actor_name, event.platform, event.at), call.pen)
    message = said.get(event.message_id) if event.message_id else None
    if message is None:
        return told
    full = call.request.caller.platform == "cli"
    text = message.full_text if full else drawing.excerpt(message.text, 500)
    mark = f" [{message.mark}]" if message.mark else ""
    return f"{told}{mark}\n{text}" if text else told + mark


def _event_json(event: Event, said: dict[int, Message]) -> dict[str, object]:
    message = said.get(event.message_id) if event.message_id else None
    return {
        "kind": event.kind,
        "actor": event.actor_name,
        "platform": event.platform,
        "at": event.at.isoformat(),
        "old": event.old,
        "new": event.new,
        "message": message and {"kind": message.kind, "text": message.full_text, "mark": message.mark},
    }


@verb("client NAME", "show a client's tickets: by code, name or address")
def client(call: Call) -> Answer:
    """Open and closed ones, newest first."""
    name = call.text("name")
    party = people_rows.third_party(name)
    if party is not None:
        return list_(replace(call, values={"scope": "all", "client": party.code}))
    if "@" in name:
        return list_(replace(call, values={"scope": "all", "contact": name}))
    raise NotFound("There is no client {code}.", code=name)


@verb("history REF", "show the other tickets of the same client", right="client", hidden=True)
def history(call: Call) -> Answer:
    """The button on the card."""
    ticket = call.ticket
    values = {"client": ticket.third_party_code} if ticket.third_party_code else {"contact": ticket.requester_address}
    if not any(values.values()):
        raise Refusal("{reference} has no client.", reference=ticket.reference)
    return list_(replace(call, values={"scope": "all", **values}))


@verb("more REF", "the second level of the phone's keyboard", right="show", hidden=True)
def more(call: Call) -> Answer:
    """The same card with the rest of its buttons."""
    card = drawing.draw(call.ticket, call.pen)
    return Answer(redraw=replace(card, phone=card.phone_more), reference=card.reference, version=card.version)


@verb("back REF", "the first level of the phone's keyboard", right="show", hidden=True)
def back(call: Call) -> Answer:
    """The card as it was."""
    card = drawing.draw(call.ticket, call.pen)
    return Answer(redraw=card, reference=card.reference, version=card.version)
