"""Access tokens from a command and from a token server, and logging in with them for reading and for sending."""

import asyncio
import stat
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.config import OAuthConfig, SmtpConfig
from bot.errors import DeliveryError, MailboxError
from handlers.mail.mailbox import ImapMailbox
from handlers.mail.mailer import SmtpMailer
from handlers.mail.oauth import TokenSource
from tests.faults.smtp_server import USER, PostOffice
from tests.faults.xoauth2_imap import XOAuth2Imap
from tests.handlers.mail.conftest import mailbox_config

LONG = "eyJ" + "0123456789abcdef" * 200
GOOGLE = {"expires_in": 3599, "scope": "https://mail.google.com/", "token_type": "Bearer"}
MICROSOFT = {"expires_in": 3599, "ext_expires_in": 3599, "scope": "https://outlook.office.com/.default"}
REFUSALS = {
    "google": {"error": "invalid_grant", "error_description": "Token has been expired or revoked. s3cret"},
    "microsoft": {
        "error": "invalid_grant",
        "error_description": "AADSTS700082: The refresh token has expired due to inactivity. s3cret",
        "error_codes": [700082],
    },
}


class Tokens:
    """A token server: gives "token-1", "token-2", … for the refresh tokens in `good`, and refuses all others.

    `rotates`: each answer brings a new refresh token, and the one before is worth nothing any more.
    """

    def __init__(self) -> None:
        self.good = ["good"]
        self.rotates = False
        self.shape: dict[str, Any] = GOOGLE
        self.refusal: tuple[int, Any] = (400, REFUSALS["google"])
        self.asked: list[dict[str, str]] = []
        self.given = 0
        self.url = ""
        self.token: Callable[[int], object] = lambda number: f"token-{number}"

    async def answer(self, request: web.Request) -> web.Response:
        """What is asked for with a form."""
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.asked.append(form)
        if form.get("refresh_token") not in self.good or form.get("grant_type") != "refresh_token":
            code, told = self.refusal
            if code == 302:
                return web.Response(status=code, headers={"Location": "/elsewhere"})
            return web.json_response(told, status=code)
        self.given += 1
        more = {}
        if self.rotates:
            self.good = [f"good-{self.given}"]
            more = {"refresh_token": self.good[0]}
        return web.json_response({**self.shape, "access_token": self.token(self.given), **more})

    async def elsewhere(self, _request: web.Request) -> web.Response:
        """A place that nobody configured."""
        return web.json_response({"access_token": "stolen"})


@pytest_asyncio.fixture
async def tokens() -> AsyncIterator[Tokens]:
    """A running token server."""
    made, app = Tokens(), web.Application()
    app.router.add_post("/token", made.answer)
    app.router.add_get("/elsewhere", made.elsewhere)
    server = TestServer(app)
    await server.start_server()
    made.url = str(server.make_url("/token"))
    yield made
    await server.close()


def _config(tokens: Tokens, refresh_token: str = "good") -> OAuthConfig:
    scope = "https://mail.google.com/"
    return OAuthConfig(
        token_url=tokens.url, client_id="desk", client_secret="s3cret", refresh_token=refresh_token, scope=scope
    )


async def _token(source: TokenSource) -> str:
    return await asyncio.to_thread(source.token)


# a command -----------------------------------------------------------------------------------------------------------


def test_a_command_prints_the_token(tmp_path: Path) -> None:
    config = OAuthConfig(command=["sh", "-c", "echo token-from-a-command"])

    assert TokenSource(config, tmp_path).token() == "token-from-a-command"


@pytest.mark.parametrize(
    "command", [["sh", "-c", "echo s3cret >&2; exit 3"], ["true"], ["no-such-program"], ["echo", "s3cret and more"]]
)
def test_a_command_without_a_token_is_an_error_that_repeats_nothing(command: list[str], tmp_path: Path) -> None:
    with pytest.raises(MailboxError, match="printed no token") as caught:
        TokenSource(OAuthConfig(command=command), tmp_path).token()

    assert "s3cret" not in str(caught.value)


# a refresh token -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [GOOGLE, MICROSOFT])
async def test_a_refresh_token_gets_an_access_token(tokens: Tokens, tmp_path: Path, shape: dict[str, Any]) -> None:
    tokens.shape = shape

    token = await _token(TokenSource(_config(tokens), tmp_path))

    assert token == "token-1"
    assert tokens.asked == [
        {
            "grant_type": "refresh_token",
            "client_id": "desk",
            "client_secret": "s3cret",
            "refresh_token": "good",
            "scope": "https://mail.google.com/",
        }
    ]


