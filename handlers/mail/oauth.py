"""Access tokens for mail servers that want XOAUTH2: from a command that prints one, or with a refresh token.

A token is asked for at each connection, so that none is ever too old. A refresh token that its server replaces (as
Microsoft's does) is kept and used from then on. No secret stands in an error's sentence.
"""

import fcntl
import hashlib
import json
import os
import re
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bot.config import OAuthConfig
from bot.errors import MailboxError

TIMEOUT = 20
LONGEST = 64 * 1024
PASSING = frozenset(("temporarily_unavailable", "server_error", "slow_down"))
_TOKEN = re.compile(r"[!-~]+")
_CODE = re.compile(r"[\w.-]{1,60}", re.ASCII)
_DETAIL = re.compile(r"AADSTS\d{1,10}")


class TokenSource:
    """Where the tokens of one account come from. May be used from several threads and processes."""

    def __init__(self, config: OAuthConfig, folder: Path) -> None:
        """`folder`: where a replaced refresh token is kept, in a file that only its owner can read."""
        self._config = config
        given = "\0".join((str(config.token_url), config.client_id, config.refresh_token.get_secret_value()))
        self._kept = folder / "oauth" / hashlib.sha256(given.encode()).hexdigest()[:32]

    def token(self) -> str:
        """A token that is good now. MailboxError when none can be had, permanent when the server refused."""
        if self._config.command:
            return _printed_by(self._config.command)
        given = self._config.refresh_token.get_secret_value()
        with self._alone():
            newest = self._newest()
            try:
                return self._refreshed(newest or given)
            except MailboxError as refusal:
                if not (newest and refusal.permanent):
                    raise
            return self._refreshed(given)

    def _refreshed(self, refresh_token: str) -> str:
        answer = _asked(self._config, refresh_token)
        replaced = answer.get("refresh_token")
        if isinstance(replaced, str) and _TOKEN.fullmatch(replaced) and replaced != refresh_token:
            self._keep(replaced)
        return _checked(answer.get("access_token"), f"oauth: no token from {self._config.token_url}")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Two who refresh at once would each make the other's refresh token worthless."""
        self._kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._kept.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _newest(self) -> str:
        return self._kept.read_text("ascii").strip() if self._kept.exists() else ""

    def _keep(self, refresh_token: str) -> None:
        unfinished = self._kept.with_suffix(".new")
        unfinished.unlink(missing_ok=True)
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(refresh_token)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(self._kept)


def sasl(username: str, token: str) -> Callable[[bytes], bytes]:
    """What imaplib answers to an XOAUTH2 server: first who we are, then nothing, so that a refusal comes to its end."""
    answers = iter([f"user={username}\x01auth=Bearer {token}\x01\x01".encode()])
    return lambda _challenge: next(answers, b"")


class _NoDetours(urllib.request.HTTPRedirectHandler):
    """Secrets go to the configured address and to no other."""

    def redirect_request(self, *_: Any) -> None:
        """Go nowhere."""


_OPENER = urllib.request.build_opener(_NoDetours)


def _printed_by(command: tuple[str, ...]) -> str:
    try:
        done = subprocess.run(list(command), capture_output=True, text=True, timeout=TIMEOUT, check=True)
    except (OSError, ValueError, subprocess.SubprocessError) as fault:
        raise MailboxError(f"oauth: the command printed no token ({type(fault).__name__})") from None
    return _checked(done.stdout.strip(), "oauth: the command printed no token")


def _asked(config: OAuthConfig, refresh_token: str) -> dict[str, Any]:
    form = {
        "grant_type": "refresh_token",
        "client_id": config.client_id,
        "client_secret": config.client_secret.get_secret_value(),
        "refresh_token": refresh_token,
        "scope": config.scope,
    }
    filled = {name: value for name, value in form.items() if value}
    request = urllib.request.Request(str(config.token_url), urllib.parse.urlencode(filled).encode())  # noqa: S310
    try:
        with _OPENER.open(request, timeout=TIMEOUT) as answer:
            return dict(json.loads(answer.read(LONGEST)))
    except urllib.error.HTTPError as fault:
        raise _refusal(config, fault) from None
    except (OSError, ValueError, TypeError) as fault:
        raise MailboxError(f"oauth: no token from {config.token_url} ({type(fault).__name__})") from None


def _refusal(config: OAuthConfig, fault: urllib.error.HTTPError) -> MailboxError:
    """The server's own word for it (RFC 6749, 5.2), never its sentence: that might repeat what we sent."""
    try:
        told = dict(json.loads(fault.read(LONGEST)))
    except (OSError, ValueError, TypeError):
        told = {}
    code = _CODE.fullmatch(str(told.get("error", "")))
    detail = _DETAIL.search(str(told.get("error_description", "")))
    said = " ".join([str(fault.code), *(found[0] for found in (code, detail) if found)])
    passing = fault.code == 429 or not 400 <= fault.code < 500 or (code is not None and code[0] in PASSING)
    return MailboxError(f"oauth: {config.token_url} refused the refresh token ({said})", permanent=not passing)


def _checked(token: object, otherwise: str) -> str:
    if isinstance(token, str) and _TOKEN.fullmatch(token):
        return token
    raise MailboxError(otherwise)
