"""The commands `canned …`: replies kept ready, which agents choose in the form of a reply."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli.terminal import ConfigOption, JsonOption, at_desk, print_all, print_json

app = typer.Typer(no_args_is_help=True, help="Replies kept ready: add, list, show, set, remove.")

Text = Annotated[str, typer.Option(help="The reply in Markdown with {client} {reference} …; - reads standard input.")]
TextFile = Annotated[Path | None, typer.Option("--file", help="A file with the reply.")]
Language = Annotated[str, typer.Option(help="The language of --text and --label: en, fr.")]
Label = Annotated[str, typer.Option(help="What agents see in the list; the code if it is left out.")]
Position = Annotated[int | None, typer.Option(help="Smaller stands further up.")]
Active = Annotated[bool | None, typer.Option("--active/--inactive")]


@app.command()
def add(
    code: str,
    text: Text = "",
    file: TextFile = None,
    language: Language = "en",
    label: Label = "",
    position: Position = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Keep a reply ready. Example: deskbell canned add RESET --text "Dear {client}, please restart it."."""
    from bot.desk import canned
    from bot.errors import Refusal

    with at_desk(config):
        if canned.is_kept(code):
            raise Refusal("There is already a reply kept ready called {code}.", code=code.upper())
        ready = canned.Ready(code, {language: label or code}, {language: _read(text, file)}, position or 0)
        _print(canned.save(ready), as_json=as_json)


@app.command("list")
def list_(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List all of them. Example: deskbell canned list --json"""
    from bot.desk import canned

    with at_desk(config):
        print_all([one.as_json() for one in canned.every()], _line, as_json=as_json)


@app.command()
def show(code: str, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show one with its texts. Example: deskbell canned show RESET"""
    from bot.desk import canned

    with at_desk(config):
        _print(canned.find(code), as_json=as_json)


@app.command("set")
def set_(
    code: str,
    text: Text = "",
    file: TextFile = None,
    language: Language = "en",
    label: Label = "",
    position: Position = None,
    active: Active = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change one, or add a language. Example: deskbell canned set RESET --language fr --text "Bonjour {client}"."""
    from bot.desk import canned

    with at_desk(config):
        known, said = canned.find(code), _read(text, file)
        changed = canned.Ready(
            known.code,
            {**known.labels, **({language: label} if label else {})},
            {**known.texts, **({language: said} if said else {})},
            known.position if position is None else position,
            known.active if active is None else active,
        )
        _print(canned.save(changed), as_json=as_json)


@app.command()
def remove(code: str, config: ConfigOption = None) -> None:
    """Keep one ready no longer. Example: deskbell canned remove RESET"""
    from bot.desk import canned

    with at_desk(config):
        canned.remove(code)


def _read(text: str, file: Path | None) -> str:
    from bot.errors import WrongUsage

    if text == "-":
        return sys.stdin.read()
    try:
        return file.read_text("utf-8") if file else text
    except (OSError, UnicodeDecodeError) as fault:
        raise WrongUsage("{file} cannot be read: {fault}", file=str(file), fault=str(fault)) from None


def _print(ready: Any, *, as_json: bool) -> None:
    if as_json:
        print_json(ready.as_json())
        return
    print(_line(ready.as_json()))
    for language, text in ready.texts.items():
        print(f"[{language}]\n{text}")


def _line(one: dict[str, Any]) -> str:
    label = one["labels"].get("en") or next(iter(one["labels"].values()), one["code"])
    return f"{one['code']}  {label}" + ("" if one["active"] else "  (inactive)")
