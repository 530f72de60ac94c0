"""From the loop to the desk: whoever sends is woken by what was written, and by nothing else."""

from bot.backoffice import Backoffice
from bot.bridge import Bridge, BridgedCommands
from bot.commands.requests import Caller, Request
from bot.desk.views import TicketView

BOB = Caller("cli", "bob@example.org")


async def test_a_question_wakes_nobody_and_a_change_does(office: Backoffice, ticket: TicketView) -> None:
    woken: list[str] = []
    bridge = Bridge()
    commands = BridgedCommands(bridge, office.runner, lambda: woken.append("now"))

    await commands(Request(BOB, words=f"why {ticket.reference}"))
    asked = list(woken)
    answer = await commands(Request(BOB, words=f"note {ticket.reference} Room 12"))

    assert not answer.refused
    assert (asked, woken) == ([], ["now"])
    bridge.close()
