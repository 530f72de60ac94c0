"""The pretend Slack as one aiohttp application on loopback: Web API, Socket Mode, response addresses, files.

`PretendSlack` is all that tests and the demo see: state, gestures, faults and the ledger of calls.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import Any

from aiohttp import web

from bot.sandbox.slack import response_urls
from bot.sandbox.slack.delivery import Delivery
from bot.sandbox.slack.faults import Faults
from bot.sandbox.slack.form_people import FormPeople
from bot.sandbox.slack.http_mode import HttpMode
from bot.sandbox.slack.records import Call, Channel, Member, Message, UserGroup, View
from bot.sandbox.slack.refusals import Json
from bot.sandbox.slack.socket_mode import SocketMode
from bot.sandbox.slack.web_api import ALL_SCOPES, WebApi, token_of
from bot.sandbox.slack.workspace import Workspace

LARGEST_BODY = 64 * 1024 * 1024


class PretendSlack(FormPeople):
    """One workspace with one installed app, "Deskbell" (@Deskbell, `bot_user`). Times come from `clock`, in seconds.

    `dated` is where messages have their times from, if it is not the clock that limits how long things may take.
    """

    def __init__(
        self,
        *,
        bot_token: str = "xoxb-sandbox-bot",
        app_token: str = "xapp-sandbox-app",
        signing_secret: str = "sandbox-signing-secret",
        team: str = "T0DESK",
        clock: Callable[[], float] = time.time,
        dated: Callable[[], float] | None = None,
        scopes: frozenset[str] = ALL_SCOPES,
    ) -> None:
        self.bot_token, self.app_token, self.signing_secret = bot_token, app_token, signing_secret
        self.workspace = Workspace(team, clock, scopes, dated)
        self.sockets = SocketMode(self.workspace.faults, self.workspace.app_id)
        self.http = HttpMode(self.workspace.faults, signing_secret)
        self.delivery = Delivery(self.workspace, self.sockets, self.http)
        self.web_api = WebApi(self.workspace, bot_token, app_token)
        self.workspace.new_ticket = self.sockets.new_ticket
        self._runner: web.AppRunner | None = None
        self.add_member(self.bot_user, "Deskbell", "", bot=True)

    # life

    async def start(self, port: int = 0) -> None:
        """Listens on 127.0.0.1; port 0 takes a free one."""
        self._runner = web.AppRunner(self._app(), access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        bound = self._runner.addresses[0][1]
        self.workspace.base = f"http://127.0.0.1:{bound}/api/"
        self.workspace.rights.prefix = f"{self.workspace.base}actions/{self.team}/"
        self.delivery.start()

    async def stop(self) -> None:
        await self.delivery.stop()
        await self.sockets.cut()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def _app(self) -> web.Application:
        app = web.Application(client_max_size=LARGEST_BODY)
        app.router.add_get("/api/link/", self.sockets.serve)
        app.router.add_post("/api/actions/{team}/{secret}", self._response_url)
        app.router.add_post("/api/upload/v1/{file}", self._upload)
        app.router.add_get("/api/files-pri/{file}/{rest:.*}", self._download)
        app.router.add_route("GET", "/api/{method}", self.web_api.serve)
        app.router.add_route("POST", "/api/{method}", self.web_api.serve)
        return app

    async def _response_url(self, request: web.Request) -> web.Response:
        return await response_urls.serve(self.workspace, request)

    async def _upload(self, request: web.Request) -> web.Response:
        file = self.workspace.files.get(request.match_info["file"])
        content = await _uploaded_bytes(request)
        if file is None or file.complete or len(content) != file.length:
            return web.Response(status=400, text="file_upload_size_mismatch")
        file.content = content
        return web.Response(text=f"OK - {len(content)}")

    async def _download(self, request: web.Request) -> web.Response:
        """A file's bytes for the bot's token; anybody else gets the sign-in page, with status 200, as from Slack."""
        file = self.workspace.files.get(request.match_info["file"])
        if file is None:
            return web.Response(status=404)
        allowed = token_of(request) == self.bot_token and "files:read" in self.workspace.scopes
        if not allowed or self.faults.refuse_tokens:
            return web.Response(text="<!DOCTYPE html><title>Sign in</title>", content_type="text/html")
        return web.Response(body=file.content, content_type=file.mimetype)

    # where the app finds it, where it finds the app

    @property
    def api_url(self) -> str:
        return self.workspace.base

    @property
    def deliver_to(self) -> str | None:
        """The app's own address (HTTP mode); None means Socket Mode."""
        return self.http.address

    @deliver_to.setter
    def deliver_to(self, address: str | None) -> None:
        self.http.address = address

    async def connected(self, links: int = 1, timeout: float = 5.0) -> None:  # noqa: ASYNC109
        """Waits until the app has so many Socket Mode links open."""
        await wait_until(lambda: len(self.sockets.links) >= links, timeout)

    async def cut_sockets(self, *, abrupt: bool = True) -> None:
        await self.sockets.cut(abrupt=abrupt)

    async def ask_to_reconnect(self, reason: str = "refresh_requested") -> None:
        await self.sockets.ask_to_reconnect(reason)

    async def retry_now(self) -> int:
        """Every event that waits for its next attempt is sent now; how many there were."""
        return await self.delivery.retry_now()

    # the cast

    def add_member(
        self,
        user_id: str,
        name: str,
        email: str,
        *,
        guest: bool = False,
        bot: bool = False,
        deleted: bool = False,
        foreign_team: str | None = None,
        admin: bool = False,
        locale: str = "en-US",
        tz: str = "Europe/Paris",
    ) -> Member:
        """A member of the workspace, or with `foreign_team` somebody of another organisation."""
        member = Member(
            user_id, name, email, foreign_team or self.team, guest, bot, deleted, bool(foreign_team), admin, locale, tz
        )
        self.workspace.members[user_id] = member
        return member

    def add_channel(
        self,
        channel_id: str,
        name: str,
        *,
        members: Iterable[str] = (),
        bot_is_member: bool = True,
        private: bool = False,
        archived: bool = False,
    ) -> Channel:
        inside = {*members, self.bot_user} if bot_is_member else set(members)
        channel = Channel(channel_id, name, inside, private, archived)
        self.workspace.channels[channel_id] = channel
        return channel

    def add_usergroup(self, group_id: str, handle: str, users: Iterable[str] = ()) -> UserGroup:
        group = UserGroup(group_id, handle, handle, list(users))
        self.workspace.groups[group_id] = group
        return group

    # what is on the screens

    @property
    def team(self) -> str:
        return self.workspace.team

    @property
    def bot_user(self) -> str:
        return self.workspace.bot_user

    @property
    def calls(self) -> list[Call]:
        """Every Web API call so far."""
        return self.workspace.calls

    @property
    def faults(self) -> Faults:
        return self.workspace.faults

    def calls_of(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method == method]

    def messages(self, channel: str, *, thread_ts: str | None = None) -> list[Message]:
        """The channel's messages outside threads, oldest first; with `thread_ts` the answers in that thread."""
        place = self.workspace.channels[channel]
        if thread_ts is not None:
            return self.workspace.replies(place, thread_ts)
        return [m for m in place.messages.values() if m.thread_ts in (None, m.ts)]

    def message(self, channel: str, ts: str) -> Message:
        return self.workspace.channels[channel].messages[ts]

    def ephemerals(self, user: str, channel: str | None = None) -> list[Message]:
        """What only this person sees, oldest first."""
        mine = [m for m in self.workspace.ephemerals if m.ephemeral_for == user]
        return [m for m in mine if channel in (None, m.channel)]

    def direct_messages(self, user: str) -> list[Message]:
        """The person's conversation with the bot."""
        return self.messages(self.workspace.direct(user).id)

    def view(self, view_id: str) -> View:
        return self.workspace.views[view_id]

    def view_json(self, view_id: str) -> Json:
        """The view as Slack's JSON, with its state."""
        return self.workspace.describe_view(self.workspace.views[view_id])

    def open_views(self, user: str) -> list[View]:
        """The person's stack of modals, the topmost last."""
        return list(self.workspace.stack(user))

    def home(self, user: str) -> View | None:
        return self.workspace.homes.get(user)

    def subscribe(self, callback: Callable[[Json], Any]) -> Callable[[], None]:
        """Calls back with `{"kind": posted | changed | deleted | ephemeral | ephemeral_changed | ephemeral_deleted |
        reaction | view_opened | view_pushed | view_updated | view_closed | home, …}`; returns how to stop that."""
        self.workspace.listeners.append(callback)
        return lambda: self.workspace.listeners.remove(callback)


async def _uploaded_bytes(request: web.Request) -> bytes:
    if request.content_type != "multipart/form-data":
        return await request.read()
    form = await request.post()
    field = next(iter(form.values()), b"")
    return field.file.read() if isinstance(field, web.FileField) else str(field).encode()


async def wait_until(condition: Callable[[], Any], timeout: float = 5.0) -> Any:  # noqa: ASYNC109
    """What the condition says once it is truthy; TimeoutError after `timeout` seconds."""
    async with asyncio.timeout(timeout):
        while not (found := condition()):  # noqa: ASYNC110
            await asyncio.sleep(0.01)  # what is waited for has no event of its own
    return found
