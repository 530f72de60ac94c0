"""Linking a person's account on a platform: codes that are random, kept hashed, live ten minutes and work once.

Two ways: an agent asks for an address to open (`t.me/<bot>?start=<token>`), or a phone asks for six digits that an
agent then types. What a phone tried before it was linked waits for it.
"""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot.clock import Clock
from bot.desk.people import Agent
from bot.desk.signing import hashed
from bot.errors import NotAllowed, Refusal
from storage.database import transaction
from storage.queries import desk as desk_rows
from storage.queries import people as rows

LIFE = timedelta(minutes=10)
TRIES = 5
PLATFORM = "telegram"
WRONG_CODE = "This code is wrong or too old. Ask for a new one with `pair`."


class Pairings:
    """Makes codes and uses them up."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def token_for(self, agent: Agent) -> str:
        """A token for the agent's own phone, to be opened as an address."""
        token = secrets.token_urlsafe(24)
        self._add(token, agent=agent.id)
        return token

    def digits_for(self, external_id: str, name: str) -> str:
        """Six digits for this phone, to be typed by an agent."""
        digits = f"{secrets.randbelow(10**6):06d}"
        self._add(digits, external_id=external_id, name=name)
        return digits

    def remember_press(self, external_id: str, name: str, request: Mapping[str, Any]) -> None:
        """Keep what a phone that is not linked tried to do."""
        self._add(secrets.token_urlsafe(16), external_id=external_id, name=name, pending=dict(request))

    def open_token(self, token: str, external_id: str, name: str) -> Agent:
        """Link this phone to the agent who asked for the token. Refusal when it is wrong, used or too old."""
        with transaction():
            found = rows.pairing(hashed(token), self._clock.now())
            if found is None or found.agent is None or not rows.use_pairing(found.id, self._clock.now()):
                raise Refusal(WRONG_CODE)
            return self._link(Agent.of(found.agent), external_id, name)

    def type_digits(self, digits: str, agent: Agent) -> bool:
        """Link the phone that shows these digits to this agent; False when they are wrong, used or too old.

        A wrong try is counted, so nothing is raised that would roll the count back. Refusal after five in ten minutes.
        """
        self._count_try(agent)
        with transaction():
            found = rows.pairing(hashed(digits.strip()), self._clock.now())
            if found is None or not found.external_id or not rows.use_pairing(found.id, self._clock.now()):
                return False
            desk_rows.forget(_tries_key(agent))
            self._link(agent, found.external_id, found.name)
            return True

    def waiting_press(self, external_id: str) -> Mapping[str, Any] | None:
        """What this phone tried before it was linked, taken out."""
        with transaction():
            return rows.waiting_press(PLATFORM, external_id, self._clock.now())

    def unlink(self, agent: Agent) -> bool:
        """Forget the agent's phone; whether there was one."""
        return rows.unlink_account(agent.id, PLATFORM)

    def _link(self, agent: Agent, external_id: str, name: str) -> Agent:
        if not agent.active:
            raise NotAllowed("{name} is no active agent.", name=agent.name)
        rows.link_account(agent.id, PLATFORM, external_id, name, self._clock.now())
        return agent

    def _count_try(self, agent: Agent) -> None:
        now = self._clock.now()
        tries = (desk_rows.jotted(_tries_key(agent), now) or 0) + 1
        if tries > TRIES:
            raise Refusal("Too many wrong codes. Try again in ten minutes.")
        desk_rows.jot(_tries_key(agent), tries, now + LIFE)

    def _add(self, code: str, **values: Any) -> None:
        now = self._clock.now()
        rows.add_pairing(code_hash=hashed(code), platform=PLATFORM, created_at=now, expires_at=now + LIFE, **values)


def _tries_key(agent: Agent) -> str:
    return f"pairing-tries:{agent.id}"
