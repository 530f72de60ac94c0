"""deskbell.toml and the environment, checked once at the start; `load_config` is the only way in.

Whatever is wrong ends the program with one line (ConfigError) that names the file or variable and the key.
"""

from bot.config.loading import Parser, load_config
from bot.config.masking import masked, secrets_of
from bot.config.models import (
    Config,
    DatabaseConfig,
    MailboxConfig,
    OAuthConfig,
    SlackConfig,
    SmtpConfig,
    TelegramConfig,
    WebConfig,
)
from bot.config.patterns import Pattern, compile_pattern
from bot.config.rules import ExtractConfig, RuleConfig

__all__ = [
    "Config",
    "DatabaseConfig",
    "ExtractConfig",
    "MailboxConfig",
    "OAuthConfig",
    "Parser",
    "Pattern",
    "RuleConfig",
    "SlackConfig",
    "SmtpConfig",
    "TelegramConfig",
    "WebConfig",
    "compile_pattern",
    "load_config",
    "masked",
    "secrets_of",
]
