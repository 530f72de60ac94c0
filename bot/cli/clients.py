"""The commands `client …`, `contact …`, `project …` and `contract …`: who asks, and what they have with us."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli.terminal import ConfigOption, JsonOption, at_desk, end, given, print_all, print_json

app = typer.Typer(no_args_is_help=True, help="Client organisations: add, list, show, set, import, erase.")
contacts = typer.Typer(no_args_is_help=True, help="The people at clients: add, set.")

Name = Annotated[str, typer.Option()]
Changed = Annotated[str | None, typer.Option()]
Domains = Annotated[list[str] | None, typer.Option("--domain", help="A mail domain; may be given several times.")]
FirstDay = Annotated[str | None, typer.Option(help="A contract's first day, as 2026-01-31.")]
LastDay = Annotated[str | None, typer.Option(help="A contract's last day.")]
Hours = Annotated[str | None, typer.Option(help='A contract\'s hours, as "mon-fri 09:00-18:00".')]
Active = Annotated[bool | None, typer.Option("--active/--inactive")]


# clients -------------------------------------------------------------------------------------------------------------


@app.command()
def add(
    name: str,
    code: Name = "",
    domain: Domains = None,
    kind: Name = "",
    language: Name = "",
    notes: Name = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add a client. Example: deskbell client add "ACME Corp" --code ACME --domain acme.example"""
    from bot.desk import clients

    with at_desk(config) as office:
        values = {"kind": kind, "language": language, "notes": notes}
        made = clients.add(name, office.clock, code=code, domains=domain or (), **values)
        _print_client(made.as_json(), as_json=as_json)


