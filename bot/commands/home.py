"""A person's own page: what waits, one's own oldest tickets, what is late, own settings, and the desk's health.

The verb `home` answers with panels; a platform that has such a page shows them. `preferences` are one's own settings.
"""

from collections.abc import Iterator
from dataclasses import replace

from bot.commands import chain_words, oncall
from bot.commands.calls import Call
from bot.commands.lists import views
from bot.commands.verbs import verb
from bot.desk import oncall as rotas
from bot.desk import permissions, staff
from bot.outgoing import drawing
from bot.outgoing.cards import Answer, Button, Field, Form, Option, Panel, Row
from bot.texts import LANGUAGES
from storage.models import MailboxState
from storage.queries import deliveries, lists, mails
from storage.queries.lists import Filter, Order

MOST = 10
COUNTS = {"mine": "Mine", "open": "Open", "unassigned": "Unassigned", "overdue": "Overdue", "waiting": "Waiting"}
MOST_MAILBOXES, MOST_ROTAS, MOST_CHAINS = 10, 5, 5
OWN = ("language", "timezone", "quiet_hours")


@verb("home", "one's own page", hidden=True)
def home(call: Call) -> Answer:
    """Drawn anew whenever somebody looks."""
    panels = (_desk(call), *_on_call(call), *_tickets(call), _own(call), *_administration(call))
    return Answer(text=call.words("Deskbell"), panels=panels)


def _desk(call: Call) -> Panel:
    words, mine = call.words, permissions.may(call.agent.role, "new")
    counts = " · ".join(f"{words(label)}: {_counted(call, scope)}" for scope, label in COUNTS.items())
    new = (Button("new", words("New ticket"), "primary"),) if mine else ()
    looks = tuple(Button("list", words(label), argument=scope) for scope, label in COUNTS.items())
    return Panel(words("The desk"), (counts,), buttons=(*new, *looks[: 5 - len(new)]))


def _counted(call: Call, scope: str) -> str:
    wanted = _filter(call, scope)
    number, most = lists.count(wanted), lists.limit(wanted)
    return f"{most}+" if number > most else str(number)


def _filter(call: Call, scope: str) -> Filter:
    everybody = Filter(call.agent.id, open_only=True)
    return {
        "mine": replace(everybody, assignee_id=call.agent.id),
        "open": everybody,
        "unassigned": replace(everybody, unassigned=True),
        "overdue": replace(everybody, overdue_at=call.desk.clock.now()),
        "waiting": replace(everybody, open_only=None, statuses=(5, 7)),
    }[scope]


def _on_call(call: Call) -> Iterator[Panel]:
    """Whose turn it is by each rota, and who is next; nothing where there is no rota."""
    known = rotas.in_use(call.desk.clock.now())[:MOST_ROTAS]
    if known:
        lines = (*(oncall.line(call, rota) for rota in known), oncall.own(call))
        yield Panel(call.words("On call"), lines, buttons=oncall.buttons(call, known))


def _tickets(call: Call) -> Iterator[Panel]:
    """One's own, the oldest first, and what is late, whoever has it."""
    words = call.words
    mine = _rows(call, "mine", Order("created"))
    yield Panel(words("Your oldest tickets"), () if mine else (words("You have no open tickets."),), mine)
    late = _rows(call, "overdue", Order("due"))
    if late:
        yield Panel(words("Overdue"), rows=late)


def _rows(call: Call, scope: str, order: Order) -> tuple[Row, ...]:
    return tuple(drawing.row(view, call.pen) for view in views(lists.page(_filter(call, scope), order, MOST).tickets))


# one's own settings --------------------------------------------------------------------------------------------------


def _own(call: Call) -> Panel:
    buttons = [Button("preferences", call.words("My settings…"))]
    if permissions.may(call.agent.role, "pair"):
        buttons.append(Button("pair", call.words("Pair Telegram")))
    return Panel(call.words("You"), (_told(call),), buttons=tuple(buttons))


