"""The commands `oncall …`: rotas with their layers, overrides, swaps and calendars."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli.handovers import handover
from bot.cli.terminal import ConfigOption, JsonOption, at_desk, end, given, print_all, print_json

app = typer.Typer(
    no_args_is_help=True,
    help="Who is on call: list, show, add, set, layer, override, swap, handover, import, export, remove.",
)

Text = Annotated[str, typer.Option()]
Changed = Annotated[str | None, typer.Option()]
Number = Annotated[int | None, typer.Option(help="Which one, as `show` counts them.")]
UserGroup = Annotated[
    str | None, typer.Option(help="Slack's group whose only member is on call: S… or a handle, - for none.")
]
Active = Annotated[bool | None, typer.Option("--active/--inactive")]
Days = Annotated[str | None, typer.Option(help="How long a turn lasts: day, week, or a number of days.")]
Handover = Annotated[str | None, typer.Option(help="When it is handed over, as 08:00.")]
FirstDay = Annotated[str | None, typer.Option(help="The day of the first turn, as 2026-03-02; today if left out.")]
LastDay = Annotated[str | None, typer.Option(help="No turn begins from this day on.")]
Hours = Annotated[str | None, typer.Option(help='Only in these hours, as "mon-fri 18:00-08:00".')]
Moment = Annotated[str, typer.Argument(help="2026-03-05T18:00 (in the rota's zone), 09:00, monday, 4h, or words.")]


@app.command("list")
def list_(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List all rotas with who is on call now. Example: deskbell oncall list --json"""
    from bot.desk import oncall, rota_json

    with at_desk(config) as office:
        now = office.clock.now()
        print_all([rota_json.as_json(one, now) for one in oncall.every(now)], _line, as_json=as_json)


