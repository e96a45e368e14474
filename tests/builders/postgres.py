"""
A PostgreSQL of the tests' own: a child process, run from the machine's binaries.

It starts when the first test asks for it and ends with the tests. It is set up to be fast and
forgets what was written when the machine stops: a crash drill wants another.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from tempfile import gettempdir, mkdtemp
from typing import Any, Final

from tests.builders.children import die_with_the_tests

OWNER: Final = "pennon"
"""The role that owns everything, in every server of the tests; it needs no password."""

MISSING: Final = "PostgreSQL 15 or newer is not installed: its tests are left out."

_OLDEST: Final = 15
_DEBIAN: Final = Path("/usr/lib/postgresql")
_AS_REPLICA: Final = ("--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast")
_PREFIX: Final = "pennon-pg-"
_MEMORY: Final = Path("/dev/shm")
_ROOM: Final = 2 * 1024**3
_FAST: Final = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "200",
    "max_wal_size": "4GB",
    "listen_addresses": "",
}


@cache
def binaries() -> Path | None:
    """Return the folder of this machine's newest PostgreSQL; None where there is none to use."""
    folders = list(_DEBIAN.glob("*/bin"))
    if (found := shutil.which("postgres")) is not None:
        folders.append(Path(found).resolve().parent)
    usable = [one for one in folders if (one / "initdb").exists() and _version(one) >= _OLDEST]
    return max(usable, key=_version, default=None)


@cache
def _version(folder: Path) -> int:
    said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True)
    return int(said.stdout.split()[2].partition(".")[0])


class Server:
    """A PostgreSQL that serves the folder *home*, reached through a socket in it."""

    def __init__(self, home: Path, settings: Mapping[str, str] | None = None) -> None:
        self.home = home
        self._settings = {**_FAST, "unix_socket_directories": str(home), **(settings or {})}

    @property
    def data(self) -> Path:
        """The folder of its files."""
        return self.home / "data"

    def url(self, database: str = "postgres") -> str:
        """Return the address of one of its databases."""
        return f"postgresql://{OWNER}@/{database}?host={self.home}"

    def create(self) -> None:
        """Make its files."""
        flags = ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        run("initdb", f"--pgdata={self.data}", f"--username={OWNER}", *flags)

    def follow(self, primary: Server) -> None:
        """Make its files a copy of a running *primary*'s, which it will replicate."""
        run("pg_basebackup", f"--pgdata={self.data}", f"--dbname={primary.url()}", *_AS_REPLICA)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run it for the length of a block, then stop it, whoever is connected."""
        options = [f"--{name}={value}" for name, value in self._settings.items()]
        with (self.home / "log").open("ab") as log:
            process = subprocess.Popen(
                [_binary("postgres"), "-D", self.data, *options],
                cwd=self.home,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=partial(die_with_the_tests, signal.SIGQUIT),
                **_identity(),
            )
        try:
            while not self._answers():
                if process.poll() is not None:
                    raise RuntimeError((self.home / "log").read_text())
            yield
        finally:
            process.send_signal(signal.SIGINT)
            process.wait()

    @contextmanager
    def psql(self) -> Iterator[Psql]:
        """Give a session that runs SQL without waiting for it."""
        with subprocess.Popen(
            [_binary("psql"), "-qAtX", "--set=ON_ERROR_STOP=1", self.url()],
            cwd=self.home,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            yield Psql(process)

    def _answers(self) -> bool:
        asked = (_binary("pg_isready"), "--quiet", "--timeout=1", f"--host={self.home}")
        return subprocess.run(asked, cwd=self.home).returncode == 0


class Psql:
    """A session of PostgreSQL's own client: statements are sent at once and awaited later."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._to, self._from = process.stdin, process.stdout
        self._sent = 0

    def send(self, statement: str) -> None:
        """Have *statement* run after those before it."""
        self._to.write(f"{statement};\n\\echo done\n")
        self._to.flush()
        self._sent += 1

    def wait(self) -> None:
        """Return once all that was sent has been done."""
        for _ in range(self._sent):
            said = self._from.readline()
            if said != "done\n":
                raise RuntimeError(f"The statement failed: {said or 'see standard error'}")
        self._sent = 0


@contextmanager
def a_server(on_disk: bool = False, **settings: str) -> Iterator[Server]:
    """Make and start a server for the length of a block, in memory unless it is to be on disk."""
    with a_home(on_disk=on_disk) as home:
        server = Server(home, settings)
        server.create()
        with server.running():
            yield server


@contextmanager
def a_home(on_disk: bool = False) -> Iterator[Path]:
    """Give a folder that a server can live in, with a path short enough for its socket."""
    folder = Path(gettempdir()) if on_disk else _in_memory()
    _sweep(folder)
    home = Path(mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=folder))
    try:
        if (user := _identity().get("user")) is not None:
            os.chown(home, user, -1)
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


def run(name: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs to its end, as who a server runs as."""
    done = subprocess.run(
        [_binary(name), *arguments], cwd="/", capture_output=True, text=True, **_identity()
    )
    if done.returncode:
        raise RuntimeError(f"{name} failed: {done.stderr}")


def _binary(name: str) -> Path:
    folder = binaries()
    if folder is None:
        raise RuntimeError(MISSING)
    return folder / name


def _in_memory() -> Path | None:
    """Return a folder whose files are memory; copying a database there is ten times as fast."""
    usable = _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK)
    return _MEMORY if usable and shutil.disk_usage(_MEMORY).free > _ROOM else None


def _sweep(folder: Path | None) -> None:
    """Remove what tests that were killed have left in memory."""
    for home in folder.glob(f"{_PREFIX}*") if folder else ():
        owner = home.name.removeprefix(_PREFIX).partition("-")[0]
        if not Path("/proc", owner).exists():
            shutil.rmtree(home, ignore_errors=True)


def _identity() -> dict[str, Any]:
    """Return who a server runs as, for `subprocess`: never root, which PostgreSQL refuses."""
    if os.geteuid() != 0:
        return {}
    names = {one.pw_name: one for one in pwd.getpwall()}
    user = names.get("postgres") or names["nobody"]
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
