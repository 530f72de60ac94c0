"""Verbs about tickets that belong together: merge, split, link, unlink."""

from bot.cleaning import clean_line
from bot.commands import forms
from bot.commands.calls import Call
from bot.commands.verbs import verb
from bot.errors import Refusal, WrongUsage
from bot.outgoing.cards import Answer, Field, Form, Option
from bot.outgoing.telling import excerpt
from storage.queries import tickets as rows


@verb("merge REF [INTO_REF]", "make a ticket part of another one", writes=True)
def merge(call: Call) -> Answer:
    """All that was said goes to the other one, and so do the client's answers. There is no way back."""
    if not call.has("into"):
        return call.ask(_which(call, "into", "Merge into", "Merge"))
    other = call.desk.tickets.joiner.merge(call.ticket.reference, call.text("into"), call.actor)
    return call.done(other, "{source} is part of {reference} now.", source=call.ticket.reference)


@verb(
    "split REF [MESSAGE_NO] [SUBJECT]",
    "make a client's message a ticket of its own; `log` has the numbers",
    writes=True,
)
def split(call: Call) -> Answer:
    """With its files and whoever wrote it; the two tickets are linked."""
    if not call.has("number"):
        words = call.words
        options = _clients_messages(call)
        if not options and call.request.caller.platform != "cli":
            raise Refusal("{reference} has only its first message of a client.", reference=call.ticket.reference)
        number = Field("number", words("Message"), "select", options=options)
        subject = Field("subject", words("Subject"), value=call.ticket.subject, optional=True, limit=255)
        return call.ask(forms.about(call.ticket, "split", words("Split"), words("Create"), number, subject))
    text = call.text("number").removeprefix("#")
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):
        raise WrongUsage(
            "{number} is no number of a message. Usage: {usage}", number=text[:20], usage=call.verb.usage.line
        )
    made = call.desk.tickets.joiner.split(call.ticket.reference, int(text), call.actor, subject=call.text("subject"))
    return call.done(made, "{reference} is open, split from {source}.", source=call.ticket.reference)


def _clients_messages(call: Call) -> tuple[Option, ...]:
    """What clients wrote after the first message, the newest hundred."""
    later = rows.messages(call.ticket.id)[1:]
    said = [one for one in later if one.kind == "client"][-100:]
    return tuple(
        Option(str(one.number), f"#{one.number} · {one.author_name}: {clean_line(excerpt(one.text, 60))}")
        for one in said
    )


@verb("link REF [OTHER_REF]", "say that two tickets belong together", writes=True)
def link(call: Call) -> Answer:
    """Each shows the other."""
    if not call.has("other"):
        return call.ask(_which(call, "other", "Link with", "Link"))
    ticket = call.desk.tickets.joiner.link(call.ticket.reference, call.text("other"), call.actor)
    return call.done(ticket, "{reference} and {other} are linked.", other=_other(call))


@verb("unlink REF [OTHER_REF]", "say that two tickets do not belong together", writes=True)
def unlink(call: Call) -> Answer:
    """The opposite of link."""
    if not call.has("other"):
        return call.ask(_which(call, "other", "No longer link with", "Save"))
    ticket = call.desk.tickets.joiner.unlink(call.ticket.reference, call.text("other"), call.actor)
    return call.done(ticket, "{reference} and {other} are not linked any more.", other=_other(call))


def _other(call: Call) -> str:
    return call.desk.tickets.find(call.text("other"), call.agent).reference


def _which(call: Call, key: str, label: str, submit: str) -> Form:
    words = call.words
    hint = words("The reference of the other ticket.")
    field = Field(key, words(label), value=call.text(key), hint=hint, limit=60, search=True)
    return forms.about(call.ticket, call.verb.name, words(submit), words(submit), field)