def _told(call: Call) -> str:
    words, agent = call.words, call.agent
    desks = words("as the desk")
    sentence = "{name} · {role} · language: {language} · time zone: {timezone} · quiet hours: {hours}"
    told = {"language": agent.language or desks, "timezone": agent.timezone or desks, "hours": agent.quiet_hours or "–"}
    return words(sentence, name=agent.name, role=agent.role, **told)


@verb("preferences [language:… timezone:… quiet_hours:…]", "your language, time zone and quiet hours", writes=True)
def preferences(call: Call) -> Answer:
    """Everything said to you alone is said so, and in your quiet hours without a sound, unless it is blocking."""
    meant = (call.text("what"),) if call.text("what") in OWN else OWN
    typed = {name: call.text(name).removeprefix("-") for name in meant if call.has(name) or call.request.submitted}
    if not typed and call.request.caller.platform == "cli":
        return Answer(text=_told(call))
    if not typed:
        return call.ask(_one_by_one(call) if call.request.caller.platform == "telegram" else _all_at_once(call))
    known = staff.prefer(call.agent, call.desk.clock, call.actor, **typed)
    words = call.desk.words(known.language, known.timezone)
    return Answer(text=words("Your settings are kept."), language=words.language)


def _all_at_once(call: Call) -> Form:
    words, agent = call.words, call.agent
    languages = (Option("-", words("as the desk")), *(Option(code, code) for code in LANGUAGES))
    zones, nights = words("For example Europe/Paris; - for the desk's."), words("For example 22:00-07:00; - for none.")
    fields = (
        Field("language", words("Language"), "select", agent.language or "-", languages),
        Field("timezone", words("Time zone"), value=agent.timezone or "-", optional=True, hint=zones),
        Field("quiet_hours", words("My quiet hours"), value=agent.quiet_hours or "-", optional=True, hint=nights),
    )
    return Form("preferences", words("My settings"), words("Save"), fields)


def _one_by_one(call: Call) -> Form:
    """First which of them, then what it is to be."""
    form, chosen = _all_at_once(call), call.text("what")
    choices = tuple(Option(one.key, f"{one.label}: {one.value}") for one in form.fields)
    which = Field("what", call.words("What is to change?"), "select", chosen, choices, asks=True)
    asked = [replace(one, value="", optional=False) for one in form.fields if one.key == chosen]
    return replace(form, fields=(which, *asked))


# for administrators --------------------------------------------------------------------------------------------------


def _administration(call: Call) -> Iterator[Panel]:
    if not permissions.may(call.agent.role, "settings"):
        return
    words = call.words
    states = mails.states()[:MOST_MAILBOXES]
    buttons = (
        Button("settings", words("Settings…")),
        Button("agents", words("Agents…")),
        Button("escalation", words("Escalation…")),
    )
    chains = (chain_words.line(call, one) for one in call.desk.escalating.chains.every()[:MOST_CHAINS])
    lines = (*(_mailbox(call, state) for state in states), _stuck(call), *chains)
    yield Panel(words("Administration"), lines, buttons=buttons)


def _mailbox(call: Call, state: MailboxState) -> str:
    words, now = call.words, call.desk.clock.now()
    if state.failing_since is not None:
        sentence = "📪 {name} has not been read for {span}: {error}"
        return words(sentence, name=state.name, span=now - state.failing_since, error=state.error)
    if state.last_success_at is None:
        return words("📪 {name} has not been read yet.", name=state.name)
    return words("📬 {name} was read {span} ago.", name=state.name, span=now - state.last_success_at)


def _stuck(call: Call) -> str:
    """What did not leave, and what could not be read."""
    counts = deliveries.counts(call.desk.clock.now())
    return call.words(
        "{dead} could not be sent · {quarantined} in quarantine",
        dead=counts["dead"],
        quarantined=mails.count_quarantined(),
    )
