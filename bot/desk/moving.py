"""When a group's channel or chat changes, the cards of its open tickets move there; those left behind say so."""

from bot.clock import Clock
from bot.desk import outbox
from bot.desk.dictionaries import Group
from storage.queries import moving as rows

PLACES = ("slack_channel", "telegram_chat", "telegram_topic")
"""The columns of a group that say where its cards hang."""
URGENCY = 5


def move_cards(group: Group, announce: outbox.Announce, clock: Clock) -> int:
    """Write what is to be drawn, of how many tickets; only inside the transaction of the change."""
    spots = {outbox.place(*spot): spot for spot in announce.spots(group)}
    postings = rows.open_postings(group.id)
    left = [posting for posting in postings if posting.place not in spots]
    tickets = dict.fromkeys(posting.ticket_id for posting in left)
    rows.draw_anew(posting.id for posting in left)
    wanted = [(ticket, place, spot) for ticket in tickets for place, spot in spots.items()]
    wanted += [(one.ticket_id, one.place, outbox.spot(one.place)) for one in left]
    rows.add_all(delivery(ticket, place, spot, clock) for ticket, place, spot in wanted)
    return len(tickets)


def delivery(ticket_id: int, place: str, spot: outbox.Spot, clock: Clock, *, silent: bool = False) -> dict[str, object]:
    """What draws a ticket's card in a place, after everything that is more urgent; `silent`: without a sound."""
    platform, channel, topic = spot
    return {
        "key": outbox.card_key(ticket_id, spot),
        "kind": "card",
        "platform": platform,
        "place": place,
        "channel": channel,
        "topic": topic,
        "ticket": ticket_id,
        "payload": {"silent": True} if silent else {},
        "urgency": URGENCY,
        "next_at": clock.now(),
        "created_at": clock.now(),
    }
