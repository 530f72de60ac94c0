"""How requests reach the app: over Socket Mode or HTTP; events again after 0 s, 1 min, 5 min while unacknowledged."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from bot.sandbox.slack import payloads
from bot.sandbox.slack.gesture import Gesture
from bot.sandbox.slack.http_mode import HttpMode
from bot.sandbox.slack.records import Channel
from bot.sandbox.slack.refusals import Json
from bot.sandbox.slack.socket_mode import Answer, SocketMode
from bot.sandbox.slack.workspace import Workspace

TICK = 0.05
REASONS = {"operation_timeout": "timeout", "dispatch_failed": "http_error"}


@dataclass
class Retry:
    due: float
    payload: Json
    gesture: Gesture
    attempt: int
    reason: str


class Delivery:
    """`ack_seconds`: how long the app may take. `retry_delays`: seconds, on the workspace's clock, between attempts.

    `echo`: the app is also sent what it posted itself, as Slack does. `subscriptions`: the event types (and
    `message.channel`, `message.group`, `message.im`) that are sent; None sends all.
    """

    def __init__(self, workspace: Workspace, sockets: SocketMode, http: HttpMode) -> None:
        self.workspace, self.sockets, self.http = workspace, sockets, http
        self.ack_seconds = 3.0
        self.retry_delays: tuple[float, ...] = (0.0, 60.0, 300.0)
        self.echo = True
        self.subscriptions: frozenset[str] | None = None
        self.retries: list[Retry] = []
        self.given_up: list[Json] = []
        self._tasks: set[asyncio.Task[Any]] = set()
        workspace.on_event = self.event

    def start(self) -> None:
        self._spawn(self._watch_retries())

    async def stop(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.http.close()

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def send(self, kind: str, gesture: Gesture, *, attempt: int = 0, reason: str = "") -> Gesture:
        """The gesture's payload, once; the gesture then holds the acknowledgement or the error."""
        way = self.http if self.http.address else self.sockets
        gesture.sent, gesture.attempts = True, gesture.attempts + 1
        answer = await way.send(kind, gesture.payload, self.ack_seconds, attempt, reason)
        _note(gesture, answer)
        if kind == "events_api" and not answer.acked and not answer.no_retry:
            self._plan_retry(gesture, attempt, REASONS.get(answer.error or "", "http_error"))
        return gesture

    def _plan_retry(self, gesture: Gesture, attempt: int, reason: str) -> None:
        if attempt >= len(self.retry_delays):
            self.given_up.append(gesture.payload)
            return
        due = self.workspace.clock() + self.retry_delays[attempt]
        self.retries.append(Retry(due, gesture.payload, gesture, attempt + 1, reason))

    async def _watch_retries(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            self._start_retries(self.workspace.clock())

    def _start_retries(self, until: float) -> list[asyncio.Task[Any]]:
        due = [retry for retry in self.retries if retry.due <= until]
        self.retries = [retry for retry in self.retries if retry.due > until]
        return [self._spawn(self.send("events_api", r.gesture, attempt=r.attempt, reason=r.reason)) for r in due]

    async def retry_now(self) -> int:
        """Every waiting retry is sent without waiting for its time; how many there were."""
        tasks = self._start_retries(float("inf"))
        await asyncio.gather(*tasks)
        return len(tasks)

    def event(self, event: Json, channel: Channel | None) -> asyncio.Task[Gesture] | None:
        """An event on its way, if the app may see it; the task ends with the first attempt's answer."""
        if not self._is_sent(event, channel):
            return None
        gesture = Gesture(payloads.event_callback(self.workspace, event))
        return self._spawn(self.send("events_api", gesture))

    def _is_sent(self, event: Json, channel: Channel | None) -> bool:
        workspace = self.workspace
        if channel is not None and workspace.bot_user not in channel.members:
            return bool(event["type"] == "member_left_channel")
        if not self.echo and workspace.bot_user in (event.get("user"), event.get("message", {}).get("user")):
            return False
        return self.subscriptions is None or bool(self._names(event) & self.subscriptions)

    def _names(self, event: Json) -> set[str]:
        return {str(event["type"]), f"{event['type']}.{event.get('channel_type', '')}"}


def _note(gesture: Gesture, answer: Answer) -> None:
    gesture.acked, gesture.ack, gesture.ack_seconds = answer.acked, answer.payload, answer.seconds
    gesture.status, gesture.error = answer.status, answer.error
