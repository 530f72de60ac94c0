"""What the tests of Slack share: verbs that only write down what they are asked, and cards, forms, hostile words."""

import asyncio
from collections.abc import Callable
from typing import Any

from bot.commands.requests import Request
from bot.config import SlackConfig
from bot.outgoing.cards import Answer, Button, Card, Field, Form, Option, Row
from bot.sandbox.slack import PretendSlack
from bot.texts import Words

BOB, CAROL, EVE, GUEST = "U0BOB", "U0CAROL", "U0EVE", "U0GUEST"
SUPPORT = "C0SUPPORT"
ENGLISH = Words()
HOSTILE = "<!channel> <@U0BOB> <#C0SUPPORT> <https://evil.example|click> &lt;!here&gt; @here\u202e\x00"


class WrittenDown:
    """The verbs' door, with nothing behind it: every request is kept, answers are prepared by verb or first word."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.answers: dict[str, Answer | list[Answer] | Callable[[Request], Answer]] = {}

    async def __call__(self, request: Request) -> Answer:
        self.requests.append(request)
        words = request.words if isinstance(request.words, str) else " ".join(request.words)
        prepared = self.answers.get(request.verb or words.partition(" ")[0], Answer(text="Done."))
        if isinstance(prepared, list):
            return prepared.pop(0)
        return prepared if isinstance(prepared, Answer) else prepared(request)

    @property
    def last(self) -> Request:
        return self.requests[-1]


def config_of(slack: PretendSlack, **more: Any) -> SlackConfig:
    given: dict[str, Any] = {"bot_token": slack.bot_token, "app_token": slack.app_token, "api_url": slack.api_url}
    return SlackConfig(**{**given, "channel": "#support", "signing_secret": slack.signing_secret, **more})


def card(**more: Any) -> Card:
    """Ann's printer is on fire."""
    parts: dict[str, Any] = {
        "ticket": 42,
        "reference": "TS2611-0042",
        "version": 3,
        "subject": "Printer on fire",
        "status": "Unread",
        "emoji": "🔴",
        "colour": "#d93025",
        "client": "Ann, ACME",
        "facts": (("Group", "Support"), ("Type", "Problem"), ("Severity", "🔥 High")),
        "excerpt": "Please help,\nit burns.",
        "assignee": "nobody",
        "deadline": "⏳ first answer due 14:30 (1 h 40)",
        "last": "Opened by Ann · 12:50 (mail)",
        "next": "14:30 the team is alerted",
        "severity": "🔥",
        "buttons": (Button("take", "Take it", "primary"), Button("reply", "Reply…"), Button("note", "Note…")),
        "menu": (
            Button("close", "Close…"),
            Button("takeover", "Take over", confirm="Sam has this ticket. Take it over?"),
        ),
    }
    return Card(**{**parts, **more})


def form(verb: str = "note", **more: Any) -> Form:
    """A form with one text, about the printer."""
    fields = (Field("to", "To", value="ann@acme.example", optional=True), Field("text", "Text", "text"))
    parts: dict[str, Any] = {
        "title": "Note",
        "submit": "Save",
        "fields": fields,
        "reference": "TS2611-0042",
        "version": 3,
    }
    return Form(verb, **{**parts, **more})


def card_of(text: str) -> Card:
    """A card that says the same everywhere."""
    button = Button("take", text, "primary", confirm=text)
    return card(
        subject=text,
        status=text,
        emoji="🔴",
        client=text,
        facts=((text, text),) * 8,
        excerpt=text,
        assignee=text,
        deadline=text,
        last=text,
        next=text,
        severity=text,
        buttons=tuple(Button(f"verb_{letter}", text, "primary", text) for letter in "abcdef"),
        menu=(button,) * 120,
        notes=(text,) * 12,
    )


def answer_of(text: str, **more: Any) -> Answer:
    """An answer that says the same everywhere."""
    row = Row("TS2611-0042", text, "🔥", text, text)
    parts: dict[str, Any] = {
        "text": text,
        "lines": (text,) * 60,
        "rows": (row,) * 60,
        "page": 2,
        "pages": 7,
        "again": "list page:{page} " + text,
        "buttons": tuple(Button(f"verb_{letter}", text, "danger", text) for letter in "abcdefghijklmnopqrstuvwxyz"),
        "reference": "TS2611-0042",
        "version": 3,
    }
    return Answer(**{**parts, **more})


def form_of(text: str, choices: int = 3) -> Form:
    """A form that says the same everywhere."""
    options = tuple(Option(f"choice{number}", text) for number in range(choices))
    fields = (
        Field("subject", text, value=text, hint=text),
        Field("text", text, "text", value=text, hint=text),
        Field("who", text, "select", value="choice1", options=options),
        Field("shown", text, "shown", value=text),
    )
    return form(title=text, submit=text, fields=fields)


async def until(condition: Callable[[], Any], seconds: float = 20) -> Any:
    """What the condition says as soon as it is true; TimeoutError when it never is."""
    async with asyncio.timeout(seconds):
        while not (found := condition()):
            await asyncio.sleep(0.01)
    return found
