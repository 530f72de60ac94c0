"""The verb `agents`: who answers here, as an administrator keeps them in a form; the same as `deskbell agent`."""

from typing import Any

from bot.commands.calls import Call
from bot.commands.setting_forms import mark
from bot.commands.verbs import verb
from bot.desk import permissions, staff
from bot.desk.staff import Record
from bot.errors import Refusal, Stale
from bot.outgoing.cards import Answer, Field, Form, Option

NEW = "+new"
MOST_LISTED = 30


@verb("agents", "who answers here: roles, groups, who left", writes=True)
def agents(call: Call) -> Answer:
    """Where no form opens they are only listed."""
    known = {one.agent.email: one for one in staff.everybody()}
    if call.request.caller.platform != "slack":
        return _listed(call, list(known.values()))
    chosen = call.text("who")
    if chosen != NEW and chosen not in known:
        return call.ask(_form(call, _choice(call, known)))
    record = known.get(chosen)
    if call.request.submitted and call.has("draft"):
        return _saved(call, record)
    return call.ask(_form(call, _choice(call, known, chosen), *_fields(call, record), draft=_mark(record)))


def _listed(call: Call, known: list[Record]) -> Answer:
    lines = tuple(_line(call, one) for one in known[:MOST_LISTED])
    text = call.words("`deskbell agent` changes them.")
    return Answer(text=text, lines=lines, data=[one.as_json() for one in known])


def _line(call: Call, one: Record) -> str:
    left = "" if one.agent.active else f" ({call.words('left')})"
    return f"{one.agent.name} · {one.agent.email} · {one.agent.role}{left}"


def _choice(call: Call, known: dict[str, Record], chosen: str = "") -> Field:
    options = [Option(address, _line(call, one)) for address, one in known.items()]
    return Field(
        "who", call.words("Agent"), "select", chosen, (Option(NEW, call.words("a new one")), *options), asks=True
    )


def _form(call: Call, *fields: Field, draft: str = "") -> Form:
    return Form("agents", call.words("Agents"), call.words("Save"), fields, draft=draft)


def _fields(call: Call, one: Record | None) -> list[Field]:
    """Named by the agent, so that no value of one is taken for another's."""
    words, name = call.words, one.agent.email if one else NEW
    roles = tuple(Option(role, role) for role in permissions.ROLES)
    yes_no = (Option("yes", words("Yes")), Option("no", words("No")))
    fields = [
        Field(f"{name}.name", words("Name"), value=one.agent.name if one else "", limit=100),
        Field(f"{name}.role", words("Role"), "select", one.agent.role if one else "agent", roles),
        Field(
            f"{name}.groups",
            words("Limited groups"),
            value=", ".join(one.groups) if one else "",
            optional=True,
            hint=words("Codes with commas between them."),
        ),
    ]
    if one:
        active = "yes" if one.agent.active else "no"
        return [*fields, Field(f"{name}.active", words("Works here"), "select", active, yes_no)]
    return [Field(f"{name}.email", words("E-mail address"), limit=254), *fields]


def _mark(one: Record | None) -> str:
    return mark({key: str(value) for key, value in one.as_json().items()} if one else {"email": ""})


def _saved(call: Call, one: Record | None) -> Answer:
    """Change what differs, or add somebody. Stale where somebody else was faster."""
    if call.text("draft") != _mark(one):
        raise Stale("Somebody else has changed this meanwhile. Please open it again.")
    name = one.agent.email if one else NEW
    groups = [code.strip() for code in call.text(f"{name}.groups").split(",") if code.strip()]
    said: dict[str, Any] = {"name": call.text(f"{name}.name"), "role": call.text(f"{name}.role")}
    clock, by = call.desk.clock, call.actor
    if one is None:
        made = staff.add(call.text(f"{name}.email"), said["name"], said["role"], clock, by, groups=groups)
        return Answer(text=call.words("{name} is an agent now.", name=made.agent.name))
    said["active"] = call.text(f"{name}.active") != "no"
    if said["active"] is False and one.agent.id == call.agent.id:
        raise Refusal("You cannot put yourself out of work; somebody else has to.")
    changed = staff.change(one.agent.email, clock, by, groups=groups, **said)
    return Answer(text=call.words("{name} is changed.", name=changed.agent.name))
