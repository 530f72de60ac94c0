"""Hand-written stand-ins for what the adapter is handed: they record, and give what a test has prepared."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.commands.requests import Caller, Request
from bot.desk.admission import Admission
from bot.errors import Busy
from bot.outgoing.cards import Answer, Button, Card, Field, Form, Option
from bot.ports import Phone

DONE = Answer(text="Done.")


class FakeCommands:
    """Gives the prepared answers of a verb one after the other, the last one for ever."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.turned_away: list[Request] = []
        self._answers: dict[str, list[Answer]] = {}

    def prepare(self, verb: str, *answers: Answer) -> None:
        self._answers[verb] = list(answers)

    async def __call__(self, request: Request) -> Answer:
        if request.disguise:
            self.turned_away.append(request)
            return Answer(refused=True)
        self.requests.append(request)
        verb = request.verb or (str(request.words).split() or ["help"])[0]
        waiting = self._answers.get(verb, [DONE])
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]

    @property
    def last(self) -> Request:
        return self.requests[-1]


class FakeNotebook:
    """Keeps values as JSON would."""

    def __init__(self) -> None:
        self.kept: dict[str, dict[str, object]] = {}

    async def keep(self, key: str, value: Mapping[str, object], *, minutes: int = 60) -> None:
        import json

        self.kept[key] = json.loads(json.dumps(value))

    async def recall(self, key: str) -> dict[str, object] | None:
        return self.kept.get(key)

    async def forget(self, key: str) -> None:
        self.kept.pop(key, None)


class FakeUpdates:
    """Stores updates; while `is_locked` it cannot."""

    def __init__(self) -> None:
        self.stored: dict[int, str] = {}
        self.finished: list[int] = []
        self.begun: dict[int, int] = {}
        self.kept: list[int] = []
        self.free: list[int] = []
        self.is_locked = False

    async def store(self, platform: str, update_id: int, payload: str) -> bool:
        if self.is_locked:
            raise Busy
        new = update_id not in self.stored
        self.stored.setdefault(update_id, payload)
        return new

    async def claim(self, platform: str) -> list[tuple[int, str]]:
        return [(number, text) for number, text in sorted(self.stored.items()) if number not in self.finished]

    async def keep(self, platform: str, update_ids: Sequence[int]) -> None:
        self.kept = list(update_ids)

    async def let_go(self, platform: str, update_ids: Sequence[int]) -> None:
        self.free = list(update_ids)

    async def begin(self, platform: str, update_id: int) -> int:
        before = self.begun.get(update_id, 0)
        self.begun[update_id] = before + 1
        return before

    async def done(self, platform: str, update_id: int) -> None:
        self.finished.append(update_id)


class FakeStanding:
    """Hears where the bot stands; `admission` is what it answers when it is let in somewhere."""

    def __init__(self) -> None:
        self.named: set[str] = set()
        self.linked: list[Phone] = []
        self.heard: list[tuple[str, ...]] = []
        self.admission = Admission(True)

    async def chats(self) -> set[str]:
        return self.named

    async def phones(self) -> list[Phone]:
        return self.linked

    async def moved(self, old: str, new: str) -> None:
        self.heard.append(("moved", old, new))

    async def shut(self, chat: str, why: str, title: str = "") -> None:
        self.heard.append(("shut", chat, why, title))

    async def opened(self, chat: str) -> None:
        self.heard.append(("opened", chat))

    async def let_in(self, chat: str, title: str, by: Caller) -> Admission:
        self.heard.append(("let in", chat, title, by.id))
        return self.admission


def card(**changed: Any) -> Card:
    """Ann's ticket, unread."""
    values: dict[str, Any] = {
        "ticket": 42,
        "reference": "TS2611-0042",
        "version": 7,
        "subject": "Printer on fire",
        "status": "Unread",
        "emoji": "🆕",
        "colour": "#cc0000",
        "client": "Ann, ACME",
        "facts": (("Group", "Support"),),
        "excerpt": "It burns.\nPlease come quickly.",
        "assignee": "nobody",
        "deadline": "⏳ first answer due 14:30 (1 h 40)",
        "last": "Opened by Ann · 12:50 (mail)",
        "next": "14:30 the team is alerted",
        "severity": "🔴",
        "buttons": (Button("takeover", "Take over", confirm="Bob has this ticket. Take it over?"),),
        "phone": (
            (Button("take", "✅ Take it"),),
            (Button("snooze", "💤 1 h", argument="1h"), Button("snooze", "💤 4 h", argument="4h")),
            (Button("close", "✔ Close"), Button("more", "ℹ More")),
        ),
        "phone_more": ((Button("reply", "Reply…"), Button("takeover", "Take over")), (Button("back", "« Back"),)),
    }
    return Card(**(values | changed))


def reply_form(**values: str) -> Form:
    """The form of `reply`, with what is known already."""
    return Form(
        "reply",
        "Reply to the client",
        "Send",
        (
            Field("to", "To", value=values.get("to", "ann@acme.example")),
            Field("text", "Text", "text", value=values.get("text", "")),
        ),
        "TS2611-0042",
        7,
        confirm=True,
    )


def close_form() -> Form:
    """The form of `close`: a text one may skip, and a choice."""
    options = (Option("yes", "Yes: ann@acme.example"), Option("no", "No"))
    return Form(
        "close",
        "Close ticket",
        "Close ticket",
        (
            Field("text", "What was the solution?", "text", optional=True),
            Field("notify", "Write to the client", "select", value="yes", options=options),
        ),
        "TS2611-0042",
        7,
    )
