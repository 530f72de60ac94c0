"""The commands `escalation …`: whose phone rings about a ticket that nobody has taken."""

from typing import Annotated, Any

import typer

from bot.cli.terminal import ConfigOption, JsonOption, at_desk, print_all, print_json

app = typer.Typer(
    no_args_is_help=True,
    help="""Whose phone rings about a ticket that nobody has taken: list, set, remove.

    A step is WHO [MINUTESm] [xTIMES] [HOURS]: an agent's address, rota:CODE or channel; how long until the next ring
    (5m); how often (once); when it rings at all, as in "mon-fri 08:00-18:00". After the last step the first comes
    again until somebody takes, closes or snoozes the ticket.""",
)

Steps = Annotated[list[str], typer.Argument(metavar="STEP...", help="The steps, each in quotes.")]
Group = Annotated[str, typer.Option(help="Only for tickets of this group.")]
Severity = Annotated[str, typer.Option(help="Only for tickets of this severity.")]
Rounds = Annotated[int, typer.Option(min=0, max=1000, help="How often all steps are gone through; 0 = until taken.")]
On = Annotated[str, typer.Option("--on", help="What starts it: some of new,overdue,client.")]


@app.command("list")
def list_(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List all chains; the first that fits is a ticket's. Example: deskbell escalation list --json"""
    with at_desk(config) as office:
        print_all(office.desk.escalating.chains.every(), _line, as_json=as_json)


@app.command("set")
def set_(
    steps: Steps,
    group: Group = "",
    severity: Severity = "",
    rounds: Rounds = 0,
    causes: On = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Keep a chain. Example: deskbell escalation set "sam@example.org 5m" "rota:NIGHT 5m x3" --severity BLOCKING"""
    from bot.desk.audit import at_the_server

    wanted = [cause.strip() for cause in causes.split(",") if cause.strip()]
    with at_desk(config) as office:
        chains, now = office.desk.escalating.chains, office.clock.now()
        made = chains.set(group, severity, steps, now, rounds=rounds, causes=wanted, by=at_the_server())
        print_json(made) if as_json else print(_line(made))


@app.command()
def remove(
    group: Group = "", severity: Severity = "", config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Take a chain away; what rings by it is silent. Example: deskbell escalation remove --severity BLOCKING"""
    from bot.desk.audit import at_the_server
    from bot.errors import NotFound

    with at_desk(config) as office:
        if not office.desk.escalating.chains.remove(group, severity, office.clock.now(), at_the_server()):
            raise NotFound("There is no such chain. `deskbell escalation list` shows all.")
    if as_json:
        print_json({"group": group.upper(), "severity": severity.upper(), "removed": True})
    else:
        print("the chain is removed")


def _line(one: dict[str, Any]) -> str:
    fits = " ".join(part for part in (one["group"], one["severity"]) if part) or "all tickets"
    often = "until taken" if one["rounds"] == 0 else f"{one['rounds']} times"
    return f"{fits}  {' → '.join(one['steps'])}  ({often}; on {', '.join(one['causes'])})"
