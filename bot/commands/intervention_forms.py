"""The forms of interventions: a new one, prefilled from its ticket, a piece of work, other plans."""

from datetime import datetime

from bot.commands.calls import Call
from bot.commands.drafts import Drafts
from bot.desk import people
from bot.desk.fields import SUBJECT_LIMIT
from bot.desk.views import TicketView
from bot.desk.worksheet import DONE, InterventionView
from bot.outgoing.cards import Field, Form, Option

KEEP = "keep"
LONGEST = 3000
"""Characters of a text that a form can show for editing."""
NONE = "-"


def new(call: Call, ticket: TicketView) -> Form:
    """A new one. What is being written is there again within the hour."""
    words = call.words
    draft = Drafts(call.desk, "intervention", call.agent).recall(ticket.reference)
    kept = draft.values if draft and not call.has("text") else {}
    technician = call.someone("technician") if call.has("technician") else ticket.assignee or call.agent
    typed_done = call.text() if call.has("time") else ""
    prefilled = {
        "subject": ticket.subject,
        "text": ticket.description if typed_done else call.text() or ticket.description,
        "at": call.text("at"),
        "technician": technician.email,
        "time": call.text("time"),
        "done": typed_done,
        **kept,
    }
    shown = ", ".join(filter(None, (ticket.third_party, ticket.who, ticket.project, _contract(ticket))))
    asked = (
        *([Field("client", words("Client"), "shown", shown)] if shown else []),
        Field("subject", words("Subject"), value=prefilled["subject"], limit=SUBJECT_LIMIT),
        _description(call, prefilled["text"]),
        _at(call, prefilled["at"]),
        _technician(call, prefilled["technician"]),
        _time(call, prefilled["time"], optional=True),
        Field("done", words("What was done"), "text", prefilled["done"], optional=True),
    )
    return Form("intervention", words("Intervention"), words("Save"), asked, ticket.reference, ticket.version)


def work(call: Call, one: InterventionView, text: str) -> Form:
    """A piece of work."""
    words = call.words
    asked = (
        _time(call, call.text("time")),
        Field("text", words("What was done"), "text", text),
        Field(
            "at", words("When"), value=call.text("at"), optional=True, hint=words("Now, if nothing is said."), limit=40
        ),
    )
    return Form("interventionadd", words("Add work"), words("Save"), asked, one.number, one.version)


def edit(call: Call, one: InterventionView) -> Form:
    """Other plans for a draft."""
    words = call.words
    at = one.planned_at.astimezone(words.zone) if one.planned_at else None
    asked = (
        Field("subject", words("Subject"), value=one.subject, limit=SUBJECT_LIMIT),
        _description(call, one.description),
        _at(call, _typed(at)),
        _technician(call, one.technician.email if one.technician else call.agent.email),
    )
    return Form("interventionedit", words("Edit"), words("Save"), asked, one.number, one.version)


def at_closing(call: Call, ticket: TicketView) -> list[Field]:
    """Whether those of a ticket that is being closed are over as well, where there are any."""
    if not ticket.visits:
        return []
    words = call.words
    names = ", ".join(visit.number for visit in ticket.visits)
    options = (Option(DONE, words("Yes: {names}", names=names)), Option(KEEP, words("No")))
    label = words("Interventions with a report are done as well")
    return [Field("intervention", label, "select", call.text("intervention"), options, optional=True)]


def _contract(ticket: TicketView) -> str:
    return ticket.contract.reference if ticket.contract else ""


def _description(call: Call, text: str) -> Field:
    return Field("text", call.words("Description"), "text", text, optional=True, limit=LONGEST)


def _at(call: Call, value: str) -> Field:
    """Asked for on the phone as well, where what is optional is not."""
    by_phone = call.request.caller.platform == "telegram"
    hint = call.words("As 2026-03-05 09:00, monday or 4h; - for none.")
    return Field("at", call.words("Planned for"), value=value, optional=not by_phone, hint=hint, limit=40)


def _time(call: Call, value: str, *, optional: bool = False) -> Field:
    by_phone = call.request.caller.platform == "telegram"
    hint = call.words("As 30m, 1h30 or 1.5h; - for none.") if optional else call.words("As 30m, 1h30 or 1.5h.")
    return Field("time", call.words("Time spent"), value=value, optional=optional and not by_phone, hint=hint, limit=20)


def _technician(call: Call, value: str) -> Field:
    options = tuple(Option(agent.email, agent.name) for agent in people.agents())
    return Field("technician", call.words("Technician"), "select", value, options)


def _typed(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else ""
