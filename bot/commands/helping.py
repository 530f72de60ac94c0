"""Verbs that explain: help for all verbs or one."""

from bot.commands.calls import Call, unknown_verb
from bot.commands.verbs import VERBS, typed, verb
from bot.desk import permissions
from bot.outgoing.cards import Answer


@verb("help [VERB]", "what I can do, or how one verb is used", open_to_all=True)
def help_(call: Call) -> Answer:
    """Only what the reader's role allows is listed."""
    if call.has("verb"):
        return _one(call)
    role = call.known.role if call.known else "viewer"
    lines = [
        f"{known.usage.line} — {call.words(known.summary)}" for known in typed() if permissions.may(role, known.right)
    ]
    return Answer(text=call.words("What I can do:"), lines=tuple(lines))


def _one(call: Call) -> Answer:
    known = VERBS.get(call.text("verb").lower())
    if known is None or known.hidden:
        raise unknown_verb(call.text("verb"), call.words)
    explained = (known.body.__doc__ or "").strip()
    return Answer(text=f"{known.usage.line} — {call.words(known.summary)}", lines=(call.words(explained),))
