"""Verbs that open a ticket or look at one: the card, the timeline, what happens next."""

from collections.abc import Mapping
from dataclasses import replace

from bot.commands import forms, interventions
from bot.commands.calls import Call
from bot.commands.pages import number_of
from bot.commands.verbs import verb
from bot.desk import addresses, custom_fields, fields, permissions, worksheet
from bot.desk.fields import Difference
from bot.desk.opening import Opening
from bot.desk.people import Client, client_of
from bot.desk.views import LastEvent, as_json
from bot.desk.workflow import Status
from bot.errors import FieldErrors, Refusal
from bot.outgoing import differences, drawing, telling
from bot.outgoing.cards import Answer
from storage.models import Event, Message
from storage.queries import timeline

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
        return client_of(addresses.address(address))
    except Refusal as fault:
        raise FieldErrors({"contact": fault}) from None


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


@verb("log REF [key:value …]", "show the timeline of a ticket: all that was said and done")
def log(call: Call) -> Answer:
    """Oldest first; in chats a page at a time, the last one first, on the command line all, every text in full."""
    ticket = call.ticket
    page, pages, events = _events(call, ticket.id)
    said = timeline.messages(events)
    return Answer(
        text=call.words("Timeline of {reference}", reference=ticket.reference),
        lines=tuple(_told(event, said, call) for event in events),
        page=page,
        pages=pages,
        again=f"log {ticket.reference} page:{{page}}",
        reference=ticket.reference,
        version=ticket.version,
        data=[_event_json(event, said) for event in events],
    )


def _events(call: Call, ticket_id: int) -> tuple[int, int, list[Event]]:
    """The page's number, how many there are, and its events."""
    total = timeline.count(ticket_id)
    if call.request.caller.platform == "cli" and not call.has("page"):
        return 1, 1, timeline.part(ticket_id, 0, total)
    last = max(1, -(-total // LINES))
    page = number_of(call.text("page")) if call.has("page") else last
    return page, last, timeline.part(ticket_id, (page - 1) * LINES, LINES)


def _told(event: Event, said: Mapping[int, Message], call: Call) -> str:
    told = telling.happened(LastEvent(event.kind, event.actor_name, event.platform, event.at), call.pen)
    about = [str(event.data["intervention"])] if "intervention" in event.data else []
    told = "\n".join([told, *about, *_differences(event, call)])
    message = said.get(event.message_id) if event.message_id else None
    if message is None:
        return told
    full = call.request.caller.platform == "cli"
    text = message.full_text if full else telling.excerpt(message.text, 500)
    mark = f" #{message.number}" + (f" [{message.mark}]" if message.mark else "")
    return f"{told}{mark}\n{text}" if text else told + mark


def _differences(event: Event, call: Call) -> list[str]:
    """What an edit changed, a line for each field."""
    names = {field.code: call.words.label(field.labels, field.code) for field in custom_fields.defined()}
    return [differences.line(Difference(*one), call.words, names) for one in event.data.get("diff", ())]


def _event_json(event: Event, said: Mapping[int, Message]) -> dict[str, object]:
    message = said.get(event.message_id) if event.message_id else None
    return {
        "kind": event.kind,
        "actor": event.actor_name,
        "platform": event.platform,
        "at": event.at.isoformat(),
        "old": event.old,
        "new": event.new,
        "diff": event.data.get("diff"),
        "intervention": event.data.get("intervention"),
        "message": message
        and {"number": message.number, "kind": message.kind, "text": message.full_text, "mark": message.mark},
    }


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
