"""From what Slack sends to the verbs and back: who asks, and what the person is shown afterwards.

A member who is not known yet is looked up once: a full member of the home workspace is recognised by the address of
the profile; guests, bots, deleted and foreign users never are.
"""

import asyncio
import time
from collections.abc import Awaitable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.commands.requests import Caller, Request
from bot.outgoing.cards import Answer
from bot.ports import Commands
from bot.texts import Words
from handlers.slack.blocks import answer_message
from handlers.slack.faults import error_of
from handlers.slack.forms import answer_view, form_view
from handlers.slack.mrkdwn import mentions

log = structlog.get_logger("deskbell.slack")

REFUSED_FOR, MOST_REFUSED = 600.0, 10_000
LOOK_UP_SECONDS = 2.0
NO_MEMBER = ("deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger", "is_workflow_bot")
SILENCE = (aiohttp.ClientError, TimeoutError, OSError, ValueError)


class Asking:
    """Asks the verbs on behalf of people in one workspace, and shows them the answers."""

    def __init__(self, commands: Commands, client: AsyncWebClient, words: Words) -> None:
        self.client = client
        self.words = words
        self.team = ""
        self.enterprise = ""
        self.bot_user = ""
        self._commands = commands
        self._refused: dict[str, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    # who -------------------------------------------------------------------------------------------------------------

    def caller(self, user: str, name: str = "") -> Caller:
        """A person of this workspace."""
        return Caller("slack", user, name, team=self.team, unasked=True)

    def mentioned(self, text: str) -> dict[str, Caller]:
        """The people whom a text from Slack mentions, by how each stands in the decoded text."""
        return {shown: self.caller(user) for shown, user in mentions(text).items()}

    def presser(self, body: Mapping[str, Any]) -> Caller:
        """Who pressed or submitted."""
        user = body["user"]
        return self.caller(str(user["id"]), str(user.get("username") or user.get("name") or ""))

    def is_ours(self, body: Mapping[str, Any]) -> bool:
        """Whether a request comes from this workspace and from one of its own people."""
        home = body.get("team_id") or _id(body.get("team"))
        if not self.team or home != self.team:
            return False
        elsewhere = set(_teams(body)) - {self.team} | set(_enterprises(body)) - {self.enterprise}
        return not elsewhere

    async def __call__(self, request: Request) -> Answer:
        """The answer; whoever is not known, asker or mentioned, is looked up and the same request asked again."""
        answer = await self._commands(request)
        if answer.unrecognised:
            request = replace(request, caller=await self._introduced(request.caller))
            answer = await self._commands(request)
        if answer.unmet in request.mentions:
            person = await self._introduced(request.mentions[answer.unmet])
            again = replace(request, mentions={**request.mentions, answer.unmet: person})
            answer = await self._commands(again) if person.email else answer
        return answer

    async def _introduced(self, person: Caller) -> Caller:
        """The person with address and name of the profile, where Slack vouches for them."""
        email, name = await self.profile(person.id)
        return replace(person, email=email, name=name or person.name, unasked=False)

    async def profile(self, user: str) -> tuple[str, str]:
        """Address and name of a full member; ("", "") for everybody else."""
        if self._refused.get(user, 0.0) > time.monotonic():
            return "", ""
        try:
            async with asyncio.timeout(LOOK_UP_SECONDS):
                answer = await self.client.users_info(user=user)
        except (SlackApiError, *SILENCE) as fault:
            log.warning("profile could not be read", user=user, error=_said(fault))
            return "", ""
        found: dict[str, Any] = answer.get("user") or {}
        profile = found.get("profile") or {}
        if found.get("team_id") == self.team and not any(found.get(mark) for mark in NO_MEMBER):
            return str(profile.get("email") or ""), str(profile.get("real_name") or found.get("name") or "")
        self._remember_refused(user)
        return "", ""

    def _remember_refused(self, user: str) -> None:
        if len(self._refused) >= MOST_REFUSED:
            self._refused.clear()
        self._refused[user] = time.monotonic() + REFUSED_FOR

    # showing ---------------------------------------------------------------------------------------------------------

    def message(self, answer: Answer) -> dict[str, Any]:
        """An answer as a message's arguments."""
        return answer_message(answer, self.words_for(answer))

    def words_for(self, answer: Answer) -> Words:
        """The asker's language, where the answer tells it."""
        return Words(answer.language, str(self.words.zone)) if answer.language else self.words

    def without(self, names: Iterable[str]) -> Answer:
        """The sentence about files that could not be fetched."""
        sentence = "These files were not kept, they are too large or Slack did not give them: {names}"
        return Answer(text=self.words(sentence, names=", ".join(names)), refused=True)

    async def open_form(self, answer: Answer, trigger_id: str, channel: str, user: str) -> None:
        """Open the answer's form; when it does not open, say so."""
        assert answer.form is not None
        form, words = answer.form, self.words_for(answer)
        view = form_view(form, words, channel=channel)
        try:
            await self.client.views_open(trigger_id=trigger_id, view=view)
        except SlackApiError as fault:
            log.warning("form could not be opened", verb=form.verb, error=error_of(fault))
            text = words("Slack did not open the form. Please try again.")
            await self.whisper(channel, user, replace(answer, form=None, text=text, refused=True))

    async def show_in_view(self, answer: Answer, body: Mapping[str, Any]) -> None:
        """Show whoever pressed in a view an answer: in the modal's place, or in a modal over the home tab."""
        view, shown = body["view"], answer_view(answer, self.words_for(answer))
        if view["type"] == "modal":
            await self.client.views_update(view_id=view["id"], view=shown)
        else:
            await self.client.views_open(trigger_id=body["trigger_id"], view=shown)

    async def whisper(self, channel: str, user: str, answer: Answer, *, thread: str = "") -> None:
        """Say something that only this person sees. Where that cannot be, it is left unsaid and logged."""
        if not channel or answer.nothing:
            return
        said = {**self.message(answer), **({"thread_ts": thread} if thread else {})}
        try:
            await self.client.chat_postEphemeral(channel=channel, user=user, **said)
        except SlackApiError as fault:
            log.info("whisper refused", channel=channel, error=error_of(fault))

    # afterwards ------------------------------------------------------------------------------------------------------

    def later(self, work: Awaitable[Any]) -> None:
        """Do it beside the acknowledgement; when it fails that is only logged, for all was committed before."""
        task = asyncio.ensure_future(_guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finish(self, seconds: float = 1.0) -> None:
        """What is being said may be said to its end, for a moment."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=seconds)
            for task in late:
                task.cancel()


async def _guarded(work: Awaitable[Any]) -> None:
    try:
        await work
    except Exception as fault:
        log.warning("could not be said", error=_said(fault))


def _said(fault: Exception) -> str:
    return error_of(fault) if isinstance(fault, SlackApiError) else type(fault).__name__


def _id(team: Any) -> str:
    return str(team.get("id") or "") if isinstance(team, dict) else str(team or "")


def _teams(body: Mapping[str, Any]) -> Iterator[str]:
    """The workspaces of everybody who had a part in a request."""
    user, event = body.get("user"), body.get("event")
    named = [body.get("team_id"), _id(body.get("team")), user.get("team_id") if isinstance(user, dict) else ""]
    if isinstance(event, dict):
        named += [event.get("team"), event.get("user_team"), event.get("source_team")]
    return (str(team) for team in named if team)


def _enterprises(body: Mapping[str, Any]) -> Iterator[str]:
    named = (body.get("enterprise_id"), _id(body.get("enterprise")))
    return (str(enterprise) for enterprise in named if enterprise)
