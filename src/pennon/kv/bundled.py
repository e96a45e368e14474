"""A node's own store with a bundle below it: datafiles that came with the node's image."""

from __future__ import annotations

from pennon.kv.datafiles import Datafiles
from pennon.model.messages import Snapshot


class Bundled:
    """
    Loads the newer of what *store* and *bundle* have; saves to *store* alone.

    So a node that has never reached a parent, and finds nothing on its disk, has something to
    serve.
    """

    def __init__(self, store: Datafiles, bundle: Datafiles) -> None:
        self._store, self._bundle = store, bundle

    async def load(self, environment: str) -> Snapshot | None:
        """Return the newest datafile of *environment* that can be trusted, if there is one."""
        found = [await store.load(environment) for store in (self._store, self._bundle)]
        kept = [snapshot for snapshot in found if snapshot is not None]
        return max(kept, key=lambda snapshot: snapshot.position, default=None)

    async def save(self, snapshot: Snapshot) -> None:
        """Keep *snapshot* beside the bundle, which stays as it is. Raises OSError."""
        await self._store.save(snapshot)
