"""Long files, sent and received."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pennon.cli.list_files import pieces_of, written


def breaking() -> Iterator[bytes]:
    """Yield a piece, and then break off."""
    yield b"key,member\n"
    raise ConnectionError("it went away")


class TestWritten:
    def test_counts_the_lines(self, tmp_path: Path) -> None:
        """And writes all pieces."""
        lines = written(tmp_path / "all.csv", [b"key\na", b"da\n"])

        assert (lines, (tmp_path / "all.csv").read_bytes()) == (2, b"key\nada\n")

    def test_is_whole_or_not_at_all(self, tmp_path: Path) -> None:
        """What was there stays, and nothing lies beside it."""
        (tmp_path / "all.csv").write_bytes(b"old")
        with pytest.raises(ConnectionError):
            written(tmp_path / "all.csv", breaking())

        assert [one.read_bytes() for one in tmp_path.iterdir()] == [b"old"]


class TestPieces:
    def test_are_the_file(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Where standard error is no terminal, nothing is told."""
        data = b"x" * 1_000_000
        (tmp_path / "keys").write_bytes(data)
        with pieces_of(str(tmp_path / "keys")) as pieces:
            read = b"".join(pieces)

        assert read == data
        assert capsys.readouterr().err == ""
