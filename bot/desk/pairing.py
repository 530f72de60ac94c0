"""Linking a person's account on a platform: codes that are random, kept hashed, live ten minutes and work once.

Two ways: an agent asks for an address to open (`t.me/<bot>?start=<token>`), or a phone asks for six digits that an
agent then types. What a phone tried before it was linked waits for it.

Whoever is wrong five times in ten minutes waits: an agent who types digits, a phone that opens addresses. A wrong try
is counted, so nothing is raised that would roll the count back.
"""

import secrets
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

from bot.clock import Clock
from bot.desk import audit
from bot.desk.people import Actor, Agent
from bot.desk.signing import hashed
from bot.errors import NotAllowed, Refusal
from storage.database import transaction
from storage.queries import desk as desk_rows
from storage.queries import people as rows

T = TypeVar("T")
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
        """Six digits for this phone, to be typed by an agent; those that it was given before count no more."""
        with transaction():
            rows.drop_pairings(PLATFORM, external_id, pressed=False)
            digits = self._free_digits()
            self._add(digits, external_id=external_id, name=name)
            return digits

    def _free_digits(self) -> str:
        """Digits that nobody else has now; what once had them and is over makes room."""
        while True:
            digits = f"{secrets.randbelow(10**6):06d}"
            if rows.make_room(hashed(digits), self._clock.now()):
                return digits

    def remember_press(self, external_id: str, name: str, request: Mapping[str, Any]) -> None:
        """Keep what a phone that is not linked tried to do last."""
        with transaction():
            rows.drop_pairings(PLATFORM, external_id, pressed=True)
            self._add(secrets.token_urlsafe(16), external_id=external_id, name=name, pending=dict(request))

    def open_token(self, token: str, external_id: str, name: str) -> Agent | None:
        """Link this phone to the agent who asked for the token; None when it is wrong, used or too old.

        Refusal after five wrong ones in ten minutes.
        """
        tries = self._count_try(f"phone:{external_id}")
        with transaction():
            found = rows.pairing(hashed(token), self._clock.now())
            if found is None or found.agent is None or not rows.use_pairing(found.id, self._clock.now()):
                return None
            desk_rows.forget(tries)
            return self._link(Agent.of(found.agent), external_id, name, PLATFORM)

    def spoil(self, token: str) -> None:
        """The token was seen by others: it counts no more."""
        with transaction():
            found = rows.pairing(hashed(token), self._clock.now())
            if found is not None:
                rows.use_pairing(found.id, self._clock.now())

    def type_digits(self, digits: str, agent: Agent, platform: str) -> str | None:
        """Link the phone that shows these digits to this agent, who types them on a platform; the phone's name.

        None when they are wrong, used or too old. Refusal after five wrong ones in ten minutes.
        """
        tries = self._count_try(str(agent.id))
        with transaction():
            found = rows.pairing(hashed(digits.strip()), self._clock.now())
            if found is None or not found.external_id or not rows.use_pairing(found.id, self._clock.now()):
                return None
            desk_rows.forget(tries)
            self._link(agent, found.external_id, found.name, platform)
            return found.name or found.external_id

    def waiting_press(self, external_id: str) -> Mapping[str, Any] | None:
        """What this phone tried before it was linked, taken out."""
        with transaction():
            return rows.waiting_press(PLATFORM, external_id, self._clock.now())

    def unlink(self, agent: Agent, platform: str) -> bool:
        """Forget the agent's phone; whether there was one."""
        with transaction():
            return self._changed("phone_unlinked", agent, platform, partial(rows.unlink_account, agent.id, PLATFORM))

    def _link(self, agent: Agent, external_id: str, name: str, platform: str) -> Agent:
        if not agent.active:
            raise NotAllowed("{name} is no active agent.", name=agent.name)
        link = partial(rows.link_account, agent.id, PLATFORM, external_id, name, self._clock.now())
        self._changed("phone_linked", agent, platform, link)
        return agent

    def _changed(self, kind: str, agent: Agent, platform: str, change: Callable[[], T]) -> T:
        """Change it, and write down from which phone to which."""
        old = rows.accounts(agent.id).get(PLATFORM)
        done = change()
        new = rows.accounts(agent.id).get(PLATFORM)
        if new != old:
            by, about = Actor.of(agent, platform), f"agent {agent.id}"
            audit.record(kind, by, self._clock, about=about, old={PLATFORM: old}, new={PLATFORM: new})
        return done

    def _count_try(self, who: str) -> str:
        """Count one more; the name of the count, to be forgotten when it was right."""
        key, now = f"pairing-tries:{who}", self._clock.now()
        tries = (desk_rows.jotted(key, now) or 0) + 1
        if tries > TRIES:
            raise Refusal("Too many wrong codes. Try again in ten minutes.")
        desk_rows.jot(key, tries, now + LIFE)
        return key

    def _add(self, code: str, **values: Any) -> None:
        now = self._clock.now()
        rows.add_pairing(code_hash=hashed(code), platform=PLATFORM, created_at=now, expires_at=now + LIFE, **values)
