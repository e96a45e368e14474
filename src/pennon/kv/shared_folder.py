"""L2 as the workers of a node share it: each position is written by one of them."""

from __future__ import annotations

from pennon.kv.datafiles import Datafiles, pack, position_of
from pennon.kv.directory import DirectoryKv
from pennon.model.messages import Snapshot


class SharedFolder(Datafiles):
    """
    Datafiles in a folder that several processes keep.

    All of them follow the same environments, so whoever comes first writes, and the others find
    it written: they neither pack nor write it again. And whoever dies need not be replaced for
    the folder to be kept.
    """

    def __init__(self, folder: DirectoryKv) -> None:
        super().__init__(folder)
        self._folder = folder

    async def save(self, snapshot: Snapshot) -> None:
        """Keep *snapshot*, unless the folder holds its position or a newer. Raises OSError."""

        def is_known(kept: bytes) -> bool:
            position = position_of(kept)
            return position is not None and position >= snapshot.position

        def packed() -> bytes:
            value = pack(snapshot)
            self.written += len(value)
            return value

        await self._folder.put_made(snapshot.environment, packed, unless=is_known)