async def test_a_client_without_a_secret_sends_none(tokens: Tokens, tmp_path: Path) -> None:
    config = OAuthConfig(token_url=tokens.url, client_id="desk", client_secret="", refresh_token="good")

    await _token(TokenSource(config, tmp_path))

    assert tokens.asked == [{"grant_type": "refresh_token", "client_id": "desk", "refresh_token": "good"}]


@pytest.mark.parametrize(("server", "said"), [("google", "invalid_grant"), ("microsoft", "invalid_grant AADSTS700082")])
async def test_a_refused_refresh_token_needs_a_person(tokens: Tokens, tmp_path: Path, server: str, said: str) -> None:
    tokens.refusal = (400, REFUSALS[server])

    with pytest.raises(MailboxError, match=rf"refused the refresh token \(400 {said}\)") as caught:
        await _token(TokenSource(_config(tokens, "stale"), tmp_path))

    assert caught.value.permanent
    assert "s3cret" not in str(caught.value) and "stale" not in str(caught.value)


@pytest.mark.parametrize(
    "refusal", [(503, {}), (429, {"error": "slow_down"}), (400, {"error": "temporarily_unavailable"}), (302, "")]
)
async def test_a_token_server_that_cannot_just_now_is_asked_again_later(
    tokens: Tokens, tmp_path: Path, refusal: tuple[int, Any]
) -> None:
    tokens.refusal = refusal

    with pytest.raises(MailboxError) as caught:
        await _token(TokenSource(_config(tokens, "stale"), tmp_path))

    assert not caught.value.permanent
    assert len(tokens.asked) == 1


@pytest.mark.parametrize("token", [None, "", 7, "two words", "a\r\nb", ["x"]])
async def test_an_answer_without_a_token_is_an_error(tokens: Tokens, tmp_path: Path, token: object) -> None:
    tokens.token = lambda _number: token

    with pytest.raises(MailboxError, match="no token from"):
        await _token(TokenSource(_config(tokens), tmp_path))


async def test_a_replaced_refresh_token_is_kept_for_the_next_time_and_for_the_next_start(
    tokens: Tokens, tmp_path: Path
) -> None:
    tokens.rotates = True

    got = [await _token(TokenSource(_config(tokens), tmp_path)) for _ in range(3)]

    assert got == ["token-1", "token-2", "token-3"]
    assert [form["refresh_token"] for form in tokens.asked] == ["good", "good-1", "good-2"]
    kept = [path for path in (tmp_path / "oauth").iterdir() if not path.suffix]
    assert [(stat.S_IMODE(path.stat().st_mode), path.read_text()) for path in kept] == [(0o600, "good-3")]


async def test_two_who_need_a_token_at_once_do_not_use_up_each_others_refresh_token(
    tokens: Tokens, tmp_path: Path
) -> None:
    tokens.rotates = True

    got = await asyncio.gather(*(_token(TokenSource(_config(tokens), tmp_path)) for _ in range(4)))

    assert sorted(got) == ["token-1", "token-2", "token-3", "token-4"]


async def test_where_the_kept_refresh_token_is_refused_the_configured_one_is_tried(
    tokens: Tokens, tmp_path: Path
) -> None:
    tokens.rotates = True
    await _token(TokenSource(_config(tokens), tmp_path))
    tokens.good = ["good"]

    assert await _token(TokenSource(_config(tokens), tmp_path)) == "token-2"


async def test_a_newly_configured_refresh_token_is_used_at_once(tokens: Tokens, tmp_path: Path) -> None:
    tokens.rotates = True
    await _token(TokenSource(_config(tokens), tmp_path))
    tokens.good = ["brand-new"]

    await _token(TokenSource(_config(tokens, "brand-new"), tmp_path))

    assert tokens.asked[-1]["refresh_token"] == "brand-new"


# logging in ----------------------------------------------------------------------------------------------------------


@pytest_asyncio.fixture
async def imap() -> AsyncIterator[XOAuth2Imap]:
    """An IMAP server that wants tokens; none is good yet."""
    made = XOAuth2Imap(USER, {})
    await made.start()
    yield made
    await made.stop()


