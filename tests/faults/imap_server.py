"""An IMAP server for tests that misbehaves as its switches say; `listed` is the ledger of every mail it ever named.

Written on a bare socket, one thread for each client, so that it can do what no honest server does. Switches name the
command they are about: GREETING, CAPABILITY, LOGIN, SELECT, SEARCH (what lies there), FETCH (the mails), STORE, LOGOUT.
"""

import contextlib
import re
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

Reply = Callable[["Connection", str], None]

MAIL = b"From: ann@acme.example\r\nSubject: Printer\r\n\r\nIt is on fire.\r\n"
CAPABILITIES = "IMAP4rev1 UIDPLUS MOVE NAMESPACE IDLE"
FOLDER = "INBOX"
DATE = "24-Nov-2026 12:00:00 +0000"
_KIND = {"UID FETCH": "FETCH", "UID STORE": "STORE", "UID MOVE": "MOVE", "UID COPY": "COPY"}


def numbered(count: int, first: int = 1) -> list[bytes]:
    """So many mails of Ann's, no two of them alike."""
    return [
        f"From: Ann <ann@acme.example>\r\nTo: support@example.org\r\nSubject: Request {number}\r\n"
        f"Message-ID: <{number}@acme.example>\r\nDate: Tue, 24 Nov 2026 12:00:00 +0000\r\n\r\n"
        f"Please help, {number}.\r\n".encode()
        for number in range(first, first + count)
    ]


