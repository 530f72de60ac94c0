"""How a ticket looks as a card or as a row of a list: drawn from its state alone, without asking the database."""

from bot.desk import workflow
from bot.desk.views import TicketView
from bot.outgoing import buttons, telling
from bot.outgoing.cards import Card, Row
from bot.outgoing.telling import Pen


def draw(ticket: TicketView, pen: Pen, *, here: bool = True) -> Card:
    """The card of a ticket; one line instead where it was deleted, or where it hangs no more (not `here`)."""
    words = pen.words
    shown, menu = buttons.on_card(ticket, pen)
    return Card(
        ticket=ticket.id,
        reference=ticket.reference,
        version=ticket.version,
        subject=ticket.subject,
        status=words(workflow.LABELS[ticket.status]),
        emoji=workflow.EMOJI[ticket.status],
        colour=workflow.COLOURS[ticket.status],
        client=telling.client(ticket, words),
        facts=telling.facts(ticket, words),
        excerpt=telling.excerpt(ticket.description),
        assignee=ticket.assignee.name if ticket.assignee else words("nobody"),
        deadline=telling.deadline(ticket, pen),
        last=telling.happened(ticket.last, pen),
        next=telling.what_next(ticket, pen),
        severity=ticket.severity.emoji,
        buttons=shown,
        menu=menu,
        phone=buttons.on_phone(ticket, pen),
        phone_more=buttons.behind_more(ticket, pen),
        notes=telling.notes(ticket, pen),
        instead=_instead(ticket, pen, here=here),
    )


def _instead(ticket: TicketView, pen: Pen, *, here: bool) -> str:
    words = pen.words
    if ticket.deleted_at is not None:
        by = ticket.last.actor_name if ticket.last and ticket.last.kind == "deleted" else ""
        sentence = "🗑 {reference} was deleted by {who}." if by else "🗑 {reference} was deleted."
        return words(sentence, reference=ticket.reference, who=by)
    group = words.label(ticket.group.labels, ticket.group.code)
    return "" if here else words("➡️ {reference} has moved to {group}.", reference=ticket.reference, group=group)


def row(ticket: TicketView, pen: Pen) -> Row:
    """A ticket in a list."""
    words = pen.words
    assignee = ticket.assignee.name if ticket.assignee else words("nobody")
    status = words(workflow.LABELS[ticket.status])
    details = [status, assignee, telling.client(ticket, words), telling.deadline(ticket, pen)]
    return Row(
        reference=ticket.reference,
        subject=ticket.subject,
        emoji=ticket.severity.emoji or workflow.EMOJI[ticket.status],
        status=status,
        details=" · ".join(part for part in details if part),
    )
