"""Verbs that explain: help for all verbs or one, and the menu of a bare command."""

from collections.abc import Iterator

from bot.commands.calls import Call, unknown_verb
from bot.commands.verbs import VERBS, Verb, typed, verb
from bot.desk import permissions
from bot.outgoing.cards import Answer, Button
from bot.texts import Words

FIRST = "list show take reply close".split()
"""The five that a beginner needs."""
GROUPS = {
    "Look": "list search show log text why client stats",
    "Work": "new take takeover assign read reply note wait hold resume snooze escalate time",
    "Finish": "close abandon reopen undo",
    "Change": "edit merge split link unlink problem intervention document delete undelete",
    "Settings": "oncall handover rotas escalation pair unpair settings help",
}
MENU = {"new": "New ticket", "list": "My tickets", "help": "Help"}


@verb("help [VERB]", "what I can do, or how one verb is used", open_to_all=True)
def help_(call: Call) -> Answer:
    """Only what the reader's role allows is listed."""
    if call.has("verb"):
        return _one(call)
    if _is_bare(call) and call.known:
        return _menu(call, call.known.role)
    role = call.known.role if call.known else "viewer"
    lines = [
        line for heading, known in _grouped(role) for line in (f"▸ {call.words(heading)}", *_lines(known, call.words))
    ]
    return Answer(text=call.words("What I can do:"), lines=tuple(lines))


def beginning(role: str, words: Words) -> tuple[str, ...]:
    """Five lines for whoever typed a verb that does not exist."""
    return tuple(_lines([VERBS[name] for name in FIRST if permissions.may(role, VERBS[name].right)], words))


def _is_bare(call: Call) -> bool:
    """Whether the command stood alone, where buttons can answer it."""
    return call.request.caller.platform == "slack" and not (call.request.verb or call.request.words)


def _menu(call: Call, role: str) -> Answer:
    buttons = [
        Button(name, call.words(label)) for name, label in MENU.items() if permissions.may(role, VERBS[name].right)
    ]
    return Answer(
        text=call.words("What would you like to do?"), lines=beginning(role, call.words), buttons=tuple(buttons)
    )


def _grouped(role: str) -> Iterator[tuple[str, list[Verb]]]:
    """What the role allows, by headings; a verb that stands in none of them is in the last."""
    left = {known.name: known for known in typed() if permissions.may(role, known.right)}
    for heading, names in GROUPS.items():
        here = [left.pop(name) for name in names.split() if name in left]
        if heading == list(GROUPS)[-1]:
            here += left.values()
        if here:
            yield heading, here


def _lines(verbs: list[Verb], words: Words) -> list[str]:
    return [f"{known.usage.line} — {words(known.summary)}" for known in verbs]


def _one(call: Call) -> Answer:
    known = VERBS.get(call.text("verb").lower())
    if known is None or known.hidden:
        raise unknown_verb(call.text("verb"), call.words)
    return Answer(text=f"{known.usage.line} — {call.words(known.summary)}", lines=(call.words(known.explained),))
