"""What a platform hands to the verbs: who asks, for what, in which words, from where. Values; nothing is trusted."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, as the platform knows the person.

    `id` is the platform's own id ("U0BOB", "7001", on the command line the e-mail address). `email` is the address of
    the profile, given only where the platform vouches for it (full members of our workspace); `team` the workspace.
    `name` is what people call the person there: a name, or "@handle" where a handle is what one mentions.
    `unasked`: the platform can still be asked who this is; a refusal before that is not the last word.
    """

    platform: str
    id: str
    name: str = ""
    email: str = ""
    team: str = ""
    language: str = ""
    private: bool = True
    unasked: bool = False


@dataclass(frozen=True, slots=True)
class Spot:
    """A message in a chat: the card that was pressed, or whose thread or reply this is."""

    platform: str
    channel: str
    message: str
    topic: int = 0


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that came with a request, already downloaded."""

    name: str
    type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Request:
    """One person asks for one verb.

    verb       its name ("take"); "" when `words` begin with it
    words      what was typed, one string (chats), or the shell's words (command line)
    fields     values by key, from a form, a button or a thread: reference, text, …
    version    the ticket's version on the card or form that was used; None when typed
    spot       the message that the press, thread message or reply belongs to
    source     the chat's own message whose words these are, where it may be changed there later
    receipt    unique for this request, the same when the platform repeats it
    changed    in a form that is open: the field that was chosen in, or the button pressed; "" when it is submitted
    mentions   people who are mentioned, by how the mention stands in the words
    disguise   how whoever asks hides: by a group's or channel's name, a bot, words of others; nobody is known by it
    can_ask    a form can be opened in answer (slash command, button, shortcut), or questions asked (Telegram)
    """

    caller: Caller
    verb: str = ""
    words: str | tuple[str, ...] = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    version: int | None = None
    spot: Spot | None = None
    source: Spot | None = None
    receipt: str = ""
    can_ask: bool = True
    enclosures: tuple[Enclosure, ...] = ()
    pressed: bool = False
    submitted: bool = False
    changed: str = ""
    disguise: str = ""
    mentions: Mapping[str, Caller] = field(default_factory=dict)