@pytest_asyncio.fixture
async def post() -> AsyncIterator[PostOffice]:
    """A post office that wants tokens; none is good yet."""
    made = PostOffice(login=True, tokens={"none": 0})
    await made.start()
    yield made
    await made.stop()


def _mailbox(imap: XOAuth2Imap, tokens: Tokens, folder: Path) -> ImapMailbox:
    oauth = _config(tokens)
    config = mailbox_config(port=imap.port, username=USER, password="", oauth=oauth)
    return ImapMailbox(config, timeout=5, tokens=TokenSource(oauth, folder))


def _mailer(post: PostOffice, tokens: Tokens, folder: Path) -> SmtpMailer:
    oauth, sender = _config(tokens), "support@example.org"
    config = SmtpConfig(host="127.0.0.1", port=post.port, security="none", username=USER, sender=sender, oauth=oauth)
    return SmtpMailer(config, timeout=5, tokens=TokenSource(oauth, folder))


async def _send(mailer: SmtpMailer) -> None:
    message = b"Subject: Hello\r\n\r\nHello\r\n"
    await mailer.send(message, sender="support@example.org", recipients=["ann@acme.example"])


async def test_a_mailbox_is_read_with_a_token(imap: XOAuth2Imap, tokens: Tokens, tmp_path: Path) -> None:
    tokens.token = lambda _number: LONG
    imap.tokens = {LONG: 1}
    mailbox = _mailbox(imap, tokens, tmp_path)

    assert await asyncio.to_thread(mailbox.open) == 7
    assert await asyncio.to_thread(mailbox.waiting, after=0) == []
    await asyncio.to_thread(mailbox.close)


async def test_a_mailbox_renews_a_token_that_has_expired(imap: XOAuth2Imap, tokens: Tokens, tmp_path: Path) -> None:
    imap.tokens = {"token-2": 1, "token-3": 1}
    mailbox = _mailbox(imap, tokens, tmp_path)

    await asyncio.to_thread(mailbox.open)
    await asyncio.to_thread(mailbox.close)
    await asyncio.to_thread(mailbox.open)

    assert imap.logins == ["token-1", "token-2", "token-3"]
    await asyncio.to_thread(mailbox.close)


async def test_a_mailbox_whose_tokens_are_refused_says_what_to_check(
    imap: XOAuth2Imap, tokens: Tokens, tmp_path: Path
) -> None:
    with pytest.raises(MailboxError, match="check username and oauth") as caught:
        await asyncio.to_thread(_mailbox(imap, tokens, tmp_path).open)

    assert caught.value.permanent
    assert "token-" not in str(caught.value)
    assert len(imap.logins) == 2


async def test_a_letter_leaves_with_a_token(post: PostOffice, tokens: Tokens, tmp_path: Path) -> None:
    tokens.token = lambda _number: LONG
    post.manners.tokens = {LONG: 1}
    mailer = _mailer(post, tokens, tmp_path)

    await _send(mailer)

    assert (post.logins, len(post.letters)) == (1, 1)
    await mailer.close()


async def test_sending_renews_a_token_that_has_expired(post: PostOffice, tokens: Tokens, tmp_path: Path) -> None:
    post.manners.tokens = {"token-2": 1, "token-3": 1}
    mailer = _mailer(post, tokens, tmp_path)

    await _send(mailer)
    post.hang_up()
    await _send(mailer)

    assert (post.logins, tokens.given, len(post.letters)) == (2, 3, 2)
    await mailer.close()


async def test_a_letter_whose_tokens_are_refused_waits_and_says_what_to_check(
    post: PostOffice, tokens: Tokens, tmp_path: Path
) -> None:
    mailer = _mailer(post, tokens, tmp_path)

    with pytest.raises(DeliveryError, match="check username and oauth") as caught:
        await _send(mailer)

    assert not caught.value.permanent
    assert "token-" not in str(caught.value)
    await mailer.close()


async def test_a_letter_waits_while_the_token_server_refuses(post: PostOffice, tokens: Tokens, tmp_path: Path) -> None:
    tokens.good = []
    mailer = _mailer(post, tokens, tmp_path)

    with pytest.raises(DeliveryError, match="invalid_grant") as caught:
        await _send(mailer)

    assert not caught.value.permanent
    assert post.connections == 0
