"""A small IMAP server that takes XOAUTH2 and nothing else; it has one empty folder."""

import asyncio
import base64
from contextlib import suppress

from tests.faults.smtp_server import EXPIRED

CAPABILITIES = "IMAP4rev1 AUTH=XOAUTH2 IDLE"


class XOAuth2Imap:
    """Knows `user`; `tokens`: access token → how many logins it is still good for. `logins` are the tokens that came.

    As Google's and Microsoft's servers, it tells a bad token in a challenge, which has to be answered with nothing.
    """

    def __init__(self, user: str, tokens: dict[str, int]) -> None:
        self.user, self.tokens = user, tokens
        self.logins: list[str] = []
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """Where it listens on 127.0.0.1."""
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._visit, "127.0.0.1", 0)

    async def stop(self) -> None:
        """Listen no more."""
        assert self._server is not None
        self._server.close()

    async def _visit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            writer.write(f"* OK [CAPABILITY {CAPABILITIES}] ready\r\n".encode())
            while line := (await reader.readline()).decode().split():
                writer.write(await self._answer(line[0], line[1].upper(), reader, writer))
        writer.close()

    async def _answer(
        self, tag: str, command: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bytes:
        if command == "AUTHENTICATE":
            return await self._authenticate(tag, reader, writer)
        untagged = {
            "CAPABILITY": f"* CAPABILITY {CAPABILITIES}\r\n",
            "SELECT": "* 0 EXISTS\r\n* OK [UIDVALIDITY 7] here\r\n",
            "LOGOUT": "* BYE\r\n",
        }
        return f"{untagged.get(command, '')}{tag} {'BAD' if command == 'LOGIN' else 'OK'} done\r\n".encode()

    async def _authenticate(self, tag: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(b"+ \r\n")
        said = base64.b64decode(await reader.readline()).decode()
        token = said.removeprefix(f"user={self.user}\x01auth=Bearer ").removesuffix("\x01\x01")
        self.logins.append(token)
        if self.tokens.get(token, 0) > 0:
            self.tokens[token] -= 1
            return f"{tag} OK welcome\r\n".encode()
        writer.write(f"+ {EXPIRED}\r\n".encode())
        ended = await reader.readline()
        return f"{tag} {'BAD what?' if ended.strip() else 'NO invalid credentials'}\r\n".encode()
