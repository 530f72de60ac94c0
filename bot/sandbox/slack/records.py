"""What a pretend workspace holds: members, channels, messages, views, files; each knows its shape in Slack's JSON."""

from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.slack.mrkdwn import Token, message_tokens, unsafe_characters, words_of
from bot.sandbox.slack.refusals import Json

CHANNEL_TYPES = {"C": "channel", "G": "group", "D": "im"}


@dataclass
class Member:
    """A person or bot; `team` differs from the workspace's for people of another organisation (Slack Connect)."""

    id: str
    name: str
    email: str
    team: str
    guest: bool = False
    bot: bool = False
    deleted: bool = False
    foreign: bool = False
    admin: bool = False
    locale: str = "en-US"
    tz: str = "Europe/Paris"

    @property
    def username(self) -> str:
        return self.name.lower().replace(" ", ".")

    def to_dict(self, *, with_email: bool, with_locale: bool = False) -> Json:
        user: Json = {
            "id": self.id,
            "team_id": self.team,
            "name": self.username,
            "deleted": self.deleted,
            "real_name": self.name,
            "tz": self.tz,
            "profile": self._profile(with_email),
            "is_bot": self.bot,
            "is_app_user": False,
            "updated": 0,
        }
        if not self.deleted:
            user |= dict.fromkeys(("is_owner", "is_primary_owner", "is_ultra_restricted"), False)
            user |= {"is_admin": self.admin, "is_restricted": self.guest}
            user |= {"is_stranger": True} if self.foreign else {}
        return user | ({"locale": self.locale} if with_locale else {})

    def _profile(self, with_email: bool) -> Json:
        profile: Json = {"real_name": self.name, "display_name": self.name, "team": self.team}
        shows_email = with_email and self.email and not self.bot and not self.foreign
        return profile | ({"email": self.email} if shows_email else {})


@dataclass
class Channel:
    """A conversation; the bot is one of its members, or not. `im_with` is set in a direct message with the bot."""

    id: str
    name: str
    members: set[str] = field(default_factory=set)
    private: bool = False
    archived: bool = False
    im_with: str | None = None
    messages: dict[str, "Message"] = field(default_factory=dict)
    threads: dict[str, dict[str, "Message"]] = field(default_factory=dict)

    def add(self, message: "Message") -> None:
        self.messages[message.ts] = message
        if message.thread_ts and message.thread_ts != message.ts:
            self.threads.setdefault(message.thread_ts, {})[message.ts] = message

    def drop(self, message: "Message") -> None:
        self.messages.pop(message.ts, None)
        self.threads.get(message.thread_ts or "", {}).pop(message.ts, None)

    @property
    def kind(self) -> str:
        if self.im_with:
            return "im"
        return "group" if self.private else "channel"

    @property
    def shown_name(self) -> str:
        """The name in payloads, which keep the names of private channels to themselves."""
        return {"im": "directmessage", "group": "privategroup"}.get(self.kind, self.name)

    def to_dict(self, bot_user: str) -> Json:
        channel: Json = {
            "id": self.id,
            "created": 0,
            "is_archived": self.archived,
            "is_im": self.kind == "im",
            "is_org_shared": False,
        }
        if self.im_with:
            return channel | {"user": self.im_with, "is_user_deleted": False}
        return channel | {
            "name": self.name,
            "name_normalized": self.name,
            "is_channel": self.kind == "channel",
            "is_group": self.kind == "group",
            "is_mpim": False,
            "is_private": self.private,
            "is_general": False,
            "is_shared": False,
            "is_ext_shared": False,
            "is_member": bot_user in self.members,
            "num_members": len(self.members),
            "topic": {"value": "", "creator": "", "last_set": 0},
            "purpose": {"value": "", "creator": "", "last_set": 0},
        }


