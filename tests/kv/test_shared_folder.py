"""L2 as workers share it: each position is written by one of them."""

from __future__ import annotations

from pathlib import Path

from pennon.kv.datafiles import Datafiles
from pennon.kv.directory import DirectoryKv
from pennon.kv.shared_folder import SharedFolder
from tests.builders.relay import SHOP, a_snapshot


def workers(folder: Path) -> tuple[SharedFolder, SharedFolder]:
    """Return the stores of two workers."""
    return SharedFolder(DirectoryKv(folder)), SharedFolder(DirectoryKv(folder))


def tear(folder: Path) -> None:
    """Take the last byte from the only datafile of *folder*."""
    (file,) = folder.glob("*.datafile")
    file.write_bytes(file.read_bytes()[:-1])


class TestSharing:
    async def test_one_of_them_writes(self, tmp_path: Path) -> None:
        """What one has written, the other need not."""
        first, second = workers(tmp_path)
        await first.save(a_snapshot(7, {}))
        await second.save(a_snapshot(7, {}))

        assert (first.written > 0, second.written) == (True, 0)

    async def test_the_newest_stays(self, tmp_path: Path) -> None:
        """One that lags behind does not undo what another has written."""
        first, second = workers(tmp_path)
        await first.save(a_snapshot(8, {}))
        await second.save(a_snapshot(7, {}))
        await second.save(a_snapshot(9, {}))
        kept = await first.load(SHOP)

        assert kept is not None
        assert kept.position.version == 9

    async def test_what_is_torn_is_written_again(self, tmp_path: Path) -> None:
        """A file that cannot be trusted is not taken for its position."""
        first, second = workers(tmp_path)
        await first.save(a_snapshot(7, {}))
        tear(tmp_path)
        await second.save(a_snapshot(7, {}))

        assert await Datafiles(DirectoryKv(tmp_path)).load(SHOP) is not None
