"""From what Slack sends to the verbs and back: who asks, where, and what the person is shown afterwards.

A member who is not known yet is looked up once: a full member of the home workspace is recognised by the address of
the profile; guests, bots, deleted and foreign users never are.
"""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.commands.requests import Caller, Request
from bot.outgoing.cards import Answer, Form
from bot.ports import Commands
from bot.texts import Words
from handlers.slack import blocks

log = structlog.get_logger("deskbell.slack")

REFUSED_FOR = 600.0
NO_MEMBER = ("deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger", "is_workflow_bot")


class Asking:
    """Asks the verbs on behalf of people in one workspace, and shows them the answers."""

    def __init__(self, commands: Commands, client: AsyncWebClient, words: Words) -> None:
        self.client = client
        self.words = words
        self.team = ""
        self.bot_user = ""
        self._commands = commands
        self._refused: dict[str, float] = {}

    # who -------------------------------------------------------------------------------------------------------------

    def caller(self, user: str, name: str = "") -> Caller:
        """A person of this workspace."""
        return Caller("slack", user, name, team=self.team)

    def is_ours(self, body: Mapping[str, Any]) -> bool:
        """Whether a request comes from this workspace and from one of its own people."""
        user = body.get("user")
        event = body.get("event") or {}
        teams = [
            body.get("team_id") or _id(body.get("team")),
            user.get("team_id") if isinstance(user, dict) else None,
            event.get("user_team") if isinstance(event, dict) else None,
        ]
        return all(team in (None, "", self.team) for team in teams)

    async def __call__(self, request: Request) -> Answer:
        """The answer; whoever is not known is looked up and the request asked again."""
        answer = await self._commands(request)
        if not answer.unrecognised:
            return answer
        email, name = await self._profile(request.caller.id)
        if not email:
            return answer
        return await self._commands(replace(request, caller=replace(request.caller, email=email, name=name)))

    async def _profile(self, user: str) -> tuple[str, str]:
        """Address and name of a full member; ("", "") for everybody else."""
        if self._refused.get(user, 0.0) > time.monotonic():
            return "", ""
        try:
            answer = await self.client.users_info(user=user)
        except SlackApiError as fault:
            log.warning("profile could not be read", error=str(fault.response.get("error")))
            return "", ""
        found: dict[str, Any] = answer.get("user") or {}
        profile = found.get("profile") or {}
        if found.get("team_id") == self.team and not any(found.get(mark) for mark in NO_MEMBER):
            return str(profile.get("email") or ""), str(profile.get("real_name") or found.get("name") or "")
        self._refused[user] = time.monotonic() + REFUSED_FOR
        return "", ""

    # showing ---------------------------------------------------------------------------------------------------------

    def message(self, answer: Answer) -> dict[str, Any]:
        """An answer as a message's arguments."""
        return blocks.answer_message(answer, self.words)

    async def open_form(self, form: Form, trigger_id: str, channel: str, user: str) -> None:
        """Open the form; when that is too late, say so."""
        view = blocks.view(form, self.words)
        view["private_metadata"] += f"|{channel}"
        try:
            await self.client.views_open(trigger_id=trigger_id, view=view)
        except SlackApiError as fault:
            log.warning("form could not be opened", verb=form.verb, error=str(fault.response.get("error")))
            text = self.words("Slack did not let me open the form in time. Please try again.")
            await self.whisper(channel, user, Answer(text=text, refused=True))

    async def whisper(self, channel: str, user: str, answer: Answer, *, thread: str = "") -> None:
        """Say something that only this person sees. Where that cannot be, it is left unsaid and logged."""
        if not channel or answer.nothing:
            return
        where: dict[str, Any] = {"thread_ts": thread} if thread else {}
        try:
            await self.client.chat_postEphemeral(channel=channel, user=user, **where, **self.message(answer))
        except SlackApiError as fault:
            log.info("whisper refused", channel=channel, error=str(fault.response.get("error")))


def _id(team: Any) -> str | None:
    return team.get("id") if isinstance(team, dict) else None
