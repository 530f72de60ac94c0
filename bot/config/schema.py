"""What the file may contain, read off the models: which keys a table has, which are secrets, which are tables."""

import types
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from bot.config.models import Config

INTERNAL = ("settings", "warnings")

Location = tuple[str | int, ...]


class Nested(NamedTuple):
    """A key whose value is a table, a list of tables, or a table of named tables."""

    model: type[BaseModel]
    shape: Literal["one", "list", "named"]


def keys(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The keys of a table as they are written in the file, in the models' order, without the `…_file` ones."""
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    return {key: field for key, field in fields.items() if model is not Config or key not in INTERNAL}


def kind(annotation: Any) -> Any:
    """The plain type behind Annotated and `| None`."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return kind(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return kind(next(one for one in get_args(annotation) if one is not type(None)))
    return annotation


def nested(field: FieldInfo) -> Nested | None:
    """The table behind a key, None for a single value."""
    plain = kind(field.annotation)
    arguments = [kind(one) for one in get_args(plain)]
    if get_origin(plain) is tuple and _is_model(arguments[0]):
        return Nested(arguments[0], "list")
    if get_origin(plain) is dict and _is_model(arguments[1]):
        return Nested(arguments[1], "named")
    return Nested(plain, "one") if _is_model(plain) else None


def secret_keys(model: type[BaseModel]) -> list[str]:
    """The keys that may come from a file by `<key>_file`."""
    return [key for key, field in keys(model).items() if kind(field.annotation) is SecretStr]


def path_keys(model: type[BaseModel]) -> list[str]:
    """The keys whose value is the name of a file or folder."""
    return [key for key, field in keys(model).items() if kind(field.annotation) is Path]


def all_keys(model: type[BaseModel]) -> list[str]:
    """Every key that may be written, the `…_file` ones too."""
    return [*keys(model), *(f"{key}_file" for key in secret_keys(model))]


def tables(node: Any, model: type[BaseModel] = Config, at: Location = ()) -> Iterator[tuple[Location, dict, type]]:
    """Every table in a tree of raw values with its place and its model; what has the wrong shape is passed over."""
    if not isinstance(node, dict):
        return
    yield at, node, model
    for key, field in keys(model).items():
        inside = nested(field)
        if inside and key in node:
            for place, table in _members(node[key], inside.shape):
                yield from tables(table, inside.model, (*at, key, *place))


def _members(value: Any, shape: str) -> list[tuple[Location, Any]]:
    if shape == "one":
        return [((), value)]
    if shape == "list" and isinstance(value, list):
        return [((index,), one) for index, one in enumerate(value)]
    if shape == "named" and isinstance(value, dict):
        return [((name,), one) for name, one in value.items()]
    return []


def _is_model(plain: Any) -> bool:
    return isinstance(plain, type) and issubclass(plain, BaseModel)
