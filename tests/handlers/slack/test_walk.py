"""Every button, menu line and typed verb in every state, through real Bolt in both modes; the whole card after each.

Carol presses on tickets that Bob has brought into a state. What stands on a card, and where each press leads, is told
by hand in tables; a card is compared word by word, with the times of day left out.
"""

import re
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bot.desk.opening import Opening
from bot.desk.people import Actor, agent, client_of
from bot.desk.views import TicketView
from bot.outgoing import redrawing
from bot.sandbox.slack.gesture import Gesture
from storage.database import session
from storage.queries import deliveries
from tests.handlers.slack.house import CHANNEL, House, open_house

NEW = "Take it,Reply…,Note…,Snooze", "Assign…,Edit…,Escalate,Close…,Timeline,History,Not a ticket,Link client"
MENU = "Take over,Assign…,Edit…,Intervention…,Escalate,Snooze,Timeline,History,Merge…,Link client"
WORKING, WAITING = ("Reply…,Note…,Wait,Close…", MENU), ("Reply…,Resume,Note…,Close…", MENU)
ENDED = "Reopen,Timeline", "History"
STATES = {
    "Unread": ("🆕", NEW),
    "Read": ("👁", NEW),
    "Assigned": ("👤", WORKING),
    "In progress": ("🔧", WORKING),
    "Waiting for feedback": ("💬", WAITING),
    "On hold": ("⏸", WAITING),
    "Closed": ("✅", ENDED),
    "Abandoned": ("🗑", ENDED),
}
"""Sign, buttons and menu of each."""
STEPS = {
    "Unread": "",
    "Read": "read",
    "Assigned": "assign",
    "In progress": "take",
    "Waiting for feedback": "take wait",
    "On hold": "take hold",
    "Closed": "take close",
    "Abandoned": "abandon",
}
"""What Bob does to bring a ticket there."""
BY_BOB = {
    "": "Opened by Ann · HH:MM (mail)",
    "read": "Opened by Ann · HH:MM (mail)",
    "assign": "Assigned by Bob · HH:MM (Slack)",
    "take": "Taken by Bob · HH:MM (Slack)",
    "wait": "Set to waiting by Bob · HH:MM (Slack)",
    "hold": "Put on hold by Bob · HH:MM (Slack)",
    "close": "Closed by Bob · HH:MM (Slack)",
    "abandon": "Abandoned by Bob · HH:MM (Slack)",
}
STANDS_STILL = {
    "Waiting for feedback": "the clock stands still until the client answers",
    "On hold": "the clock stands still until it is resumed",
}
ASKS_FIRST = {"Take over": "verb:takeover", "Not a ticket": "verb:abandon"}
FILLED = {
    "Reply…": {"text": "We are on our way."},
    "Note…": {"text": "Room 12."},
    "Close…": {"text": "Fixed."},
    "Assign…": {"who": "carol@example.org"},
    "Edit…": {"severity": "HIGH"},
    "Snooze": {"when": "4h"},
    "Intervention…": {"text": "Look at it"},
    "Link client": {"name": "Ann Smith"},
}
NOUNS = "toner projector kettle badge coffee window cable heating mouse chair lamp lift door stairs roof garden".split()


@dataclass(frozen=True)
class Shown:
    """What a card is to show."""

    status: str
    assignee: str = "nobody"
    last: str = ""
    client: str = "Ann"
    severity: str = "🔵 Normal"
    linked: bool = False
    quiet: bool = False
    note: str = ""
    buttons: str | None = None

    def words(self, reference: str, subject: str, address: str) -> list[str]:
        sign, (buttons, menu) = STATES[self.status]
        coming = ["quiet until HH:MM" if self.quiet else "", STANDS_STILL.get(self.status, "")]
        return [
            f"{sign} ",
            f"{reference} · {subject}",
            "  ·  ",
            self.status,
            f"👤 {self.client} <{address}>  ·  Other  ·  {self.severity}",
            f"It is the {subject}.",
            "*Assignee*",
            self.assignee,
            *self._offered(buttons if self.buttons is None else self.buttons, reference),
            "⋯ More",
            *self._offered(menu, reference),
            *filter(None, [self.note]),
            "  ·  ".join(filter(None, [self.last, " · ".join(filter(None, coming))])),
        ]

    def _offered(self, labels: str, reference: str) -> list[str]:
        questions = {
            "Take over": f"{self.assignee} has this ticket. Take it over?",
            "Not a ticket": f"Abandon {reference}? Nobody is told.",
        }
        left_out = {"Take over" if self.assignee == "nobody" else "", "Link client" if self.linked else ""}
        shown = [label for label in labels.split(",") if label not in left_out]
        return [word for label in shown for word in filter(None, (label, questions.get(label)))]


