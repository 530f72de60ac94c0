"""`python -m tests.benchmarks`: how long lists, searches and histories take in a small and in a large desk.

    python -m tests.benchmarks --folder /tmp/bench                       SQLite, 1,000 and 1,000,000 tickets
    python -m tests.benchmarks --postgres postgresql://me@host/postgres  databases are made there and kept
    python -m tests.benchmarks --intake --mails 2000                     mails a second, beside the floor
    python -m tests.benchmarks --chat --seconds 60                      how soon Slack is acknowledged, likewise

What was filled once is used again; take the folder or the databases away to fill them anew. Mails are always taken
into an empty desk (with --postgres into an empty database of that server).
"""

import argparse
import tempfile
import time
from pathlib import Path

import psycopg

from bot.backoffice import Backoffice, open_backoffice
from bot.clock import SetClock
from bot.config import load_config
from storage.database import close_database, session
from storage.models import Ticket
from tests.benchmarks import chat, intake
from tests.benchmarks.filling import NOW, fill
from tests.benchmarks.measuring import measure

CONFIG = 'data_dir = "{folder}/data"\n[database]\nurl = "{url}"\n'


def main() -> None:
    """Fill what is empty, measure, print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path("benchmarks"), help="where the SQLite files are kept")
    parser.add_argument("--postgres", default="", help="an address of a PostgreSQL server where we may make databases")
    parser.add_argument("--tickets", type=int, nargs="+", default=[1_000, 1_000_000])
    parser.add_argument("--times", type=int, default=50, help="how often each is asked")
    parser.add_argument("--intake", action="store_true", help="measure the intake of mails instead")
    parser.add_argument("--mails", type=int, default=2_000, help="how many mails are taken in")
    parser.add_argument("--chat", action="store_true", help="measure how soon Slack is acknowledged instead")
    parser.add_argument("--seconds", type=int, default=60, help="how long requests are sent")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    if options.intake:
        _intake(options.folder.resolve(), options.postgres, options.mails)
        return
    if options.chat:
        _chat(options.folder.resolve(), options.postgres, options.seconds)
        return
    _lists(options)


def _intake(folder: Path, postgres: str, mails: int) -> None:
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        url = _empty(postgres, f"desk_intake_{Path(scratch).name}".lower()) if postgres else ""
        print(intake.shown(intake.measure(Path(scratch) / "desk", mails, url)))


def _chat(folder: Path, postgres: str, seconds: int) -> None:
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        url = _empty(postgres, f"desk_chat_{Path(scratch).name}".lower()) if postgres else ""
        print(chat.shown(chat.measure(Path(scratch) / "desk", seconds, url)))


def _lists(options: argparse.Namespace) -> None:
    found = [_measured(options.folder.resolve(), options.postgres, count, options.times) for count in options.tickets]
    print(f"{'':28}" + "".join(f"{count:>12,}" for count in options.tickets))
    for name in found[0]:
        print(f"{name:28}" + "".join(f"{times[name]:9.2f} ms" for times in found))


def _measured(folder: Path, postgres: str, tickets: int, times: int) -> dict[str, float]:
    url = _postgres(postgres, tickets) if postgres else f"sqlite:///{folder}/{tickets}.db"
    office = _office(folder, url)
    with session():
        filled = Ticket.select().count()
    if not filled:
        start = time.monotonic()
        fill(tickets, office.clock)
        print(f"{tickets:,} tickets filled in {time.monotonic() - start:.0f} s")
    taken = measure(office, tickets, times)
    close_database()
    return taken


def _postgres(server: str, tickets: int) -> str:
    return _empty(server, f"desk_{tickets}")


def _empty(server: str, name: str) -> str:
    """The address of a database of this name, made if there is none."""
    with psycopg.connect(server, autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
            connection.execute(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
    base, _, query = server.partition("?")
    return base.rpartition("/")[0] + f"/{name}" + (f"?{query}" if query else "")


def _office(folder: Path, url: str) -> Backoffice:
    file = folder / "deskbell.toml"
    file.write_text(CONFIG.format(folder=folder, url=url), encoding="utf-8")
    file.chmod(0o600)
    return open_backoffice(load_config(file, {}), SetClock(NOW))


if __name__ == "__main__":
    main()
