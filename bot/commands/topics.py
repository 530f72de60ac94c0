"""Topics that are tickets' own, for platforms: whose one is, and what became of it by somebody's hand. Never typed."""

from bot.commands.calls import Call
from bot.commands.verbs import verb
from bot.outgoing.cards import Answer
from bot.outgoing.topics import Topics


@verb("whose", "whether a ticket has its own topic here", right="show", hidden=True, open_to_all=True)
def whose(call: Call) -> Answer:
    """Nothing where it is no ticket's: then the runner has answered already."""
    return Answer()


@verb("topic", "somebody closed or opened a topic", right="show", writes=True, hidden=True, open_to_all=True)
def topic(call: Call) -> Answer:
    """A ticket's topic is as its ticket: whoever closes it changes nothing of the ticket, and it is opened again."""
    spot = call.request.spot
    if spot is not None:
        Topics(call.desk).seen(spot.channel, spot.topic, closed=call.text("state") == "closed")
    return Answer(nothing=True)
