"""An SMTP server for tests that misbehaves as its `manners` say; `letters` is the ledger of every mail that it took.

Written on bare streams, so that it can do what no honest server does. Manners may be changed while it runs.
"""

import asyncio
import base64
import json
import ssl
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

USER, PASSWORD = "desk", "correct-horse-battery"
EXPIRED = base64.b64encode(json.dumps({"status": "401", "schemes": "bearer"}).encode()).decode()


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail that was taken: its envelope and its bytes."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes


@dataclass
class Manners:
    """How the server behaves. Answers are whole lines such as "550 5.1.1 no such user".

    answers          command → answer, for CONNECT, EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA, TEXT (the end of a mail)
    rcpt, senders    address → answer ("" is the empty sender)
    greylist         how often each recipient is put off
    silent           commands that are never answered
    drop_after_data  how many mails are taken and never confirmed, the connection being cut instead
    size             what EHLO announces and the most bytes that are taken; 0: no limit
    refuses_late     the size is only looked at when the whole mail has come
    twice            every answer is given twice
    tokens           access tokens that are good for XOAUTH2, each for so many logins
    """

    answers: Mapping[str, str] = field(default_factory=dict)
    rcpt: Mapping[str, str] = field(default_factory=dict)
    senders: Mapping[str, str] = field(default_factory=dict)
    greylist: int = 0
    silent: Collection[str] = ()
    drop_after_data: int = 0
    size: int = 0
    refuses_late: bool = False
    twice: bool = False
    utf8: bool = True
    tokens: dict[str, int] = field(default_factory=dict)


class PostOffice:
    """Takes letters into `letters`; `logins` counts those who logged in, `connections` those who came.

    `said` are all the lines that clients sent, but the mails themselves.
    """

    def __init__(
        self, *, tls: ssl.SSLContext | None = None, implicit: bool = False, login: bool = False, **manners: object
    ) -> None:
        """`tls`: STARTTLS is offered, or with `implicit` spoken from the first byte; `login`: nothing goes without."""
        self.manners = Manners(**manners)  # type: ignore[arg-type]
        self.letters: list[Letter] = []
        self.said: list[str] = []
        self.connections = self.logins = 0
        self.tls, self.needs_login = tls, login
        self._implicit = implicit
        self._server: asyncio.Server | None = None
        self._visits: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self.put_off: Counter[str] = Counter()

    @property
    def port(self) -> int:
        """Where it listens on 127.0.0.1."""
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def is_visited(self) -> bool:
        """Whether somebody is connected now."""
        return bool(self._visits)

    async def start(self, port: int = 0) -> None:
        """Listen."""
        tls = self.tls if self._implicit else None
        self._server = await asyncio.start_server(self._visit, "127.0.0.1", port, ssl=tls, limit=2**20)

    async def stop(self) -> None:
        """Listen no more, and hang up."""
        assert self._server is not None
        self._server.close()
        visits = list(self._visits)
        self.hang_up()
        for visit in visits:
            visit.cancel()
        await asyncio.gather(*visits, return_exceptions=True)

    def hang_up(self) -> None:
        """Cut all connections."""
        for writer in self._visits.values():
            writer.transport.abort()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _visit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._visits[task] = writer
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
                await _Visit(self, reader, writer, encrypted=self._implicit).serve()
        finally:
            del self._visits[task]
            writer.close()


