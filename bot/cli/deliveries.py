"""The commands `deliveries …`: what waits to be told and what could not be, to look at and to try again."""

from typing import Annotated, Any

import typer

from bot.cli.terminal import ConfigOption, JsonOption, at_desk, end, print_all, print_json

app = typer.Typer(invoke_without_command=True, help="What could not be sent: list, retry.")


@app.callback()
def deliveries(context: typer.Context, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """What could not be sent: list, retry. Example: deskbell deliveries"""
    if context.invoked_subcommand is None:
        list_(config, as_json)


@app.command("list")
def list_(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """What failed and what waits. Example: deskbell deliveries list --json"""
    from storage.queries import deliveries as rows

    with at_desk(config):
        found = [_values(row) for row in rows.undelivered()]
    print_all(found, _line, as_json=as_json, nothing="Nothing waits and nothing failed.")


@app.command()
def retry(
    numbers: Annotated[list[int] | None, typer.Argument(help="Their numbers in the list; none: all failed.")] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Try failed ones again. Example: deskbell deliveries retry 12"""
    from storage.queries import deliveries as rows

    with at_desk(config) as office:
        retried = rows.retry_failed(numbers or None, office.clock.now())
    if numbers and retried < len(set(numbers)):
        end(f"only {retried} of {len(set(numbers))} had failed: `deskbell deliveries` shows which", 1)
    if as_json:
        print_json({"retried": retried})
    else:
        print(f"{retried} will be tried again")


def _values(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind,
        "platform": row.platform,
        "channel": row.channel,
        "ticket": row.ticket.reference if row.ticket_id else None,
        "state": row.state,
        "attempts": row.attempts,
        "error": row.error,
        "next_at": row.next_at.isoformat() if row.state == "pending" else None,
        "created_at": row.created_at.isoformat(),
    }


def _line(one: dict[str, Any]) -> str:
    head = f"{one['id']:>5}  {one['state']:<7}  {one['kind']}  {one['platform']} {one['channel']}"
    tries = f"{one['attempts']} tries" + (f": {one['error']}" if one["error"] else "")
    return "  ".join(filter(None, (head, one["ticket"], tries)))