@app.command("list")
def list_(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List all clients with their people. Example: deskbell client list --json"""
    from bot.desk import clients

    with at_desk(config):
        print_all([one.as_json() for one in clients.everyone()], _line, as_json=as_json)


@app.command()
def show(code: str, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show one client. Example: deskbell client show ACME"""
    from bot.desk import clients

    with at_desk(config):
        _print_client(clients.record(code).as_json(), as_json=as_json)


@app.command("set")
def set_(
    code: str,
    name: Changed = None,
    new_code: Changed = None,
    domain: Domains = None,
    kind: Changed = None,
    language: Changed = None,
    notes: Changed = None,
    active: Active = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change a client; --domain gives the whole list anew. Example: deskbell client set ACME --language fr"""
    from bot.desk import clients

    with at_desk(config):
        changes = given(name=name, code=new_code, kind=kind, language=language, notes=notes, active=active)
        _print_client(clients.change(code, domains=domain, **changes).as_json(), as_json=as_json)


@app.command("import")
def import_(
    file: Path,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check every line, keep nothing.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add or update clients from a CSV file. Example: deskbell client import clients.csv --dry-run"""
    from bot.desk import client_import

    with at_desk(config) as office:
        lines = client_import.read(_content(file))
        with typer.progressbar(length=len(lines), file=sys.stderr) as bar:
            outcomes = list(_counted(client_import.take(lines, office.clock, dry_run=dry_run), bar))
    faults = [{"line": one.number, "error": str(one.fault)} for one in outcomes if one.fault]
    taken = len(outcomes) - len(faults)
    if as_json:
        print_json({"lines": len(outcomes), "taken": taken, "dry_run": dry_run, "errors": faults})
    else:
        print_all(faults, lambda one: f"{file.name}:{one['line']}: {one['error']}", as_json=False)
        print(f"{taken} of {len(outcomes)} lines {'can be taken' if dry_run else 'taken'}")
    raise typer.Exit(1 if faults else 0)


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as fault:
        end(f"{file}: {fault.strerror or fault}", 2)


def _counted(outcomes: Iterator[Any], bar: Any) -> Iterator[Any]:
    for outcome in outcomes:
        bar.update(1)
        yield outcome


@app.command()
def erase(address: str, config: ConfigOption = None) -> None:
    """Forget a person: name and addresses go, tickets stay. Example: deskbell client erase ann@acme.example"""
    from bot.desk import clients

    with at_desk(config):
        clients.erase(address)
        print(f"{address} is forgotten")


def _line(one: dict[str, Any]) -> str:
    domains = ", ".join(one["domains"])
    people = len(one["contacts"])
    parts = [one["code"], one["name"], domains, f"{people} contacts" if people != 1 else "1 contact"]
    return "  ".join(part for part in parts if part) + ("" if one["active"] else "  (inactive)")


def _print_client(one: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(one)
        return
    print(_line(one))
    for person in one["contacts"]:
        remarks = [f"letters to {address} come back" for address in person["failing"]]
        remarks += [] if person["active"] else ["inactive"]
        print(f"  {person['name']}  {', '.join(person['addresses'])}" + "".join(f"  ({one})" for one in remarks))


# people --------------------------------------------------------------------------------------------------------------


@contacts.command("add")
def contact_add(
    address: list[str],
    name: Name = "",
    client: Name = "",
    phone: Name = "",
    language: Name = "",
    config: ConfigOption = None,
) -> None:
    """Add a person with their addresses. Example: deskbell contact add ann@acme.example --name Ann --client ACME"""
    from bot.desk import clients

    with at_desk(config) as office:
        contact = clients.add_contact(address, office.clock, name=name, client=client, phone=phone, language=language)
        print(f"{contact.name} is added")


@contacts.command("set")
def contact_set(
    address: str,
    name: Changed = None,
    client: Changed = None,
    phone: Changed = None,
    language: Changed = None,
    active: Active = None,
    addresses: Annotated[list[str] | None, typer.Option("--address", help="The whole list anew.")] = None,
    config: ConfigOption = None,
) -> None:
    """Change a person; --client "" = nobody's. Example: deskbell contact set ann@acme.example --inactive"""
    from bot.desk import clients

    with at_desk(config):
        changes = given(name=name, phone=phone, language=language, active=active)
        contact = clients.change_contact(address, written_to=addresses, client=client, **changes)
        print(f"{contact.name} is changed")


# projects and contracts ----------------------------------------------------------------------------------------------


def engagement_app(kind: str) -> typer.Typer:
    """The commands of projects or contracts; they differ by a contract's dates and hours."""
    group = typer.Typer(no_args_is_help=True, help=f"{kind.capitalize()}s of clients: add, list, set.")

    @group.command("add", help=f"Add a {kind}. Example: deskbell {kind} add X-2026-01 --client ACME")
    def add_one(
        reference: str,
        name: Name = "",
        client: Name = "",
        url: Changed = None,
        notes: Changed = None,
        starts_on: FirstDay = None,
        ends_on: LastDay = None,
        support_hours: Hours = None,
        config: ConfigOption = None,
        as_json: JsonOption = False,
    ) -> None:
        from bot.desk import engagements

        with at_desk(config) as office:
            values = given(url=url, notes=notes, starts_on=starts_on, ends_on=ends_on, support_hours=support_hours)
            made = engagements.add(kind, reference, name, office.clock, client=client, **values)
            _print_engagement(kind, made, as_json=as_json)

    @group.command("list", help=f"List all. Example: deskbell {kind} list --json")
    def list_all(config: ConfigOption = None, as_json: JsonOption = False) -> None:
        from bot.desk import engagements

        with at_desk(config):
            found = [engagements.as_json(kind, row) for row in engagements.everything(kind)]
            print_all(found, _engagement_line, as_json=as_json)

    @group.command("set", help=f"Change one. Example: deskbell {kind} set X-2026-01 --inactive")
    def set_one(
        reference: str,
        name: Changed = None,
        client: Changed = None,
        url: Changed = None,
        notes: Changed = None,
        starts_on: FirstDay = None,
        ends_on: LastDay = None,
        support_hours: Hours = None,
        active: Active = None,
        config: ConfigOption = None,
        as_json: JsonOption = False,
    ) -> None:
        from bot.desk import engagements

        with at_desk(config):
            values = given(name=name, url=url, notes=notes, active=active)
            dates = given(starts_on=starts_on, ends_on=ends_on, support_hours=support_hours)
            changed = engagements.change(kind, reference, client=client, **values, **dates)
            _print_engagement(kind, changed, as_json=as_json)

    return group


def _print_engagement(kind: str, row: Any, *, as_json: bool) -> None:
    from bot.desk import engagements

    told = engagements.as_json(kind, row)
    if as_json:
        print_json(told)
    else:
        print(_engagement_line(told))


def _engagement_line(one: dict[str, Any]) -> str:
    dates = " – ".join(filter(None, (one.get("starts_on"), one.get("ends_on"))))
    parts = [one["reference"], one["name"], one["client"] or "", dates, one.get("support_hours") or ""]
    return "  ".join(part for part in parts if part) + ("" if one["active"] else "  (inactive)")