@app.command()
def show(code: str, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show a rota with its coming shifts, gaps and overlaps. Example: deskbell oncall show NIGHTS"""
    with at_desk(config) as office:
        _print(office, office.desk.rotas.find(code), as_json=as_json)


@app.command()
def add(
    code: str, name: Text = "", timezone: Text = "", config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Add a rota. Example: deskbell oncall add NIGHTS --name "Nights" --timezone Europe/Paris"""
    from bot.desk.audit import at_the_server

    with at_desk(config) as office:
        made = office.desk.rotas.add(code, at_the_server(), name=name, zone=timezone)
        _print(office, made, as_json=as_json)


@app.command("set")
def set_(
    code: str,
    name: Changed = None,
    timezone: Changed = None,
    active: Active = None,
    slack_user_group: UserGroup = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change a rota. Example: deskbell oncall set NIGHTS --inactive"""
    from bot.desk.audit import at_the_server

    with at_desk(config) as office:
        changed = office.desk.rotas.change(
            code, at_the_server(), name=name, zone=timezone, active=active, user_group=slack_user_group
        )
        _print(office, changed, as_json=as_json)


@app.command()
def layer(
    code: str,
    members: Annotated[str, typer.Argument(help="Agents in the order of their turns, with commas.")] = "",
    number: Number = None,
    days: Days = None,
    handover: Handover = None,
    starts: FirstDay = None,
    ends: LastDay = None,
    hours: Hours = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add a layer, or change one. Example: deskbell oncall layer NIGHTS sam@example.org,bob@example.org --days week"""
    from bot.desk.audit import at_the_server

    with at_desk(config) as office:
        typed = given(members=members or None, days=days, handover=handover, starts=starts, ends=ends, hours=hours)
        changed = office.desk.rotas.set_layer(code, typed, at_the_server(), number)
        _print(office, changed, as_json=as_json)


@app.command()
def override(
    code: str,
    agent: str,
    since: Moment,
    until: Moment,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put somebody in place of whoever it is. Example: deskbell oncall override NIGHTS sam@example.org 18:00 monday"""
    from bot.desk import people
    from bot.desk.audit import at_the_server

    with at_desk(config) as office:
        rota = office.desk.rotas.find(code)
        start = _moment(office, rota, since)
        finish = _moment(office, rota, until, max(start, office.clock.now()))
        changed = office.desk.rotas.override(code, people.named(agent), start, finish, at_the_server())
        _print(office, changed, as_json=as_json)


@app.command()
def swap(
    code: str,
    as_: Annotated[str, typer.Option("--as", help="The agent whose shift it is, or who accepts.")],
    to: Annotated[str, typer.Option(help="A colleague; everybody if left out.")] = "",
    since: Annotated[str, typer.Option(help="Only from this moment on.")] = "",
    until: Annotated[str, typer.Option(help="Only until this moment.")] = "",
    accept: Annotated[int | None, typer.Option(help="Accept the offer with this number.")] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Offer one's next shift. Example: deskbell oncall swap NIGHTS --as sam@example.org --to bob@example.org"""
    from bot.desk import people
    from bot.desk.people import Actor

    with at_desk(config) as office:
        by, swaps = Actor.of(people.agent(as_), "cli"), office.desk.swaps
        if accept is not None:
            settled = swaps.accept(accept, by)
        else:
            start, finish = _shift(office, code, by.agent, since, until)
            settled = swaps.offer(code, start, finish, by, people.named(to) if to else None)
        _print_swap(office, settled, as_json=as_json)


app.command()(handover)


@app.command("import")
def import_(
    code: str,
    source: Annotated[str, typer.Argument(help="An iCal file, - for standard input, or an address (https://…).")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Follow a calendar; an address is read every 15 minutes. Example: deskbell oncall import NIGHTS rota.ics"""
    from bot.desk.audit import at_the_server

    with at_desk(config) as office:
        if "://" in source:
            rota = office.desk.feeds.follow(code, source, at_the_server())
        else:
            rota = office.desk.feeds.take(code, _content(source), at_the_server())
        _print(office, rota, as_json=as_json)


@app.command()
def export(
    code: str,
    output: Annotated[Path | None, typer.Option(help="The file; standard output if left out.")] = None,
    config: ConfigOption = None,
) -> None:
    """Write a rota as an iCal calendar. Example: deskbell oncall export NIGHTS --output nights.ics"""
    with at_desk(config) as office:
        content = office.desk.rotas.find(code).calendar(office.clock.now())
    if output is None:
        sys.stdout.write(content.decode())
        return
    try:
        output.write_bytes(content)
    except OSError as fault:
        end(f"{output}: {fault.strerror or fault}", 1)


@app.command()
def remove(
    code: str,
    layer: Annotated[int | None, typer.Option(help="Only this layer.")] = None,
    override: Annotated[int | None, typer.Option(help="Only this override.")] = None,
    calendar: Annotated[bool, typer.Option("--calendar", help="Only the calendar that it follows.")] = False,
    config: ConfigOption = None,
) -> None:
    """Remove a rota, or a part of it. Example: deskbell oncall remove NIGHTS --layer 2"""
    from bot.desk.audit import at_the_server

    with at_desk(config) as office:
        rotas, by = office.desk.rotas, at_the_server()
        if layer is not None:
            rotas.remove_layer(code, layer, by)
        elif override is not None:
            rotas.remove_override(code, override, by)
        elif calendar:
            office.desk.feeds.drop(code, by)
        else:
            rotas.remove(code, by)


# reading and printing ------------------------------------------------------------------------------------------------


def _content(source: str) -> bytes:
    if source == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(source).read_bytes()
    except OSError as fault:
        end(f"{source}: {fault.strerror or fault}", 2)


def _moment(office: Any, rota: Any, text: str, after: datetime | None = None) -> datetime:
    """The moment in the rota's zone, counted from now or from another one."""
    from bot.commands.moments import planned

    return planned(text, after or office.clock.now(), rota.zone, office.desk.settings.get("language"))


def _shift(office: Any, code: str, agent: Any, since: str, until: str) -> tuple[datetime, datetime]:
    """The agent's present or next shift in the rota, or the part of it that is named."""
    from bot.desk import oncall
    from bot.errors import NotFound

    rota = office.desk.rotas.find(code)
    mine = [turn for known, turn in oncall.turns_of(agent, office.clock.now()) if known.code == rota.code]
    if not mine:
        raise NotFound("There is no such shift in the coming four weeks.")
    start = _moment(office, rota, since) if since else mine[0].start
    return start, _moment(office, rota, until, max(start, office.clock.now())) if until else mine[0].end


def _line(one: dict[str, Any]) -> str:
    now = one["now"]
    said = f"{now['agent']} until {now['to'][:16]}" if now else "nobody"
    return "  ".join((one["code"], one["name"], one["timezone"], said)) + ("" if one["active"] else "  (inactive)")


def _print(office: Any, rota: Any, *, as_json: bool) -> None:
    from bot.desk import rota_json

    one = rota_json.as_json(rota, office.clock.now())
    if as_json:
        print_json(one)
        return
    print(_line(one))
    for layer in one["layers"]:
        print(f"  layer {layer['number']}: {_layer(layer)}")
    if one["slack_user_group"]:
        print("  Slack user group: {slack_user_group}".format(**one))
    for kept in one["overrides"]:
        print(f"  override {kept['number']}: {kept['agent']} {_span(kept)}")
    if one["calendar"]:
        print("  calendar {from}, read {read_at}".format(**one["calendar"]))
        if one["calendar"]["error"]:
            print("  calendar not read since: {error}".format(**one["calendar"]))
    for turn in one["turns"]:
        print(f"  {_span(turn)}  {turn['agent']}")
    for gap in one["gaps"]:
        print(f"  {_span(gap)}  nobody")
    for both in one["overlaps"]:
        print(f"  {_span(both)}  both {both['agents'][0]} and {both['agents'][1]}")


def _layer(one: dict[str, Any]) -> str:
    who = ", ".join(member or "–" for member in one["members"])
    dates = " – ".join(filter(None, (one["starts"], one["ends"])))
    parts = (who, f"{one['days']} d at {one['handover']}", f"from {dates}", one["hours"] or "")
    return "  ".join(part for part in parts if part)


def _span(one: dict[str, Any]) -> str:
    return f"{one['from'][:16]} – {one['to'][:16]}"


def _print_swap(office: Any, offer: Any, *, as_json: bool) -> None:
    from bot.outgoing import swap_notices

    if as_json:
        told = {"number": offer.id, "rota": offer.rota.code, "state": offer.state, "agent": offer.agent.email}
        told |= {"to": offer.to.email if offer.to else None, "taken_by": offer.taken_by and offer.taken_by.email}
        print_json(told | {"from": offer.starts_at.isoformat(), "until": offer.ends_at.isoformat()})
    else:
        print(f"{offer.id}  {swap_notices.draw(offer, office.desk.words(), office.clock.now()).text}")
