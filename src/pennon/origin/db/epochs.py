"""A new epoch: from here on, versions that are given out are of another line than before."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection, update

from pennon.model.position import make_epoch
from pennon.origin.db.tables import environments, installation

ANY_NUMBER: Final = 2**62
"""As many deletions as it takes to vouch for any environment, however much it has shrunk."""


def begin_epoch(connection: Connection, after: Iterable[str], *, deletions: int = 0) -> str:
    """
    Begin an epoch later than each of *after*, also by a clock that runs behind, and return it.

    *deletions* is what every environment is said to have lost within it so far.
    """
    began_at = max(int(epoch.partition("-")[0]) for epoch in after)
    now = max(time.time_ns() // 1_000_000, began_at + 1)
    epoch = make_epoch(now, secrets.randbits(32))
    connection.execute(update(environments).values(deletions=deletions))
    connection.execute(update(installation).values(epoch=epoch))
    return epoch
