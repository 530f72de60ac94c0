"""What came of one thing that a person did: everything the app answered, as that person saw it.

More may arrive after the acknowledgement; `until` waits for it.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.slack.records import Message, View
from bot.sandbox.slack.refusals import Json

STEP = 0.01


@dataclass
class Gesture:
    """`error` is what the client showed: operation_timeout, dispatch_failed, trouble_connecting, refused_by_client.

    `ack_seconds` is the time to the acknowledgement; `field_errors` maps block ids to what stands under the field;
    `sent` is false where the client itself refused and nothing left it.
    """

    payload: Json = field(default_factory=dict)
    sent: bool = False
    acked: bool = False
    ack: Any = None
    ack_seconds: float | None = None
    status: int | None = None
    error: str | None = None
    problems: list[str] = field(default_factory=list)
    field_errors: dict[str, str] = field(default_factory=dict)
    responses: list[Json] = field(default_factory=list)
    ephemerals: list[Message] = field(default_factory=list)
    posted: list[Message] = field(default_factory=list)
    opened: list[View] = field(default_factory=list)
    updated: list[View] = field(default_factory=list)
    pushed: list[View] = field(default_factory=list)
    shown: list[View] = field(default_factory=list)
    closed: bool = False
    options: list[Json] = field(default_factory=list)
    attempts: int = 0

    @property
    def view(self) -> View | None:
        """The view that was opened, pushed or updated last."""
        return self.shown[-1] if self.shown else None

    @property
    def trigger_id(self) -> str:
        return str(self.payload.get("trigger_id", ""))

    @property
    def response_url(self) -> str:
        return str(self.payload.get("response_url", ""))

    @property
    def texts(self) -> list[str]:
        """Every private answer's words, in order."""
        return [message.words for message in self.ephemerals]

    @property
    def text(self) -> str:
        return "\n".join(self.texts)

    async def until(self, condition: Callable[["Gesture"], Any], timeout: float = 3.0) -> Any:  # noqa: ASYNC109
        """What `condition(gesture)` says once it is truthy; TimeoutError after `timeout` seconds."""
        async with asyncio.timeout(timeout):
            while not (found := condition(self)):  # noqa: ASYNC110
                await asyncio.sleep(STEP)
        return found

    async def until_view(self, timeout: float = 3.0) -> View:  # noqa: ASYNC109
        view = await self.until(lambda gesture: gesture.view, timeout)
        assert isinstance(view, View)
        return view

    async def until_text(self, timeout: float = 3.0) -> str:  # noqa: ASYNC109
        return str(await self.until(lambda gesture: gesture.text, timeout))
