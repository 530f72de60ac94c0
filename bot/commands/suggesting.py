"""What fields offer while one types: the verb `suggest`, asked for a field by its key and the text typed so far.

A field that is searched in (`Field.search`) has no list of its own: there may be a hundred thousand clients.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress

from bot.commands import forms
from bot.commands.calls import Call
from bot.commands.lists import views
from bot.commands.verbs import verb
from bot.desk import addresses
from bot.desk.fields import NOBODY
from bot.errors import Refusal
from bot.outgoing.cards import Answer, Option
from storage.queries import lists, suggestions
from storage.queries.lists import Filter, Order
from storage.queries.search import words as words_of

MOST, TICKETS = 100, 20
NONE = "-"


@verb("suggest", "what a field offers for what was typed", hidden=True)
def suggest(call: Call) -> Answer:
    """Nothing for a field that nobody searches in."""
    offers = OFFERS.get(call.text("field"))
    return Answer(options=tuple(offers(call, call.text()[:100]))[:MOST] if offers else ())


def _clients(call: Call, text: str) -> Iterable[Option]:
    found = suggestions.clients(text)
    return [*_none(call, text), *(Option(one.code, f"{one.name} · {one.code}") for one in found)]


def _contacts(call: Call, text: str) -> Iterable[Option]:
    """People by name and address; a whole address that nobody has is offered as it was typed."""
    options = []
    for one in suggestions.contacts(text):
        party = f" · {one.contact.third_party.name}" if one.contact.third_party else ""
        options.append(Option(one.address, f"{one.contact.name or one.address} · {one.address}{party}"))
    with suppress(Refusal):
        typed = addresses.address(text)
        if typed not in {option.value for option in options}:
            options.insert(0, Option(typed, call.words("{address} (new)", address=typed)))
    return [*_none(call, text), *options]


def _agents(call: Call, text: str) -> Iterable[Option]:
    offered = (*forms.assignees(call), Option(NOBODY, call.words("nobody")))
    return [one for one in offered if text.lower() in f"{one.label} {one.value}".lower()]


def _tickets(call: Call, text: str) -> Iterable[Option]:
    """The one whose reference was typed, then those that hold the words; else the newest open ones."""
    found = []
    with suppress(Refusal):
        found.append(call.desk.tickets.find(text, call.agent))
    wanted = Filter(call.agent.id, open_only=None if text else True, text=text if words_of(text) else "")
    found += views(lists.page(wanted, Order(), TICKETS).tickets)
    return {one.reference: Option(one.reference, f"{one.reference} · {one.subject}") for one in found}.values()


def _engagements(kind: str) -> Callable[[Call, str], Iterable[Option]]:
    def offers(call: Call, text: str) -> Iterable[Option]:
        found = suggestions.engagements(kind, text)
        return [*_none(call, text), *(Option(one.reference, f"{one.reference} · {one.name}") for one in found)]

    return offers


def _none(call: Call, text: str) -> list[Option]:
    """The way to leave a field empty again."""
    return [] if text not in ("", NONE) else [Option(NONE, call.words("– none"))]


OFFERS: dict[str, Callable[[Call, str], Iterable[Option]]] = {
    "client": _clients,
    "contact": _contacts,
    "assignee": _agents,
    "who": _agents,
    "ticket": _tickets,
    "into": _tickets,
    "other": _tickets,
    "project": _engagements("project"),
    "contract": _engagements("contract"),
}
"""By the field's key: it means the same in every form."""
