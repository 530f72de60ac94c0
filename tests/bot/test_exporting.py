"""What `export` tells of events: which ticket each is about, and what an admin changed where it is about none."""

from bot import exporting
from bot.backoffice import Backoffice
from bot.desk.people import Actor
from bot.desk.views import TicketView


def test_an_event_names_its_ticket_or_what_was_changed(office: Backoffice, ticket: TicketView, bob: Actor) -> None:
    office.desk.tickets.take(ticket.reference, bob)
    office.desk.settings.set("on_hold", "on", bob)

    told = [(event["ticket"], event["about"], event["kind"]) for event in exporting.events()]

    assert (ticket.reference, None, "taken") in told
    assert [(about, kind) for reference, about, kind in told if reference is None][-1] == ("on_hold", "setting_changed")