class Connection:
    """One client: lines out."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.lines = sock.makefile("rb")

    def say(self, *lines: str) -> None:
        """Lines, each with its end."""
        self.sock.sendall("".join(f"{line}\r\n" for line in lines).encode())

    def cut(self) -> None:
        """Hang up in the middle."""
        self.sock.shutdown(socket.SHUT_RDWR)


def silent(_connection: Connection, _tag: str) -> None:
    """Say nothing."""


def goodbye(connection: Connection, _tag: str) -> None:
    """Send the client away."""
    connection.say("* BYE the server is going down")
    connection.cut()


def refuse(words: str) -> Reply:
    """Answer NO."""
    return lambda connection, tag: connection.say(f"{tag} NO {words}")


def trickle(connection: Connection, _tag: str, pause: float = 0.05) -> None:
    """A byte now and then, for ever."""
    with contextlib.suppress(OSError):
        while True:
            connection.sock.sendall(b"*")
            time.sleep(pause)


@dataclass
class Switches:
    """What goes wrong. `…_on` and `drop_after_cmd` name commands, with a slash between several.

    silent_on         no answer
    no_on, bye_on     NO; BYE and the end of the connection
    drop_after_cmd    the command is carried out, its answer never comes
    trickle_on        a byte every `trickle` seconds, for ever
    drop_mid_literal  the UID in the middle of whose bytes the connection is cut
    lie_size          the size that is announced in front of a mail's bytes instead of its own
    flood             so many lines that nobody asked for, before the answer to STORE
    dup_search        every mail is listed and sent twice
    expunge_uid       a mail that vanishes after it was listed
    store_no          flags are refused
    """

    silent_on: str = ""
    no_on: str = ""
    bye_on: str = ""
    drop_after_cmd: str = ""
    trickle_on: str = ""
    trickle: float = 0.05
    drop_mid_literal: int = 0
    lie_size: int = 0
    flood: int = 0
    dup_search: bool = False
    expunge_uid: int = 0
    store_no: bool = False

    def reply(self, kind: str) -> Reply | None:
        """What is said to a command instead of its answer."""
        drips: Reply = lambda connection, tag: trickle(connection, tag, self.trickle)  # noqa: E731
        rows: tuple[tuple[str, Reply], ...] = (
            (self.silent_on, silent),
            (self.no_on, refuse("not today")),
            (self.bye_on, goodbye),
            (self.trickle_on, drips),
            ("STORE" if self.store_no else "", refuse("[READ-ONLY] no flags here")),
        )
        return next((reply for commands, reply in rows if kind in commands.split("/")), None)


@dataclass
class Ledger:
    """What a server has to say in the end. A place is (folder, UIDVALIDITY, UID)."""

    listed: set[tuple[str, int, int]] = field(default_factory=set)
    sent: list[int] = field(default_factory=list)
    stored: list[tuple[int, str]] = field(default_factory=list)
    logins: list[float] = field(default_factory=list)


class FaultImap:
    """Listens on `port` until `stop`. `manners` answer a command in a test's own way: {"SELECT": reply, …}."""

    def __init__(
        self,
        manners: Mapping[str, Reply] | None = None,
        capabilities: str = CAPABILITIES,
        *,
        mails: Iterable[bytes] = (MAIL, MAIL, MAIL),
        port: int = 0,
        **switches: object,
    ) -> None:
        self.manners = dict(manners or {})
        self.switches = Switches(**switches)  # type: ignore[arg-type]
        self.capabilities = capabilities
        self.heard: list[str] = []
        self.ledger = Ledger()
        self.validity = 7
        self.mails: dict[int, bytes] = dict(enumerate(mails, 1))
        self.flags: dict[int, set[str]] = {uid: set() for uid in self.mails}
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port = int(self._listener.getsockname()[1])
        self._clients: list[socket.socket] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def stop(self) -> None:
        """Listen no more, and hang up."""
        for sock in (self._listener, *self._clients):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()

    def add(self, *mails: bytes) -> None:
        """More mails come."""
        for mail in mails:
            uid = max(self.mails, default=0) + 1
            self.flags[uid] = set()
            self.mails[uid] = mail

    def reset_uids(self) -> None:
        """The folder is made anew: another UIDVALIDITY, and all mails under other UIDs."""
        self.validity += 1
        self.mails = dict(enumerate(self.mails.values(), 101))
        self.flags = {uid: set() for uid in self.mails}

    def seen(self) -> list[int]:
        """The UIDs that are flagged as read."""
        return [uid for uid, flags in sorted(self.flags.items()) if r"\Seen" in flags]

    # listening -------------------------------------------------------------------------------------------------------

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                self._clients.append(sock)
                threading.Thread(target=self._serve, args=(Connection(sock),), daemon=True).start()

    def _serve(self, connection: Connection) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._own_way("GREETING", "GREETING", lambda one, _: one.say("* OK ready"))(connection, "*")
            for raw in connection.lines:
                self._answer(connection, raw.decode().rstrip("\r\n"))

    def _own_way(self, command: str, kind: str, usual: Reply) -> Reply:
        return self.manners.get(command) or self.manners.get(kind) or self.switches.reply(kind) or usual

    def _answer(self, connection: Connection, line: str) -> None:
        self.heard.append(line)
        tag, _, rest = line.partition(" ")
        words = rest.upper().split() or [tag]
        command = " ".join(words[:2]) if words[0] == "UID" else words[0]
        kind = _KIND.get(command, command)
        if kind == "FETCH" and "BODY" not in rest.upper():
            kind = "SEARCH"
        if kind == "LOGIN":
            self.ledger.logins.append(time.monotonic())
        self._own_way(command, kind, lambda one, mark: self._usual(one, mark, kind, command, rest))(connection, tag)

    def _usual(self, connection: Connection, tag: str, kind: str, command: str, rest: str) -> None:
        do = {"SEARCH": self._search, "FETCH": self._fetch, "STORE": self._store, "MOVE": self._move}.get(kind)
        if do is None:
            connection.say(*self.usual(command))
        else:
            do(connection, rest)
        if kind in self.switches.drop_after_cmd.split("/"):
            connection.cut()
        connection.say(f"{tag} OK done")
        if kind == "SEARCH":
            self.mails.pop(self.switches.expunge_uid, None)

    # answers ---------------------------------------------------------------------------------------------------------

    def usual(self, command: str) -> tuple[str, ...]:
        """What a well-behaved server says before its OK."""
        return {
            "CAPABILITY": (f"* CAPABILITY {self.capabilities}",),
            "SELECT": (f"* {len(self.mails)} EXISTS", f"* OK [UIDVALIDITY {self.validity}] kept"),
            "EXAMINE": (f"* {len(self.mails)} EXISTS", f"* OK [UIDVALIDITY {self.validity}] kept"),
            "UID FETCH": tuple(map(self._listing, self.mails)),
            "LOGOUT": ("* BYE until then",),
        }.get(command, ())

    def _listing(self, uid: int) -> str:
        self.ledger.listed.add((FOLDER, self.validity, uid))
        return f'* {uid} FETCH (UID {uid} RFC822.SIZE {len(self.mails[uid])} INTERNALDATE "{DATE}")'

    def _search(self, connection: Connection, rest: str) -> None:
        for uid in self._named(rest):
            connection.say(*[self._listing(uid)] * (1 + self.switches.dup_search))

    def _fetch(self, connection: Connection, rest: str) -> None:
        for uid in self._named(rest):
            for _ in range(1 + self.switches.dup_search):
                self._send(connection, uid)

    def _send(self, connection: Connection, uid: int) -> None:
        mail = self.mails[uid]
        connection.say(f"* {uid} FETCH (UID {uid} BODY[] {{{self.switches.lie_size or len(mail)}}}")
        if uid == self.switches.drop_mid_literal:
            connection.sock.sendall(mail[: len(mail) // 2])
            connection.cut()
        self.ledger.sent.append(uid)
        connection.sock.sendall(mail + b")\r\n")

    def _store(self, connection: Connection, rest: str) -> None:
        for start in range(0, self.switches.flood, 100):
            connection.say(*["* 5 EXISTS flood flood flood flood"] * min(100, self.switches.flood - start))
        flags = re.findall(r"\\\w+", rest)
        for uid in self._named(rest):
            self.flags[uid].update(flags)
            self.ledger.stored.append((uid, " ".join(flags)))

    def _move(self, _connection: Connection, rest: str) -> None:
        for uid in self._named(rest):
            del self.mails[uid]

    def _named(self, rest: str) -> list[int]:
        """The UIDs of a command that are there; "n:*" names at least the last one (RFC 3501, 6.4.8)."""
        last = max(self.mails, default=0)
        found: list[int] = []
        for part in rest.split()[2].split(","):
            begin, _, end = part.replace("*", str(last)).partition(":")
            low, high = sorted((int(begin), int(end or begin)))
            found += [uid for uid in sorted(self.mails) if low <= uid <= high]
        return found
