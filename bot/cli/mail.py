"""The commands about mail: one round over the mailboxes, and what would become of a mail."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli.terminal import ConfigOption, JsonOption, end, open_office, print_json
from bot.errors import MailboxError

app = typer.Typer()


@app.command()
def collect(
    config: ConfigOption = None,
    mailbox: Annotated[str, typer.Option(help="Only this one.")] = "",
    import_all: Annotated[bool, typer.Option("--import-all", help="Take an archive, telling nobody.")] = False,
    as_json: JsonOption = False,
) -> None:
    """One round over the mailboxes, without chat. Example: deskbell collect --json"""
    from bot.app import collect as collect_one

    office = open_office(config)
    failed, done = False, []
    for one in _mailboxes(office, mailbox):
        try:
            done.append(collect_one(office, one, import_all=import_all).as_json())
        except MailboxError as fault:
            failed = True
            print(str(fault), file=sys.stderr)
    if as_json:
        print_json({"mailboxes": done})
    else:
        for taken in done:
            print(", ".join(f"{name} {value}" for name, value in taken.items()))
    raise typer.Exit(1 if failed else 0)


def _mailboxes(office: Any, name: str) -> list[Any]:
    found = [one for one in office.config.mailboxes if not name or one.name == name]
    if not found:
        end(f'there is no mailbox "{name}"' if name else "no mailbox is configured", 2)
    return found


@app.command()
def explain(
    files: list[Path],
    config: ConfigOption = None,
    mailbox: Annotated[str, typer.Option(help="By the rules of this one.")] = "",
    as_json: JsonOption = False,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="One JSON object a line.")] = False,
) -> None:
    """Say what would happen to mails, changing nothing. Example: deskbell explain odd.eml --json"""
    from bot.intake.explaining import Explainer
    from bot.intake.judging import Judge

    office = open_office(config)
    explainer = Explainer(office.desk, Judge(office.desk, _mailboxes(office, mailbox)[0]))
    told = (explainer.explain(file) for file in _all_files(files))
    if jsonl:
        for one in told:
            print_json(one)
    else:
        found = list(told)
        if as_json:
            print_json(found[0] if len(found) == 1 else found)
        for one in [] if as_json else found:
            print(_told(one))
    explainer.close()


def _told(one: Mapping[str, Any]) -> str:
    """What would happen, why, what each field comes from, and how far the sender is believed."""
    verdict = one.get("authentication") or {}
    believed = f" · sender {verdict['verdict']}: {verdict['reason']}" if verdict.get("reason") else ""
    filled = "".join(f" · {name}{_value(one, name)}: {source}" for name, source in one.get("sources", {}).items())
    left_out = "".join(f" · {sentence}" for sentence in one.get("left_out", ()))
    return f"{one['file']}: {one['decision']} ({one['reason']}){believed}{filled}{left_out}"


def _value(one: Mapping[str, Any], name: str) -> str:
    return f" {one['fields'][name]}" if name in one["fields"] else ""


def _all_files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(one for one in path.iterdir() if one.is_file())
        elif path.is_file():
            yield path
        else:
            end(f"there is no file {path}", 2)
