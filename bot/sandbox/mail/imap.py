"""A small IMAP4rev1 server (RFC 3501, with IDLE, MOVE, UIDPLUS): one `Session` per connection, a table of commands.

Each session has its own view of the selected folder; what changed there is announced after a command or during IDLE.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Iterable

from bot.sandbox.mail import fetching, searching
from bot.sandbox.mail.folders import Account, Folder, StoredMail
from bot.sandbox.mail.syntax import LITERAL, SyntaxMistake, Words, flags, numbers, quoted, text, words

CAPABILITIES = "IMAP4rev1 LITERAL+ IDLE MOVE UIDPLUS UNSELECT NAMESPACE ID"
KNOWN_FLAGS = r"\Answered \Flagged \Deleted \Seen \Draft"
LINE_BYTES = 64 * 1024 * 1024
LogIn = Callable[[str, str], Account | None]
Command = Callable[["Session", Words], Awaitable[str]]


class Refused(Exception):
    """A command that is understood and refused; answered with NO."""


class Session:
    """One connection: what was logged in to, what is selected, and what the client knows of it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, log_in: LogIn) -> None:
        self._reader, self._writer, self._log_in = reader, writer, log_in
        self._account: Account | None = None
        self._folder: Folder | None = None
        self._is_read_only = False
        self._view: list[StoredMail] = []
        self._news = asyncio.Event()
        self._is_over = False

    async def run(self) -> None:
        """Serve until the client logs out or is gone."""
        self._say("* OK ready")
        try:
            while not self._is_over and (line := await self._read_command()):
                await self._serve(line)
                await self._writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self._leave_folder()
            self._writer.close()

    # lines -----------------------------------------------------------------------------------------------------------

    def _say(self, line: str | bytes) -> None:
        self._writer.write((line.encode() if isinstance(line, str) else line) + b"\r\n")

    async def _read_command(self) -> bytes:
        line = await self._reader.readline()
        while found := LITERAL.search(line):
            if not found[2]:
                self._say("+ go on")
            line += await self._reader.readexactly(int(found[1]))
            line += await self._reader.readline()
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
                self._announce()
            self._say(f"{tag} OK {said}")
        except Refused as refusal:
            self._say(f"{tag} NO {refusal}")
        except (SyntaxMistake, ValueError, IndexError) as mistake:
            self._say(f"{tag} BAD {mistake}")

    def _command(self, name: str) -> Command:
        if name not in COMMANDS:
            raise SyntaxMistake(f"unknown command {name}")
        if self._account is None and name not in WITHOUT_LOGIN:
            raise Refused("log in first")
        if self._folder is None and name in IN_FOLDER:
            raise SyntaxMistake("select a folder first")
        return COMMANDS[name]

    # the selected folder ---------------------------------------------------------------------------------------------

    def _announce(self) -> None:
        """Tell the client what came and what went since it last heard."""
        self._news.clear()
        if self._folder is None:
            return
        here = set(map(id, self._folder.mails))
        for number in range(len(self._view), 0, -1):
            if id(self._view[number - 1]) not in here:
                del self._view[number - 1]
                self._say(f"* {number} EXPUNGE")
        if len(self._view) != len(self._folder.mails):
            self._view = list(self._folder.mails)
            self._say(f"* {len(self._view)} EXISTS")
            self._say("* 0 RECENT")

    def _leave_folder(self) -> None:
        if self._folder and self._news.set in self._folder.watchers:
            self._folder.watchers.remove(self._news.set)
        self._folder, self._view = None, []

    def _selected(self) -> Folder:
        assert self._folder is not None
        return self._folder

    def _writable(self) -> Folder:
        if self._is_read_only:
            raise Refused("[READ-ONLY] the folder was only examined")
        return self._selected()

    def _owner(self) -> Account:
        assert self._account is not None
        return self._account

    def _named(self, word: object, *, creating: bool = False) -> Folder:
        folder = self._owner().folder(text(word))
        if folder is None:
            raise Refused(f"{'[TRYCREATE] ' if creating else ''}there is no such folder")
        return folder

    def _chosen(self, word: object, *, by_uid: bool) -> list[tuple[int, StoredMail]]:
        mails = list(enumerate(self._view, 1))
        highest = (self._view[-1].uid if self._view else 0) if by_uid else len(self._view)
        chosen = numbers(word, highest)
        return [(number, mail) for number, mail in mails if (mail.uid if by_uid else number) in chosen]

    # commands: anytime -----------------------------------------------------------------------------------------------

    async def capability(self, _words: Words) -> str:
        self._say(f"* CAPABILITY {CAPABILITIES}")
        return "done"

    async def noop(self, _words: Words) -> str:
        return "done"

    async def identify(self, _words: Words) -> str:
        self._say('* ID ("name" "sandbox")')
        return "done"

    async def logout(self, _words: Words) -> str:
        self._say("* BYE")
        self._is_over = True
        return "logged out"

    async def login(self, given: Words) -> str:
        self._account = self._log_in(text(given[0]), text(given[1]))
        if self._account is None:
            raise Refused("[AUTHENTICATIONFAILED] wrong name or password")
        return f"[CAPABILITY {CAPABILITIES}] logged in"

    # commands: folders -----------------------------------------------------------------------------------------------

    async def list(self, given: Words) -> str:
        self._list("LIST", given, self._owner().folders)
        return "done"

    async def lsub(self, given: Words) -> str:
        self._list("LSUB", given, sorted(self._owner().subscribed))
        return "done"

    def _list(self, verb: str, given: Words, names: Iterable[str]) -> None:
        wanted = text(given[0]) + text(given[1])
        if not wanted:
            self._say(rf'* {verb} (\Noselect) "/" ""')
            return
        pattern = re.escape(wanted).replace(r"\*", ".*").replace("%", "[^/]*")
        for name in names:
            if re.fullmatch(pattern, name, re.IGNORECASE if name == "INBOX" else 0):
                self._say(rf'* {verb} (\HasNoChildren) "/" {quoted(name)}')

    async def namespace(self, _words: Words) -> str:
        self._say('* NAMESPACE (("" "/")) NIL NIL')
        return "done"

    async def create(self, given: Words) -> str:
        name = text(given[0]).rstrip("/")
        if not name or self._owner().folder(name):
            raise Refused("[ALREADYEXISTS] there is such a folder")
        self._owner().create(name)
        return "created"

    async def delete(self, given: Words) -> str:
        folder = self._named(given[0])
        if folder.name == "INBOX":
            raise Refused("INBOX stays")
        del self._owner().folders[folder.name]
        return "deleted"

    async def subscribe(self, given: Words) -> str:
        self._owner().subscribed.add(text(given[0]))
        return "done"

    async def unsubscribe(self, given: Words) -> str:
        self._owner().subscribed.discard(text(given[0]))
        return "done"

    async def status(self, given: Words) -> str:
        folder = self._named(given[0])
        values = {
            "MESSAGES": len(folder.mails),
            "RECENT": 0,
            "UIDNEXT": folder.next_uid,
            "UIDVALIDITY": folder.uidvalidity,
            "UNSEEN": sum("\\Seen" not in mail.flags for mail in folder.mails),
        }
        asked = [text(one).upper() for one in given[1]]
        if any(one not in values for one in asked):
            raise SyntaxMistake("unknown status item")
        said = " ".join(f"{one} {values[one]}" for one in asked)
        self._say(f"* STATUS {quoted(folder.name)} ({said})")
        return "done"

    async def select(self, given: Words) -> str:
        return self._open(given, is_read_only=False)

    async def examine(self, given: Words) -> str:
        return self._open(given, is_read_only=True)

    def _open(self, given: Words, *, is_read_only: bool) -> str:
        self._leave_folder()
        folder = self._named(given[0])
        self._folder, self._view, self._is_read_only = folder, list(folder.mails), is_read_only
        folder.watchers.append(self._news.set)
        for line in (
            f"FLAGS ({KNOWN_FLAGS})",
            f"OK [PERMANENTFLAGS ({KNOWN_FLAGS} \\*)]",
            f"{len(self._view)} EXISTS",
            "0 RECENT",
            f"OK [UIDVALIDITY {folder.uidvalidity}]",
            f"OK [UIDNEXT {folder.next_uid}]",
        ):
            self._say(f"* {line}")
        return f"[READ-{'ONLY' if is_read_only else 'WRITE'}] selected"

    async def close(self, _words: Words) -> str:
        if not self._is_read_only:
            self._selected().remove([mail for mail in self._view if "\\Deleted" in mail.flags])
        self._leave_folder()
        return "closed"

    async def unselect(self, _words: Words) -> str:
        self._leave_folder()
        return "closed"

    async def append(self, given: Words) -> str:
        folder = self._named(given[0], creating=True)
        given_flags = next((one for one in given[1:-1] if isinstance(one, list)), [])
        mail = folder.add(given[-1], time.time(), flags(given_flags))
        return f"[APPENDUID {folder.uidvalidity} {mail.uid}] appended"

    # commands: mails -------------------------------------------------------------------------------------------------

    async def search(self, given: Words, *, by_uid: bool = False) -> str:
        highest = self._view[-1].uid if self._view else 0
        asks = searching.question(given, highest_number=len(self._view), highest_uid=highest)
        found = [one for one in map(searching.Found, range(1, len(self._view) + 1), self._view) if asks(one)]
        self._say(" ".join(["* SEARCH", *(str(one.mail.uid if by_uid else one.number) for one in found)]))
        return "done"

    async def fetch(self, given: Words, *, by_uid: bool = False) -> str:
        names = fetching.items(given[1:])
        reads = fetching.marks_seen(names) and not self._is_read_only
        for number, mail in self._chosen(given[0], by_uid=by_uid):
            asked = names
            if reads and "\\Seen" not in mail.flags:
                mail.flags.add("\\Seen")
                asked = names if "FLAGS" in names else [*names, "FLAGS"]
            self._say(b"* %d FETCH (%s)" % (number, fetching.answer(mail, asked, with_uid=by_uid)))
            await self._writer.drain()
        return "done"

    async def store(self, given: Words, *, by_uid: bool = False) -> str:
        self._writable()
        how, wanted = text(given[1]).upper(), flags(given[2])
        for number, mail in self._chosen(given[0], by_uid=by_uid):
            mail.flags = _stored(how[0], mail.flags, wanted)
            if not how.endswith(".SILENT"):
                self._say(b"* %d FETCH (%s)" % (number, fetching.answer(mail, ["FLAGS"], with_uid=by_uid)))
        return "done"

    async def copy(self, given: Words, *, by_uid: bool = False) -> str:
        return f"{self._copy(given, by_uid=by_uid)} copied"

    async def move(self, given: Words, *, by_uid: bool = False) -> str:
        folder = self._writable()
        moved = [mail for _, mail in self._chosen(given[0], by_uid=by_uid)]
        self._say(f"* OK {self._copy(given, by_uid=by_uid)}")
        folder.remove(moved)
        return "moved"

    def _copy(self, given: Words, *, by_uid: bool) -> str:
        target = self._named(given[1], creating=True)
        chosen = [mail for _, mail in self._chosen(given[0], by_uid=by_uid)]
        copies = [target.add(mail.raw, mail.received_at, mail.flags) for mail in chosen]
        if not chosen:
            return "nothing"
        sets = (",".join(str(mail.uid) for mail in mails) for mails in (chosen, copies))
        return f"[COPYUID {target.uidvalidity} {' '.join(sets)}]"

    async def expunge(self, given: Words, *, by_uid: bool = False) -> str:
        folder = self._writable()
        chosen = [mail for _, mail in self._chosen(given[0], by_uid=True)] if by_uid else self._view
        folder.remove([mail for mail in chosen if "\\Deleted" in mail.flags])
        return "expunged"

    async def idle(self, _words: Words) -> str:
        self._say("+ idling")
        done = asyncio.create_task(self._reader.readline())
        try:
            while not done.done():
                self._announce()
                await self._writer.drain()
                news = asyncio.create_task(self._news.wait())
                await asyncio.wait({done, news}, return_when=asyncio.FIRST_COMPLETED)
                news.cancel()
        finally:
            done.cancel()
        if done.result().strip().upper() != b"DONE":
            raise SyntaxMistake("DONE is expected")
        return "done"


