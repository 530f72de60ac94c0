"""The configuration as it may be printed: everything in it, each secret as dots; and what must never be printed."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, SecretStr

from bot.config.models import Config, DatabaseConfig, OAuthConfig

DOTS = "••••"


def masked(config: Config) -> dict[str, Any]:
    """The configuration as a dictionary with the file's keys and values that JSON can hold."""
    return _table(config)


def secrets_of(value: Any) -> Iterator[str]:
    """Every secret in a configuration, or in a part of it, as it is."""
    if isinstance(value, SecretStr):
        yield value.get_secret_value()
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from secrets_of(getattr(value, name))
        if isinstance(value, DatabaseConfig):
            password = urlsplit(value.url.get_secret_value()).password or ""
            yield from (password, unquote(password))
        if isinstance(value, OAuthConfig) and value.command:
            yield from value.command[1:]
    elif isinstance(value, list | tuple):
        for one in value:
            yield from secrets_of(one)


def _table(model: BaseModel) -> dict[str, Any]:
    fields = type(model).model_fields
    found = {field.alias or name: _plain(getattr(model, name)) for name, field in fields.items()}
    if isinstance(model, DatabaseConfig):
        found["url"] = masked_url(model.url.get_secret_value())
    if isinstance(model, OAuthConfig) and model.command:
        found["command"] = [model.command[0], *([DOTS] if model.command[1:] else [])]
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return DOTS if value.get_secret_value() else ""
    if isinstance(value, BaseModel):
        return _table(value)
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(one) for one in value]
    if value is None or isinstance(value, str | bool | int | float):
        return value
    return str(value)


def masked_url(url: str) -> str:
    """A database's address without its password; its options are left out, for they may hold one."""
    if url.startswith("sqlite:///"):
        return url
    parts = urlsplit(url)
    login, at, place = parts.netloc.rpartition("@")
    user, colon, _ = login.partition(":")
    options = f"?{DOTS}" if parts.query else ""
    return f"{parts.scheme}://{user}{colon and ':' + DOTS}{at}{place}{parts.path}{options}"
