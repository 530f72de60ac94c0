"""The forms that verbs open when more is needed; each names its verb, so that what is filled in comes back to it."""

from bot.commands import own_shifts
from bot.commands.calls import Call
from bot.commands.drafts import Drafts
from bot.desk import dictionaries, duty, people
from bot.desk.views import TicketView
from bot.outgoing.cards import Field, Form, Option
from storage.queries import dictionaries as rows


def new(call: Call) -> Form:
    """A new ticket."""
    words = call.words
    return Form(
        "new",
        words("New ticket"),
        words("Create"),
        (
            Field("subject", words("Subject"), value=call.text("subject"), limit=255),
            Field("text", words("Description"), "text", value=call.text(), optional=True),
            _entry(call, "group", words("Group")),
            _entry(call, "type", words("Type")),
            _entry(call, "severity", words("Severity")),
            _agent(call, words("Assignee")),
            Field(
                "contact",
                words("Client's address"),
                value=call.text("contact"),
                optional=True,
                hint=words("Leave it empty for internal work."),
                search=True,
            ),
        ),
    )


def note(call: Call, ticket: TicketView) -> Form:
    """Something for the team; agents and outside people who are picked get it by mail too."""
    words = call.words
    draft = Drafts(call.desk, "note", call.agent).recall(ticket.reference)
    text = call.text() or (draft.values.get("text", "") if draft else "")
    return about(
        ticket,
        "note",
        words("Note"),
        words("Save"),
        Field("text", words("Note"), "text", value=text, hint=words("Only the team reads it.")),
        Field("to", words("Mail it also to"), "several", call.text("to"), _pickable(call, ticket), optional=True),
        Field("others", words("And to these addresses"), value=call.text("others"), optional=True),
        Field("files", words("Files"), "files", optional=True),
    )


def _pickable(call: Call, ticket: TicketView) -> tuple[Option, ...]:
    """Who may be picked for a note: agents, and those outside who have to do with the ticket."""
    staff = [Option(agent.email, agent.name) for agent in people.agents() if agent.email != call.agent.email]
    outside = [Option(watcher.address, watcher.name or watcher.address) for watcher in ticket.watchers]
    if ticket.requester_address:
        outside = [Option(ticket.requester_address, ticket.who), *outside]
    return (*staff, *outside)


def assign(call: Call, ticket: TicketView) -> Form:
    """Whose ticket it shall be."""
    words = call.words
    options = (*assignees(call), Option("nobody", words("nobody")))
    value = ticket.assignee.email if ticket.assignee else call.agent.email
    field = Field("who", words("Assignee"), "select", value=value, options=options, search=True)
    return about(ticket, "assign", words("Assign"), words("Save"), field)


def snooze(call: Call, ticket: TicketView) -> Form:
    """Until when it shall be quiet; where a menu takes no words of one's own, there is a field for them."""
    words = call.words
    options = [
        Option("1h", words("1 hour")),
        Option("4h", words("4 hours")),
        Option("09:00", words("09:00")),
        Option("monday", words("Monday 09:00")),
    ]
    if own_shifts.is_coming(call):
        options.append(Option("shift", words("my next shift")))
    fields = [Field("when", words("Quiet until"), "select", value="1h", options=tuple(options), free=True)]
    if call.request.caller.platform == "slack":
        hint = words("As in “tomorrow 15:00”, “3 December” or “end of shift”; it goes before the choice.")
        fields.append(Field("words", words("Or in words"), optional=True, hint=hint, limit=80))
    return about(ticket, "snooze", words("Snooze"), words("Save"), *fields)


def about(ticket: TicketView, verb: str, title: str, submit: str, *fields: Field) -> Form:
    """A form that belongs to a ticket as it is now."""
    return Form(verb, title, submit, fields, ticket.reference, ticket.version)


def _entry(call: Call, kind: str, label: str) -> Field:
    entries = dictionaries.active(kind)
    options = tuple(Option(entry.code, call.words.label(entry.labels, entry.code)) for entry in entries)
    return Field(kind, label, "select", value=call.text(kind).upper() or rows.default(kind).code, options=options)


def _agent(call: Call, label: str) -> Field:
    value = call.text("assignee")
    return Field("assignee", label, "select", value=value, options=assignees(call), optional=True, search=True)


def assignees(call: Call) -> tuple[Option, ...]:
    """To whom a ticket can be given: every agent, and whoever is on call where there is a rota."""
    on_call = [Option(duty.WORD, call.words("whoever is on call"))] if duty.is_there(duty.WORD) else []
    return (*(Option(agent.email, agent.name) for agent in people.agents()), *on_call)
