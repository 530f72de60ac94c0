"""The verb `escalation`: managers keep the chains by which people are rung; the same as `deskbell escalation`."""

from bot.commands import chain_forms, chain_lines
from bot.commands.calls import Call
from bot.commands.verbs import verb
from bot.errors import WrongUsage
from bot.outgoing.cards import Answer


@verb(
    "escalation [list|set|remove] [group:… severity:… on:… rounds:…] [TEXT]",
    "who is rung about a ticket that nobody has taken: chains of steps",
    writes=True,
)
def escalation(call: Call) -> Answer:
    """`set severity:BLOCKING sam@example.org 5m, rota:NIGHT 5m x3, channel` keeps one; without a word a form opens."""
    way = call.text("scope") or ("list" if call.request.caller.platform == "cli" else "")
    if way:
        return chain_lines.WAYS[way](call)
    if call.has("text"):
        raise WrongUsage("I do not understand “{rest}”. Usage: {usage}", rest=call.text(), usage=call.verb.usage.line)
    return chain_forms.serve(call)
