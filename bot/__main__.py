"""The `deskbell` command line. Each command imports only what it needs; refusals are one line on stderr.

Exit codes: 0 done, 1 refused or failed, 2 wrong usage or configuration, 3 a second `run` on one SQLite database.
"""

import asyncio
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from bot.errors import ConfigError, DeskbellError, MailboxError, WrongUsage

app = typer.Typer(name="deskbell", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
agents = typer.Typer(no_args_is_help=True, help="Who answers: add, list, set, remove.")
app.add_typer(agents, name="agent")

ConfigOption = Annotated[Path | None, typer.Option("--config", help="The configuration file.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON value and nothing else.")]


def main() -> None:
    """Run a command; what goes wrong is one line on stderr and an exit code."""
    try:
        if sys.argv[1:2] == ["ticket"] and "--help" not in sys.argv[2:3]:
            sys.exit(_ticket(sys.argv[2:]))
        app(standalone_mode=True)
    except ConfigError as fault:
        _end(str(fault), 2)
    except WrongUsage as fault:
        _end(str(fault), 2)
    except DeskbellError as fault:
        _end(str(fault), 1)


def _end(line: str, code: int) -> NoReturn:
    print(" ".join(line.split()), file=sys.stderr)
    sys.exit(code)


def _office(config: Path | None, *, migrate: bool = True) -> Any:
    from bot import logs
    from bot.backoffice import open_backoffice
    from bot.config import load_config

    logs.set_up(level="WARNING")
    return open_backoffice(load_config(config), migrate=migrate)


def _print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False))


# running -------------------------------------------------------------------------------------------------------------


@app.command()
def demo(
    port: int = 8765,
    data: Annotated[Path | None, typer.Option(help="Keep everything in this folder.")] = None,
    speed: Annotated[float, typer.Option(help="How fast the desk's time runs.")] = 1.0,
    browser: Annotated[bool, typer.Option("--browser/--no-browser")] = True,
) -> None:
    """Try everything on this machine, no account needed. Example: deskbell demo --speed 60"""
    from bot.sandbox.demo import run_demo

    asyncio.run(run_demo(port=port, data=data, speed=speed, open_browser=browser))


@app.command()
def run(
    config: ConfigOption = None,
    roles: Annotated[str, typer.Option(help="slack,telegram,mail,worker")] = "slack,telegram,mail,worker",
    migrate: Annotated[bool, typer.Option("--migrate/--no-migrate")] = True,
) -> None:
    """Run the bot until SIGTERM. Example: deskbell run --config /etc/deskbell.toml"""
    from bot import logs
    from bot.app import ROLES, App, stop_on_signals
    from bot.backoffice import open_backoffice
    from bot.config import load_config
    from storage.database import AlreadyRunning, only_one

    wanted = [role.strip() for role in roles.split(",") if role.strip()]
    unknown = [role for role in wanted if role not in ROLES]
    if unknown or not wanted:
        _end(f"--roles: there is no role {', '.join(unknown) or '(none)'}; there are {', '.join(ROLES)}", 2)
    settings = load_config(config)
    logs.set_up()
    office = open_backoffice(settings, migrate=migrate)

    async def work() -> None:
        stop = asyncio.Event()
        stop_on_signals(stop)
        await App(office, wanted).run(stop)

    try:
        with only_one("run"):
            asyncio.run(work())
    except AlreadyRunning as fault:
        _end(f"database.url: {fault}", 3)
    except OSError as fault:
        _end(f"web.listen: {settings.web.listen}: {fault.strerror or fault}", 1)


