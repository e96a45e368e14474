"""The changelog as what reaches further back than a replica's run of frames."""

from __future__ import annotations

from functools import partial
from typing import Final

from pennon.model.position import Position
from pennon.origin import changelog
from pennon.origin.db import Database
from pennon.relay.run import frame_of

_MOST_CHANGES: Final = 10_000


class ChangelogHistory:
    """Answers a follower that was away for long; see `pennon.web.sync.History`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def between(self, environment: str, start: Position, end: Position) -> bytes | None:
        """Return the frames after *start* up to *end*, or None when they are gone or too many."""
        if end.version - start.version > _MOST_CHANGES:
            return None
        changes = await self._database.read(
            partial(
                changelog.changes_after,
                environment=environment,
                position=start,
                limit=end.version - start.version,
            )
        )
        if changes is None or not changes or changes[-1].position != end:
            return None
        return b"".join(map(frame_of, changes))
