"""One verb for many tickets: `41,42,43` or `list:overdue` with the filters of a list. A result for each of them.

Needs the right mass_close. What one ticket refuses stops no other.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.commands import filters
from bot.commands.calls import Call
from bot.commands.grammar import KEYS
from bot.desk import permissions
from bot.desk.views import TicketView
from bot.errors import Refusal, WrongUsage
from bot.outgoing.cards import Answer, Field, Form
from storage.database import attempt
from storage.queries import lists as rows

LIST = "list:"
FILTERS = KEYS - {"notify", "to", "cc"}
MOST, SHOWN = 200, 20


def is_meant(call: Call) -> bool:
    """Whether many tickets are named."""
    named = call.text("reference").lower()
    return "," in named or named.startswith(LIST)


def chosen(call: Call) -> list[TicketView]:
    """The tickets that are named, or are in the list. NotFound for one that is not there; Refusal for none, or many."""
    permissions.allow(call.agent.role, "mass_close")
    named = call.text("reference")
    found = _listed(call, named) if named.lower().startswith(LIST) else _named(call, named)
    if not found:
        raise Refusal("No tickets here.")
    if len(found) > MOST:
        raise Refusal("At most {n} tickets can be closed at once; here are more. Choose fewer.", n=MOST)
    return found


def _named(call: Call, named: str) -> list[TicketView]:
    parts = dict.fromkeys(part.strip() for part in named.split(",") if part.strip())
    found = [call.desk.tickets.find(part, call.agent) for part in list(parts)[: MOST + 1]]
    return list({ticket.id: ticket for ticket in found}.values())


def _listed(call: Call, named: str) -> list[TicketView]:
    """The open tickets of a list."""
    scope = named[len(LIST) :].lower()
    if scope not in filters.SCOPES:
        raise WrongUsage("There is no list {name}. There are: {names}.", name=scope, names=", ".join(filters.SCOPES))
    keys = {key: value for key, value in call.values.items() if key not in ("reference", "text", "notify", "to", "cc")}
    wanted = replace(filters.wanted(replace(call, values={**keys, "scope": scope})), open_only=True)
    first = rows.page(wanted, rows.Order(), MOST + 1)
    return [call.desk.tickets.view(row.id) for row in first.tickets]


def preview(call: Call, tickets: Sequence[TicketView], title: str, *fields: Field) -> Form:
    """How many it would be, and which, before anything is done."""
    words = call.words
    lines = [f"{ticket.reference} · {ticket.subject}" for ticket in tickets[:SHOWN]]
    if len(tickets) > SHOWN:
        lines.append(words("… and {n} more", n=len(tickets) - SHOWN))
    said = words(title, n=len(tickets))
    named = ",".join(ticket.reference for ticket in tickets)
    return Form(call.verb.name, said, said, (Field("tickets", said, "shown", "\n".join(lines)), *fields), named)


def each(call: Call, tickets: Sequence[TicketView], do: Callable[[TicketView], object], sentence: str) -> Answer:
    """Do it to each, and say for each how it went."""
    results = [(ticket.reference, _refusal(call, ticket, do)) for ticket in tickets]
    done = sum(not refusal for _, refusal in results)
    lines = tuple(f"⚠️ {refusal}" if refusal else f"✅ {reference}" for reference, refusal in results)
    data = [{"reference": reference, "ok": not refusal, "error": refusal or None} for reference, refusal in results]
    text = call.words(sentence, n=done, total=len(results))
    return Answer(text=text, lines=lines, data=data, exit_code=0 if done else 1)


def _refusal(call: Call, ticket: TicketView, do: Callable[[TicketView], object]) -> str:
    try:
        with attempt():
            do(ticket)
    except Refusal as refusal:
        return refusal.in_words(call.words)
    return ""
