"""`pennon audit verify`, `export`, `checkpoint` and `key` on a database of their own."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from pennon.cli.app import DONE, FAILED, MISUSED, run
from pennon.origin.audit.signing import SigningKey
from tests.builders.audit import a_chain, a_log, tamper


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The database of the data folder, with a log of five records."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "pennon-data" / "pennon.db"
    path.parent.mkdir()
    a_log(path, a_chain(5))
    return path


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return what a command that works prints."""
    capsys.readouterr()
    assert run(arguments) == DONE
    return capsys.readouterr().out


class TestVerify:
    def test_intact(self, log: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """A line for each chain."""
        assert printed(capsys, "audit", "verify").splitlines() == [
            "✓ $installation: 0 records, intact",
            "✓ shop: 5 records, intact",
        ]

    def test_a_finding_is_told_and_is_the_exit_code(
        self, log: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The record is named, and how far the log holds."""
        tamper(log, "UPDATE audit SET actor_name = 'Eve' WHERE sequence = 4")

        code = run(["audit", "verify"])

        out, err = capsys.readouterr()
        assert code == FAILED
        assert err == "pennon: The audit log is not as it was written.\n"
        assert out.splitlines()[1:] == [
            "✗ shop: Record 4 was altered: its contents do not have its hash.",
            "  Up to there: 3 records, intact",
        ]

    def test_json(self, log: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """A program reads the same."""
        tamper(log, "DELETE FROM audit WHERE sequence = 5")

        code = run(["audit", "verify", "--chain", "shop", "--json"])

        assert code == FAILED
        assert json.loads(capsys.readouterr().out) == {
            "intact": False,
            "chains": [
                {
                    "chain": "shop",
                    "records": 4,
                    "checkpoints": 0,
                    "finding": {
                        "sequence": 5,
                        "kind": "cut-off",
                        "message": "The chain is cut off after record 4: "
                        "its head says that it goes on to record 5.",
                    },
                }
            ],
            "unproven": [],
            "unguarded": [],
        }

    def test_missing_guards_are_told(self, log: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """The log is whole, and somebody has made it possible that it will not be."""
        with closing(sqlite3.connect(log)) as connection:
            connection.execute("DROP TRIGGER audit_refuses_delete")

        code = run(["audit", "verify"])

        out, err = capsys.readouterr()
        assert code == FAILED
        assert err == "pennon: The audit log is intact, and not guarded.\n"
        assert out.splitlines()[1:] == [
            "✓ shop: 5 records, intact",
            "✗ The trigger audit_refuses_delete of the table audit is missing. "
            "Records can be altered.",
        ]

    def test_no_database_is_said_and_none_is_made(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Whoever mistypes the folder is not told that an empty log is intact."""
        code = run(["audit", "verify", "--data", str(tmp_path)])

        assert code == FAILED
        assert "There is no database at" in capsys.readouterr().err
        assert list(tmp_path.iterdir()) == []

    def test_a_log_that_does_not_exist(self, log: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """It is not intact for being empty."""
        assert run(["audit", "verify", "--chain", "nope"]) == FAILED
        assert capsys.readouterr().err == "pennon: There is no audit log 'nope'.\n"


class TestExport:
    def test_is_verified_without_the_database(
        self, log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The verdict is that of the database."""
        file = tmp_path / "audit.jsonl"
        file.write_text(printed(capsys, "audit", "export"))
        log.unlink()

        assert printed(capsys, "audit", "verify", str(file)).splitlines() == [
            "✓ $installation: 0 records, intact",
            "✓ shop: 5 records, intact",
        ]

    def test_an_altered_file_is_found_out(
        self, log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A file is easier to alter than a database."""
        file = tmp_path / "audit.jsonl"
        file.write_text(printed(capsys, "audit", "export", "--chain", "shop").replace("why", "Why"))

        code = run(["audit", "verify", str(file)])

        assert code == FAILED
        assert "Record 1 was altered" in capsys.readouterr().out

    def test_a_file_that_is_none_is_named(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """It is misuse, not tampering."""
        file = tmp_path / "notes.txt"
        file.write_text("hello\n")

        assert run(["audit", "verify", str(file)]) == MISUSED
        assert "pennon audit export" in capsys.readouterr().err

    def test_a_log_that_does_not_exist(self, log: Path) -> None:
        """Nothing is written for it."""
        assert run(["audit", "export", "--chain", "nope"]) == FAILED


class TestCheckpoints:
    def test_find_a_log_that_was_set_back(
        self, log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """With its head: without the checkpoint all is well, with it nothing is."""
        file = tmp_path / "checkpoints.jsonl"
        file.write_text(printed(capsys, "audit", "checkpoint"))
        tamper(log, "DELETE FROM audit WHERE sequence = 5")
        tamper(
            log,
            "UPDATE audit_heads SET sequence = 4, hash = "
            "(SELECT hash FROM audit WHERE sequence = 4) WHERE chain = 'shop'",
        )

        printed(capsys, "audit", "verify")
        code = run(["audit", "verify", "--checkpoints", str(file)])

        assert code == FAILED
        assert "cut off after record 4, and its head was set back" in capsys.readouterr().out

    def test_find_a_chain_that_lacks_in_an_export(
        self, log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A file may be whole in all that it holds."""
        checkpoints, export = tmp_path / "checkpoints.jsonl", tmp_path / "audit.jsonl"
        checkpoints.write_text(printed(capsys, "audit", "checkpoint"))
        export.write_text(printed(capsys, "audit", "export", "--chain", "$installation"))

        code = run(["audit", "verify", str(export), "--checkpoints", str(checkpoints)])

        assert code == FAILED
        assert "✗ shop: The chain's head is missing" in capsys.readouterr().out

    def test_are_counted_when_they_agree(
        self, log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """With the public key given, no private one is needed."""
        file = tmp_path / "checkpoints.jsonl"
        file.write_text(2 * printed(capsys, "audit", "checkpoint"))
        public = printed(capsys, "audit", "key").strip()

        out = printed(capsys, "audit", "verify", "--checkpoints", str(file), "--public-key", public)

        assert "✓ shop: 5 records that 2 of the checkpoints agree with, intact" in out

    def test_show_the_public_key_when_the_pair_is_made(
        self, log: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Once, beside the lines and not among them."""
        run(["audit", "checkpoint"])
        first = capsys.readouterr().err
        run(["audit", "checkpoint"])
        second = capsys.readouterr().err

        assert printed(capsys, "audit", "key").strip() in first
        assert second == ""

    def test_of_another_key_are_a_finding(
        self, log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The chain may be intact; that the witness is not is told."""
        file = tmp_path / "checkpoints.jsonl"
        file.write_text(printed(capsys, "audit", "checkpoint"))
        other = SigningKey.generate().public.text

        code = run(["audit", "verify", "--checkpoints", str(file), "--public-key", other])

        assert code == FAILED
        assert "✗ checkpoints, line 1: it was signed with the key" in capsys.readouterr().out

    def test_without_any_key_is_misuse(
        self, log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A signature that nothing checks is none."""
        file = tmp_path / "checkpoints.jsonl"
        file.write_text("")

        assert run(["audit", "verify", "--checkpoints", str(file)]) == MISUSED
        assert "--public-key" in capsys.readouterr().err

    def test_of_a_head_that_is_wrong_are_not_made(self, log: Path) -> None:
        """Nor is a key."""
        tamper(log, "UPDATE audit_heads SET sequence = 4 WHERE chain = 'shop'")

        assert run(["audit", "checkpoint"]) == FAILED
        assert [path.name for path in log.parent.glob("*.pem")] == []


class TestKey:
    def test_is_the_same_each_time(self, log: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """In words or as JSON."""
        text = printed(capsys, "audit", "key").strip()

        assert json.loads(printed(capsys, "audit", "key", "--json"))["publicKey"] == text