@app.command()
def check(
    config: ConfigOption = None,
    config_only: Annotated[bool, typer.Option("--config-only", help="No network, no write.")] = False,
    deep: Annotated[bool, typer.Option("--deep", help="The invariants on the database.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Look whether all is well. Example: deskbell check --config-only"""
    from bot.config import load_config
    from bot.ports import Finding

    settings = load_config(config)
    findings = [Finding("configuration", True, "understood")]
    findings += [Finding("configuration", True, warning) for warning in settings.warnings]
    if deep:
        findings += _deep(config)
    elif not config_only:
        from bot.app import check_connections

        office = _office(config)
        findings.append(Finding("database", True, "up to date"))
        findings += asyncio.run(check_connections(settings, office))
    if as_json:
        _print_json([{"what": one.what, "ok": one.ok, "sentence": one.sentence} for one in findings])
    else:
        for one in findings:
            print(f"{'ok  ' if one.ok else 'FAIL'}  {one.what}: {one.sentence}")
    raise typer.Exit(0 if all(one.ok for one in findings) else 1)


def _deep(config: Path | None) -> list[Any]:
    from bot.desk import invariants
    from bot.ports import Finding
    from storage.database import session

    _office(config)
    with session():
        broken = [Finding("invariant", False, sentence) for sentence in invariants.broken(at_rest=False)]
    return broken or [Finding("invariants", True, "all hold")]


@app.command()
def migrate(config: ConfigOption = None) -> None:
    """Bring the database up to date (also done by run). Example: deskbell migrate"""
    _office(config)
    print("the database is up to date")


# mail ----------------------------------------------------------------------------------------------------------------


@app.command()
def collect(
    config: ConfigOption = None,
    mailbox: Annotated[str, typer.Option(help="Only this one.")] = "",
    import_all: Annotated[bool, typer.Option("--import-all", help="Take an archive, telling nobody.")] = False,
    as_json: JsonOption = False,
) -> None:
    """One round over the mailboxes, without chat. Example: deskbell collect --json"""
    from bot.app import collect as collect_one

    office = _office(config)
    failed, done = False, []
    for one in _mailboxes(office, mailbox):
        try:
            done.append(collect_one(office, one, import_all=import_all).as_json())
        except MailboxError as fault:
            failed = True
            print(str(fault), file=sys.stderr)
    if as_json:
        _print_json({"mailboxes": done})
    else:
        for taken in done:
            print(", ".join(f"{name} {value}" for name, value in taken.items()))
    raise typer.Exit(1 if failed else 0)


def _mailboxes(office: Any, name: str) -> list[Any]:
    found = [one for one in office.config.mailboxes if not name or one.name == name]
    if not found:
        _end(f'there is no mailbox "{name}"' if name else "no mailbox is configured", 2)
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
    from bot.intake.filing import Filing

    office = _office(config)
    explainer = Explainer(office.desk, Filing(office.desk, _mailboxes(office, mailbox)[0]))
    told = (explainer.explain(file) for file in _all_files(files))
    if jsonl:
        for one in told:
            _print_json(one)
    else:
        found = list(told)
        if as_json:
            _print_json(found[0] if len(found) == 1 else found)
        for one in [] if as_json else found:
            print(f"{one['file']}: {one['decision']} ({one['reason']})")
    explainer.close()


def _all_files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(one for one in path.iterdir() if one.is_file())
        elif path.is_file():
            yield path
        else:
            _end(f"there is no file {path}", 2)


# tickets -------------------------------------------------------------------------------------------------------------


@app.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
def ticket(context: typer.Context) -> None:
    """What is typed after /ticket in Slack, as an agent. Example: deskbell ticket list open --as bob@example.org"""


def _ticket(words: list[str]) -> int:
    from bot.commands.requests import Caller, Request

    words, options = _options(words)
    if not options.get("as"):
        _end("ticket needs --as EMAIL: the agent who asks", 2)
    if words and words[-1] == "-":
        words[-1] = sys.stdin.read().strip()
    office = _office(Path(options["config"]) if "config" in options else None)
    answer = office.runner.run(Request(Caller("cli", options["as"]), words=tuple(words), can_ask=False))
    if answer.refused:
        print(" ".join(answer.text.split()), file=sys.stderr)
        return answer.exit_code or 1
    if "json" in options:
        _print_json(answer.data)
        return 0
    _show(answer)
    return 0


TAKES_VALUE, FLAGS = ("--as", "--config"), ("--json",)


def _options(words: list[str]) -> tuple[list[str], dict[str, str]]:
    """Options stand before the verb or after the last word; `--` ends them; what is between is the person's own."""
    found: dict[str, str] = {}
    left = list(words)
    while left and left[0].startswith("--"):
        head = left.pop(0)
        if head == "--":
            return left, found
        name, equals, value = head.partition("=")
        if name not in (*TAKES_VALUE, *FLAGS):
            _end(f"ticket: there is no option {name}", 2)
        found[name[2:]] = "" if name in FLAGS else value if equals else left.pop(0) if left else ""
    while left:
        if left[-1] in FLAGS:
            found[left.pop()[2:]] = ""
        elif len(left) > 1 and left[-2] in TAKES_VALUE:
            value = left.pop()
            found[left.pop()[2:]] = value
        elif left[-1].partition("=")[0] in TAKES_VALUE and "=" in left[-1]:
            name, _, value = left.pop().partition("=")
            found[name[2:]] = value
        else:
            break
    return [word for word in left if word != "--"] if "--" in left[-1:] else left, found


def _show(answer: Any) -> None:
    if answer.text:
        print(answer.text)
    for line in answer.lines:
        print(line)
    for row in answer.rows:
        print(f"{row.reference}  {row.subject}  ({row.details})")
    if answer.link:
        print(answer.link)
    if answer.card is not None:
        card = answer.card
        print(card.title)
        print(f"{card.status} · {card.assignee} · {card.client}" + (f" · {card.deadline}" if card.deadline else ""))
        print("\n".join(part for part in (card.excerpt, card.last, card.next) if part))


# administration ------------------------------------------------------------------------------------------------------


@agents.command("add")
def agent_add(
    email: str,
    name: Annotated[str, typer.Option()] = "",
    role: Annotated[str, typer.Option(help="viewer, agent, manager or admin")] = "agent",
    slack: Annotated[str, typer.Option(help="Slack member id")] = "",
    telegram: Annotated[str, typer.Option(help="Telegram id")] = "",
    config: ConfigOption = None,
) -> None:
    """Add an agent. Example: deskbell agent add bob@example.org --name Bob --role admin"""
    from bot.desk import people
    from storage.database import session, transaction
    from storage.queries import people as rows

    office = _office(config)
    with session(), transaction():
        agent = people.add_agent(email, name or email.partition("@")[0], role, office.clock)
        for platform, ident in (("slack", slack), ("telegram", telegram)):
            if ident:
                rows.link_account(agent.id, platform, ident, agent.name, office.clock.now())
    print(f"{agent.email} is {role}")


@agents.command("list")
def agent_list(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List all agents. Example: deskbell agent list --json"""
    from storage.database import session
    from storage.queries import people as rows

    _office(config)
    with session():
        found = [
            {
                "email": row.email,
                "name": row.name,
                "role": row.role,
                "active": row.active,
                "accounts": rows.accounts(row.id),
            }
            for row in rows.agents(active_only=False)
        ]
    if as_json:
        _print_json(found)
    for one in [] if as_json else found:
        print(f"{one['email']}  {one['name']}  {one['role']}" + ("" if one["active"] else "  (removed)"))


@agents.command("set")
def agent_set(
    email: str,
    name: Annotated[str, typer.Option()] = "",
    role: Annotated[str, typer.Option()] = "",
    language: Annotated[str, typer.Option()] = "",
    timezone: Annotated[str, typer.Option()] = "",
    slack: Annotated[str, typer.Option()] = "",
    telegram: Annotated[str, typer.Option()] = "",
    config: ConfigOption = None,
) -> None:
    """Change an agent. Example: deskbell agent set bob@example.org --role manager"""
    from bot.desk import people
    from storage.database import session, transaction
    from storage.queries import people as rows

    office = _office(config)
    given = {"name": name, "role": role, "language": language, "timezone": timezone}
    with session(), transaction():
        agent = people.agent(email)
        changes = {key: value for key, value in given.items() if value}
        if changes:
            people.change_agent(email, **changes)
        for platform, ident in (("slack", slack), ("telegram", telegram)):
            if ident:
                rows.link_account(agent.id, platform, ident, agent.name, office.clock.now())
    print(f"{agent.email} is changed")


@agents.command("remove")
def agent_remove(email: str, config: ConfigOption = None) -> None:
    """Remove an agent; what was done stays. Example: deskbell agent remove bob@example.org"""
    from bot.desk import people
    from storage.database import session

    _office(config)
    with session():
        people.change_agent(email, active=False)
    print(f"{email} is removed")


@app.command()
def export(
    config: ConfigOption = None,
    what: Annotated[str, typer.Option(help="tickets, events or messages")] = "tickets",
    form: Annotated[str, typer.Option("--format", help="jsonl or csv")] = "jsonl",
) -> None:
    """Everything, as it streams. Example: deskbell export --what messages --format jsonl"""
    import csv

    from bot.exporting import WHAT
    from storage.database import session

    if what not in WHAT or form not in ("jsonl", "csv"):
        _end("export: --what is tickets, events or messages, --format jsonl or csv", 2)
    _office(config)
    writer: Any = None
    with session():
        for one in WHAT[what]():
            if form == "jsonl":
                _print_json(one)
                continue
            if writer is None:
                writer = csv.DictWriter(sys.stdout, list(one))
                writer.writeheader()
            writer.writerow({key: _cell(value) for key, value in one.items()})


def _cell(value: object) -> object:
    """A cell that no spreadsheet takes for a formula."""
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
    return f"'{text}" if isinstance(text, str) and text[:1] in "=+-@\t\r" and text else text


if __name__ == "__main__":
    main()