def after(label: str, before: Shown) -> Shown:
    """Where a press of Carol's leads."""
    read = "Read" if before.status == "Unread" else before.status
    mine = "Carol" if before.assignee == "nobody" else before.assignee
    working = "In progress" if before.status not in STANDS_STILL else before.status
    reopened = "Assigned" if before.assignee != "nobody" else "Unread"
    visit = f"🔧 FI2611-0001 (draft): {before.assignee}"
    by = "by Carol · HH:MM (Slack)"
    table = {
        "Take it": replace(before, status="In progress", assignee="Carol", last=f"Taken {by}"),
        "Take over": replace(before, status=working, assignee="Carol", last=f"Taken over {by}"),
        "Reply…": replace(before, status=working, assignee=mine, last=f"✉️ Answered {by}"),
        "Note…": replace(before, status=read, last=f"Note {by}"),
        "Snooze": replace(before, status=read, last=f"Snoozed {by}", quiet=True),
        "Assign…": replace(before, status=ASSIGNED.get(read, read), assignee="Carol", last=f"Assigned {by}"),
        "Edit…": replace(before, status=read, severity="🟠 High", last=f"Edited {by}"),
        "Escalate": replace(before, status=read, last=f"Escalated {by}"),
        "Wait": replace(before, status="Waiting for feedback", last=f"Set to waiting {by}"),
        "Resume": replace(before, status="In progress", last=f"Resumed {by}"),
        "Close…": replace(before, status="Closed", last=f"Closed {by}"),
        "Not a ticket": replace(before, status="Abandoned", last=f"Abandoned {by}"),
        "Reopen": replace(before, status=reopened, last=f"Reopened {by}", note="reopened once"),
        "Link client": replace(before, status=read, client="Ann Smith", linked=True, last=f"Client linked {by}"),
        "Intervention…": replace(before, status=read, last=f"Intervention planned {by}", note=visit),
        "Merge…": replace(before, status="Closed", last=f"Merged {by}", buttons="Timeline"),
    }
    return table.get(label, before)


ASSIGNED = {"Unread": "Assigned", "Read": "Assigned"}


