"""README and CHANGELOG say what is there: what can be typed, set or granted is named, and every example is understood.

Whoever adds a verb, a command, a setting, a key or a scope adds it to the README as well.
"""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel
from typer.main import get_command

from bot.__main__ import app
from bot.commands import grammar
from bot.commands.runner import VERBS
from bot.commands.verbs import typed
from bot.config import schema
from bot.config.models import Config
from bot.desk.setting_table import SETTINGS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```\w*\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
SPANS = [span.replace(r"\|", "|") for span in re.findall(r"`([^`]+)`", re.sub(r"(?ms)^```.*?^```$", "", README))]
PROGRAM = get_command(app)
HEADING = re.compile(r"^#+ (.*)", re.MULTILINE)


def section(title: str) -> str:
    """What stands under a heading, up to the next one of its level or above."""
    found = re.search(rf"^(#+) {re.escape(title)}\n(.*)", README, re.MULTILINE | re.DOTALL)
    assert found, title
    level, text = found.groups()
    return re.split(rf"^#{{1,{len(level)}}} ", text, maxsplit=1, flags=re.MULTILINE)[0]


def coded(text: str) -> set[str]:
    """The words between backticks."""
    return {word for span in re.findall(r"`([^`\n]+)`", text) for word in re.findall(r"[\w.:-]+", span)}


def keys_of(model: type[BaseModel]) -> Iterator[str]:
    """Every key that a table of the file may have, and those of the tables in it."""
    for key, field in schema.keys(model).items():
        inside = schema.nested(field)
        yield key
        yield from keys_of(inside.model) if inside else ()


def under(command: Any) -> dict[str, Any]:
    """The commands of a group by name; none of what is no group."""
    return getattr(command, "commands", {})


def commands() -> Iterator[tuple[str, list[str]]]:
    """Each command of the program, with those under it."""
    for name, command in under(PROGRAM).items():
        yield name, list(under(command))


def lines_for_a_shell() -> list[str]:
    """The command lines in the code blocks that call the program."""
    told = [part.split(" #")[0] for block in BLOCKS for line in block.splitlines() for part in line.split("&&")]
    return [line.strip() for line in told if re.match(r"\s*(\S*/)?deskbell ", line)]


def typed_examples() -> list[str]:
    """What is typed after /ticket, wherever the README shows it; usage lines with brackets are no examples."""
    said = [span.removeprefix("/ticket ") for span in SPANS if "[" not in span and "--" not in span]
    names = {verb.name for verb in typed()}
    return [line for line in said if " " in line and line.split()[0] in names]


def test_every_verb_has_a_row() -> None:
    rows = re.findall(r"^\| `(\w+)", section("Verbs"), re.MULTILINE)

    assert {verb.name for verb in typed()} <= set(rows)
    assert set(rows) <= set(VERBS)


def test_a_verb_s_row_shows_its_usage() -> None:
    shown = {row.replace(r"\|", "|") for row in re.findall(r"^\| `([^`]+)`", section("Verbs"), re.MULTILINE)}

    assert [verb.usage.line for verb in typed() if verb.usage.line not in shown] == []


def test_every_setting_is_named() -> None:
    assert sorted(set(SETTINGS) - coded(README)) == []


@pytest.mark.parametrize(("name", "parts"), list(commands()))
def test_every_command_has_a_row_that_names_its_parts(name: str, parts: list[str]) -> None:
    rows = re.findall(rf"^\| `deskbell {name}\b.*", section("On the command line"), re.MULTILINE)

    assert len(rows) == 1
    assert sorted(set(parts) - coded(rows[0])) == []


def test_every_key_of_the_file_is_named() -> None:
    assert sorted(set(keys_of(Config)) - coded(section("Configuration")) - {"mailbox", "rule"}) == []


def test_every_scope_of_the_manifest_is_explained() -> None:
    manifest = yaml.safe_load((ROOT / "app_manifest.yml").read_text(encoding="utf-8"))

    explained = re.findall(r"`([^`]+)`", "".join(re.findall(r"^\|([^|]+)\|", section("Slack"), re.MULTILINE)))

    assert sorted(explained) == sorted(manifest["oauth_config"]["scopes"]["bot"])


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md"])
def test_every_link_leads_somewhere(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    headings = {re.sub(r"[^\w -]", "", head.lower()).strip().replace(" ", "-") for head in re.findall(HEADING, text)}

    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]

    assert [link for link in links if link.startswith("#") and link[1:] not in headings] == []
    assert [link for link in links if not link.startswith("#") and not (ROOT / link).exists()] == []


def test_every_path_of_the_layout_exists() -> None:
    inside, missing = "", []
    for indent, path in re.findall(r"^( *)([\w./]+)  ", section("How the house is laid out"), re.MULTILINE):
        inside = inside if indent else path
        missing += [path] if not (ROOT / (inside if indent else "") / path).exists() else []

    assert missing == []


@pytest.mark.parametrize("line", lines_for_a_shell())
def test_every_command_line_is_understood(line: str) -> None:
    words = shlex.split(line)[1:]
    command = PROGRAM

    while under(command):
        command = under(command)[words.pop(0)]

    assert command.make_context(command.name, words).params is not None


@pytest.mark.parametrize("span", [span for span in SPANS if span.startswith("deskbell ")])
def test_every_command_that_is_mentioned_exists(span: str) -> None:
    words = span.split()[1:]
    command = under(PROGRAM)[words[0]]
    parts = under(command)
    if parts and len(words) > 1 and words[1].isalpha():
        command = parts[words[1]]
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}

    options = set(re.findall(r"--[a-z-]+", span))

    assert options <= known | ({"--as", "--json"} if words[0] == "ticket" else set())


@pytest.mark.parametrize("line", typed_examples())
def test_every_typed_example_is_understood(line: str) -> None:
    name, rest = grammar.first_word(line)
    verb = VERBS[name]

    values = grammar.parse(verb.usage, rest, grammar.KEYS | verb.keys)

    assert values
