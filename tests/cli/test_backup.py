"""`pennon backup` and `pennon restore` on files of their own."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from shutil import rmtree
from typing import Any

import pytest

from pennon.cli.app import DONE, FAILED, MISUSED, run
from pennon.origin.db import migrate

DATABASE = Path("pennon-data/pennon.db")


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database with a project, in the default data folder."""
    monkeypatch.chdir(tmp_path)
    DATABASE.parent.mkdir()
    migrate(f"sqlite:///{DATABASE}")
    add_project("first")


def add_project(key: str) -> None:
    """Write a project into the database, as an origin that ran before."""
    with closing(sqlite3.connect(DATABASE)) as connection, connection:
        connection.execute(
            "INSERT INTO projects (key, name, description, archived, created_at, updated_at)"
            " VALUES (?, ?, '', false, 0, 0)",
            (key, key),
        )


def projects(path: Path = DATABASE) -> list[str]:
    """Return the projects of a database file."""
    with closing(sqlite3.connect(path)) as connection:
        return [key for (key,) in connection.execute("SELECT key FROM projects ORDER BY key")]


@contextmanager
def somebody_else_reading() -> Iterator[None]:
    """Let another process have the database open: of locks of our own we would not hear."""
    code = f"""
import sqlite3
connection = sqlite3.connect({str(DATABASE)!r})
connection.execute("PRAGMA journal_mode=WAL")
connection.execute("SELECT * FROM projects").fetchall()
input(print("open", flush=True))
"""
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", code], text=True, **pipes) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        yield
        process.communicate("\n")


def epoch() -> str:
    """Return the epoch of the database."""
    with closing(sqlite3.connect(DATABASE)) as connection:
        (value,) = connection.execute("SELECT epoch FROM installation").fetchone()
    return str(value)


def failed(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = FAILED) -> str:
    """Return what a command that cannot be done says."""
    assert run(arguments) == code
    return capsys.readouterr().err


