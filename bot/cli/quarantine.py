"""The commands `quarantine …`: mails that could not be read, to look at, read again or give up."""

import sys
from typing import Annotated, Any

import typer

from bot.cli.terminal import ConfigOption, JsonOption, at_desk, end, print_all, print_json
from bot.errors import Refusal

app = typer.Typer(invoke_without_command=True, help="Mails that could not be read: list, show, retry, drop.")

Number = Annotated[int, typer.Argument(help="Its number in the list.")]
Numbers = Annotated[list[int], typer.Argument(help="Their numbers in the list.")]


@app.callback()
def quarantine(context: typer.Context, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Mails that could not be read: list, show, retry, drop. Example: deskbell quarantine"""
    if context.invoked_subcommand is None:
        list_(config, as_json)


@app.command("list")
def list_(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """What lies in quarantine. Example: deskbell quarantine list --json"""
    with at_desk(config) as office:
        found = _quarantine(office).listed()
    print_all(found, _line, as_json=as_json, nothing="Nothing is in quarantine.")


@app.command()
def show(
    number: Number,
    raw: Annotated[bool, typer.Option("--raw", help="The mail itself, byte for byte.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """One of them, with its headers. Example: deskbell quarantine show 7 --raw > odd.eml"""
    with at_desk(config) as office:
        if raw:
            sys.stdout.buffer.write(_quarantine(office).content(number))
            return
        shown = _quarantine(office).shown(number)
    if as_json:
        print_json(shown)
        return
    print(_line(shown))
    print("\n".join(part for part in (shown["file"], shown["head"]) if part))


@app.command()
def retry(numbers: Numbers, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Read them again now. Example: deskbell quarantine retry 7"""
    with at_desk(config) as office:
        done = [_retried(office, number) for number in numbers]
    print_all(done, lambda one: f"{one['id']}: {one['state']}" + _reason(one), as_json=as_json)
    raise typer.Exit(1 if any(one["state"] == "quarantined" for one in done) else 0)


@app.command()
def drop(numbers: Numbers, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Give them up. Example: deskbell quarantine drop 7"""
    with at_desk(config) as office:
        for number in numbers:
            _quarantine(office).drop(number)
    print_all(({"id": number, "state": "dropped"} for number in numbers), _dropped, as_json=as_json)


def _quarantine(office: Any) -> Any:
    from bot.intake.quarantine import Quarantine

    return Quarantine(office.desk, office.config.mailboxes)


def _retried(office: Any, number: int) -> dict[str, Any]:
    try:
        mail = _quarantine(office).retry(number)
    except Refusal as refusal:
        end(str(refusal), 1)
    ticket = mail.ticket.reference if mail.ticket_id else None
    return {"id": mail.id, "state": mail.state, "ticket": ticket, "reason": mail.reason}


def _line(one: dict[str, Any]) -> str:
    return f"{one['id']:>5}  {one['received_at'][:16]}  {one['mailbox']}  {one['size']} bytes  {one['reason']}"


def _reason(one: dict[str, Any]) -> str:
    said = one["ticket"] or one["reason"]
    return f" ({said})" if said else ""


def _dropped(one: dict[str, Any]) -> str:
    return f"{one['id']}: dropped"
