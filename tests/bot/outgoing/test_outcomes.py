"""What became of deliveries is written down whatever others write about the same ticket at that moment."""

import threading
import time

import pytest

from bot.app import letter_writer
from bot.backoffice import Backoffice
from bot.commands.requests import Caller, Request
from bot.commands.verbs import VERBS
from bot.desk.views import TicketView
from bot.outgoing.packing import Packer
from storage.database import session, transaction
from storage.models import Delivery, Message


@pytest.mark.database("postgres")
@pytest.mark.row("INV-03")
def test_a_letter_that_has_left_waits_for_who_writes_on_its_ticket(office: Backoffice, ticket: TicketView) -> None:
    packer = Packer(office.desk, letter_writer(office), VERBS)
    (letter,) = packer.claim("mail", (), 5)
    writing = threading.Event()

    def write() -> None:
        with session(), transaction():
            office.runner.run(Request(Caller("cli", "bob@example.org"), words="note 1 Hm."))
            writing.set()
            time.sleep(0.3)

    other = threading.Thread(target=write)
    other.start()
    writing.wait(5)
    packer.outcomes.sent(letter)
    other.join()

    assert Delivery.get_by_id(letter.id).state == "sent"
    assert [message.kind for message in Message.select().order_by(Message.number)][-2:] == ["note", "letter"]
