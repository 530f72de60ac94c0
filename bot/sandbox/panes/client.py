"""The client's pane: each client's letters and sent mails as the page lists them, and the writing of a mail."""

import base64
from collections.abc import Iterator, Mapping
from email.utils import parseaddr

from bot.sandbox.cast import Cast
from bot.sandbox.mail import Letter, PretendMail
from bot.sandbox.panes import DONE, Details, Item, Outcome, Perform


class ClientPane:
    """The mailboxes of the cast's clients. What they sent is remembered here: their own mail programs' sent folder."""

    name = "client"

    def __init__(self, mail: PretendMail, cast: Cast) -> None:
        self._mail, self._cast = mail, cast
        self._sent: list[Item] = []
        self.gestures: Mapping[str, Perform] = {"write": self._write}

    def items(self) -> dict[str, Item]:
        """All that is on show."""
        return {item["key"]: item for item in self._items()}

    def _items(self) -> Iterator[Item]:
        for client in self._cast.clients:
            for number, letter in enumerate(self._mail.letters(client.address)):
                yield _letter(client.address, number, letter)
            yield from (item for item in self._sent if item["owner"] == client.address)

    async def _write(self, details: Details) -> Outcome:
        client = next(one for one in self._cast.clients if one.address == details["person"])
        answered = self._letter_of(client.address, details.get("answers"))
        attachments = [attachment(one) for one in details.get("attachments") or []]
        content = {"subject": details["subject"], "text": details["text"]}
        await self._mail.write(
            f"{client.name} <{client.address}>",
            self._cast.desk,
            **content,
            attachments=attachments,
            in_reply_to=answered,
        )
        self._sent.append(
            {
                "key": f"sent {len(self._sent)}",
                "order": self._mail.now(),
                "at": self._mail.now() * 1000,
                "owner": client.address,
                "sent": True,
                "from": client.name,
                "to": self._cast.desk,
                "html": "",
                "attachments": [{"name": name, "bytes": len(data)} for name, data, _ in attachments],
                **content,
            }
        )
        return DONE

    def _letter_of(self, address: str, key: str | None) -> Letter | None:
        if not key:
            return None
        return self._mail.letters(address)[int(key.rpartition(" ")[2])]


def _letter(owner: str, number: int, letter: Letter) -> Item:
    return {
        "key": f"letter {owner} {number}",
        "order": letter.at,
        "at": letter.at * 1000,
        "owner": owner,
        "sent": False,
        "from": parseaddr(letter.sender)[0] or letter.sender,
        "to": owner,
        "subject": letter.subject,
        "text": letter.text,
        "html": letter.html,
        "attachments": [{"name": one.name, "bytes": len(one.content)} for one in letter.attachments],
    }


def attachment(given: Mapping[str, str]) -> tuple[str, bytes, str]:
    """A file as it came from the page: name, content, media type."""
    return given["name"], base64.b64decode(given["base64"]), given["type"]
