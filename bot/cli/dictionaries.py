"""The commands `dictionary …`: types, groups, severities and own fields of tickets."""

from typing import Annotated, Any

import typer

from bot.cli.terminal import ConfigOption, JsonOption, at_desk, print_all, print_json

app = typer.Typer(
    no_args_is_help=True,
    help="""Types, groups, severities and own fields: list, show, add, set, remove.

    Properties are typed as NAME=VALUE: label:en label:fr position active default (all); emoji colour rings
    response_delay action_delay (severity); parent forced_severity default_severity default_assignee default_rota
    slack_channel telegram_chat telegram_topic notify_address response_delay action_delay agents (group); kind choices
    (field). An empty VALUE takes one away.""",
)

Kind = Annotated[str, typer.Argument(help="type, group, severity or field")]
Properties = Annotated[list[str] | None, typer.Argument(metavar="[NAME=VALUE]...", help="Properties.")]


@app.command("list")
def list_(kind: Kind, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List all entries, those out of use too. Example: deskbell dictionary list group --json"""
    with at_desk(config) as office:
        print_all([one.as_json() for one in office.desk.dictionaries.every(kind)], _line, as_json=as_json)


@app.command()
def show(kind: Kind, code: str, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show an entry with all its properties. Example: deskbell dictionary show severity HIGH"""
    with at_desk(config) as office:
        _print(office.desk.dictionaries.find(kind, code), as_json=as_json)


@app.command()
def add(
    kind: Kind, code: str, properties: Properties = None, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Add an entry. Example: deskbell dictionary add group BILLING label:en=Billing slack_channel=#billing"""
    from bot.desk.audit import at_the_server

    with at_desk(config) as office:
        made = office.desk.dictionaries.add(kind, code, _typed(properties), at_the_server())
        _print(made, as_json=as_json)


@app.command("set")
def set_(
    kind: Kind, code: str, properties: Properties = None, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Change properties of an entry. Example: deskbell dictionary set severity HIGH response_delay=2 default=yes"""
    from bot.desk.audit import at_the_server

    with at_desk(config) as office:
        changed = office.desk.dictionaries.change(kind, code, _typed(properties), at_the_server())
        _print(changed, as_json=as_json)


@app.command()
def remove(kind: Kind, code: str, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Remove an entry; one in use is put out of use instead. Example: deskbell dictionary remove type COM"""
    from bot.desk.audit import at_the_server

    with at_desk(config) as office:
        gone = office.desk.dictionaries.remove(kind, code, at_the_server())
    if as_json:
        print_json({"code": code, "removed": gone, "archived": not gone})
    else:
        print(f"{code} is {'removed' if gone else 'in use: it is kept and put out of use'}")


def _typed(properties: list[str] | None) -> dict[str, str]:
    from bot.errors import WrongUsage

    pairs = [one.partition("=") for one in properties or ()]
    wrong = [name for name, equals, _ in pairs if not equals]
    if wrong:
        raise WrongUsage("{word} is not NAME=VALUE.", word=wrong[0][:40])
    return {name.strip().lower(): value for name, _, value in pairs}


def _print(entry: Any, *, as_json: bool) -> None:
    if as_json:
        print_json(entry.as_json())
        return
    print("\n".join([entry.code, *(f"  {name}={value}" for name, value in entry.values.items() if value)]))
    if entry.moved:
        print(f"the cards of {entry.moved} open tickets move to the new channel")


def _line(one: dict[str, Any]) -> str:
    labels = " · ".join(value for name, value in one.items() if name.startswith("label:") and value)
    marks = ["the default" if one.get("default") == "yes" else "", "" if one["active"] == "yes" else "out of use"]
    said = ", ".join(mark for mark in marks if mark)
    return f"{one['code']}  {labels}" + (f"  ({said})" if said else "")
