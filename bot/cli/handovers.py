"""The command `oncall handover`: what is handed over in a rota, shown, noted, accepted."""

from typing import Annotated, Any

import typer

from bot.cli.terminal import ConfigOption, JsonOption, at_desk, print_json

Person = Annotated[str, typer.Option("--as", help="The agent who writes or accepts.")]
Line = Annotated[str, typer.Option(help="One more line of the notes.")]
Tickets = Annotated[str, typer.Option(help="References, with commas: these move too, beside the overdue ones.")]
Accept = Annotated[bool, typer.Option("--accept", help="Accept it; the tickets move.")]


def handover(
    code: str,
    as_: Person = "",
    note: Line = "",
    tickets: Tickets = "",
    accept: Accept = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show, write or accept a hand-over. Example: deskbell oncall handover NIGHTS --as sam@example.org --accept"""
    with at_desk(config) as office:
        one = _one(office, code, as_)
        if accept:
            one = office.desk.handovers.accept(one.id, _actor(as_))
        elif note or tickets:
            by = _actor(as_)
            found = [office.desk.tickets.find(one, by.agent).id for one in tickets.split(",") if one.strip()]
            one = office.desk.handovers.write(one.id, by, line=note, chosen=found if tickets else None)
        _print(office, one, as_json=as_json)


def _actor(address: str) -> Any:
    from bot.desk import people
    from bot.desk.people import Actor
    from bot.errors import WrongUsage

    if not address:
        raise WrongUsage("Who writes or accepts? Say --as ADDRESS.")
    return Actor.of(people.agent(address), "cli")


def _one(office: Any, code: str, address: str) -> Any:
    """The hand-over an agent means; without one what waits, or what whoever is on call has written so far."""
    from bot.desk import people
    from bot.errors import NotFound

    rota, handovers = office.desk.rotas.find(code), office.desk.handovers
    agent = people.agent(address) if address else rota.current(office.clock.now())
    found = handovers.of_rota(rota, agent) if agent else None
    if found is None:
        raise NotFound("Nothing is handed over in {rota} now.", rota=rota.name)
    return found


def _print(office: Any, one: Any, *, as_json: bool) -> None:
    from bot.desk.handover_json import as_json as json_of
    from bot.outgoing import handover_notices

    handed = office.desk.handovers.tickets(one)
    if as_json:
        print_json(json_of(one, handed))
        return
    for line in handover_notices.lines(one, handed, 0, office.desk.words(), office.clock.now()):
        print(line)
