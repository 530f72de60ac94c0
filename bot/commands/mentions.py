"""A reference that somebody writes in the team's channel is answered in its thread with how the ticket stands.

Only where the ticket's own card hangs, whose readers may all see it; each ticket once an hour; a setting silences it.
"""

from datetime import timedelta

from bot.commands.calls import Call
from bot.commands.requests import Spot
from bot.commands.verbs import verb
from bot.desk import references, workflow
from bot.desk.views import TicketView
from bot.outgoing.cards import Answer
from storage.database import transaction
from storage.queries import deliveries, desk
from storage.queries import tickets as rows

QUIET = timedelta(hours=1)


@verb("mentioned", "say how a mentioned ticket stands", right="show", hidden=True, open_to_all=True)
def mentioned(call: Call) -> Answer:
    """What is said goes out as a delivery; whoever wrote gets no answer."""
    source = call.request.source
    if source is None or call.desk.settings.get("mention_lines") != "on":
        return Answer(nothing=True)
    for ticket in _meant(call, source.platform, source.channel):
        _say(call, source, ticket)
    return Answer(nothing=True)


def _say(call: Call, source: Spot, ticket: TicketView) -> None:
    """Only here is anything written: most messages name no ticket, and wait for nobody."""
    now = call.desk.clock.now()
    with transaction():
        if desk.count_up(f"mentioned:{ticket.id}:{source.platform}:{source.channel}", now, now + QUIET):
            return
        deliveries.add_notice(
            _state(call, ticket),
            key=f"mentioned:{ticket.id}:{source.platform}:{source.channel}:{source.message}",
            platform=source.platform,
            channel=source.channel,
            topic=source.topic,
            at=now,
            about={"under": source.message},
        )


def _meant(call: Call, platform: str, channel: str) -> list[TicketView]:
    ids = [rows.id_of_reference(reference) for reference in references.mentioned(call.text())]
    return [call.desk.tickets.view(one) for one in ids if one and _hangs(one, platform, channel)]


def _hangs(ticket_id: int, platform: str, channel: str) -> bool:
    return any((card.platform, card.channel) == (platform, channel) for card in rows.postings(ticket_id))


def _state(call: Call, ticket: TicketView) -> str:
    """In the desk's language: everybody reads it."""
    words = call.desk.words()
    return words(
        "📌 {reference} · {subject}: {status}, {assignee}",
        reference=ticket.reference,
        subject=ticket.subject,
        status=words(workflow.LABELS[ticket.status]),
        assignee=ticket.assignee.name if ticket.assignee else words("nobody"),
    )