@dataclass
class Message:
    """A message as it is now; `ephemeral_for` names the only person who sees it."""

    ts: str
    channel: str
    user: str
    text: str
    team: str
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    metadata: Json | None = None
    bot_id: str | None = None
    app_id: str | None = None
    subtype: str | None = None
    edited: Json | None = None
    broadcast: bool = False
    link_names: bool = False
    ephemeral_for: str | None = None
    client_msg_id: str | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    files: list[Json] = field(default_factory=list)
    edits: int = 0
    deliveries: list[Any] = field(default_factory=list)

    @property
    def tokens(self) -> list[Token]:
        """Every live mention and link in it."""
        content = {"text": self.text, "blocks": self.blocks, "attachments": self.attachments}
        return message_tokens(content, link_names=self.link_names)

    @property
    def unsafe(self) -> list[str]:
        """Control and bidi characters in anything a reader sees."""
        return unsafe_characters("".join([self.text, *self._words()]))

    @property
    def words(self) -> str:
        """All that a reader sees, one text a line; the fallback text only where there is nothing else."""
        return "\n".join(self._words() or [self.text])

    def _words(self) -> list[str]:
        return [*words_of(self.blocks), *words_of(self.attachments)]

    @property
    def all_blocks(self) -> list[Json]:
        inside = [block for part in self.attachments for block in part.get("blocks") or []]
        return [*self.blocks, *inside]

    def to_dict(self, *, with_metadata: bool = False) -> Json:
        message: Json = {"type": "message", "user": self.user, "text": self.text, "ts": self.ts, "team": self.team}
        if self.bot_id:
            message |= {"bot_id": self.bot_id, "app_id": self.app_id, "bot_profile": self._bot_profile()}
        for name in ("subtype", "client_msg_id", "blocks", "attachments", "thread_ts", "edited", "files"):
            if value := getattr(self, name):
                message[name] = value
        if self.reactions:
            message["reactions"] = [
                {"name": name, "users": list(users), "count": len(users)} for name, users in self.reactions.items()
            ]
        return message | ({"metadata": self.metadata} if with_metadata and self.metadata else {})

    def _bot_profile(self) -> Json:
        return {
            "id": self.bot_id,
            "deleted": False,
            "name": "Deskbell",
            "updated": 0,
            "app_id": self.app_id,
            "team_id": self.team,
        }


@dataclass
class View:
    """A modal or a home as its person sees it; `entered` is what the person chose, by block and action id."""

    id: str
    user: str
    team: str
    content: Json
    hash: str
    app_id: str
    bot_id: str
    root_id: str = ""
    previous_id: str | None = None
    entered: dict[tuple[str, str], Any] = field(default_factory=dict)
    suggested: dict[str, Json] = field(default_factory=dict)
    is_open: bool = True
    updates: int = 0

    @property
    def title(self) -> str:
        return str(self.content.get("title", {}).get("text", ""))

    @property
    def blocks(self) -> list[Json]:
        return list(self.content["blocks"])

    @property
    def callback_id(self) -> str:
        return str(self.content.get("callback_id", ""))

    @property
    def words(self) -> str:
        return "\n".join(words_of(self.content))

    def to_dict(self, state: Json) -> Json:
        content = self.content
        return {
            "id": self.id,
            "team_id": self.team,
            "type": content["type"],
            "blocks": content["blocks"],
            "private_metadata": content.get("private_metadata", ""),
            "callback_id": content.get("callback_id", ""),
            "state": {"values": state},
            "hash": self.hash,
            "title": content.get("title", {"type": "plain_text", "text": "View Title", "emoji": True}),
            "clear_on_close": content.get("clear_on_close", False),
            "notify_on_close": content.get("notify_on_close", False),
            "close": content.get("close"),
            "submit": content.get("submit"),
            "submit_disabled": content.get("submit_disabled", False),
            "previous_view_id": self.previous_id,
            "root_view_id": self.root_id,
            "app_id": self.app_id,
            "external_id": content.get("external_id", ""),
            "app_installed_team_id": self.team,
            "bot_id": self.bot_id,
        }


@dataclass
class File:
    """An upload; `complete` once it was shared."""

    id: str
    name: str
    content: bytes
    mimetype: str
    user: str
    title: str = ""
    length: int = 0
    complete: bool = False
    channels: list[str] = field(default_factory=list)

    def to_dict(self, base: str) -> Json:
        address = f"{base}files-pri/{self.id}/{self.name}"
        return {
            "id": self.id,
            "created": 0,
            "timestamp": 0,
            "name": self.name,
            "title": self.title or self.name,
            "mimetype": self.mimetype,
            "filetype": self.name.rpartition(".")[2] if "." in self.name else "binary",
            "user": self.user,
            "mode": "hosted",
            "size": len(self.content),
            "is_external": False,
            "url_private": address,
            "url_private_download": f"{base}files-pri/{self.id}/download/{self.name}",
            "permalink": address,
            "channels": self.channels,
        }


@dataclass
class UserGroup:
    id: str
    handle: str
    name: str
    users: list[str] = field(default_factory=list)
    disabled: bool = False

    def to_dict(self, team: str, *, with_users: bool) -> Json:
        group: Json = {
            "id": self.id,
            "team_id": team,
            "is_usergroup": True,
            "name": self.name,
            "handle": self.handle,
            "user_count": len(self.users),
            "date_delete": 1 if self.disabled else 0,
        }
        return group | ({"users": self.users} if with_users else {})


@dataclass
class Call:
    """One Web API call: arguments as the app meant them (JSON decoded), the answer, the clock's time."""

    method: str
    arguments: Json
    answer: Json
    at: float
    status: int = 200
