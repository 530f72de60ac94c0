"""The files of a ticket on the phone: `files`, pressed on the second level of a card, hangs them under that card."""

from dataclasses import replace
from itertools import groupby

from bot.commands.calls import Call
from bot.commands.verbs import verb
from bot.desk import outbox
from bot.desk.files import StoredFile
from bot.outgoing.cards import Answer, Button, Card
from bot.outgoing.recipients import FILES_LAST
from storage.models import Attachment, Posting
from storage.queries import deliveries
from storage.queries import tickets as rows

MOST = 20


@verb("files REF", "hang the ticket's files under its card", right="show", writes=True, hidden=True)
def files(call: Call) -> Answer:
    """The newest ones that do not hang there yet, each as a message of its own."""
    spot, ticket = call.request.spot, call.ticket
    hung = deliveries.posting_at(spot.platform, spot.channel, spot.message) if spot else None
    if hung is None or hung.ticket_id != ticket.id:
        return Answer(nothing=True)
    missing = [one for one in _attached(call) if not deliveries.was_shared(ticket.id, hung.place, one.sha256)]
    for one in missing[-MOST:]:
        _hang(call, hung, one)
    if not missing:
        return call.done(ticket, "All files of {reference} hang here.")
    text = call.words.plural("1 file follows.", "{n} files follow.", len(missing[-MOST:]))
    return Answer(text=text, reference=ticket.reference, version=ticket.version)


def with_files(card: Card, call: Call) -> Card:
    """The second level of a phone's card, with the way to the files where there are any."""
    number = len(_attached(call))
    if not number:
        return card
    *others, back = card.phone_more
    return replace(card, phone_more=(*others, (Button("files", call.desk.words()("📎 Files ({n})", n=number)),), back))


def _attached(call: Call) -> list[Attachment]:
    """Each content once, in the order in which they came."""
    messages = [one.id for one in rows.messages(call.ticket.id) if one.withdrawn_at is None]
    found = sorted(rows.attachments(messages), key=lambda one: one.sha256)
    return sorted((next(same) for _, same in groupby(found, key=lambda one: one.sha256)), key=lambda one: one.id)


def _hang(call: Call, card: Posting, file: Attachment) -> None:
    now, (platform, channel, topic) = call.desk.clock.now(), outbox.spot(card.place)
    deliveries.add(
        key=f"file:{file.id}:{card.place}",
        kind="file",
        platform=platform,
        place=card.place,
        channel=channel,
        topic=topic,
        ticket=call.ticket.id,
        payload=dict(StoredFile.of(file).row()),
        urgency=FILES_LAST,
        next_at=now,
        created_at=now,
    )