class TestBackup:
    def test_holds_what_the_database_holds(self) -> None:
        """Also what is in the write-ahead log alone, while somebody writes."""
        with closing(sqlite3.connect(DATABASE)) as writer:
            writer.execute("PRAGMA journal_mode=WAL")
            writer.execute("UPDATE projects SET name = 'changed'")
            writer.commit()
            writer.execute("UPDATE projects SET name = 'not yet'")
            assert run(["backup", "monday.db"]) == DONE
            writer.rollback()
        with closing(sqlite3.connect("monday.db")) as copy:
            assert copy.execute("SELECT name FROM projects").fetchall() == [("changed",)]

    def test_is_one_file_for_its_owner_alone(self) -> None:
        """It may hold what nobody else should read."""
        run(["backup", "monday.db"])

        assert Path("monday.db").stat().st_mode & 0o777 == 0o600
        assert sorted(path.name for path in Path().iterdir()) == ["monday.db", "pennon-data"]

    def test_replaces_a_file_only_when_told(self, capsys: pytest.CaptureFixture[str]) -> None:
        """A backup may be all that is left of something."""
        Path("monday.db").write_text("mine")
        assert "--force" in failed(capsys, "backup", "monday.db")
        assert Path("monday.db").read_text() == "mine"

        assert run(["backup", "monday.db", "--force"]) == DONE
        assert projects(Path("monday.db")) == ["first"]

    def test_a_database_is_no_backup_of_itself(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Whoever has it open would go on with a file that nobody finds any more."""
        before = DATABASE.stat().st_ino

        assert "itself" in failed(capsys, "backup", f"./{DATABASE}", "--force")
        assert DATABASE.stat().st_ino == before

    def test_a_damaged_database_is_told_and_not_copied(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """What cannot be restored is no backup."""
        DATABASE.write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)

        assert "pennon-data/pennon.db" in failed(capsys, "backup", "monday.db", code=MISUSED)
        assert not Path("monday.db").exists()

    def test_postgresql_has_its_own(self, capsys: pytest.CaptureFixture[str]) -> None:
        """The tools are named."""
        said = failed(
            capsys, "backup", "x", "--database", "postgresql://u:secret@h/n", code=MISUSED
        )

        assert "pg_dump" in said
        assert "secret" not in said


class TestRestore:
    def test_brings_back_what_was_and_keeps_what_is(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """In a new epoch; what is replaced stays beside it."""
        run(["backup", "monday.db"])
        add_project("second")
        before = epoch()
        capsys.readouterr()
        assert run(["restore", "monday.db", "--json"]) == DONE

        told = json.loads(capsys.readouterr().out)
        assert projects() == ["first"]
        assert before < epoch() == told["epoch"]
        assert projects(Path(told["replaced"])) == ["first", "second"]
        assert projects(Path("monday.db")) == ["first"]

    def test_a_lost_database_is_made_anew(self) -> None:
        """Nothing needs to be there, and what is left of it is not taken for the new one's."""
        run(["backup", "monday.db"])
        DATABASE.rename("pennon-data/pennon.db-wal")

        assert run(["restore", "monday.db"]) == DONE
        assert projects() == ["first"]
        assert sorted(DATABASE.parent.glob("pennon.db-*")) == []

    def test_a_new_machine_has_no_folder_yet(self) -> None:
        """The folder is made, for its owner alone as the origin would make it."""
        run(["backup", "monday.db"])
        rmtree(DATABASE.parent)

        assert run(["restore", "monday.db"]) == DONE
        assert projects() == ["first"]
        assert DATABASE.parent.stat().st_mode & 0o777 == 0o700

    @pytest.mark.parametrize("damaged", [b"no database", b"SQLite format 3\0" + b"\xff" * 5000])
    def test_a_damaged_database_is_replaced(
        self, capsys: pytest.CaptureFixture[str], damaged: bytes
    ) -> None:
        """It is what a backup is for; what is left of it is kept, its journals out of the way."""
        run(["backup", "monday.db"])
        capsys.readouterr()
        DATABASE.write_bytes(damaged)
        Path("pennon-data/pennon.db-shm").write_bytes(b"an index")

        assert run(["restore", "monday.db", "--json"]) == DONE
        kept = Path(json.loads(capsys.readouterr().out)["replaced"])
        assert projects() == ["first"]
        assert kept.read_bytes() == damaged
        assert kept.with_name(f"{kept.name}-shm").read_bytes() == b"an index"
        assert sorted(DATABASE.parent.glob("pennon.db-*")) == []

    def test_a_damaged_database_in_use_is_left_alone(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """An origin may still serve from what it had read."""
        run(["backup", "monday.db"])
        with somebody_else_reading():
            DATABASE.write_bytes(b"no database")
            said = failed(capsys, "restore", "monday.db")

        assert "Stop its origin first" in said
        assert DATABASE.read_bytes() == b"no database"

    def test_a_running_origin_is_left_alone(self, capsys: pytest.CaptureFixture[str]) -> None:
        """It would go on writing to a file that nobody reads any more."""
        run(["backup", "monday.db"])
        before = epoch()
        with closing(sqlite3.connect(DATABASE)) as origin:
            origin.execute("PRAGMA journal_mode=WAL")
            origin.execute("SELECT * FROM projects").fetchall()
            said = failed(capsys, "restore", "monday.db")

        assert "Stop its origin first" in said
        assert epoch() == before
        assert [path.name for path in DATABASE.parent.iterdir()] == ["pennon.db"]

    @pytest.mark.parametrize("contents", [b"", b"not a database at all", None])
    def test_what_is_no_backup_is_refused(
        self, capsys: pytest.CaptureFixture[str], contents: bytes | None
    ) -> None:
        """Another program's database as well; nothing is changed."""
        other = Path("other.db")
        if contents is None:
            with closing(sqlite3.connect(other)) as connection:
                connection.execute("CREATE TABLE t (a)")
        else:
            other.write_bytes(contents)
        before = epoch()

        assert "other.db" in failed(capsys, "restore", "other.db", code=MISUSED)
        assert epoch() == before

    def test_without_a_file_only_the_epoch_begins(self) -> None:
        """For a database that was brought back by other means."""
        before = epoch()
        assert run(["restore", "--comment", "copied by hand"]) == DONE

        assert before < epoch()
        assert projects() == ["first"]
