"""Everything that can go wrong, in words that people read; whatever else is raised is a fault of ours.

    DeskbellError
    ├── ConfigError            names the file or variable and the key; ends the program with exit code 2
    ├── Refusal                what a person asked for cannot be done; the message is what the person reads
    │   ├── NotFound           no such ticket, agent, entry … (also: a ticket of a group that is not theirs)
    │   │   └── Unmet          somebody who was mentioned, whose account is not known (yet)
    │   ├── NotAllowed         the role lacks the right
    │   ├── Unrecognised       we do not know who is asking
    │   ├── Disguised          whoever asks hides behind somebody or something else
    │   ├── HeldByAnother      somebody else has the ticket
    │   ├── Stale              the ticket has changed since the asker last saw it
    │   ├── Busy               the database did not take the request in time; nothing was done
    │   ├── WrongValue         what a setting cannot be (a ValueError too); the sentence goes on after its name
    │   └── WrongUsage         the words do not fit the verb's grammar (exit code 2 on the command line)
    │       ├── UnknownValue   none of the values there are (also a NotFound)
    │       └── FieldErrors    a form's values, each fault by its field
    ├── MailUnreadable         a mail that cannot be read within its limits
    ├── MailboxError           a mailbox that cannot be reached, or refuses
    ├── AdapterError           a platform's connection cannot be made or was lost
    └── DeliveryError          all that an outgoing adapter may raise

A refusal carries its sentence in English with named places; `in_words` gives it in the reader's language. A place may
hold another refusal.
"""

from collections.abc import Mapping
from typing import Any

from bot.texts import Words

ENGLISH = Words()


class DeskbellError(Exception):
    """The root of the tree above."""


class ConfigError(DeskbellError):
    """A wrong setting; the message is one line that names the file or variable and the key."""


class Refusal(DeskbellError):
    """What a person asked for cannot be done; `sentence` has `{name}` places that `values` fill."""

    def __init__(self, sentence: str, **values: Any) -> None:
        self.sentence = sentence
        self.values = values
        super().__init__(ENGLISH(sentence, **values))

    def in_words(self, words: Words) -> str:
        """The sentence in the reader's language."""
        said = {name: v.in_words(words) if isinstance(v, Refusal) else v for name, v in self.values.items()}
        return words(self.sentence, **said)


class NotFound(Refusal):
    """No such thing, or not for this person: the answer is the same."""


class Unmet(NotFound):
    """Somebody who was mentioned, whose account is not known; the place `name` holds the mention as it stands."""


class NotAllowed(Refusal):
    """The role lacks the right."""


class Unrecognised(Refusal):
    """We do not know who is asking."""


class Disguised(Refusal):
    """Whoever asks hides behind somebody or something else: never carried out, whoever it is."""

    def __init__(self) -> None:
        super().__init__("I cannot tell who asks for this.")


class HeldByAnother(Refusal):
    """Somebody else has the ticket; taking it over needs to be said."""


class Stale(Refusal):
    """The ticket has changed since the asker last saw it."""


class Busy(Refusal):
    """The database did not take the request in time; nothing was done."""

    def __init__(self) -> None:
        super().__init__("The desk is busy and nothing was done. Please try again in a moment.")


class Full(Refusal):
    """There is no room left to write anything down; nothing was done."""

    def __init__(self) -> None:
        super().__init__("The storage is full and nothing was done. Please tell an admin.")


class ReaderUnavailable(Refusal):
    """The process that reads mails does not start: no mail's fault."""

    def __init__(self) -> None:
        super().__init__("The process that reads mails does not start. Please tell an admin.")


class FilesUnwritable(Refusal):
    """The data folder takes no files; nothing was done."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            "The desk cannot keep files and nothing was done ({reason}). Please tell an admin.", reason=reason
        )


class WrongValue(Refusal, ValueError):
    """What a setting cannot be: `must be …`, to be read after the setting's name."""


class WrongUsage(Refusal):
    """The words do not fit the verb's grammar."""


class UnknownValue(NotFound, WrongUsage):
    """A value that is none of those there are: a code, a role, a language."""


class FieldErrors(WrongUsage):
    """A form's values: each fault by its field's key, as a refusal of its own."""

    def __init__(self, faults: Mapping[str, Refusal]) -> None:
        self.faults = dict(faults)
        first = next(iter(self.faults.values()))
        super().__init__(first.sentence, **first.values)


class MailUnreadable(DeskbellError):
    """A mail that cannot be read within its limits; the message is the reason."""


class MailboxError(DeskbellError):
    """A mailbox that cannot be reached or refuses; `permanent` when trying again soon is of no use."""

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent


class AdapterError(DeskbellError):
    """A platform's connection; the message says what to do. `permanent` when only a person can mend it."""

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent


class DeliveryError(DeskbellError):
    """What could not be told. All that an outgoing adapter may raise.

    permanent    trying again is of no use
    retry_after  seconds that the other side asked us to wait
    gone         the message that was to be changed or answered is not there any more: post anew
    moved_to     the channel has another id now
    too_large    a smaller letter may be taken
    shut         the whole place takes nothing for `retry_after` seconds
    closed       a person has to open the place again, or to be let in there
    topic        of a topic: "gone", or "refused" where there can be none
    unsure       it may have been done
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        retry_after: float | None = None,
        gone: bool = False,
        moved_to: str = "",
        too_large: bool = False,
        shut: bool = False,
        closed: bool = False,
        topic: str = "",
        unsure: bool = False,
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_after = retry_after
        self.gone = gone
        self.moved_to = moved_to
        self.too_large = too_large
        self.shut = shut
        self.closed = closed
        self.topic = topic
        self.unsure = unsure
