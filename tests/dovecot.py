"""A real Dovecot for tests: own configuration and folder, free loopback ports, plain and TLS; ended by its own pid."""

import getpass
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import free_port, program, wait_for_port

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
ssl_dh =
disable_plaintext_auth = no
auth_mechanisms = plain login
mail_location = maildir:{root}/mail/%u
mail_max_userip_connections = 200
first_valid_uid = 1
first_valid_gid = 0
default_internal_user = {user}
default_login_user = {user}
default_internal_group = {group}
maildir_very_dirty_syncs = no
mailbox_idle_check_interval = 1 secs
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
  args = uid={uid} gid={gid} home={root}/home/%u allow_all_users=yes
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
}}
service stats {{
  chroot =
}}
service auth {{
  user = {user}
  unix_listener auth-userdb {{
    mode = 0600
    user = {user}
  }}
}}
service auth-worker {{
  user = {user}
}}
"""


class Dovecot:
    """One server for many users: any name with the one password has a mailbox."""

    password = PASSWORD

    def __init__(self, root: Path) -> None:
        self.root = root
        self.port, self.tls_port = free_port(), free_port()
        self.ca_file = root / "cert.pem"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        binary = program("dovecot", "dovecot-imapd", "/usr/sbin/dovecot")
        (self.root / "mail").mkdir(parents=True, exist_ok=True)
        self._make_certificate()
        configuration = self.root / "dovecot.conf"
        configuration.write_text(self._configuration())
        self._process = subprocess.Popen(
            [binary, "-F", "-c", str(configuration)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_for_port(self.port)

    def stop(self) -> None:
        """End it and what it started."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(10)

    def _configuration(self) -> str:
        uid, gid = os.getuid(), os.getgid()
        if uid == 0:
            uid, gid = _unprivileged()
            subprocess.run(["chown", "-R", f"{uid}:{gid}", str(self.root / "mail")], check=True)
            (self.root / "home").mkdir(exist_ok=True)
            subprocess.run(["chown", f"{uid}:{gid}", str(self.root / "home")], check=True)
            os.chmod(self.root, 0o755)  # noqa: PTH101
            for parent in self.root.parents:
                if parent.owner() == "root" and parent.stat().st_mode & 0o001 == 0:
                    parent.chmod(parent.stat().st_mode | 0o011)
        user = getpass.getuser() if os.getuid() else "dovecot"
        group = user if os.getuid() else "dovecot"
        return CONFIGURATION.format(
            root=self.root,
            port=self.port,
            tls_port=self.tls_port,
            user=user,
            group=group,
            uid=uid,
            gid=gid,
            password=PASSWORD,
        )

    def _make_certificate(self) -> None:
        command = (
            "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost "
            "-addext subjectAltName=DNS:localhost,IP:127.0.0.1"
        ).split()
        files = ["-keyout", str(self.root / "key.pem"), "-out", str(self.ca_file)]
        subprocess.run([*command, *files], check=True, capture_output=True)

    # mails -----------------------------------------------------------------------------------------------------------

    def deliver(self, user: str, *mails: bytes, folder: str = "INBOX") -> None:
        """Put mails into a folder as a mail server does: written aside, then moved into `new`."""
        box = self._folder(user, folder)
        for part in ("tmp", "new", "cur"):
            (box / part).mkdir(parents=True, exist_ok=True)
        owner = (self.root / "mail").stat()
        self._own(self.root / "mail" / user, owner)
        for mail in mails:
            name = f"{time.time_ns()}.{os.urandom(6).hex()}.test"
            (box / "tmp" / name).write_bytes(mail)
            self._own(box / "tmp" / name, owner)
            (box / "tmp" / name).rename(box / "new" / name)

    def mails(self, user: str, folder: str = "INBOX") -> list[bytes]:
        """The mails that lie in a folder now."""
        box = self._folder(user, folder)
        return [path.read_bytes() for part in ("new", "cur") if (box / part).exists() for path in (box / part).iterdir()]

    def folders(self, user: str) -> list[str]:
        """The folders beside INBOX, as they are called on disk."""
        return sorted(path.name[1:] for path in (self.root / "mail" / user).glob(".*") if path.is_dir())

    def _folder(self, user: str, folder: str) -> Path:
        root = self.root / "mail" / user
        return root if folder == "INBOX" else root / f".{folder}"

    def _own(self, path: Path, owner: os.stat_result) -> None:
        if os.getuid() == 0:
            for one in [path, *path.rglob("*")] if path.is_dir() else [path]:
                os.chown(one, owner.st_uid, owner.st_gid)


def _unprivileged() -> tuple[int, int]:
    import pwd

    entry = pwd.getpwnam("nobody")
    return entry.pw_uid, entry.pw_gid


@pytest.fixture(scope="session")
def dovecot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dovecot]:
    """A running Dovecot; every test takes a user name of its own."""
    server = Dovecot(tmp_path_factory.mktemp("dovecot"))
    server.start()
    yield server
    server.stop()
