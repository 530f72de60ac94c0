"""The Web API over HTTP: reads a call, checks token, scopes and rates, does the work, writes it into the ledger.

The order is Slack's: unknown method, token, arguments, scope, rate, and only then the method's own refusals.
"""

import asyncio
import json
from collections import deque
from typing import Any

from aiohttp import web

from bot.sandbox.slack.faults import Fault
from bot.sandbox.slack.methods import METHODS, Arguments, Method
from bot.sandbox.slack.methods.registry import require_scope
from bot.sandbox.slack.records import Call
from bot.sandbox.slack.refusals import Json, Refused
from bot.sandbox.slack.workspace import Workspace

STRUCTURED = ("blocks", "attachments", "view", "metadata", "files")
ALL_SCOPES = frozenset(
    {scope for method in METHODS.values() for scope in method.scopes} | {"commands", "app_mentions:read"}
)


class WebApi:
    """`POST /api/<method>`, for the bot's token and, for apps.connections.open, the app's."""

    def __init__(self, workspace: Workspace, bot_token: str, app_token: str) -> None:
        self.workspace = workspace
        self.tokens = {bot_token: False, app_token: True}
        self._recent: dict[str, deque[float]] = {}

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One call, with the fault that is planned for it."""
        name, faults = request.match_info["method"], self.workspace.faults
        if faults.delay:
            await asyncio.sleep(faults.delay)
        fault = faults.take(name)
        try:
            arguments = await read_arguments(request)
        except Refused as refused:
            return web.json_response(refused.answer())
        if fault is not None and not fault.done:
            return await self._go_wrong(request, name, arguments, fault)
        answer, status, headers = self._answer(request, name, arguments)
        self._write_down(name, arguments, answer, status)
        if fault is not None:
            return await _break(request, fault)
        return web.json_response(answer, status=status, headers=headers)

    async def _go_wrong(
        self, request: web.Request, name: str, arguments: Arguments, fault: Fault
    ) -> web.StreamResponse:
        answer = fault.body if isinstance(fault.body, dict) else {"ok": False, "error": "", "body": fault.body}
        self._write_down(name, arguments, answer, fault.status)
        return await _break(request, fault)

    def _answer(self, request: web.Request, name: str, arguments: Arguments) -> tuple[Json, int, dict[str, str]]:
        headers = {"x-slack-req-id": self.workspace.new_id("R")}
        try:
            method = self._allowed(request, name, arguments)
            headers |= {
                "x-oauth-scopes": ",".join(sorted(self.workspace.scopes)),
                "x-accepted-oauth-scopes": ",".join(method.scopes),
            }
            require_scope(self.workspace, *method.scopes)
            if (wait := self._rate_wait(method, arguments)) > 0:
                return {"ok": False, "error": "ratelimited"}, 429, headers | {"Retry-After": str(wait)}
            return {"ok": True, **method.work(self.workspace, arguments)}, 200, headers
        except Refused as refused:
            return refused.answer(), 200, headers

    def _allowed(self, request: web.Request, name: str, arguments: Arguments) -> Method:
        if name not in METHODS:
            raise Refused("unknown_method", req_method=name)
        method = METHODS[name]
        self._check_token(token_of(request, arguments), method)
        missing = [field for field in method.required if arguments.get(field) in (None, "")]
        if missing:
            raise Refused(
                "invalid_arguments", [f"[ERROR] missing required field: {field} [json-pointer:/]" for field in missing]
            )
        return method

    def _check_token(self, token: str, method: Method) -> None:
        if not token:
            raise Refused("not_authed")
        if self.workspace.faults.refuse_tokens:
            raise Refused(self.workspace.faults.refuse_tokens)
        if token not in self.tokens:
            raise Refused("invalid_auth")
        if self.tokens[token] != method.app_token and method.name != "auth.test":
            raise Refused("not_allowed_token_type")

    def _rate_wait(self, method: Method, arguments: Arguments) -> int:
        """Seconds until the next call is allowed, 0 for now; posts count per channel and second."""
        if not self.workspace.faults.enforce_rates:
            return 0
        posting = method.name == "chat.postMessage"
        key, window, most = method.name, 60.0, method.rate
        if posting:
            key, window, most = f"{key} {arguments.text('channel')}", 1.0, 1
        recent, now = self._recent.setdefault(key, deque()), self.workspace.clock()
        while recent and recent[0] <= now - window:
            recent.popleft()
        if len(recent) >= most:
            return max(1, round(recent[0] + window - now))
        recent.append(now)
        return 0

    def _write_down(self, name: str, arguments: Arguments, answer: Json, status: int) -> None:
        shown = {key: _decoded(key, value) for key, value in arguments.items() if key != "token"}
        call = Call(name, shown, answer, self.workspace.clock(), status)
        self.workspace.calls.append(call)


def token_of(request: web.Request, arguments: Arguments | None = None) -> str:
    """The bearer token of a request, from its header or the old `token` argument."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    return arguments.text("token") if arguments else ""


def _decoded(name: str, value: Any) -> Any:
    if name not in STRUCTURED or not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


async def read_arguments(request: web.Request) -> Arguments:
    """Arguments of query and body; raises invalid_json for a body that no strict parser reads."""
    arguments = Arguments(request.query)
    if request.content_type == "application/json":
        arguments.update(read_object(await request.text()))
    elif request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
        arguments.update(await request.post())
    return arguments


def read_object(text: str) -> Json:
    """A JSON object; lone surrogates are no text to a strict parser."""
    try:
        value = json.loads(text or "{}")
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise Refused("invalid_json") from None
    if not isinstance(value, dict):
        raise Refused("json_not_object")
    return value


async def _break(request: web.Request, fault: Fault) -> web.StreamResponse:
    if fault.hang:
        await asyncio.sleep(fault.hang)
    if fault.drop:
        if request.transport is not None:
            request.transport.abort()
        return web.Response()
    if isinstance(fault.body, dict):
        return web.json_response(fault.body, status=fault.status, headers=fault.headers)
    kind = "text/html" if fault.body.startswith("<") else "application/json"
    return web.Response(text=fault.body, status=fault.status, headers=fault.headers, content_type=kind)
