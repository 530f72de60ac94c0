"""Lists on a real phone: pages are turned in the same message, each with its own tickets."""

from pathlib import Path

from bot.desk.opening import Opening
from bot.desk.people import Actor, client_of
from storage.database import session
from tests.handlers.telegram.forum import Forum, running_forum

MANY = 45


def filled(forum: Forum) -> None:
    """Many tickets, of which nobody is told."""
    with session():
        ann = client_of("ann@acme.example", "Ann")
        for number in range(MANY):
            opening = Opening(f"Request {number:02}", client=ann, silent=True)
            forum.office.desk.tickets.open(opening, Actor("client", "Ann", "mail"))


async def test_a_list_is_turned_page_by_page_and_shows_each_ticket_once(tmp_path: Path) -> None:
    async with running_forum(tmp_path) as forum:
        filled(forum)
        shown = (await (await forum.telegram.say(forum.sam, forum.sam, "/list open"))).sent[-1]
        texts, steps = [shown.text], [shown.labels[-1]]
        while "›" in shown.labels[-1]:
            await (await forum.telegram.press(forum.sam, forum.sam, shown, "›"))
            texts.append(shown.text)
            steps.append(shown.labels[-1])

    pages = len(texts)
    assert pages > 2
    assert steps[0] == [f"1/{pages}", "›"]
    assert steps[1] == ["‹", f"2/{pages}", "›"]
    assert steps[-1] == ["‹", f"{pages}/{pages}"]
    assert [sum(f"Request {number:02}" in text for text in texts) for number in range(MANY)] == [1] * MANY