class _Visit:
    """One connection."""

    def __init__(
        self, office: PostOffice, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, encrypted: bool
    ) -> None:
        self._office, self._reader, self._writer = office, reader, writer
        self._encrypted = encrypted
        self._known = False
        self._sender: str | None = None
        self._recipients: list[str] = []

    async def serve(self) -> None:
        """Talk until the client leaves."""
        await self._answer("CONNECT", "220 localhost ready")
        while line := await self._line():
            self._office.said.append(line)
            command, _, rest = line.partition(" ")
            act = _COMMANDS.get(command.upper())
            if act is None:
                await self._say("500 5.5.2 what?")
            else:
                await act(self, rest)
            if command.upper() == "QUIT":
                return

    async def _line(self) -> str:
        return (await self._reader.readuntil(b"\r\n")).decode("utf-8", "replace").rstrip("\r\n") or " "

    async def _answer(self, command: str, good: str) -> bool:
        """The answer to a command, or what the manners say instead; whether it was the good one."""
        manners = self._office.manners
        if command in manners.silent:
            await asyncio.Event().wait()
        await self._say(manners.answers.get(command, good))
        return command not in manners.answers or manners.answers[command].startswith(("2", "3"))

    async def _say(self, answer: str) -> None:
        self._writer.write(f"{answer}\r\n".encode() * (2 if self._office.manners.twice else 1))
        await self._writer.drain()

    # commands --------------------------------------------------------------------------------------------------------

    async def ehlo(self, _name: str) -> None:
        manners, office = self._office.manners, self._office
        offers = ["8BITMIME", "AUTH XOAUTH2" if manners.tokens else "AUTH LOGIN PLAIN"]
        offers += ["SMTPUTF8"] * manners.utf8 + [f"SIZE {manners.size}"] * bool(manners.size)
        offers += ["STARTTLS"] * (office.tls is not None and not self._encrypted)
        lines = ["localhost", *offers]
        await self._answer("EHLO", "\r\n".join([*(f"250-{line}" for line in lines[:-1]), f"250 {lines[-1]}"]))

    async def starttls(self, _rest: str) -> None:
        if self._office.tls is None:
            await self._say("502 5.5.1 not here")
        elif await self._answer("STARTTLS", "220 go ahead"):
            await self._writer.start_tls(self._office.tls)
            self._encrypted = True

    async def auth(self, rest: str) -> None:
        mechanism, _, first = rest.partition(" ")
        good = await _MECHANISMS[mechanism.upper()](self, first)
        self._known = self._known or good
        self._office.logins += good
        await self._answer("AUTH", "235 2.7.0 welcome" if good else "535 5.7.8 wrong credentials")

    async def mail(self, rest: str) -> None:
        sender, options = _address_of(rest)
        announced = next((int(option[5:]) for option in options if option.upper().startswith("SIZE=")), 0)
        if self._office.needs_login and not self._known:
            await self._say("530 5.7.0 log in first")
        elif sender in self._office.manners.senders:
            await self._say(self._office.manners.senders[sender])
        elif self._is_too_large(announced) and not self._office.manners.refuses_late:
            await self._say("552 5.3.4 message size exceeds fixed limit")
        elif await self._answer("MAIL", "250 2.1.0 ok"):
            self._sender, self._recipients = sender, []

    async def rcpt(self, rest: str) -> None:
        office, (recipient, _) = self._office, _address_of(rest)
        if recipient in office.manners.rcpt:
            await self._say(office.manners.rcpt[recipient])
        elif office.put_off[recipient] < office.manners.greylist:
            office.put_off[recipient] += 1
            await self._say("450 4.2.0 greylisted, come back later")
        elif await self._answer("RCPT", "250 2.1.5 ok"):
            self._recipients.append(recipient)

    async def data(self, _rest: str) -> None:
        if self._sender is None or not self._recipients:
            await self._say("503 5.5.1 to nobody")
        elif await self._answer("DATA", "354 go ahead"):
            await self._take(await self._text())

    async def _text(self) -> bytes:
        lines = []
        while (line := await self._reader.readuntil(b"\r\n")) != b".\r\n":
            lines.append(line[1:] if line.startswith(b"..") else line)
        return b"".join(lines)

    async def _take(self, content: bytes) -> None:
        manners = self._office.manners
        if self._is_too_large(len(content)):
            await self._say("552 5.3.4 message size exceeds fixed limit")
            return
        if manners.answers.get("TEXT", "250").startswith("2"):
            self._office.letters.append(Letter(self._sender or "", tuple(self._recipients), content))
        if manners.drop_after_data > 0:
            manners.drop_after_data -= 1
            self._writer.transport.abort()
            return
        await self._answer("TEXT", "250 2.0.0 taken")
        self._sender = None

    def _is_too_large(self, size: int) -> bool:
        return 0 < self._office.manners.size < size

    async def rset(self, _rest: str) -> None:
        self._sender = None
        await self._answer("RSET", "250 2.0.0 ok")

    async def quit(self, _rest: str) -> None:
        await self._answer("QUIT", "221 2.0.0 bye")

    # who is there ----------------------------------------------------------------------------------------------------

    async def plain(self, first: str) -> bool:
        _, user, password = _decoded(first or await self._asked("")).split("\0")
        return (user, password) == (USER, PASSWORD)

    async def login(self, first: str) -> bool:
        user = _decoded(first or await self._asked("Username:"))
        return (user, _decoded(await self._asked("Password:"))) == (USER, PASSWORD)

    async def xoauth2(self, first: str) -> bool:
        """As Google's and Microsoft's servers: a bad token is told in a challenge, which has to be answered."""
        tokens = self._office.manners.tokens
        user, bearer, *rest = _decoded(first or await self._asked("")).split("\x01")
        token = bearer.removeprefix("auth=Bearer ")
        if user == f"user={USER}" and rest == ["", ""] and tokens.get(token, 0) > 0:
            tokens[token] -= 1
            return True
        await self._say(f"334 {EXPIRED}")
        await self._line()
        return False

    async def _asked(self, question: str) -> str:
        await self._say(f"334 {base64.b64encode(question.encode()).decode()}")
        return await self._line()


_COMMANDS: dict[str, Callable[[_Visit, str], Awaitable[None]]] = {
    "EHLO": _Visit.ehlo,
    "HELO": _Visit.ehlo,
    "STARTTLS": _Visit.starttls,
    "AUTH": _Visit.auth,
    "MAIL": _Visit.mail,
    "RCPT": _Visit.rcpt,
    "DATA": _Visit.data,
    "RSET": _Visit.rset,
    "QUIT": _Visit.quit,
}
_MECHANISMS: dict[str, Callable[[_Visit, str], Awaitable[bool]]] = {
    "PLAIN": _Visit.plain,
    "LOGIN": _Visit.login,
    "XOAUTH2": _Visit.xoauth2,
}


def _address_of(rest: str) -> tuple[str, list[str]]:
    """`FROM:<a@b> SIZE=7` → the address and the options."""
    _, _, after = rest.partition("<")
    address, _, options = after.partition(">")
    return address, options.split()


def _decoded(answer: str) -> str:
    return base64.b64decode(answer.strip()).decode("utf-8", "replace")
