"""What tests of rings begin with: what rings, and tickets of Ann's that may."""

from collections.abc import Callable

import pytest

from bot.backoffice import Backoffice
from bot.desk.escalating import Escalating
from bot.desk.opening import Opening
from bot.desk.people import Actor, Client
from bot.desk.views import TicketView

Open = Callable[..., TicketView]
SAM, CAROL = "sam@example.org 5m", "carol@example.org 5m"


@pytest.fixture
def rings(office: Backoffice) -> Escalating:
    """What rings."""
    return office.desk.escalating


@pytest.fixture
def open_one(office: Backoffice, ann: Client) -> Open:
    """Opens tickets of Ann's."""

    def open_it(severity: str = "BLOCKING", **values: object) -> TicketView:
        opening = Opening("Fire", client=ann, reply_address=ann.address, severity=severity, **values)  # type: ignore[arg-type]
        return office.desk.tickets.open(opening, Actor("client", ann.name, "mail"))

    return open_it
