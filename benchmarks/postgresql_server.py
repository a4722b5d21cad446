"""A PostgreSQL server of one's own for tests and benchmarks, from the installed Debian package."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

_SUPERUSER = "owner"
_START_TIMEOUT_S = 60.0
_STOP_TIMEOUT_S = 30.0


class ServerMissingError(Exception):
    """No server can be started here; the message says what is missing."""


class PostgresqlServer:
    """One server on a free port of 127.0.0.1, its data in a temporary folder of its own.

    It never touches the machine's own clusters. PostgreSQL refuses to run as root, so root starts
    it as the user ``postgres`` or ``nobody``. Where setpriv is installed, the system ends it with
    the process that started it, however that ends. ``durable`` False saves the waiting for the
    disk, for tests that fault no disk.
    """

    def __init__(self, *, durable: bool = True) -> None:
        """Make the data folder; raises `ServerMissingError` where that cannot be."""
        self._programs = _program_folder()
        self._user = _unprivileged_user()
        self._folder = Path(tempfile.mkdtemp(prefix="pg-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count(1)
        self._settings = [] if durable else ["fsync=off", "full_page_writes=off"]
        self._emptied = ""
        try:
            self._folder.chmod(0o700)
            if self._user is not None:
                shutil.chown(self._folder, self._user)
            self.port = _free_port()
            self._run(
                "initdb",
                *("-D", str(self._data), "-U", _SUPERUSER, "-A", "trust", "--no-sync"),
                *("-E", "UTF8", "--no-locale"),
            )
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise

    @classmethod
    @contextlib.contextmanager
    def started(cls, *, durable: bool = True) -> Iterator[PostgresqlServer]:
        """A running server; stopped and removed at the end, whatever happens."""
        server = cls(durable=durable)
        try:
            server.start()
            yield server
        finally:
            server.stop(immediately=True)
            shutil.rmtree(server._folder, ignore_errors=True)

    def start(self) -> None:
        """Start it, again after `stop`, and wait until it answers; the port stays the same."""
        settings = [
            f"port={self.port}",
            "listen_addresses=127.0.0.1",
            f"unix_socket_directories={self._folder}",
            "max_connections=100",
            *self._settings,
        ]
        command = [str(self._programs / "postgres"), "-D", str(self._data)]
        for setting in settings:
            command += ["-c", setting]
        if shutil.which("setpriv"):
            command = ["setpriv", "--pdeathsig", "INT", "--", *command]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                **self._as_user(),
            )
        deadline = time.monotonic() + _START_TIMEOUT_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                log_text = self._log.read_text(errors="replace")[-2000:]
                self.stop()
                raise RuntimeError(f"The PostgreSQL server did not start: {log_text}")
            time.sleep(0.02)

    def stop(self, *, immediately: bool = False) -> None:
        """End all connections and the server; ``immediately`` as if the power had failed."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGQUIT if immediately else signal.SIGINT)
        try:
            process.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGQUIT)
            process.wait(_STOP_TIMEOUT_S)

    def create_database(self, *options: str) -> str:
        """A new empty database's URL; ``options`` are SQL options of CREATE DATABASE."""
        import psycopg

        name = f"study_{next(self._numbers)}"
        with psycopg.connect(self._admin, autocommit=True) as connection:
            # Names and options are this file's and the tests' own.
            connection.execute(f"CREATE DATABASE {name} {' '.join(options)}".encode())
        return self.url(name)

    def emptied_database(self) -> str:
        """The URL of an empty database, always the same one: faster than a new one each time."""
        import psycopg

        if not self._emptied:
            self._emptied = self.create_database()
        else:
            with psycopg.connect(self._emptied, autocommit=True) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
                connection.execute("DROP SCHEMA public CASCADE")
                connection.execute("CREATE SCHEMA public")
        return self._emptied

    def url(self, database: str) -> str:
        """The URL of a database, as a user would write it."""
        return f"postgresql://{_SUPERUSER}@127.0.0.1:{self.port}/{database}"

    @property
    def version(self) -> str:
        """What the server calls itself."""
        import psycopg

        with psycopg.connect(self._admin) as connection:
            row = connection.execute("SHOW server_version").fetchone()
        assert row is not None
        return str(row[0])

    @property
    def _admin(self) -> str:
        return self.url("postgres")

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    @property
    def _log(self) -> Path:
        return self._folder / "server.log"

    def _answers(self) -> bool:
        import psycopg

        try:
            psycopg.connect(self._admin, connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self._programs / program), *arguments],
            capture_output=True,
            text=True,
            cwd="/",
            **self._as_user(),
        )
        if done.returncode != 0:
            raise ServerMissingError(f"{program} failed: {done.stderr.strip()[-500:]}")

    def _as_user(self) -> dict[str, object]:
        if self._user is None:
            return {}
        import pwd

        group = pwd.getpwnam(self._user).pw_gid
        return {"user": self._user, "group": group, "extra_groups": []}


def _program_folder() -> Path:
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"),
        key=lambda path: int(path.parts[-3]) if path.parts[-3].isdigit() else 0,
    )
    if on_path := shutil.which("initdb"):
        found.append(Path(on_path).resolve())
    for initdb in reversed(found):
        if (initdb.parent / "postgres").is_file():
            return initdb.parent
    raise ServerMissingError(
        "no PostgreSQL server is installed (on Debian: apt-get install postgresql)"
    )


def _unprivileged_user() -> str | None:
    """Whom the server runs as; None for the present user."""
    if not hasattr(os, "geteuid"):
        raise ServerMissingError("the test server needs a POSIX system")
    if os.geteuid() != 0:
        return None
    import pwd

    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise ServerMissingError("root needs a user 'postgres' or 'nobody' to run PostgreSQL as")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
