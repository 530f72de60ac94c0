"""Several tickets that are one problem: linking them, and doing something to all of them at once.

`problem:all` on a reply or a closing means each open ticket of the problem: each client hears of it in their own
ticket, and of no other. What was done so to many is taken back as one.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.commands import forms, many
from bot.commands.calls import Call
from bot.commands.verbs import verb
from bot.desk import acts, fields
from bot.desk.fields import SUBJECT_LIMIT
from bot.desk.kinship import MOST
from bot.desk.views import TicketView
from bot.errors import FieldErrors, Refusal
from bot.outgoing.cards import Answer, Button, Field, Form, Option
from storage.models import Ticket

ALL, THIS = "all", "this"
NOBODY = ("none", "nobody", "aucun")
OFFERED, PRESET = 47, 20
"""How many can be chosen one by one on every platform, and how many of them are chosen beforehand."""


@verb(
    "problem REF [with:…] [TITLE]",
    "say that tickets are one problem: those that look alike, or with:42,43; with:none parts it",
    right="link",
    writes=True,
)
def problem(call: Call) -> Answer:
    """The tickets keep their cards, threads and clients; a reply or a closing may then go to all of them."""
    ticket, problems = call.ticket, call.desk.tickets.problems
    if call.has("with") and (call.text("with").lower() in NOBODY or fields.is_empty(call.text("with"))):
        return call.done(problems.leave(ticket.reference, call.actor), "{reference} stands for itself again.")
    alike = problems.alike(ticket)
    if call.request.caller.platform != "cli" and not call.request.submitted:
        return call.ask(_form(call, ticket, alike))
    linked = problems.link(ticket.reference, _chosen(call, alike), call.actor, call.text("title"))
    others = tuple(one.reference for one in problems.others(linked))
    text = call.words("{n} tickets are one problem now: “{title}”.", n=len(others) + 1, title=linked.problem)
    answer = replace(call.done(linked, ""), text=text, lines=others)
    return replace(answer, buttons=(Button("undo", call.words("Undo")),))


def _chosen(call: Call, alike: Sequence[Ticket]) -> list[str]:
    """The references that are named; those that look alike where none is, on the command line."""
    named = [part for part in map(str.strip, call.text("with").split(",")) if part]
    if ALL in named or (not named and call.request.caller.platform == "cli"):
        named = [one.reference for one in alike]
    if not named:
        sentence = "Which tickets are the same problem? For example: problem {reference} with:42,43"
        raise FieldErrors({"with": Refusal(sentence, reference=call.ticket.reference)})
    if len(named) > MOST:
        raise Refusal("At most {n} tickets can be linked at once; here are more. Choose fewer.", n=MOST)
    return named


def _form(call: Call, ticket: TicketView, alike: Sequence[Ticket]) -> Form:
    """Those that look alike, to be chosen; else the references are typed."""
    words = call.words
    title = call.text("title") or ticket.problem or ticket.subject
    asked = Field("title", words("Title of the problem"), value=title, limit=SUBJECT_LIMIT)
    return forms.about(ticket, "problem", words("Same problem"), words("Save"), _others(call, alike), asked)


def _others(call: Call, alike: Sequence[Ticket]) -> Field:
    words = call.words
    if call.has("with") or not alike:
        hint = words("The references of the other tickets.")
        return Field("with", words("The same problem as"), value=call.text("with"), hint=hint)
    every = Option(ALL, words("All {n} of them", n=len(alike)))
    options = (every, *(Option(one.reference, _told(one)) for one in alike[:OFFERED]))
    preset = ",".join(one.reference for one in alike) if len(alike) <= PRESET else ALL
    return Field("with", words("Tickets that look like this one"), "several", preset, options)


def _told(ticket: Ticket) -> str:
    who = ticket.requester_name or ticket.requester_address
    return " · ".join(part for part in (ticket.reference, who, ticket.subject) if part)


# one thing done to all -----------------------------------------------------------------------------------------------


def is_for_all(call: Call) -> bool:
    """Whether `problem:all` was said. FieldErrors for any other word than that and `problem:this`."""
    said = call.text("problem").lower() or THIS
    if said not in (ALL, THIS):
        raise FieldErrors({"problem": Refusal("After problem: stands all or this, not {word}.", word=said[:40])})
    return said == ALL


def choice(call: Call, ticket: TicketView, value: str = "") -> list[Field]:
    """The field that asks whether all of the problem are meant; none where there are no others."""
    others = call.desk.tickets.problems.open_others(ticket)
    if not others:
        return []
    words = call.words
    this = Option(THIS, words("Only {reference}", reference=ticket.reference))
    every = Option(ALL, words("All {n} requesters, each in their own ticket", n=len(others) + 1))
    return [Field("problem", words("The problem"), "select", value or THIS, (this, every))]


def to_all(call: Call, do: Callable[[TicketView], object], sentence: str) -> Answer:
    """Do it to each open ticket of the problem, as one act, with a result for each. Refusal where it is in none."""
    ticket, tickets = call.ticket, call.desk.tickets
    others = tickets.problems.open_others(ticket)
    if not others:
        raise Refusal("{reference} is not a part of a problem with other open tickets.", reference=ticket.reference)
    with acts.as_one():
        answer = many.each(call, [*(tickets.view(one.id) for one in others), ticket], do, sentence)
    now = tickets.view(ticket.id)
    undo = (Button("undo", call.words("Undo")),)
    return replace(answer, reference=now.reference, version=now.version, buttons=undo if answer.exit_code == 0 else ())
