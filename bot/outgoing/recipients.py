"""Who hears what: from an event and its ticket to parcels. Pure; one table each for lines, rings and letters.

Every change redraws the card wherever the ticket hangs; the thread gets a line only for what the table names; the
client gets letters as the table, the ticket's `notify` and the settings say. Nobody is told of their own action.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from bot.desk.dictionaries import Group
from bot.desk.outbox import Happened, Parcel, Spot, card_key
from bot.desk.settings import Settings
from bot.desk.views import TicketView
from bot.outgoing.mailing import Mailing

THREAD_LINES = frozenset(
    "assigned unassigned taken_over closed abandoned reopened client_replied escalated warned "
    "merged merged_in split undeleted closing_withdrawn bounced".split()
)
PHONE_LINES = frozenset("client_replied reopened overdue".split())
ONLY_PHONE = PHONE_LINES | {"warned", "bounced"}
"""Where there is no Slack."""
RINGS = frozenset(("escalated",))
CALLS = frozenset(("rang", "still_on_it"))
"""What is said to one person by name, in Slack's thread and in their own Telegram chat."""
WITH_FILES = frozenset(("opened", "client_replied"))
FILES_LAST = 8


@dataclass(frozen=True, slots=True)
class Channels:
    """The team's own places: a Slack channel, a Telegram chat with its topic; "" where a platform is not used.

    `mail` is whether letters can leave; `own_addresses` are our mailboxes, which never get a letter.
    """

    slack: str = ""
    telegram: str = ""
    telegram_topic: int = 0
    mail: bool = False
    own_addresses: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Audience:
    """Decides who is told what (`bot.desk.outbox.Announce`). `now`: the id that a Telegram chat has by now."""

    channels: Channels
    settings: Settings
    now: Callable[[str], str] = str

    def __call__(self, happened: Happened, ticket: TicketView) -> Iterable[Parcel]:
        """The parcels of one event."""
        yield from self._slack(happened, ticket)
        yield from self._telegram(happened, ticket)
        yield from self._old_places(happened, ticket)
        if self.channels.mail:
            yield from Mailing(self.settings, self.channels.own_addresses)(happened, ticket)

    def _slack(self, happened: Happened, ticket: TicketView) -> Iterator[Parcel]:
        for platform, channel, topic in self._slack_spots(ticket.group):
            yield _card(happened, ticket, platform, channel, topic)
            yield from self._files(happened, platform, channel, topic)
            if _is_quiet(happened):
                continue
            if happened.kind in THREAD_LINES:
                yield _line(happened, "line", platform, channel, topic)
            if happened.kind == "overdue":
                yield _line(happened, "notice", platform, channel, topic)
            if happened.kind in CALLS:
                yield _call(happened, platform, channel, topic)

    def _telegram(self, happened: Happened, ticket: TicketView) -> Iterator[Parcel]:
        lines = PHONE_LINES if self.channels.slack else ONLY_PHONE
        for platform, chat, topic in self._telegram_spots(ticket.group):
            yield _card(happened, ticket, platform, chat, topic)
            yield from self._files(happened, platform, chat, topic)
            told = happened.by.platform == "telegram" or _is_quiet(happened)
            if happened.kind in lines and not told:
                yield _line(happened, "line", platform, chat, topic)
            if happened.kind in RINGS:
                yield _line(happened, "notice", platform, chat, topic)
            if happened.kind in CALLS and not (happened.data.get("chat") or _is_quiet(happened)):
                yield _line(happened, "line", platform, chat, topic)
        if self.channels.telegram:
            yield from self._own_chats(happened, ticket)

    def _own_chats(self, happened: Happened, ticket: TicketView) -> Iterator[Parcel]:
        """The card in the chats of those who were rung; under it, the ring."""
        for chat in ticket.rung_in:
            yield _card(happened, ticket, "telegram", chat)
            if happened.kind in CALLS and happened.data.get("chat") == chat:
                yield _line(happened, "line", "telegram", chat)

    def _old_places(self, happened: Happened, ticket: TicketView) -> Iterator[Parcel]:
        """The cards that the ticket left behind when it moved: they say so."""
        here = set(self.spots(ticket.group))
        for platform, channel, topic in map(tuple, happened.data.get("hung", ())):
            if (platform, channel, topic) not in here:
                yield _card(happened, ticket, platform, channel, topic)

    # places ----------------------------------------------------------------------------------------------------------

    def spots(self, group: Group) -> Iterable[Spot]:
        """Where a group's team is told (`bot.desk.outbox.Announce`)."""
        yield from self._slack_spots(group)
        yield from self._telegram_spots(group)

    def _slack_spots(self, group: Group) -> Iterator[Spot]:
        if self.channels.slack:
            yield "slack", group.slack_channel or self.channels.slack, 0

    def _telegram_spots(self, group: Group) -> Iterator[Spot]:
        if not self.channels.telegram:
            return
        if group.telegram_chat:
            yield "telegram", self.now(group.telegram_chat), group.telegram_topic
        else:
            yield "telegram", self.now(self.channels.telegram), self.channels.telegram_topic

    def _files(self, happened: Happened, platform: str, channel: str, topic: int) -> Iterator[Parcel]:
        """What came with a client's mail, one parcel for each file."""
        brought = happened.kind in WITH_FILES and happened.by.kind == "client"
        for number, file in enumerate(happened.files if brought else ()):
            yield Parcel(
                key=f"file:{happened.message_id}:{number}:{platform}:{channel}/{topic}",
                kind="file",
                platform=platform,
                channel=channel,
                topic=topic,
                payload=dict(file.row()),
                urgency=FILES_LAST,
            )


def _is_quiet(happened: Happened) -> bool:
    """Whether the card alone tells it: one of many changes made together, or a letter that is only late."""
    return bool(happened.data.get("together")) or happened.data.get("action") == "delayed"


def _call(happened: Happened, platform: str, channel: str, topic: int) -> Parcel:
    """Somebody is called under the card; where nobody has a name, the whole channel is."""
    return _line(happened, "line" if happened.data.get("agent") else "notice", platform, channel, topic)


def _card(happened: Happened, ticket: TicketView, platform: str, channel: str, topic: int = 0) -> Parcel:
    return Parcel(
        key=card_key(ticket.id, (platform, channel, topic)),
        kind="card",
        platform=platform,
        channel=channel,
        topic=topic,
        urgency=1 if happened.by.kind == "agent" else 3,
    )


def _line(happened: Happened, kind: str, platform: str, channel: str, topic: int = 0) -> Parcel:
    return Parcel(
        key=f"{kind}:{happened.id}:{platform}:{channel}/{topic}",
        kind=kind,
        platform=platform,
        channel=channel,
        topic=topic,
        urgency=2,
    )
