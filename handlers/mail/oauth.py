"""Access tokens for mail servers that want XOAUTH2: from a command that prints one, or with a refresh token."""

import json
import subprocess
import urllib.error
import urllib.parse
import urllib.request

from bot.config import OAuthConfig
from bot.errors import MailboxError

TIMEOUT = 20


def access_token(config: OAuthConfig) -> str:
    """A token that is good now. MailboxError when none can be had."""
    return _from_command(config) if config.command else _refreshed(config)


def _from_command(config: OAuthConfig) -> str:
    try:
        done = subprocess.run(list(config.command), capture_output=True, text=True, timeout=TIMEOUT, check=True)
    except (OSError, subprocess.SubprocessError) as fault:
        raise MailboxError(f"oauth: the command printed no token ({type(fault).__name__})") from None
    return done.stdout.strip()


def _refreshed(config: OAuthConfig) -> str:
    form = {
        "grant_type": "refresh_token",
        "client_id": config.client_id,
        "client_secret": config.client_secret.get_secret_value(),
        "refresh_token": config.refresh_token.get_secret_value(),
        **({"scope": config.scope} if config.scope else {}),
    }
    request = urllib.request.Request(str(config.token_url), urllib.parse.urlencode(form).encode())  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
            return str(json.load(answer)["access_token"])
    except urllib.error.HTTPError as fault:
        raise MailboxError(
            f"oauth: {config.token_url} refused the refresh token ({fault.code})", permanent=True
        ) from None
    except (OSError, ValueError, KeyError) as fault:
        raise MailboxError(f"oauth: no token from {config.token_url} ({type(fault).__name__})") from None
