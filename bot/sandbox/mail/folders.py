"""Mail accounts with their folders, as the IMAP and SMTP sides share them; UIDs only grow, watchers hear of changes."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(eq=False)
class StoredMail:
    """One mail in one folder: its bytes never change, its flags do. `received_at` in seconds since 1970."""

    uid: int
    raw: bytes
    received_at: float
    flags: set[str] = field(default_factory=set)


@dataclass(eq=False)
class Folder:
    """A folder; `watchers` are called after every change."""

    name: str
    uidvalidity: int
    next_uid: int = 1
    mails: list[StoredMail] = field(default_factory=list)
    watchers: list[Callable[[], None]] = field(default_factory=list)

    def add(self, raw: bytes, received_at: float, flags: set[str] | None = None) -> StoredMail:
        """Put a mail in, under the next UID."""
        mail = StoredMail(self.next_uid, raw, received_at, set(flags or ()))
        self.next_uid += 1
        self.mails.append(mail)
        self.changed()
        return mail

    def remove(self, gone: list[StoredMail]) -> None:
        """Take mails out; their UIDs are never used again."""
        self.mails = [mail for mail in self.mails if mail not in gone]
        self.changed()

    def changed(self) -> None:
        for watcher in list(self.watchers):
            watcher()


class Account:
    """Somebody's mailbox: name and password, the address that it answers to, INBOX and other folders."""

    def __init__(self, user: str, password: str, address: str) -> None:
        self.user, self.password, self.address = user, password, address.lower()
        self._validity = random.getrandbits(31) + 1  # a server started again is never taken for the one before
        self.folders: dict[str, Folder] = {}
        self.subscribed: set[str] = {"INBOX"}
        self.create("INBOX")

    @property
    def inbox(self) -> Folder:
        return self.folders["INBOX"]

    def folder(self, name: str) -> Folder | None:
        """The folder of this name; INBOX in any case."""
        return self.folders.get("INBOX" if name.upper() == "INBOX" else name)

    def create(self, name: str) -> Folder:
        """A new folder; made again after it was deleted, it has another UIDVALIDITY."""
        self._validity += 1
        folder = self.folders[name] = Folder(name, self._validity)
        return folder

    def owns(self, address: str) -> bool:
        """Whether mail to this address is ours: the address itself, or with a +tag."""
        local, _, domain = address.lower().rpartition("@")
        return f"{local.partition('+')[0]}@{domain}" == self.address
