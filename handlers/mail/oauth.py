"""Access tokens for mail servers that want XOAUTH2: from a command that prints one, or with a refresh token.

A token is asked for at each connection, so that none is ever too old; no secret stands in an error's sentence.
"""

import json
import subprocess
import urllib.error
import urllib.parse
import urllib.request

from bot.config import OAuthConfig
from bot.errors import MailboxError

TIMEOUT = 20
LONGEST = 64 * 1024


def access_token(config: OAuthConfig) -> str:
    """A token that is good now. MailboxError when none can be had, permanent when the server refused."""
    return _from_command(config) if config.command else _refreshed(config)


def _from_command(config: OAuthConfig) -> str:
    try:
        done = subprocess.run(list(config.command), capture_output=True, text=True, timeout=TIMEOUT, check=True)
    except (OSError, ValueError, subprocess.SubprocessError) as fault:
        raise MailboxError(f"oauth: the command printed no token ({type(fault).__name__})") from None
    token = done.stdout.strip()
    if not token:
        raise MailboxError("oauth: the command printed no token")
    return token


def _refreshed(config: OAuthConfig) -> str:
    form = {
        "grant_type": "refresh_token",
        "client_id": config.client_id,
        "client_secret": config.client_secret.get_secret_value(),
        "refresh_token": config.refresh_token.get_secret_value(),
        "scope": config.scope,
    }
    filled = {name: value for name, value in form.items() if value}
    request = urllib.request.Request(str(config.token_url), urllib.parse.urlencode(filled).encode())  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
            return str(json.loads(answer.read(LONGEST))["access_token"])
    except urllib.error.HTTPError as fault:
        sentence = f"oauth: {config.token_url} refused the refresh token ({fault.code})"
        raise MailboxError(sentence, permanent=400 <= fault.code < 500 and fault.code != 429) from None
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise MailboxError(f"oauth: no token from {config.token_url} ({type(fault).__name__})") from None
