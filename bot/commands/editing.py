"""The verb `edit`: every field of a ticket, typed or in a form; whoever edits an old state is shown what changed since.

A form asks for all fields; on the phone, where each is a question, for the one that was chosen first.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from bot.commands import forms
from bot.commands.calls import Call
from bot.commands.verbs import verb
from bot.desk import custom_fields, dictionaries, fields
from bot.desk.custom_fields import CustomField
from bot.desk.fields import SUBJECT_LIMIT, Difference
from bot.desk.views import TicketView
from bot.errors import WrongUsage
from bot.outgoing import differences
from bot.outgoing.cards import Answer, Field, Form, Option

ENTRIES = ("group", "type", "severity")
ALWAYS_FILLED = ("subject", "assignee", "notify", *ENTRIES)
SEARCHED = ("client", "contact", "project", "contract")
HINTS = {
    "client": "Code or name; - for none.",
    "contact": "The address of who asks; - for internal work.",
    "project": "Reference; - for none.",
    "contract": "Reference; - for none.",
    "tag": "Words with commas between them; +word adds one, -word takes one away.",
    "cc": "Addresses of people outside who read along.",
    "progress": "0 to 100",
}


@verb("edit REF [key:value …]", "change fields of a ticket: severity:HIGH tag:+vip", writes=True, keys=fields.KEYS)
def edit(call: Call) -> Answer:
    """Without any field its form opens."""
    ticket, own = call.ticket, custom_fields.defined()
    if call.request.caller.platform == "telegram" and call.has("field") and not call.has(call.text("field")):
        return call.ask(replace(_form(call, ticket, own, only=[call.text("field")]), verb="editanyway"))
    asked = _asked(call, own)
    if not asked and call.request.caller.platform == "cli":
        raise WrongUsage("Which fields? For example: edit {reference} severity:HIGH", reference=ticket.reference)
    if not asked:
        return call.ask(_choice(call, own) if call.request.caller.platform == "telegram" else _form(call, ticket, own))
    return _edited(call, ticket, own, {key: call.text(key) for key in asked})


@verb("editanyway REF", "edit all the same", right="edit", writes=True, hidden=True)
def editanyway(call: Call) -> Answer:
    """A form with some of the fields: only what is in it is set."""
    own = custom_fields.defined()
    return _edited(call, call.ticket, own, {key: call.text(key) for key in _given(call, own)})


def _asked(call: Call, own: Iterable[CustomField]) -> list[str]:
    """The fields that were filled in: all of a form, even those left empty, else those that were typed."""
    whole = call.request.submitted and all(call.has(key) for key in ALWAYS_FILLED)
    return [*fields.KEYS, *(field.code for field in own)] if whole else _given(call, own)


def _given(call: Call, own: Iterable[CustomField]) -> list[str]:
    return [key for key in (*fields.KEYS, *(field.code for field in own)) if call.has(key)]


def _edited(call: Call, ticket: TicketView, own: list[CustomField], typed: Mapping[str, str]) -> Answer:
    standing = fields.values(ticket)
    theirs = _since(call, ticket)
    began = {**standing, **{one.key: one.old for one in theirs}}
    wanted = {key: value for key, value in typed.items() if value != began.get(key, "")}
    if theirs and wanted:
        return call.ask(_conflict(call, ticket, own, theirs, wanted))
    tickets = call.desk.tickets
    changed = tickets.editor.edit(ticket.reference, {k: v for k, v in wanted.items() if k != "assignee"}, call.actor)
    if "assignee" in wanted:
        changed = _handed_over(call, ticket.reference)
    if changed.version == ticket.version:
        return call.done(changed, "Nothing changes on {reference}.")
    return call.done(changed, "{reference} is changed.")


def _since(call: Call, ticket: TicketView) -> list[Difference]:
    version = call.request.version
    stale = call.request.submitted and version is not None and version < ticket.version
    return call.desk.tickets.editor.since(ticket, version) if stale and version is not None else []


def _handed_over(call: Call, reference: str) -> TicketView:
    if call.text("assignee").lower() in (fields.NOBODY, *fields.EMPTY, ""):
        return call.desk.tickets.unassign(reference, call.actor)
    return call.desk.tickets.assign(reference, call.someone("assignee"), call.actor)


# forms ---------------------------------------------------------------------------------------------------------------


def _form(call: Call, ticket: TicketView, own: Iterable[CustomField], only: Iterable[str] = ()) -> Form:
    every = [_field(call, key, ticket) for key in fields.KEYS] + [_own_field(call, field, ticket) for field in own]
    wanted = list(only)
    shown = tuple(field for field in every if not wanted or field.key in wanted)
    return Form("edit", call.words("Edit"), call.words("Save"), shown, ticket.reference, ticket.version)


def _choice(call: Call, own: Iterable[CustomField]) -> Form:
    """Which field first."""
    words, ticket = call.words, call.ticket
    options = [Option(key, words(differences.LABELS[key])) for key in fields.KEYS]
    options += [Option(field.code, words.label(field.labels, field.code)) for field in own]
    field = Field("field", words("Which field?"), "select", options=tuple(options))
    return Form("edit", words("Edit"), words("Save"), (field,), ticket.reference, ticket.version)


def _conflict(
    call: Call, ticket: TicketView, own: list[CustomField], theirs: list[Difference], wanted: Mapping[str, str]
) -> Form:
    """What others changed meanwhile, and below it only what this person wants."""
    words = call.words
    names = {field.code: words.label(field.labels, field.code) for field in own}
    lines = [differences.line(replace(one, wanted=wanted.get(one.key, "")), words, names) for one in theirs]
    shown = Field("meanwhile", words("Changed meanwhile"), "shown", "\n".join(lines))
    mine = [_field(call, key, ticket) for key in fields.KEYS if key in wanted]
    mine += [_own_field(call, field, ticket) for field in own if field.code in wanted]
    kept = tuple(replace(field, value=wanted[field.key], fresh=str(ticket.version)) for field in mine)
    title, submit = words("Changed meanwhile"), words("Save anyway")
    return Form("editanyway", title, submit, (shown, *kept), ticket.reference, ticket.version)


def _field(call: Call, key: str, ticket: TicketView) -> Field:
    label, value = call.words(differences.LABELS[key]), fields.values(ticket)[key]
    if key in ENTRIES:
        return Field(key, label, "select", value, _entries(call, key, ticket))
    if key == "assignee":
        options = (Option(fields.NOBODY, call.words("nobody")), *forms.assignees(call))
        return Field(key, label, "select", value, options, search=True)
    if key == "notify":
        options = tuple(Option(one, call.words(differences.NOTIFY[one])) for one in fields.NOTIFY)
        return Field(key, label, "select", value, options)
    hint = call.words(HINTS[key]) if key in HINTS else ""
    search, optional = key in SEARCHED, key != "subject"
    return Field(key, label, value=value, optional=optional, hint=hint, limit=SUBJECT_LIMIT, search=search)


def _entries(call: Call, kind: str, ticket: TicketView) -> tuple[Option, ...]:
    """The active entries, and the ticket's own where it is not active any more."""
    rows = dictionaries.active(kind)
    own = getattr(ticket, kind)
    known = [*rows, *([] if own.code in {row.code for row in rows} else [own])]
    return tuple(Option(entry.code, call.words.label(entry.labels, entry.code)) for entry in known)


def _own_field(call: Call, field: CustomField, ticket: TicketView) -> Field:
    label, value = call.words.label(field.labels, field.code), ticket.custom.get(field.code, "")
    options = {
        "choice": tuple(Option(choice, choice) for choice in field.choices),
        "yes_no": (Option("yes", call.words("Yes")), Option("no", call.words("No"))),
    }.get(field.kind)
    if options:
        return Field(field.code, label, "select", value, (Option("-", "–"), *options), optional=True)
    return Field(field.code, label, value=value, optional=True, limit=custom_fields.LONGEST)
