"""What a platform implements: Chat shows tickets as they are, Mailer tells what happened, Mailbox gives raw mails.

Chat and Mailer are asynchronous and raise nothing but DeliveryError; Mailbox is synchronous, lives in one thread and
raises nothing but MailboxError. An Adapter is a platform's live connection; it is handed Commands (the verbs' one
door), and where it must not forget something over a restart, a Notebook and an UpdateStore.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol, runtime_checkable

from bot.commands.requests import Caller, Request
from bot.desk.admission import Admission
from bot.outgoing.cards import Answer, Card
from bot.outgoing.mail_notices import Notice


@dataclass(frozen=True, slots=True)
class Place:
    """Where cards hang: a Slack channel (name or id), or a Telegram chat and, in forums, its topic (0 = none).

    `own`: the topic is one ticket's; where it is gone, nothing is sent elsewhere.
    """

    platform: str
    channel: str
    topic: int = 0
    own: bool = False

    def __str__(self) -> str:
        return f"{self.platform}:{self.channel}" + (f"/{self.topic}" if self.topic else "")


@dataclass(frozen=True, slots=True)
class Mention:
    """A person who is called by a line: the id on the platform, and the name as people say it."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Posted:
    """A message that now hangs in a chat: the channel's own id (a name resolved) and the message's id."""

    channel: str
    message: str


@dataclass(frozen=True, slots=True)
class Topic:
    """How a ticket's own topic is to be: its name, emoji for its icon (the best first), its colour (#rrggbb or "")."""

    name: str
    icons: tuple[str, ...] = ()
    colour: str = ""
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Shared:
    """A file to be shown in a chat: where its content lies, and its name, media type and size in bytes."""

    path: Path
    name: str
    type: str
    size: int


class Chat(Protocol):
    """One chat platform as a place to show tickets. `key` is unique for each delivery: repeats are known by it.

    `largest_file`: bytes of the largest file it takes.
    """

    platform: str
    largest_file: int

    async def post_card(self, place: Place, card: Card, *, key: str, silent: bool = False) -> Posted:
        """Hang up a card; `silent` does not ring where the platform can be silent."""

    async def redraw(self, place: Place, message: str, card: Card) -> None:
        """Show the ticket as it is now. Unchanged is fine; DeliveryError(gone=True) where the message is missing."""

    async def find(self, place: Place, key: str) -> Posted | None:
        """The message that was posted with this key, where the platform can tell; None otherwise."""

    async def add_line(
        self,
        place: Place,
        message: str,
        line: str,
        *,
        key: str,
        silent: bool = False,
        mention: Mention | None = None,
    ) -> Posted:
        """A line under the card (Slack: in its thread; Telegram: a short reply to it).

        `mention` is whoever is to be called by it.
        """

    async def share(self, place: Place, message: str, file: Shared) -> Posted:
        """A file under the card. DeliveryError(permanent=True) where the platform will never take it."""

    async def post_notice(
        self, place: Place, text: str, *, key: str, silent: bool = False, about: Notice | None = None
    ) -> Posted:
        """A message that belongs to no ticket's card: an alarm, a summary; `about` a mail it has buttons."""

    async def redraw_notice(self, place: Place, message: str, notice: Notice) -> None:
        """Show how the mail is now. DeliveryError(gone=True) where the message is missing."""


@runtime_checkable
class Roster(Protocol):
    """A chat platform with groups of people, where a group can be kept in step."""

    async def set_members(self, group: str, people: Sequence[str]) -> None:
        """Let just these be in it: ids, or addresses. DeliveryError(permanent=True) where a person has to see to it."""

    async def check_groups(self, groups: Sequence[str]) -> "list[Finding]":
        """Whether that may be done, changing nothing."""


@runtime_checkable
class Forum(Protocol):
    """A chat platform whose chats may have topics. DeliveryError(topic="refused") where this one cannot."""

    async def make_topic(self, place: Place, topic: Topic) -> int:
        """Begin one; its number. DeliveryError(unsure=True) where nobody knows whether it was begun."""

    async def keep_topic(self, place: Place, topic: Topic, differs: Collection[str]) -> None:
        """Change what differs ("name", "icons", "closed"). DeliveryError(topic="gone") where it is not there."""


@dataclass(frozen=True, slots=True)
class DeliveryRefusal:
    """One recipient's refusal by the mail server."""

    code: int
    text: str

    @property
    def permanent(self) -> bool:
        """5xx: trying again is of no use."""
        return self.code >= 500


