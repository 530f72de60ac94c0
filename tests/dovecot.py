"""A real Dovecot for tests: own configuration and folder, free loopback ports, plain, STARTTLS and TLS; any user name.

It runs as whoever runs the tests; under root the mails belong to an unprivileged user, for Dovecot serves none to root.
"""

import base64
import grp
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.servers import certificate, ending_with_us, free_port, missing, program, unprivileged, wait_for_port

PASSWORD = "correct-horse-battery"

CONFIGURATION = """
base_dir = {root}/run
state_dir = {root}/run
instance_name = deskbell-{port}
log_path = {root}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{root}/cert.pem
ssl_key = <{root}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
auth_username_chars =
mail_location = maildir:{root}/mail/%u
mail_max_userip_connections = 200
mailbox_idle_check_interval = 1 secs
first_valid_uid = 1
first_valid_gid = 0
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
namespace inbox {{
  inbox = yes
  separator = /
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={mail_uid} gid={mail_gid} home={root}/home/%u allow_all_users=yes
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
{more}
"""


class Dovecot:
    """One server for many users: any name with the one password has a mailbox. `more` is further configuration."""

    password = PASSWORD

    def __init__(self, more: str = "") -> None:
        self.root = Path(tempfile.mkdtemp(prefix="dovecot-"))
        self.port, self.tls_port = free_port(), free_port()
        self.ca_file = self.root / "cert.pem"
        self._more = more
        self._process: subprocess.Popen[bytes] | None = None
        self._delivered = 0

    def start(self) -> None:
        """Start it and wait until it answers; also again after `stop`."""
        binary = _binary()
        if not self.ca_file.exists():
            self._prepare()
        command = [binary, "-F", "-c", str(self.root / "dovecot.conf")]
        self._process = subprocess.Popen(
            command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=ending_with_us(signal.SIGTERM),
        )
        wait_for_port(self.port)

    def stop(self) -> None:
        """End it and what it started; the mails stay until `remove`."""
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            process.wait(10)
            # sessions outlive the master: they are of the same process group
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)

    def remove(self) -> None:
        """Take its folder away."""
        shutil.rmtree(self.root, ignore_errors=True)

    def _prepare(self) -> None:
        self.root.chmod(0o755)
        uid, gid = os.getuid(), os.getgid()
        mail_uid, mail_gid = unprivileged() if uid == 0 else (uid, gid)
        for name in ("mail", "home"):
            (self.root / name).mkdir()
            os.chown(self.root / name, mail_uid, mail_gid)
        values = {
            "root": self.root,
            "port": self.port,
            "tls_port": self.tls_port,
            "password": PASSWORD,
            "user": pwd.getpwuid(uid).pw_name if uid else "dovecot",
            "group": grp.getgrgid(gid).gr_name if uid else "dovecot",
            "mail_uid": mail_uid,
            "mail_gid": mail_gid,
            "more": self._more,
        }
        (self.root / "dovecot.conf").write_text(CONFIGURATION.format(**values))
        certificate(self.ca_file, self.root / "key.pem")

    # mails -----------------------------------------------------------------------------------------------------------

    def deliver(self, user: str, *mails: bytes, folder: str = "INBOX") -> None:
        """Put mails into a folder as a mail server does: written aside, then moved into `new`. Thousands a second."""
        box = self._folder(user, folder)
        self._make(user, box)
        owner = (self.root / "mail").stat()
        for mail in mails:
            self._delivered += 1
            name = f"{int(time.time())}.{self._delivered:08d}.deskbell"
            (box / "tmp" / name).write_bytes(mail)
            os.chown(box / "tmp" / name, owner.st_uid, owner.st_gid)
            (box / "tmp" / name).rename(box / "new" / name)

    def mails(self, user: str, folder: str = "INBOX") -> list[bytes]:
        """The mails that lie in a folder now, in the order of their delivery."""
        return [path.read_bytes() for path in self._paths(user, folder)]

    def flags(self, user: str, folder: str = "INBOX") -> list[str]:
        """The flags of each, as the letters of a Maildir: S seen, T deleted, F flagged; in the order of delivery."""
        return [path.name.partition(":2,")[2] for path in self._paths(user, folder)]

    def folders(self, user: str) -> list[str]:
        """The names of the folders beside INBOX."""
        return sorted(_decoded(path.name[1:]) for path in (self.root / "mail" / user).glob(".*") if path.is_dir())

    def _paths(self, user: str, folder: str) -> list[Path]:
        box = self._folder(user, folder)
        found = [path for part in ("new", "cur") if (box / part).exists() for path in (box / part).iterdir()]
        return sorted(found, key=lambda path: path.name)

    def _folder(self, user: str, folder: str) -> Path:
        root = self.root / "mail" / user
        return root if folder == "INBOX" else root / f".{_encoded(folder)}"

    def _make(self, user: str, box: Path) -> None:
        owner = (self.root / "mail").stat()
        home = self.root / "mail" / user
        for path in dict.fromkeys((home, box, *(at / part for at in (home, box) for part in ("tmp", "new", "cur")))):
            if not path.exists():
                path.mkdir()
                os.chown(path, owner.st_uid, owner.st_gid)


def _binary() -> str:
    binary = program("dovecot", "dovecot-imapd", "/usr/sbin/dovecot")
    version = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True).stdout.split()[0]
    if not version.startswith("2.3."):
        missing(f"Dovecot 2.3 (package dovecot-imapd) is needed for these tests, here is {version}")
    return binary


def _encoded(folder: str) -> str:
    """Modified UTF-7, as folders are called on the disk; "/" becomes the "." of a Maildir."""

    def shifted(found: re.Match[str]) -> str:
        coded = base64.b64encode(found[0].encode("utf-16be")).decode("ascii").rstrip("=").replace("/", ",")
        return f"&{coded}-"

    return re.sub(r"[^\x20-\x7e]+", shifted, folder.replace("&", "&-")).replace("/", ".")


def _decoded(name: str) -> str:
    def plain(found: re.Match[str]) -> str:
        coded = found[1].replace(",", "/")
        return base64.b64decode(coded + "=" * (-len(coded) % 4)).decode("utf-16be") if coded else "&"

    return re.sub(r"&([^-]*)-", plain, name.replace(".", "/"))


@contextmanager
def running() -> Iterator[Dovecot]:
    """A Dovecot, and nothing left of it afterwards."""
    server = Dovecot()
    try:
        server.start()
        yield server
    finally:
        server.stop()
        server.remove()


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """A running Dovecot; every test takes a user name of its own (`mail_user`)."""
    with running() as server:
        yield server


@pytest.fixture
def mail_user(request: pytest.FixtureRequest) -> str:
    """The name of a user whom no other test has."""
    return f"ann-{abs(hash(request.node.nodeid)) % 10**8}"
