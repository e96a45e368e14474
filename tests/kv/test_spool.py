"""Batches on disk."""

from __future__ import annotations

from pathlib import Path

from pennon.kv.spool import Spool


class TestSpool:
    def test_oldest_first(self, tmp_path: Path) -> None:
        """Batches come out as they went in, until they are removed."""
        spool = Spool(tmp_path / "events")
        assert spool.oldest() is None
        spool.add("1-a", b"first")
        spool.add("2-b", b"second")
        assert spool.oldest() == ("1-a", b"first")
        spool.remove("1-a")

        assert spool.oldest() == ("2-b", b"second")

    def test_survives(self, tmp_path: Path) -> None:
        """The next process goes on where this one ended, also after a write that broke off."""
        spool = Spool(tmp_path)
        for name in ("2-b", "1-a"):
            spool.add(name, name.encode())
        (tmp_path / ".3-c.batch.writing").write_bytes(b"half")

        assert Spool(tmp_path).oldest() == ("1-a", b"1-a")

    def test_bounded(self, tmp_path: Path) -> None:
        """The oldest goes where there is no room, and is counted."""
        spool = Spool(tmp_path, most_bytes=10)
        for name in ("1", "2", "3"):
            spool.add(name, b"12345")

        assert (spool.oldest(), spool.dropped) == (("2", b"12345"), {("counts", "no_room"): 1})
        assert sum(path.stat().st_size for path in tmp_path.iterdir()) == 10

    def test_gives_way(self, tmp_path: Path) -> None:
        """What is dear stays, also where the rest is younger; after a restart too."""
        Spool(tmp_path).add("1-a-counts", b"12345")
        spool = Spool(tmp_path, most_bytes=10)
        for name in ("2-b-exposures", "3-c-custom", "4-d-counts"):
            spool.add(name, b"12345")

        assert sorted(path.stem for path in tmp_path.iterdir()) == ["1-a-counts", "4-d-counts"]
        assert spool.dropped == {("exposures", "no_room"): 1, ("custom", "no_room"): 1}

    def test_lost_file(self, tmp_path: Path) -> None:
        """A file that is gone was sent by another process, and holds up nobody."""
        spool = Spool(tmp_path)
        for name in ("1", "2"):
            spool.add(name, b"x")
        (tmp_path / "1.batch").unlink()

        assert (spool.oldest(), spool.dropped) == (("2", b"x"), {})
        spool.remove("1")

    def test_what_another_leaves(self, tmp_path: Path) -> None:
        """A worker finds what its predecessor wrote after it had begun."""
        spool, predecessor = Spool(tmp_path), Spool(tmp_path)
        predecessor.add("1", b"x")

        assert spool.oldest() == ("1", b"x")
