"""How the pretend Slack says no: `Refused` for the app, `NotThere` for people who reach for what they cannot see."""

from typing import Any

Json = dict[str, Any]


class Refused(Exception):
    """A Web API method answers `{"ok": false, "error": …}`.

    `messages` become `response_metadata.messages`; `extra` are further fields of the answer (needed, provided).
    """

    def __init__(self, error: str, messages: list[str] | None = None, **extra: Any) -> None:
        super().__init__(error)
        self.error = error
        self.messages = messages or []
        self.extra = extra

    def answer(self) -> Json:
        answer: Json = {"ok": False, "error": self.error, **self.extra}
        if self.messages:
            answer["response_metadata"] = {"messages": self.messages}
        return answer


class NotThere(LookupError):
    """A gesture needs something that its person cannot see: a button that was redrawn away, a closed view."""
