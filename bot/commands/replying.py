"""Answering a client: the form, the preview of the letter as it will leave, sending, and trying again what came back.

In chats nothing leaves that was not shown first with its recipients; on the command line `reply` is sent at once.
"""

from dataclasses import replace

from bot.commands import problems, readers, reply_forms
from bot.commands.calls import Call
from bot.commands.drafts import Draft, Drafts
from bot.commands.verbs import verb
from bot.desk import canned
from bot.desk.addressees import Addressees
from bot.desk.changes import Writing
from bot.desk.files import StoredFile
from bot.desk.views import TicketView
from bot.errors import FieldErrors, Refusal, Stale
from bot.outgoing.cards import Answer, Button
from storage.queries import tickets as rows

THEN = ("keep", "wait", "close")
_SENT_TO_ALL = "{n} of {total} requesters are answered, each in their own ticket."


@verb("reply REF [to:… cc:… canned:… then:… problem:…] [TEXT]", "answer the client by letter", writes=True)
def reply(call: Call) -> Answer:
    """In chats the letter is shown before it leaves. `then:wait` and `then:close` move the ticket on as well.

    `problem:all` answers the requesters of all tickets that are one problem.
    """
    _check_letters_leave(call)
    if call.request.changed:
        return _CHANGED.get(call.request.changed, _chose)(call)
    if call.has("draft") and not call.has("text"):
        return _confirmed(call)
    call = _with_canned(call)
    if not call.has("text"):
        return call.ask(reply_forms.reply(call, call.ticket))
    if call.request.caller.platform == "cli":
        return _sent_at_once(call, call.files())
    return _preview(call, call.files())


def _check_letters_leave(call: Call) -> None:
    if call.desk.settings.get("letters") == "off":
        raise Refusal("Letters are switched off (setting letters), so nothing was sent.")


# before it leaves ----------------------------------------------------------------------------------------------------


def _preview(call: Call, files: tuple[StoredFile, ...]) -> Answer:
    """The letter as it will leave; what was written is kept until it does."""
    chosen = readers.of_reply(call)
    draft = Draft(_values(call, chosen), (*_kept_files(call), *files))
    Drafts(call.desk, "reply", call.agent).keep(call.ticket.reference, draft)
    return call.ask(reply_forms.preview(call, call.ticket, draft, chosen))


def _values(call: Call, chosen: Addressees) -> dict[str, str]:
    then = call.text("then").lower() or "keep"
    if then not in THEN:
        fault = Refusal("After a reply a ticket can only wait or be closed: then:wait, then:close.")
        raise FieldErrors({"then": fault})
    said = {"to": ", ".join(chosen.to), "cc": ", ".join(chosen.cc), "then": then, "text": call.text()}
    return {**said, "problem": problems.ALL} if problems.is_for_all(call) else said


def _kept_files(call: Call) -> tuple:
    """The files of the draft that is being edited, unless they are to be left out."""
    draft = _draft(call) if call.has("draft") and call.text("kept") != "no" else None
    return draft.files if draft else ()


def _draft(call: Call) -> Draft | None:
    return Drafts(call.desk, "reply", call.agent).recall(call.ticket.reference, call.text("draft"))


def _edited(call: Call) -> Answer:
    """Back from the preview to the form."""
    return call.ask(reply_forms.reply(call, call.ticket, _shown(call)))


def _kept_private(call: Call) -> Answer:
    """The reply becomes a note, which no client reads."""
    draft = _shown(call)
    writing = Writing(draft.values["text"], files=draft.files)
    ticket = call.desk.tickets.note(call.ticket.reference, writing, call.actor)
    Drafts(call.desk, "reply", call.agent).forget(ticket.reference)
    return call.done(ticket, "Noted on {reference}.")


def _chose(call: Call) -> Answer:
    """Something was chosen in the open form: a reply kept ready fills the text."""
    return call.ask(reply_forms.reply(_with_canned(call, instead=True), call.ticket))


