"""The configuration as the rest of the program sees it: frozen models, one for each section of the file.

Attributes are called as in the file, except `mailboxes` ([[mailbox]]) and `rules` ([[mailbox.rule]]). Every
secret is a SecretStr, and so is the database's address. The environment is read by `bot.config.environment`
and not by pydantic-settings, which reads no list sections and passes over misspelt names.
"""

from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.config import values as v
from bot.config.checks import incomplete, wrong
from bot.config.rules import RuleConfig, Section

SMTP_PORTS = {"tls": 465, "starttls": 587, "none": 25}
IMAP_PORTS = {"tls": 993, "starttls": 143, "none": 143}
NOTHING = SecretStr("")


class DatabaseConfig(Section):
    """Where the tables are."""

    url: v.DatabaseUrl

    @property
    def sqlite_file(self) -> Path | None:
        """The database's file, absolute; None on PostgreSQL."""
        url = self.url.get_secret_value()
        return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None


class WebConfig(Section):
    """Where health, metrics and webhooks are served."""

    listen: v.Listen = "127.0.0.1:8080"

    @property
    def host(self) -> str:
        """The host of `listen`, an IPv6 address without brackets."""
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port of `listen`."""
        return int(self.listen.rpartition(":")[2])


class SlackConfig(Section):
    """The Slack app; api_url ends in a slash."""

    mode: v.SlackMode = "socket"
    bot_token: v.BotToken
    app_token: v.AppToken = NOTHING
    signing_secret: v.SigningSecret = NOTHING
    channel: v.Channel = ""
    api_url: v.SlackApi = "https://slack.com/api/"

    @model_validator(mode="after")
    def _has_what_its_mode_needs(self) -> "SlackConfig":
        needed = {"socket": "app_token", "http": "signing_secret"}[self.mode]
        _need(self, needed, because=f'mode = "{self.mode}"')
        return self


class TelegramConfig(Section):
    """The Telegram bot; chat and topic are 0 where there is none, topic -1 for "each"; api_url ends in no slash."""

    token: v.TelegramToken
    chat: v.ChatId = 0
    topic: v.Topic = 0
    mode: v.TelegramMode = "polling"
    webhook_url: v.WebhookUrl = ""
    webhook_secret: v.WebhookSecret = NOTHING
    api_url: v.TelegramApi = "https://api.telegram.org"

    @model_validator(mode="after")
    def _has_what_its_mode_needs(self) -> "TelegramConfig":
        for needed in ("webhook_url", "webhook_secret") if self.mode == "webhook" else ():
            _need(self, needed, because='mode = "webhook"')
        return self


class OAuthConfig(Section):
    """Where an access token comes from: a refresh token, or a command that prints one."""

    token_url: v.PrivateUrl | None = None
    client_id: v.Line = ""
    client_secret: v.Secret = NOTHING
    refresh_token: v.Secret = NOTHING
    scope: v.Line = ""
    command: v.Command = Field((), repr=False)

    @model_validator(mode="after")
    def _is_one_of_the_two(self) -> "OAuthConfig":
        given = self.model_fields_set
        if self.command and given != {"command"}:
            raise incomplete(f"{sorted(given - {'command'})[0]} cannot be given together with command")
        for needed in () if self.command else ("token_url", "client_id", "refresh_token"):
            _need(self, needed, because="oauth without command")
        if not self.command and "client_secret" not in given:
            raise incomplete('client_secret is missing ("" for a client that has none)')
        return self


class SmtpConfig(Section):
    """The server that letters leave through."""

    host: v.Host
    security: v.Security = "starttls"
    port: v.Port = Field(default_factory=lambda data: SMTP_PORTS[data["security"]])
    username: v.Line = ""
    password: v.Secret = NOTHING
    sender: v.Sender
    oauth: OAuthConfig | None = None
    ca_file: v.Certificate = None

    @model_validator(mode="after")
    def _can_log_in(self) -> "SmtpConfig":
        if self.username:
            _one_way_to_log_in(self)
        elif self.oauth or self.password.get_secret_value():
            raise incomplete("username is missing")
        return self


class MailboxConfig(Section):
    """One mailbox that clients write to, with its rules in the file's order."""

    name: v.MailboxName
    address: v.Address
    plus_addressing: v.Flag = True
    host: v.Host
    security: v.Security = "tls"
    port: v.Port = Field(default_factory=lambda data: IMAP_PORTS[data["security"]])
    username: v.Username
    password: v.Secret = NOTHING
    oauth: OAuthConfig | None = None
    authserv_id: v.Word = ""
    alarm_minutes: v.Minutes = 15
    ca_file: v.Certificate = None
    folder: v.FolderName = "INBOX"
    done_folder: v.OptionalFolderName = ""
    quarantine_folder: v.FolderName = "Deskbell-Quarantine"
    idle: v.Flag = True
    poll_seconds: v.Seconds = 60
    batch: v.Batch = 50
    first_contact: v.FirstContact = "recent"
    rules: Annotated[tuple[RuleConfig, ...], BeforeValidator(lambda raw: _tables(raw, "mailbox.rule"))] = Field(
        (), alias="rule"
    )

    @model_validator(mode="after")
    def _can_log_in(self) -> "MailboxConfig":
        _one_way_to_log_in(self)
        return self

    @model_validator(mode="after")
    def _moves_mails_elsewhere(self) -> "MailboxConfig":
        for key in ("done_folder", "quarantine_folder"):
            if getattr(self, key) == self.folder:
                raise incomplete(f"{key} must be another folder than the one that is read")
        return self


class Config(BaseSettings):
    """Everything that stands in deskbell.toml and the environment; a section left out is None."""

    model_config = SettingsConfigDict(
        strict=True,
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        validate_by_alias=True,
        validate_by_name=True,
        validate_default=False,
    )

    language: v.Language = "en"
    timezone: v.Timezone = "UTC"
    data_dir: v.Folder
    secret: v.Secret = NOTHING
    database: DatabaseConfig
    web: WebConfig = WebConfig()
    slack: SlackConfig | None = None
    telegram: TelegramConfig | None = None
    smtp: SmtpConfig | None = None
    mailboxes: Annotated[tuple[MailboxConfig, ...], BeforeValidator(lambda raw: _tables(raw, "mailbox"))] = Field(
        (), alias="mailbox"
    )
    settings: dict[str, Any] = {}
    """The desk settings that the file or the environment gives, by name, as their own checks returned them."""
    warnings: tuple[str, ...] = ()
    """Sentences for the operator: nothing that stops the start."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what `load_config` hands over."""
        return (init_settings,)


def _need(section: Section, key: str, *, because: str) -> None:
    value = getattr(section, key)
    if not (value.get_secret_value() if isinstance(value, SecretStr) else value):
        raise incomplete(f"{key} is missing ({because} needs it)")


def _one_way_to_log_in(section: SmtpConfig | MailboxConfig) -> None:
    has_password = bool(section.password.get_secret_value())
    if has_password and section.oauth:
        raise incomplete("password and oauth cannot both be given")
    if not has_password and not section.oauth:
        raise incomplete("password is missing (or password_file, or oauth)")


def _tables(value: object, name: str) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise wrong(f"a list of tables, each headed [[{name}]]", shown=False)
    return tuple(value)
