"""What people write in a chat becomes a ticket or part of one: `make`, `add`; changed there, the note is changed too.

A message is made into a ticket once: asked again, the ticket is shown.
"""

import hashlib
from dataclasses import replace

from bot.cleaning import clean_line
from bot.commands import after_hours, forms
from bot.commands.calls import Call
from bot.commands.drafts import Draft, Drafts
from bot.commands.requests import Spot
from bot.commands.verbs import verb
from bot.commands.viewing import opening
from bot.desk.changes import Writing
from bot.desk.fields import SUBJECT_LIMIT
from bot.desk.views import TicketView
from bot.errors import Refusal
from bot.outgoing import drawing
from bot.outgoing.cards import Answer, Button, Field, Form
from storage.queries import heard as rows
from storage.queries import joining
from storage.queries import people as people_rows


@verb("make", "make a ticket of a message in a chat", right="new", writes=True, hidden=True)
def make(call: Call) -> Answer:
    """Its words, files and writer are filled in; a link leads back to it."""
    if not _is_wanted(call):
        return Answer(nothing=True)
    token, draft = _draft(call)
    known = rows.ticket_of(draft.values["platform"], draft.values["place"], draft.values["words"])
    if known is not None:
        return _already(call, known)
    if not call.request.submitted:
        return _asked(call, token, draft)
    made = call.desk.tickets.open(replace(opening(call), text=_text(call, draft), files=draft.files), call.actor)
    _keep(call, draft, made, None)
    Drafts(call.desk, "make", call.agent).forget(token)
    return replace(call.done(made, "{reference} is open."), lines=after_hours.notice(call))


@verb("add", "make a message in a chat a note on a ticket", right="note", writes=True, hidden=True)
def add(call: Call) -> Answer:
    """Which ticket is asked."""
    token, draft = _draft(call)
    if not (call.request.submitted and call.has("into")):
        return call.ask(_which(call, token, draft))
    ticket = call.desk.tickets.find(call.text("into"), call.agent)
    writing = Writing(_text(call, draft), files=draft.files)
    noted = call.desk.tickets.note(ticket.reference, writing, call.actor)
    _keep(call, draft, noted, rows.last_note(noted.id, call.agent.id))
    Drafts(call.desk, "add", call.agent).forget(token)
    return call.done(noted, "Noted on {reference}.")


@verb("rewrite", "say a note in other words", right="note", writes=True, hidden=True)
def rewrite(call: Call) -> Answer:
    """Its writer changed the message that it was."""
    for message in _notes(call):
        call.desk.tickets.rewrite(message, call.text(), call.actor)
    return Answer(nothing=True)


@verb("enclose", "add to a note what was sent with it", right="note", writes=True, hidden=True)
def enclose(call: Call) -> Answer:
    """What a chat gives as several messages, and people see as one."""
    for message in _notes(call)[-1:]:
        call.desk.tickets.enclose(message, call.writing(), call.actor)
    return Answer(nothing=True)


@verb("unsay", "take a note back", right="note", writes=True, hidden=True)
def unsay(call: Call) -> Answer:
    """Its writer deleted the message that it was."""
    for message in _notes(call):
        call.desk.tickets.unsay(message, call.actor)
    return Answer(nothing=True)


def keep_note(call: Call, ticket: TicketView) -> None:
    """Remember of which message a note was made, so that a change there is followed."""
    source = call.request.source
    if source is not None:
        note = rows.last_note(ticket.id, call.agent.id)
        now = call.desk.clock.now()
        rows.keep(source.platform, source.channel, source.message, now, ticket_id=ticket.id, message_id=note)


def _notes(call: Call) -> list[int]:
    source = call.request.source
    return rows.notes_of(source.platform, source.channel, source.message) if source else []


# the message ---------------------------------------------------------------------------------------------------------


def _is_wanted(call: Call) -> bool:
    """A sign under a message counts only in the channels that are named for it."""
    place = call.text("sign_in")
    named = {name.strip().removeprefix("#") for name in str(call.desk.settings.get("ticket_channels")).split(",")}
    return not place or bool(named & {part.strip() for part in place.split(",") if part.strip()})


def _draft(call: Call) -> tuple[str, Draft]:
    """What was written, kept under a word of its own. Refusal when that was too long ago."""
    drafts = Drafts(call.desk, call.verb.name, call.agent)
    source = call.request.source
    if source is not None:
        token = _token(source)
        drafts.keep(token, Draft(_values(call, source), call.files()))
    else:
        token = call.text("draft") or call.text("reference")
    draft = drafts.recall(token)
    if draft is None or "words" not in draft.values:
        raise Refusal("This was left open for more than an hour. Please begin again.")
    return token, draft


def _token(source: Spot) -> str:
    return hashlib.sha256(f"{source.platform}/{source.channel}/{source.message}".encode()).hexdigest()[:16]


def _values(call: Call, source: Spot) -> dict[str, str]:
    place = {"platform": source.platform, "place": source.channel, "words": source.message}
    return {**{key: call.text(key) for key in ("text", "contact", "link")}, **place}


def _text(call: Call, draft: Draft) -> str:
    """What is to stand there; a text that was too long to be edited stands as it was written."""
    text = call.text() or draft.values["text"]
    link = draft.values["link"]
    return f"{text}\n\n{link}".strip() if link else text


def _keep(call: Call, draft: Draft, ticket: TicketView, message: int | None) -> None:
    platform, channel, words = (draft.values[key] for key in ("platform", "place", "words"))
    rows.keep(platform, channel, words, call.desk.clock.now(), ticket_id=ticket.id, message_id=message)


# answers -------------------------------------------------------------------------------------------------------------


def _already(call: Call, ticket_id: int) -> Answer:
    reference = call.desk.tickets.view(joining.current(ticket_id) or ticket_id).reference
    ticket = call.desk.tickets.find(reference, call.agent)
    card = drawing.draw(ticket, call.pen)
    return replace(call.done(ticket, "This message is {reference} already."), card=card)


def _asked(call: Call, token: str, draft: Draft) -> Answer:
    if not call.request.can_ask:
        button = Button("make", call.words("Make a ticket"), "primary")
        return Answer(text=call.words("Press to go on:"), buttons=(button,), reference=token)
    text = draft.values["text"]
    subject = clean_line(text.strip().partition("\n")[0])[:SUBJECT_LIMIT]
    known = {"subject": subject, "text": text, "contact": _requester(draft)}
    form = forms.new(replace(call, values={**known, **{k: v for k, v in call.values.items() if k not in known}}))
    return call.ask(replace(form, verb="make", title=call.words("Make a ticket"), draft=token))


def _requester(draft: Draft) -> str:
    """Whoever wrote it asks, unless it is one of us."""
    address = draft.values["contact"]
    return "" if not address or people_rows.agent_by_email(address) else address


def _which(call: Call, token: str, draft: Draft) -> Form:
    words = call.words
    ticket = Field("into", words("Ticket"), hint=words("The reference of the ticket."), limit=60, search=True)
    text = Field("text", words("Note"), "text", draft.values["text"], optional=True)
    return Form("add", words("Add to ticket"), words("Save"), (ticket, text), draft=token)