def _stored(sign: str, old: set[str], given: set[str]) -> set[str]:
    """FLAGS replaces, +FLAGS adds, -FLAGS takes away."""
    if sign == "+":
        return old | given
    return old - given if sign == "-" else given


def _by_uid(command: Callable[..., Awaitable[str]]) -> Command:
    return lambda session, given: command(session, given, by_uid=True)


COMMANDS: dict[str, Command] = {
    "CAPABILITY": Session.capability, "NOOP": Session.noop, "CHECK": Session.noop, "ID": Session.identify,
    "LOGOUT": Session.logout, "LOGIN": Session.login, "LIST": Session.list, "LSUB": Session.lsub,
    "NAMESPACE": Session.namespace, "CREATE": Session.create, "DELETE": Session.delete,
    "SUBSCRIBE": Session.subscribe, "UNSUBSCRIBE": Session.unsubscribe, "STATUS": Session.status,
    "SELECT": Session.select, "EXAMINE": Session.examine, "CLOSE": Session.close, "UNSELECT": Session.unselect,
    "APPEND": Session.append, "SEARCH": Session.search, "FETCH": Session.fetch, "STORE": Session.store,
    "COPY": Session.copy, "MOVE": Session.move, "EXPUNGE": Session.expunge, "IDLE": Session.idle,
    "UID SEARCH": _by_uid(Session.search), "UID FETCH": _by_uid(Session.fetch), "UID STORE": _by_uid(Session.store),
    "UID COPY": _by_uid(Session.copy), "UID MOVE": _by_uid(Session.move), "UID EXPUNGE": _by_uid(Session.expunge),
}  # fmt: skip
WITHOUT_LOGIN = frozenset({"CAPABILITY", "NOOP", "ID", "LOGOUT", "LOGIN"})
IN_FOLDER = frozenset(
    {name for name in COMMANDS if name.startswith("UID ") or f"UID {name}" in COMMANDS} | {"CLOSE", "UNSELECT", "CHECK"}
)
