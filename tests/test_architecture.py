"""Who may import whom. Every import in the three packages is read from the source; nothing is executed."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("bot", "handlers", "storage")

ONLY_IN = {
    "peewee": "storage",
    "playhouse": "storage",
    "schedule": "bot.scheduler",
    "markdown": "bot.outgoing",
    "imap_tools": "handlers.mail",
    "aiosmtplib": "handlers.mail",
    "slack_bolt": "handlers.slack",
    "slack_sdk": "handlers.slack",
    "telegram": "handlers.telegram",
}
"""A library and the one package or module that knows it."""

NEVER = [
    ("storage", "bot"),
    ("storage", "handlers"),
    ("handlers", "storage"),
    ("handlers.slack", "handlers.telegram"),
    ("handlers.slack", "handlers.mail"),
    ("handlers.telegram", "handlers.slack"),
    ("handlers.telegram", "handlers.mail"),
    ("handlers.mail", "handlers.slack"),
    ("handlers.mail", "handlers.telegram"),
    ("handlers", "bot.app"),
    ("bot.config", "storage"),
    ("bot.desk", "bot.commands"),
    ("bot.desk", "bot.intake"),
    ("bot.desk", "bot.outgoing"),
    ("bot.intake", "bot.commands"),
    ("bot.outgoing", "bot.intake"),
]
"""Importer and what it must not import."""


def inside(name: str, package: str) -> bool:
    """Whether a dotted name is the package or something in it."""
    return name == package or name.startswith(f"{package}.")


def sources() -> Iterator[tuple[str, Path]]:
    """Every module of the packages: dotted name and file."""
    for file in sorted(file for package in PACKAGES for file in (ROOT / package).rglob("*.py")):
        parts = file.relative_to(ROOT).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), file


def imported(file: Path, module: str) -> Iterator[str]:
    """The dotted names that a file imports, those inside functions too; `from a import b` gives a.b."""
    package = module if file.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            source = ".".join([*above, *filter(None, [node.module])])
            yield from (f"{source}.{alias.name}" for alias in node.names)


IMPORTS = [(module, name) for module, file in sources() for name in imported(file, module)]


def test_the_imports_were_found() -> None:
    modules = {module for module, _ in IMPORTS}

    assert {"bot.app", "handlers.slack.adapter", "storage.database"} <= modules
    assert ("bot.scheduler", "schedule") in IMPORTS


@pytest.mark.parametrize(("library", "home"), ONLY_IN.items())
def test_a_library_is_known_in_one_place(library: str, home: str) -> None:
    strangers = {module for module, name in IMPORTS if inside(name, library) and not inside(module, home)}

    assert strangers == set()


@pytest.mark.parametrize(("importer", "forbidden"), NEVER)
def test_imports_go_one_way(importer: str, forbidden: str) -> None:
    wrong = {(module, name) for module, name in IMPORTS if inside(module, importer) and inside(name, forbidden)}

    assert wrong == set()


def test_only_the_app_imports_handlers() -> None:
    outside = {module for module, name in IMPORTS if inside(name, "handlers") and not inside(module, "handlers")}

    assert outside == {"bot.app"}


def test_nobody_but_the_program_imports_the_command_line() -> None:
    importers = {module for module, name in IMPORTS if inside(name, "bot.cli") and not inside(module, "bot.cli")}

    assert importers == {"bot.__main__"}


def test_only_the_command_line_imports_the_sandbox() -> None:
    importers = {
        module for module, name in IMPORTS if inside(name, "bot.sandbox") and not inside(module, "bot.sandbox")
    }

    assert importers <= {"bot.__main__"}


def test_the_product_does_not_know_that_there_is_a_sandbox() -> None:
    outside = [file for module, file in sources() if not inside(module, "bot.sandbox") and module != "bot.__main__"]

    telling = [
        str(file.relative_to(ROOT))
        for file in outside
        if re.search("sandbox", file.read_text(encoding="utf-8"), re.IGNORECASE)
    ]

    assert telling == []