_CHANGED = {"edit": _edited, "private": _kept_private}


def _shown(call: Call) -> Draft:
    draft = _draft(call)
    if draft is None:
        raise Stale("This preview of {reference} is out of date. Please reply again.", reference=call.ticket.reference)
    return draft


def _with_canned(call: Call, *, instead: bool = False) -> Call:
    """With the text of the reply kept ready that was named, filled in; `instead` of what was typed."""
    code = call.text("canned")
    if not code or (call.has("text") and not instead):
        return call
    text = canned.text_for(code, call.ticket, call.agent, call.desk.settings.get("language"))
    return replace(call, values={**call.values, "text": text})


# sending -------------------------------------------------------------------------------------------------------------


def _sent_at_once(call: Call, files: tuple[StoredFile, ...]) -> Answer:
    chosen = readers.of_reply(call)
    answer = _send(call, Draft(_values(call, chosen), files))
    return replace(answer, lines=(*answer.lines, *reply_forms.left_out(call, chosen)))


def _confirmed(call: Call) -> Answer:
    """The preview was accepted: exactly what it showed is sent."""
    return _send(call, _shown(call))


def _send(call: Call, draft: Draft) -> Answer:
    reference = call.ticket.reference
    if draft.values.get("problem") == problems.ALL:
        answer = problems.to_all(call, lambda ticket: _send_one(call, ticket, draft), _SENT_TO_ALL)
    else:
        answer = _sent(call, _send_one(call, call.ticket, draft))
    Drafts(call.desk, "reply", call.agent).forget(reference)
    return answer


def _send_one(call: Call, ticket: TicketView, draft: Draft) -> TicketView:
    """To those who were chosen; on another ticket of the problem to its own usual readers, and nobody else."""
    values, tickets = draft.values, call.desk.tickets
    closes = values["then"] == "close"
    mine = ticket.id == call.ticket.id
    usual = readers.usual(call, ticket)
    sent = tickets.reply(
        ticket.reference,
        Writing(values["text"], files=draft.files),
        call.actor,
        to=_list(values["to"]) if mine else usual.to,
        cc=_list(values["cc"]) if mine else usual.cc,
        step="wait" if values["then"] == "wait" else "reply",
        closes=closes and call.desk.settings.get("notify_on_close") in ("always", "ask_yes"),
    )
    return tickets.close(ticket.reference, call.actor, text=values["text"], notify=False) if closes else sent


def _list(text: str) -> list[str]:
    return [part for part in text.split(", ") if part]


def _sent(call: Call, ticket: TicketView) -> Answer:
    seconds = call.desk.settings.get("undo_seconds")
    if call.desk.settings.get("letters") == "dry_run":
        answer = call.done(ticket, "Dry run: the reply to {reference} is written down, and does not leave.")
    else:
        answer = call.done(ticket, "The reply to {reference} leaves in {n} s.", n=f"{seconds:g}")
    return replace(answer, buttons=(Button("undo", call.words("Undo")),))


@verb("send REF", "send the client a colleague's mail that was kept as a note", right="reply", writes=True)
def send(call: Call) -> Answer:
    """In chats the letter is shown before it leaves; it is a reply of whoever sends it."""
    _check_letters_leave(call)
    message = rows.message(call.ticket.unsent_id) if call.ticket.unsent_id else None
    if message is None:
        raise Refusal("No mail of {reference} waits to be sent.", reference=call.ticket.reference)
    call = replace(call, values={**call.values, "text": message.text})
    files = tuple(map(StoredFile.of, rows.attachments([message.id])))
    return _sent_at_once(call, files) if call.request.caller.platform == "cli" else _preview(call, files)


@verb("retry REF", "try letters again that could not be delivered", right="reply", writes=True, hidden=True)
def retry(call: Call) -> Answer:
    """The button on the card."""
    ticket = call.desk.tickets.retry_letters(call.ticket.reference, call.actor)
    return call.done(ticket, "The letters of {reference} are tried again.")