@pytest.fixture
async def house(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[House]:
    monkeypatch.setattr(redrawing, "PACE", 0.0)
    monkeypatch.setattr(redrawing, "LONGEST", 0.0)
    async with open_house(tmp_path, http=request.param) as running:
        with session():
            running.office.desk.settings.set("on_hold", "on", "test")
        yield running


@pytest.mark.parametrize("house", [False, True], indirect=True, ids=["socket", "http"])
@pytest.mark.parametrize("state", STATES)
async def test_each_press_leads_where_it_should_and_the_whole_card_shows_it(house: House, state: str) -> None:
    shown, menu = STATES[state][1]
    before = Shown(state, "nobody" if state in UNASSIGNED else "Bob", BY_BOB[STEPS[state].split(" ")[-1]])
    offered = [label for label in f"{shown},{menu}".split(",") if label in before.words("", "", "")]
    tickets = {label: brought(house, state, noun, address(noun)) for label, noun in zip(offered, NOUNS, strict=False)}
    spare = brought(house, "Unread", "spare", address("spare"))
    for label, noun in zip(offered, NOUNS, strict=False):
        await walk(house, before, label, tickets[label], noun, spare)


UNASSIGNED = ("Unread", "Read", "Abandoned")


TYPED = {
    "take {}": "Take it",
    "takeover {}": "Take over",
    "assign {} carol@example.org": "Assign…",
    "note {} Room 12.": "Note…",
    "wait {}": "Wait",
    "resume {}": "Resume",
    "snooze {} 4h": "Snooze",
    "escalate {}": "Escalate",
    "edit {} severity:HIGH": "Edit…",
    "close {} Fixed.": "Close…",
    "abandon {} no ticket": "Not a ticket",
    "reopen {}": "Reopen",
    "log {}": "Timeline",
    "why {}": "",
}
"""Verbs as they are typed, and the button that does the same."""


OF_THE_ENDED = ("note", "reopen", "log", "why")
NOTHING_TO_RESUME = ("Unread", "Read", "Assigned", "In progress", "Closed", "Abandoned")


def is_refused(verb: str, state: str) -> bool:
    """Whether Carol may not do it to Bob's ticket, or to one that has ended."""
    if STATES[state][1] == ENDED:
        return verb not in OF_THE_ENDED
    if verb == "take":
        return state not in UNASSIGNED
    return verb == "reopen" or (verb == "resume" and state in NOTHING_TO_RESUME)


@pytest.mark.parametrize("house", [False, True], indirect=True, ids=["socket", "http"])
@pytest.mark.parametrize("state", STATES)
async def test_each_typed_verb_does_what_its_button_does_or_is_refused(house: House, state: str) -> None:
    before = Shown(state, "nobody" if state in UNASSIGNED else "Bob", BY_BOB[STEPS[state].split(" ")[-1]])
    tickets = {words: brought(house, state, noun, address(noun)) for words, noun in zip(TYPED, NOUNS, strict=False)}
    for words, noun in zip(TYPED, NOUNS, strict=False):
        ticket, verb = tickets[words], words.split(" ")[0]
        ts = await hanging(house, ticket)

        answer = await house.slack.slash("U0CAROL", CHANNEL, words.format(ticket.reference))

        refused = is_refused(verb, state)
        label = "Take it" if verb == "takeover" and before.assignee == "nobody" else TYPED[words]
        expected = before if refused else after(label, before)
        wanted = expected.words(ticket.reference, noun, address(noun))
        with suppress(TimeoutError):
            await house.until(lambda ts=ts, wanted=wanted: card(house, ts) == wanted, seconds=10)  # type: ignore[misc]
        assert card(house, ts) == wanted, words
        assert answer.text.startswith("🚫") == refused, words


def address(noun: str) -> str:
    return f"ann@{noun}.example"


async def walk(house: House, before: Shown, label: str, ticket: TicketView, noun: str, spare: TicketView) -> None:
    ts = await hanging(house, ticket)
    assert card(house, ts) == before.words(ticket.reference, noun, address(noun))

    gesture = await pressed(house, ts, label)
    await filled(house, gesture, {"into": spare.reference} if label == "Merge…" else FILLED.get(label))

    expected = after(label, before)
    if label == "Merge…":
        expected = replace(expected, note=f"🔀 merged into {spare.reference}")
    wanted = expected.words(ticket.reference, noun, address(noun))
    with suppress(TimeoutError):
        await house.until(lambda: card(house, ts) == wanted, seconds=10)
    assert card(house, ts) == wanted, label
    if label in ("Timeline", "History"):
        assert ticket.reference in await gesture.until_text()


def brought(house: House, status: str, noun: str, address: str) -> TicketView:
    """A ticket of Ann's that Bob has brought into a state."""
    tickets = house.office.desk.tickets
    with session():
        known = agent("bob@example.org")
        bob = Actor.of(known, "slack")
        opening = Opening(noun, f"It is the {noun}.", client=client_of(address, "Ann"), reply_address=address)
        view = tickets.open(opening, Actor("client", "Ann", "mail"))
        for step in STEPS[status].split():
            if step == "assign":
                view = tickets.assign(view.reference, known, bob)
            elif step == "abandon":
                view = tickets.abandon(view.reference, "no ticket", bob)
            else:
                view = getattr(tickets, step)(view.reference, bob)
    return view


async def hanging(house: House, ticket: TicketView) -> str:
    """The ts of its card as soon as that shows the ticket as it is."""

    def drawn() -> str:
        with session():
            posting = deliveries.posting(ticket.id, "slack:#support")
        return posting.message if posting and posting.drawn_version == ticket.version else ""

    await house.until(drawn)
    return drawn()


async def pressed(house: House, ts: str, label: str) -> Gesture:
    """A button, or a line of the menu; the question that a line asks first is answered."""
    elements = [
        one
        for block in house.slack.message(CHANNEL, ts).all_blocks
        if block["type"] == "actions"
        for one in block["elements"]
    ]
    button = next((one for one in elements if one.get("text", {}).get("text") == label), None)
    if button is not None:
        return await house.slack.press("U0CAROL", CHANNEL, ts, button["action_id"])
    gesture = await house.slack.press("U0CAROL", CHANNEL, ts, "more", option=label)
    if label in ASKS_FIRST:
        await gesture.until_text()
        return await house.slack.press("U0CAROL", CHANNEL, gesture.ephemerals[0].ts, ASKS_FIRST[label])
    return gesture


async def filled(house: House, gesture: Gesture, values: dict[str, str] | None) -> None:
    """The form that opens is filled in; where a preview follows, it is sent."""
    if values is None:
        return
    view = await gesture.until_view()
    done = await house.slack.submit("U0CAROL", view.id, values)
    assert not done.field_errors
    if not done.closed:
        await house.slack.submit("U0CAROL", view.id, {})


def card(house: House, ts: str) -> list[str]:
    words = house.slack.message(CHANNEL, ts).words
    return [re.sub(r"\d\d:\d\d", "HH:MM", word) for word in words.split("\n")]
