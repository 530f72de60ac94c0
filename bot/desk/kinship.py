"""Which tickets look like another, and which of them says so.

Of those that look alike only the newest offers it, so that a hundred of them make one offer, which counts up.
"""

from datetime import timedelta

from bot.desk.workflow import Status
from storage.models import Ticket
from storage.queries import problems as rows

WINDOW = timedelta(minutes=15)
"""Tickets that come further apart are not taken for one problem."""
MOST = 200


def around(ticket: Ticket) -> list[Ticket]:
    """The open tickets that look like this one, the newest first, at most MOST."""
    return rows.alike(ticket, WINDOW, MOST)


def offered(ticket: Ticket) -> int:
    """How many look like this one, if it is the one to say so: open, in no problem, and newer than all of them."""
    if not Status(ticket.status).is_open or ticket.problem_id is not None:
        return 0
    count, newest = rows.count_alike(ticket, WINDOW)
    return count if newest < ticket.id else 0
