"""One connection to the pretend IMAP server: lines in and out, and the view of the selected folder.

Each session has its own view; what changed there is announced after a command or during IDLE.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

from bot.sandbox.mail.folders import Account, Folder, StoredMail
from bot.sandbox.mail.syntax import LITERAL, SyntaxMistake, Words, numbers, text, words

LogIn = Callable[[str, str], Account | None]
Command = Callable[["Session", Words], Awaitable[str]]
WITHOUT_LOGIN = frozenset({"CAPABILITY", "NOOP", "ID", "LOGOUT", "LOGIN"})
IN_FOLDER = frozenset({"CLOSE", "UNSELECT", "CHECK"})


class Refused(Exception):
    """A command that is understood and refused; answered with NO."""


class Session:
    """One connection: what was logged in to, what is selected, and what the client knows of it.

    `commands` by their names; those that act on UIDs are called "UID FETCH" and the like.
    """

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, log_in: LogIn, commands: Mapping[str, Command]
    ) -> None:
        self.reader, self.writer, self.log_in, self._commands = reader, writer, log_in, commands
        self.account: Account | None = None
        self.folder: Folder | None = None
        self.is_read_only = False
        self.view: list[StoredMail] = []
        self.news = asyncio.Event()
        self.is_over = False

    async def run(self) -> None:
        """Serve until the client logs out or is gone."""
        self.say("* OK ready")
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                while not self.is_over and (line := await self._read_command()):
                    await self._serve(line)
                    await self.writer.drain()
        finally:
            self.leave_folder()
            self.writer.close()

    # lines -----------------------------------------------------------------------------------------------------------

    def say(self, line: str | bytes) -> None:
        """One line to the client, sent with the next `drain`."""
        self.writer.write((line.encode() if isinstance(line, str) else line) + b"\r\n")

    async def _read_command(self) -> bytes:
        line = await self.reader.readline()
        while found := LITERAL.search(line):
            if not found[2]:
                self.say("+ go on")
            line += await self.reader.readexactly(int(found[1]))
            line += await self.reader.readline()
        return line

    async def _serve(self, line: bytes) -> None:
        tag = line.split(b" ", 1)[0].strip().decode("ascii", "replace") or "*"
        try:
            parts = words(line)
            name, rest = (text(parts[1]).upper(), parts[2:]) if len(parts) > 1 else ("", [])
            if name == "UID" and rest:
                name, rest = f"UID {text(rest[0]).upper()}", rest[1:]
            said = await self._command(name)(self, rest)
            if name not in ("FETCH", "STORE", "SEARCH"):
                self.announce()
            self.say(f"{tag} OK {said}")
        except Refused as refusal:
            self.say(f"{tag} NO {refusal}")
        except (SyntaxMistake, ValueError, IndexError) as mistake:
            self.say(f"{tag} BAD {mistake}")

    def _command(self, name: str) -> Command:
        if name not in self._commands:
            raise SyntaxMistake(f"unknown command {name}")
        if self.account is None and name not in WITHOUT_LOGIN:
            raise Refused("log in first")
        if self.folder is None and self._needs_folder(name):
            raise SyntaxMistake("select a folder first")
        return self._commands[name]

    def _needs_folder(self, name: str) -> bool:
        return name in IN_FOLDER or name.startswith("UID ") or f"UID {name}" in self._commands

    # the selected folder ---------------------------------------------------------------------------------------------

    def announce(self) -> None:
        """Tell the client what came and what went since it last heard."""
        self.news.clear()
        if self.folder is None:
            return
        here = set(map(id, self.folder.mails))
        for number in range(len(self.view), 0, -1):
            if id(self.view[number - 1]) not in here:
                del self.view[number - 1]
                self.say(f"* {number} EXPUNGE")
        if len(self.view) != len(self.folder.mails):
            self.view = list(self.folder.mails)
            self.say(f"* {len(self.view)} EXISTS")
            self.say("* 0 RECENT")

    def leave_folder(self) -> None:
        """Nothing is selected any more."""
        if self.folder and self.news.set in self.folder.watchers:
            self.folder.watchers.remove(self.news.set)
        self.folder, self.view = None, []

    def selected(self) -> Folder:
        """The selected folder; only where there is one."""
        assert self.folder is not None
        return self.folder

    def writable(self) -> Folder:
        """The selected folder, unless it was only examined."""
        if self.is_read_only:
            raise Refused("[READ-ONLY] the folder was only examined")
        return self.selected()

    def owner(self) -> Account:
        """Whose account it is; only after login."""
        assert self.account is not None
        return self.account

    def named(self, word: object, *, creating: bool = False) -> Folder:
        """The folder of that name. Refused where there is none."""
        folder = self.owner().folder(text(word))
        if folder is None:
            raise Refused(f"{'[TRYCREATE] ' if creating else ''}there is no such folder")
        return folder

    def chosen(self, word: object, *, by_uid: bool) -> list[tuple[int, StoredMail]]:
        """The mails of a set such as `2:4,7`, each with its number, as the client knows them."""
        mails = list(enumerate(self.view, 1))
        highest = (self.view[-1].uid if self.view else 0) if by_uid else len(self.view)
        chosen = numbers(word, highest)
        return [(number, mail) for number, mail in mails if (mail.uid if by_uid else number) in chosen]
