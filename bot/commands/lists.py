"""Verbs that list tickets: `list`, `search`, and what a client, a project, a contract has asked before.

A page at a time in chats; on the command line all that match, unless a page is asked for.
"""

from collections.abc import Iterable
from dataclasses import replace

from bot.commands import filters, pages
from bot.commands.calls import Call
from bot.commands.grammar import KEYS
from bot.commands.verbs import verb
from bot.desk import clients
from bot.desk.views import TicketView, as_json
from bot.errors import Refusal
from bot.outgoing import drawing
from bot.outgoing.cards import Answer, Field, Form
from bot.texts import Words
from storage.models import Ticket
from storage.queries import labels, lists
from storage.queries.lists import Filter


@verb("list [" + "|".join(filters.SCOPES) + "] [key:value …] [TEXT]", "list tickets: yours, if nothing is said")
def list_(call: Call) -> Answer:
    """Words of the text are looked for in subjects, messages, references and clients."""
    wanted, order = filters.wanted(call), filters.order(call)
    if call.request.caller.platform == "cli" and not call.has("page"):
        found = [view for batch in lists.every(wanted, order) for view in views(batch)]
        return _answer(call, found, _headline(call, wanted, len(found), len(found)))
    asked = pages.read(call, order)
    page = pages.fetch(wanted, order, asked)
    headline = _headline(call, wanted, page.total, lists.limit(wanted))
    answer = _answer(call, views(page.tickets), headline)
    again = _again(call, pages.written(asked.number, page))
    return replace(answer, page=asked.number, pages=pages.count(asked.number, page, lists.limit(wanted)), again=again)


@verb("search [key:value …] TEXT", "find tickets by words of their subject, messages, reference or client")
def search(call: Call) -> Answer:
    """The same as `list all TEXT`: the newest first."""
    if not call.has("text"):
        return call.ask(_question("search", call.words("Search"), call.words("Words"), "text"))
    return list_(replace(call, values={**call.values, "scope": "all"}))


@verb("client [key:value …] NAME", "show the tickets of a client or a person: by code, name or address")
def client(call: Call) -> Answer:
    """Open and closed ones, the newest first, with counts."""
    name = call.text("name").strip('"“”«» ')
    if not name:
        hint = call.words("A code, a name or an address.")
        return call.ask(_question("client", call.words("History"), call.words("Client"), "name", hint))
    kept = {key: value for key, value in call.values.items() if key in KEYS}
    found = {"contact": name} if "@" in name else {"client": clients.find(name).code}
    return list_(replace(call, values={**kept, **found}))


@verb("history REF", "show the other tickets of the same client", right="client", hidden=True)
def history(call: Call) -> Answer:
    """The button on the card."""
    ticket = call.ticket
    values = {"client": ticket.third_party_code} if ticket.third_party_code else {"contact": ticket.requester_address}
    if not any(values.values()):
        raise Refusal("{reference} has no client.", reference=ticket.reference)
    return list_(replace(call, values=values))


def _question(verb: str, title: str, label: str, key: str, hint: str = "") -> Form:
    """One question, whose answer is all that is lacking."""
    return Form(verb, title, title, (Field(key, label, hint=hint, limit=200),))


# answers -------------------------------------------------------------------------------------------------------------


def _answer(call: Call, found: list[TicketView], headline: str) -> Answer:
    return Answer(
        text=headline,
        rows=tuple(drawing.row(ticket, call.pen) for ticket in found),
        data=[as_json(ticket) for ticket in found],
    )


def views(tickets: Iterable[Ticket]) -> list[TicketView]:
    """The tickets of a list, whole enough to be drawn as rows."""
    rows = list(tickets)
    labelled = labels.of(row.id for row in rows)
    return [TicketView.of(row, None, labelled.get(row.id)) for row in rows]


def _headline(call: Call, wanted: Filter, total: int, most: int) -> str:
    """How many; in a history also how many are open and how many late."""
    words = call.words
    histories = [call.text(key) for key in filters.HISTORIES if call.has(key)]
    if not total and _has_none(call):
        return words("You have no open tickets. `list open` shows everybody's.")
    if not histories or wanted.text or filters.scope_of(call) != "all":
        return _tickets(total, most, words)
    return words(
        "{name}: {open} open, {late} overdue, {total} in all",
        name=" · ".join(histories),
        open=_counted(lists.count(replace(wanted, open_only=True)), lists.limit(wanted)),
        late=_counted(lists.count(replace(wanted, overdue_at=call.desk.clock.now())), lists.limit(wanted)),
        total=_counted(total, most),
    )


def _tickets(total: int, most: int, words: Words) -> str:
    if total > most:
        return words("more than {n} tickets", n=most)
    return words.plural("1 ticket", "{n} tickets", total) if total else words("No tickets here.")


def _has_none(call: Call) -> bool:
    """Whether one's own open tickets were asked for, by nothing else."""
    return not any(call.has(key) for key in ("text", *KEYS)) and filters.scope_of(call) == "mine"


def _counted(number: int, most: int) -> str:
    return f"{most}+" if number > most else str(number)


def _again(call: Call, page: str) -> str:
    """The words that ask for a page of the same list."""
    keys = [f"{key}:{_quoted(value)}" for key, value in call.values.items() if key not in _NOT_KEYS]
    parts = ("list", filters.scope_of(call), *keys, page, call.text())
    return " ".join(part for part in parts if part)


_NOT_KEYS = frozenset("scope text page name reference argument".split())


def _quoted(value: str) -> str:
    return f'"{value}"' if " " in value else value
