"""A folder as a key-value store."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from threading import Thread

import pytest

from pennon.kv.directory import DirectoryKv
from tests.builders.relay import SHOP


def always(kept: bytes) -> bool:
    """Leave whatever is kept."""
    return True


def half_written(folder: Path) -> list[str]:
    """Return the names of the files that no reader may see."""
    return [name for name in os.listdir(folder) if name.endswith(".writing")]


def never(kept: bytes) -> bool:
    """Leave nothing."""
    return False


class TestValues:
    async def test_round_trip(self, tmp_path: Path) -> None:
        """What is put is got, by another instance too; what is not there is None."""
        await DirectoryKv(tmp_path / "new" / "folder").put(SHOP, b"\0\xff", unless=never)

        assert await DirectoryKv(tmp_path / "new" / "folder").get(SHOP) == b"\0\xff"
        assert await DirectoryKv(tmp_path).get("shop/staging") is None

    async def test_names_stay_apart(self, tmp_path: Path) -> None:
        """Each name has its own value, the reserved one too."""
        kv = DirectoryKv(tmp_path)
        names = ["a/b", "a-b/c", "a/b-c", "$access"]
        for name in names:
            await kv.put(name, name.encode(), unless=never)

        assert [await kv.get(name) for name in names] == [name.encode() for name in names]

    async def test_left(self, tmp_path: Path) -> None:
        """A value that the writer wants to keep is kept; where there is none, nobody is asked."""
        kv = DirectoryKv(tmp_path)
        await kv.put(SHOP, b"first", unless=always)
        await kv.put(SHOP, b"second", unless=always)

        assert await kv.get(SHOP) == b"first"

    @pytest.mark.parametrize("name", ["", ".", "..", "../etc/passwd", ".hidden", "a\0b"])
    async def test_escapes(self, tmp_path: Path, name: str) -> None:
        """A name that could leave the folder or hide in it is refused."""
        kv = DirectoryKv(tmp_path / "inside")

        with pytest.raises(ValueError, match="cannot be a file name"):
            await kv.put(name, b"", unless=never)
        with pytest.raises(ValueError, match="cannot be a file name"):
            await kv.get(name)
        assert os.listdir(tmp_path) == []

    async def test_only_the_owner_reads(self, tmp_path: Path) -> None:
        """Nobody else on the machine may read who may ask for what."""
        await DirectoryKv(tmp_path).put(SHOP, b"x", unless=never)

        assert {os.stat(tmp_path / name).st_mode & 0o077 for name in os.listdir(tmp_path)} == {0}


class TestCrashes:
    async def test_torn_file(self, tmp_path: Path) -> None:
        """What a crash left half written is neither read nor in the way."""
        kv = DirectoryKv(tmp_path)
        await kv.put(SHOP, b"whole", unless=never)
        (tmp_path / ".shop~production.datafile.writing").write_bytes(b"ha")

        assert await kv.get(SHOP) == b"whole"
        await kv.put(SHOP, b"next", unless=never)

        assert await kv.get(SHOP) == b"next"
        assert half_written(tmp_path) == []

    async def test_never_half(self, tmp_path: Path) -> None:
        """While one writes and another reads, the reader sees one value or the other."""
        kv = DirectoryKv(tmp_path)
        one, two = b"1" * 200_000, b"2" * 100_000
        await kv.put(SHOP, one, unless=never)
        path = tmp_path / "shop~production.datafile"
        seen: set[bytes] = set()
        done = False

        def read() -> None:
            while not done:
                seen.add(path.read_bytes())

        reader = Thread(target=read)
        reader.start()
        for _ in range(20):
            await kv.put(SHOP, two, unless=never)
            await kv.put(SHOP, one, unless=never)
        done = True
        reader.join()

        assert seen <= {one, two}

    async def test_writers_take_turns(self, tmp_path: Path) -> None:
        """However many write at once, the greatest value stays."""

        async def write(number: int) -> None:
            value = b"%03d" % number
            await DirectoryKv(tmp_path).put(SHOP, value, unless=lambda kept: kept > value)

        await asyncio.gather(*(write((number * 37) % 40) for number in range(40)))

        assert await DirectoryKv(tmp_path).get(SHOP) == b"039"

    async def test_cannot_write(self, tmp_path: Path) -> None:
        """A disk that does not take the value is an OSError, and leaves what was there."""
        (tmp_path / "file").write_bytes(b"not a folder")
        with pytest.raises(OSError, match="file"):
            await DirectoryKv(tmp_path / "file").put(SHOP, b"x", unless=never)

        kv = DirectoryKv(tmp_path)
        os.mkdir(tmp_path / "shop~production.datafile")
        with pytest.raises(OSError, match="directory"):
            await kv.put(SHOP, b"x", unless=never)
        with pytest.raises(OSError, match="directory"):
            await kv.get(SHOP)
        assert half_written(tmp_path) == []
