"""The verb `settings`: what an administrator sets, by sections, and the dictionaries (`bot.commands.entries`).

In Slack a form holds a whole section; on the phone one setting is chosen from a list and asked for. What a form was
drawn from comes back with it as its draft, so that nobody overwrites what somebody else has set meanwhile.
"""

from collections.abc import Mapping

from bot.commands import entries
from bot.commands.calls import Call
from bot.commands.effects import effects
from bot.commands.setting_forms import form, mark
from bot.commands.verbs import verb
from bot.desk.dictionary_table import KINDS
from bot.desk.setting_table import SECTIONS, SETTINGS, Setting, find, of_section
from bot.desk.settings import checked
from bot.errors import FieldErrors, Refusal, Stale, WrongUsage
from bot.outgoing.cards import Answer, Field, Form, Option

DICTIONARIES = {"type": "Types", "group": "Groups", "severity": "Severities", "field": "Own fields"}
NOTHING = frozenset(("-", "–", "—"))
WAYS = ("list", "get", "set", "reset")


@verb("settings [SETTING] [VALUE]", "the desk's settings and dictionaries: look at them, change them", writes=True)
def settings(call: Call) -> Answer:
    """`settings NAME VALUE` sets one, `settings reset NAME` takes that back; without a name a form opens."""
    section = call.text("section") or call.text("setting").lower()
    if section in KINDS:
        return entries.serve(call, section, _sections(call, section))
    if call.has("setting"):
        return _typed(call)
    if call.request.caller.platform == "cli":
        return _list(call, list(SETTINGS))
    if section not in SECTIONS:
        return call.ask(_form(call, ""))
    return _on_the_phone(call, section) if call.request.caller.platform == "telegram" else _in_a_form(call, section)


# typed ---------------------------------------------------------------------------------------------------------------


def _typed(call: Call) -> Answer:
    way, name, value = _understood(call)
    if way == "list":
        return _list(call, list(SETTINGS))
    setting = find(name)
    if way == "reset":
        call.desk.settings.reset(setting.name, call.actor)
        return _told(call, [setting.name])
    if value:
        call.desk.settings.set(setting.name, "" if value in NOTHING else value, call.actor)
        return _told(call, [setting.name])
    return _list(call, [setting.name])


def _understood(call: Call) -> tuple[str, str, str]:
    """What is to be done, with which setting, and the value: `get` may be left out, and so may `set`."""
    first, rest = call.text("setting").lower(), call.text("value")
    if first not in WAYS:
        return "set", first, rest
    name, _, value = rest.partition(" ")
    if first != "list" and not name:
        raise WrongUsage("Missing: {wanted}. Usage: {usage}", wanted="SETTING", usage=call.verb.usage.line)
    return first, name.lower(), value.strip() if first == "set" else ""


def _list(call: Call, names: list[str]) -> Answer:
    found = call.desk.settings
    lines = [
        f"{name} = {found.shown(name)} ({found.origin(name)}) — {call.words(SETTINGS[name].help)}" for name in names
    ]
    data = [{"name": name, "value": found.get(name), "origin": found.origin(name)} for name in names]
    return Answer(text=call.words("Settings"), lines=tuple(lines), data=data)


def _told(call: Call, names: list[str]) -> Answer:
    """What stands there now, and what follows from it, each line once."""
    found = call.desk.settings
    follows = [line for name in names for line in effects(name, call.desk, call.words, call.agent.email)]
    text = "\n".join(f"{name} = {found.shown(name)}" for name in names) or call.words("Nothing changes.")
    data = [{"name": name, "value": found.get(name), "origin": found.origin(name)} for name in names]
    return Answer(text=text, lines=tuple(dict.fromkeys(follows)), data=data)


# a whole section -----------------------------------------------------------------------------------------------------


def _in_a_form(call: Call, section: str) -> Answer:
    whole = call.request.submitted and call.has("draft")
    return _saved(call, section) if whole else call.ask(_form(call, section))


def _saved(call: Call, section: str) -> Answer:
    """Set what differs; a fault for each value that cannot be, and then nothing is set."""
    standing = {setting.name: call.desk.settings.shown(setting.name) for setting in of_section(section)}
    if call.text("draft") != mark(standing):
        raise Stale("Somebody else has changed this meanwhile. Please open it again.")
    wanted = {name: call.text(name) for name, value in standing.items() if call.text(name) != value}
    _check(wanted)
    for name, value in wanted.items():
        call.desk.settings.set(name, value, call.actor)
    return _told(call, list(wanted))


def _check(wanted: Mapping[str, str]) -> None:
    faults: dict[str, Refusal] = {}
    for name, value in wanted.items():
        try:
            checked(find(name), value)
        except Refusal as fault:
            faults[name] = fault
    if faults:
        raise FieldErrors(faults)


def _form(call: Call, section: str) -> Form:
    fields = [_field(call, setting) for setting in of_section(section)]
    draft = mark({field.key: field.value for field in fields}) if fields else ""
    return form(call, _sections(call, section), *fields, draft=draft)


def _sections(call: Call, chosen: str) -> Field:
    words = call.words
    options = [Option(name, words(title)) for name, title in (*SECTIONS.items(), *DICTIONARIES.items())]
    return Field("section", words("Section"), "select", chosen, tuple(options), asks=True)


def _field(call: Call, setting: Setting) -> Field:
    value, hint = call.desk.settings.shown(setting.name), call.words(setting.help)
    if setting.choices:
        options = tuple(Option(choice, choice) for choice in setting.choices)
        return Field(setting.name, setting.name, "select", value, options, hint=hint)
    kind = "text" if setting.lines else "line"
    return Field(setting.name, setting.name, kind, value, optional=setting.may_be_empty, hint=hint)


# one at a time -------------------------------------------------------------------------------------------------------


def _on_the_phone(call: Call, section: str) -> Answer:
    """A list of the section's settings with their values, then the one that was chosen."""
    name = call.text("name")
    if name not in {setting.name for setting in of_section(section)}:
        return call.ask(form(call, _sections(call, section), _names(call, section)))
    if call.request.submitted and call.has("value"):
        value = "" if call.text("value") in NOTHING else call.text("value")
        call.desk.settings.set(name, value, call.actor)
        return _told(call, [name])
    chosen = _names(call, section, name)
    return call.ask(form(call, _sections(call, section), chosen, _value(call, find(name))))


def _names(call: Call, section: str, chosen: str = "") -> Field:
    found = call.desk.settings
    options = [Option(one.name, f"{one.name}: {found.shown(one.name)[:40] or '–'}") for one in of_section(section)]
    return Field("name", call.words("Which setting?"), "select", chosen, tuple(options), asks=True)


def _value(call: Call, setting: Setting) -> Field:
    words = call.words
    options = tuple(Option(choice, choice) for choice in setting.choices)
    now = words("{help}. Now: {value}", help=words(setting.help), value=call.desk.settings.shown(setting.name) or "–")
    hint = now + (" " + words("- for nothing.") if setting.may_be_empty else "")
    return Field("value", setting.name, "select" if options else "line", options=options, hint=hint)