class Mailer(Protocol):
    """The way letters leave."""

    async def send(self, message: bytes, *, sender: str, recipients: Sequence[str]) -> dict[str, DeliveryRefusal]:
        """Send one message. The recipients that were refused, each with its answer; {} when all were taken.

        `sender` is the envelope's; "" is the empty one. DeliveryError when nobody was served.
        """

    async def check(self) -> "list[Finding]":
        """Connect and log in, sending nothing."""

    async def close(self) -> None:
        """Say goodbye to the server."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A mail that lies in the folder: its UID, its size in bytes and when the server received it (aware)."""

    uid: int
    size: int
    received_at: datetime


class Mailbox(Protocol):
    """One folder of one mailbox over one connection, used by one thread."""

    name: str

    def open(self) -> int:
        """Connect, log in, select; reconnects when the connection was lost. The folder's UIDVALIDITY."""

    def waiting(self, *, after: int, since: datetime | None = None) -> list[Waiting]:
        """Mails with a UID above `after`, oldest UID first; with `since` only those received after that moment."""

    def fetch(self, uids: Sequence[int]) -> Iterator[tuple[int, bytes]]:
        """The raw bytes of these mails, without marking them. A UID that is gone is left out."""

    def heads(self, uids: Sequence[int]) -> Mapping[int, bytes]:
        """The header lines alone, by UID, without marking them: of mails that are too large to be fetched."""

    def mark_seen(self, uids: Sequence[int]) -> None:
        """Set \\Seen, in one command, without expunging anything."""

    def move(self, uids: Sequence[int], folder: str) -> None:
        """Move to a folder, which is made if it is missing."""

    def wait(self, seconds: float) -> bool:
        """Wait in IDLE; True as soon as something new may have come. Where there is no IDLE, for `wake` or the end."""

    def wake(self) -> None:
        """End a `wait` of another thread within a moment."""

    def close(self) -> None:
        """Log out; never raises."""


class Commands(Protocol):
    """The verbs' one door, for handlers: committed when it returns. Never raises; refusals are answers."""

    async def __call__(self, request: Request) -> Answer: ...


class Notebook(Protocol):
    """Small things a handler has to remember over a restart: half-filled forms, questions asked. Values are JSON."""

    async def keep(self, key: str, value: Mapping[str, object], *, minutes: int = 60) -> None: ...

    async def recall(self, key: str) -> dict[str, object] | None: ...

    async def forget(self, key: str) -> None: ...


class UpdateStore(Protocol):
    """Requests that a platform considers delivered once we have taken them: stored first, done later, in order.

    Each belongs for ten seconds to the process that stored or claimed it, and on as long as that process says so.
    """

    async def store(self, platform: str, update_id: int, payload: str) -> bool:
        """Keep it; False when it was known already. Raises Busy when it could not be stored."""

    async def claim(self, platform: str) -> list[tuple[int, str]]:
        """What was stored, is not done and is no living process's, oldest first; now it is ours."""

    async def keep(self, platform: str, update_ids: Sequence[int]) -> None:
        """They are still ours."""

    async def let_go(self, platform: str, update_ids: Sequence[int]) -> None:
        """Any process may have them."""

    async def begin(self, platform: str, update_id: int) -> int:
        """One that was claimed is carried out now; how often that had been begun before."""

    async def done(self, platform: str, update_id: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Phone:
    """A linked person's own chat: the language chosen ("" = the desk's), and the names of the verbs allowed."""

    chat: str
    language: str
    verbs: frozenset[str]


class Standing(Protocol):
    """What a platform tells of the chats in which the bot stands, besides what people ask for."""

    async def chats(self) -> set[str]:
        """The chats that the desk has named, by the ids that they have now."""

    async def phones(self) -> list[Phone]:
        """Whose own chats are linked."""

    async def moved(self, old: str, new: str) -> None:
        """A chat has another id now."""

    async def shut(self, chat: str, why: str, title: str = "") -> None:
        """A chat takes no messages of ours any more. `title`: what it is called."""

    async def opened(self, chat: str) -> None:
        """A chat takes messages."""

    async def let_in(self, chat: str, title: str, by: Caller) -> Admission:
        """Somebody has let the bot into a group: whether it is to stay there, and what is to be said."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `deskbell check`: what was looked at, whether it is well, and what to do if not."""

    what: str
    ok: bool
    sentence: str


class Adapter(Protocol):
    """A platform's live connection. The supervisor runs `serve` and starts it again when it raises.

    `chat` sends also where `serve` does not run. `username` is the bot's own name there, "" while it is not known.
    """

    name: str
    username: str

    @property
    def chat(self) -> Chat: ...

    async def serve(self, up: Callable[[], None]) -> None:
        """Connect, call up() each time all is well, and work until cancelled. AdapterError when it cannot."""

    async def check(self) -> list[Finding]:
        """Try the connection, tokens, scopes and channels, without changing anything."""
