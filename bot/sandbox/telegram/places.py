"""Who and what exists on the pretend Telegram: people, chats, topics, files; and how the Bot API writes them."""

import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.sandbox.telegram.messages import Message

GROUP_ANONYMOUS_BOT = 1087968824
CHANNEL_BOT = 136817688
ADMIN_RIGHTS = (
    "can_manage_chat", "can_delete_messages", "can_manage_video_chats", "can_restrict_members",
    "can_promote_members", "can_change_info", "can_invite_users", "can_post_stories", "can_edit_stories",
    "can_delete_stories", "can_pin_messages", "can_manage_topics", "can_manage_tags",
)  # fmt: skip
MEMBER_RIGHTS = (
    "can_send_messages", "can_send_audios", "can_send_documents", "can_send_photos", "can_send_videos",
    "can_send_video_notes", "can_send_voice_notes", "can_send_polls", "can_send_other_messages",
    "can_add_web_page_previews", "can_change_info", "can_invite_users", "can_pin_messages", "can_manage_topics",
)  # fmt: skip
GIFTS = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")


@dataclass(eq=False)
class Person:
    """A Telegram account. `has_started` and `has_blocked` say how it stands to the bot in private."""

    id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    language_code: str = ""
    is_bot: bool = False
    has_started: bool = False
    has_blocked: bool = False

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def as_json(self) -> dict[str, Any]:
        """The Bot API's User."""
        optional = {
            "last_name": self.last_name,
            "username": self.username,
            "language_code": "" if self.is_bot else self.language_code,
        }
        required = {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name}
        return required | {key: value for key, value in optional.items() if value}


@dataclass
class Topic:
    """A topic of a forum; its id is that of the service message that began it."""

    id: int
    name: str
    icon_color: int = 0x6FB9F0
    icon_custom_emoji_id: str = ""
    is_closed: bool = False

    def as_json(self) -> dict[str, Any]:
        """The Bot API's ForumTopic."""
        topic = {"message_thread_id": self.id, "name": self.name, "icon_color": self.icon_color}
        return topic | ({"icon_custom_emoji_id": self.icon_custom_emoji_id} if self.icon_custom_emoji_id else {})


@dataclass(eq=False)
class Chat:
    """A private chat, a basic group, a supergroup or a channel, with all that was written in it."""

    id: int
    type: str
    title: str = ""
    person: Person | None = None
    is_forum: bool = False
    members: dict[int, str] = field(default_factory=dict)
    people: dict[int, Person] = field(default_factory=dict)
    bot_status: str = "member"
    bot_may_write: bool = True
    topics: dict[int, Topic] = field(default_factory=dict)
    messages: dict[int, "Message"] = field(default_factory=dict)
    pinned: list[int] = field(default_factory=list)
    migrated_to: int = 0
    last_id: int = 0

    @property
    def is_private(self) -> bool:
        return self.type == "private"

    @property
    def bot_is_admin(self) -> bool:
        return self.bot_status == "administrator"

    @property
    def instance(self) -> str:
        """What callback queries call `chat_instance`."""
        return str(zlib.crc32(str(self.id).encode()) << 31)

    def as_json(self) -> dict[str, Any]:
        """The Bot API's Chat."""
        if self.person:
            known = self.person.as_json()
            names: dict[str, Any] = {key: known[key] for key in ("first_name", "last_name", "username") if key in known}
            return {"id": self.id, "type": self.type, **names}
        return {
            "id": self.id,
            "type": self.type,
            "title": self.title,
            **({"is_forum": True} if self.is_forum else {}),
        }

    def full_json(self) -> dict[str, Any]:
        """The Bot API's ChatFullInfo."""
        full = self.as_json() | {
            "accent_color_id": 0,
            "max_reaction_count": 11,
            "accepted_gift_types": dict.fromkeys(GIFTS, False),
        }
        if self.is_private:
            return full
        return full | {"permissions": dict.fromkeys(MEMBER_RIGHTS, True)}

    def join(self, person: Person, status: str = "member") -> None:
        """The person is in the chat from now on."""
        self.people[person.id] = person
        self.members[person.id] = status


@dataclass
class File:
    """Bytes on Telegram's servers, under the id that a bot uses."""

    id: str
    name: str
    type: str
    content: bytes

    @property
    def path(self) -> str:
        return f"documents/{self.id}/{self.name}"

    def as_json(self, *, with_path: bool = False) -> dict[str, Any]:
        """The Bot API's File, or the part that documents, photos and voices share."""
        unique = f"u{zlib.crc32(self.id.encode()):08x}"
        described = {"file_id": self.id, "file_unique_id": unique, "file_size": len(self.content)}
        return described | ({"file_path": self.path} if with_path else {})


def member_json(person: Person, status: str) -> dict[str, Any]:
    """The Bot API's ChatMember of this status."""
    member: dict[str, Any] = {"user": person.as_json(), "status": status}
    if status == "administrator":
        return member | {"can_be_edited": False, "is_anonymous": False} | dict.fromkeys(ADMIN_RIGHTS, True)
    extra: dict[str, dict[str, Any]] = {"creator": {"is_anonymous": False}, "kicked": {"until_date": 0}}
    return member | extra.get(status, {})
