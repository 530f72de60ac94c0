"""PostgreSQL for tests: one server of our own for a run, a database as good as new for each test, with all its tables.

`pytest --database=postgres` runs everything on it; without that, tests marked `database` run on SQLite and on it, all
others on SQLite. `database("sqlite")`: on that one only, whatever was asked for; `database(empty=True)`: no tables yet.
DESKBELL_TEST_POSTGRES names a server to use instead of our own: `postgresql://user:password@host:port/postgres`.
"""

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from storage import database, schema
from tests.servers import ending_with_us, free_port, program, unprivileged, wait_for_port

KINDS = ("sqlite", "postgres")
TEMPLATE = "desk_template"
SERVER = (
    "-c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c synchronous_commit=off "
    "-c full_page_writes=off -c max_connections=200 -c log_min_messages=fatal"
).split()

REMEMBER = """
CREATE SCHEMA pristine;
CREATE TABLE pristine.sequence AS SELECT sequencename AS name, last_value FROM pg_sequences;
DO $$ DECLARE name text; filled boolean; BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM public.%I)', name) INTO filled;
        IF filled THEN EXECUTE format('CREATE TABLE pristine.%I AS TABLE public.%I', name, name); END IF;
    END LOOP;
END $$
"""
WASH = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid();
SET session_replication_role = replica;
SET synchronous_commit = on;
DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('DELETE FROM public.%I', name);
    END LOOP;
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'pristine' AND tablename <> 'sequence' LOOP
        EXECUTE format('INSERT INTO public.%I OVERRIDING SYSTEM VALUE SELECT * FROM pristine.%I', name, name);
    END LOOP;
    PERFORM setval(format('public.%I', s.name), coalesce(s.last_value, 1), s.last_value IS NOT NULL)
        FROM pristine.sequence AS s;
END $$
"""
"""Empty all tables but for what migrations write: fifty times as quick as a new database."""


class Postgres:
    """A server that can make databases: ours, or the one whose address is given."""

    def __init__(self, address: str = "") -> None:
        self._address = address.rpartition("/")[0]
        self._root: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._run = secrets.token_hex(4)
        self._made = 0
        self._clean: list[str] = []

    def start(self) -> None:
        """Start it, unless it is somebody else's, and make what all databases are copied from."""
        if not self._address:
            self._start()
        template = f"{TEMPLATE}_{self._run}"
        self._copy(template, "template0")
        database.open_database(f"{self._address}/{template}")
        schema.migrate()
        database.close_database()
        self._tell(REMEMBER, template)

    def stop(self) -> None:
        """Take away what was made here."""
        for name in (*self._clean, f"{TEMPLATE}_{self._run}"):
            self._drop(name)
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(30)
        if self._root is not None:
            shutil.rmtree(self._root, ignore_errors=True)

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """The address of a database with all tables and nothing in them but what migrations write."""
        name = self._clean.pop() if self._clean else self._create(f"{TEMPLATE}_{self._run}")
        yield f"{self._address}/{name}"
        self._tell(WASH, name)
        self._clean.append(name)

    @contextmanager
    def empty(self) -> Iterator[str]:
        """The address of a database with nothing at all."""
        name = self._create("template0")
        yield f"{self._address}/{name}"
        self._drop(name)

    def _create(self, template: str) -> str:
        self._made += 1
        name = f"desk_{self._run}_{self._made}"
        self._copy(name, template)
        return name

    def _copy(self, name: str, template: str) -> None:
        self._tell(f"CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8'")

    def _drop(self, name: str) -> None:
        self._tell(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _tell(self, statements: Any, name: str = "postgres") -> None:
        with psycopg.connect(f"{self._address}/{name}", autocommit=True) as connection:
            connection.execute(statements)

    def _start(self) -> None:
        server = program("postgres", "postgresql", *_debian_places())
        self._root = Path(tempfile.mkdtemp(prefix="postgres-"))
        password, port = secrets.token_hex(16), free_port()
        (self._root / "password").write_text(password)
        owner = _owner(self._root)
        where = ["-D", str(self._root / "data")]
        words = f"-U desk -A scram-sha-256 -E UTF8 --locale=C -N --pwfile={self._root / 'password'}".split()
        initdb = Path(server).resolve().with_name("initdb")
        subprocess.run([initdb, *where, *words], check=True, capture_output=True, cwd=self._root, **owner)
        self._command = [server, *where, "-p", str(port), *SERVER]
        self._address = f"postgresql://desk:{password}@127.0.0.1:{port}"
        self._run_server()

    def _run_server(self, *options: str) -> None:
        assert self._root is not None
        self._process = subprocess.Popen(
            [*self._command, *options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=ending_with_us(signal.SIGINT),
            cwd=self._root,
            **_owner(self._root),
        )
        wait_for_port(int(self._address.rpartition(":")[2]))
        self._wait()

    def crash(self) -> None:
        """End as by a power cut (`pg_ctl stop -m immediate`)."""
        if self._process is None:
            pytest.skip("the server that DESKBELL_TEST_POSTGRES names is not ours to end")
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(30)

    def restart(self, *options: str) -> None:
        """`crash`, and come back, from then on with these options, too. Only from the thread that ends last."""
        self.crash()
        self._run_server(*options)

    def _wait(self) -> None:
        for _ in range(100):
            try:
                return self._tell("SELECT 1")
            except psycopg.OperationalError as fault:
                if not any(words in str(fault) for words in ("starting up", "recovery", "not yet accepting")):
                    raise
                time.sleep(0.02)
        return self._tell("SELECT 1")


def _debian_places() -> list[str]:
    """Where Debian keeps the servers, the newest first: they are not in PATH."""
    return sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin/postgres")), reverse=True)


def _owner(root: Path) -> dict[str, Any]:
    """PostgreSQL never runs as root: there the folder is given to an unprivileged user, who runs it."""
    if os.getuid() != 0:
        return {}
    uid, gid = unprivileged()
    for path in (root, *root.iterdir()):
        os.chown(path, uid, gid)
    return {"user": uid, "group": gid, "extra_groups": []}


# for tests -----------------------------------------------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--database`: the one kind that all tests run on."""
    parser.addoption("--database", choices=KINDS, help="run all tests on this database, and on no other")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests marked `database` run on both kinds, or on the one that they name, or that was asked for."""
    mark = metafunc.definition.get_closest_marker("database")
    if mark and "database_url" in metafunc.fixturenames:
        asked = metafunc.config.getoption("--database")
        kinds = mark.args or ([asked] if asked else KINDS)
        metafunc.parametrize("database_url", kinds, indirect=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A running server. Without the Debian package postgresql the test is skipped, on CI it fails."""
    server = Postgres(os.environ.get("DESKBELL_TEST_POSTGRES", ""))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of this test's own database; nothing has been opened yet."""
    kind = getattr(request, "param", None) or request.config.getoption("--database")
    if kind != "postgres":
        yield f"sqlite:///{tmp_path}/desk.db"
        return
    mark = request.node.get_closest_marker("database")
    server = request.getfixturevalue("postgres")
    empty = mark is not None and mark.kwargs.get("empty", False)
    with server.empty() if empty else server.fresh() as url:
        yield url
