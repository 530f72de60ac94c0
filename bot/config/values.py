"""The types of the keys, each a plain type with its check: what `bot.config.models` is written in."""

from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, SecretStr

from bot.config import addresses, checks

DAY = 86_400
YEAR_OF_MINUTES = 525_600

Language = Annotated[str, BeforeValidator(checks.choice("en", "fr"))]
Timezone = Annotated[str, BeforeValidator(checks.timezone)]
Folder = Annotated[Path, BeforeValidator(checks.data_folder)]
Certificate = Annotated[Path | None, BeforeValidator(checks.certificate)]
DatabaseUrl = Annotated[SecretStr, BeforeValidator(addresses.database_url)]
Listen = Annotated[str, BeforeValidator(addresses.listen)]
Host = Annotated[str, BeforeValidator(addresses.host)]
Port = Annotated[int, BeforeValidator(checks.number(1, 65_535))]
Security = Annotated[str, BeforeValidator(checks.choice("tls", "starttls", "none"))]
Flag = Annotated[bool, BeforeValidator(checks.flag)]
Line = Annotated[str, BeforeValidator(checks.text(r".*", "one line of text"))]
Word = Annotated[str, BeforeValidator(checks.text(r"\S*", "one word"))]
Username = Annotated[str, BeforeValidator(checks.text(r".+", "one line of text, not empty"))]
FolderName = Annotated[str, BeforeValidator(checks.text(r".*\S.*", "a folder's name, one line, not empty"))]
OptionalFolderName = Annotated[str, BeforeValidator(checks.text(r"(.*\S.*)?", "a folder's name, one line"))]
Address = Annotated[str, BeforeValidator(addresses.mail_address)]
Sender = Annotated[str, BeforeValidator(addresses.sender)]
MailboxName = Annotated[
    str,
    BeforeValidator(
        checks.text(r"[A-Za-z0-9]+([._-][A-Za-z0-9]+)*", "letters and digits, joined by single - _ or .", longest=64)
    ),
]
Seconds = Annotated[int, BeforeValidator(checks.number(1, DAY))]
Minutes = Annotated[int, BeforeValidator(checks.number(1, YEAR_OF_MINUTES))]
Batch = Annotated[int, BeforeValidator(checks.number(1, 100_000))]
FirstContact = Annotated[str, BeforeValidator(checks.choice("recent", "all", "none"))]
Channel = Annotated[str, BeforeValidator(checks.text(r"#?[^\s#@,<>]*", "a channel's name or id", longest=81))]
ChatId = Annotated[int, BeforeValidator(checks.number(-(2**52), 2**52, "a chat's number (without quotes)"))]
Topic = Annotated[int, BeforeValidator(checks.topic)]
SlackMode = Annotated[str, BeforeValidator(checks.choice("socket", "http"))]
TelegramMode = Annotated[str, BeforeValidator(checks.choice("polling", "webhook"))]
SlackApi = Annotated[str, BeforeValidator(addresses.slack_api)]
TelegramApi = Annotated[str, BeforeValidator(addresses.telegram_api)]
WebhookUrl = Annotated[str, BeforeValidator(addresses.webhook_url)]
PrivateUrl = Annotated[str, BeforeValidator(addresses.private_url)]
Command = Annotated[tuple[str, ...], BeforeValidator(checks.command)]
Secret = Annotated[SecretStr, BeforeValidator(checks.secret(r".*", "one line of text in quotes"))]
BotToken = Annotated[SecretStr, BeforeValidator(checks.secret(r"xoxb-\S+", 'a bot token that begins with "xoxb-"'))]
AppToken = Annotated[
    SecretStr, BeforeValidator(checks.secret(r"(xapp-\S+)?", 'an app-level token that begins with "xapp-"'))
]
SigningSecret = Annotated[SecretStr, BeforeValidator(checks.secret(r"\S*", "the app's signing secret"))]
TelegramToken = Annotated[
    SecretStr,
    BeforeValidator(checks.secret(r"[0-9]+:[A-Za-z0-9_-]+", "a bot token, digits:letters, as BotFather gives it")),
]
WebhookSecret = Annotated[
    SecretStr, BeforeValidator(checks.secret(r"[A-Za-z0-9_-]{0,256}", "1–256 letters, digits, _ or -"))
]
