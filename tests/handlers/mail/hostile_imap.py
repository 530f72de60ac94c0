"""An IMAP server that misbehaves: three mails, and for each command an answer of one's own."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Mapping

Reply = Callable[["Connection", str], None]

MAIL = b"From: ann@acme.example\r\nSubject: Printer\r\n\r\nIt is on fire.\r\n"
CAPABILITIES = "IMAP4rev1 UIDPLUS MOVE NAMESPACE IDLE"


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


def trickle(connection: Connection, _tag: str) -> None:
    """A byte now and then, for ever."""
    with contextlib.suppress(OSError):
        while True:
            connection.sock.sendall(b"*")
            time.sleep(0.05)


class HostileImap:
    """Listens on `port` until `stop`. `manners`: {"SELECT": reply, "UID FETCH": reply, "GREETING": reply, …}."""

    def __init__(self, manners: Mapping[str, Reply] | None = None, capabilities: str = CAPABILITIES) -> None:
        self.manners = dict(manners or {})
        self.capabilities = capabilities
        self.heard: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._clients: list[socket.socket] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def stop(self) -> None:
        """Listen no more, and hang up."""
        for sock in (self._listener, *self._clients):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                self._clients.append(sock)
                threading.Thread(target=self._serve, args=(Connection(sock),), daemon=True).start()

    def _serve(self, connection: Connection) -> None:
        with contextlib.suppress(OSError, ValueError):
            greet = self.manners.get("GREETING", lambda one, _: one.say("* OK ready"))
            greet(connection, "*")
            for raw in connection.lines:
                self._answer(connection, raw.decode().rstrip("\r\n"))

    def _answer(self, connection: Connection, line: str) -> None:
        self.heard.append(line)
        tag, _, rest = line.partition(" ")
        words = rest.upper().split() or [tag]
        command = " ".join(words[:2]) if words[0] == "UID" else words[0]
        reply = self.manners.get(command)
        if reply is not None:
            reply(connection, tag)
        else:
            connection.say(*self.usual(command), f"{tag} OK done")

    def usual(self, command: str) -> tuple[str, ...]:
        """What a well-behaved server says before its OK."""
        listed = tuple(
            f'* {n} FETCH (UID {n} RFC822.SIZE {len(MAIL)} INTERNALDATE "24-Nov-2026 12:00:00 +0000")'
            for n in (1, 2, 3)
        )
        return {
            "CAPABILITY": (f"* CAPABILITY {self.capabilities}",),
            "SELECT": ("* 3 EXISTS", "* OK [UIDVALIDITY 7] kept"),
            "EXAMINE": ("* 3 EXISTS", "* OK [UIDVALIDITY 7] kept"),
            "UID FETCH": listed,
            "LOGOUT": ("* BYE until then",),
        }.get(command, ())
