"""Keeps what a transaction publishes, for ever, with the audit record that tells of it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from pennon.model.messages import Change, ItemId
from pennon.model.position import ACCESS
from pennon.origin.history import queries


class Kept:
    """
    The versions that a transaction has made so far.

    They are written at its end: a change is recorded only once all of it is published, and a row
    of the history is never changed.
    """

    def __init__(self) -> None:
        self._rows: list[dict[str, Any]] = []
        self._recorded = 0

    def add(self, change: Change) -> None:
        """Take up a version. Keys are no history: the audit log says enough of them."""
        if change.environment != ACCESS:
            self._rows.append(
                {
                    "environment": change.environment,
                    "version": change.position.version,
                    "epoch": change.position.epoch,
                    "kind": change.kind,
                    "key": change.key,
                    "data": change.item,
                    "at": change.committed_at,
                    "record": None,
                }
            )

    def items(self) -> dict[str, dict[ItemId, bytes | None]]:
        """Return the items that changed, by environment, as they are by now; None: withdrawn."""
        found: dict[str, dict[ItemId, bytes | None]] = {}
        for row in self._rows:
            found.setdefault(row["environment"], {})[row["kind"], row["key"]] = row["data"]
        return found

    def recorded(self, record: int) -> None:
        """Give the versions that no audit record told of yet the number of one."""
        for row in self._rows[self._recorded :]:
            row["record"] = record
        self._recorded = len(self._rows)

    def write(self, connection: Connection) -> None:
        """
        Add the versions to the history, none earlier than the one before it.

        The environments are still locked, so that the newest version stays that.
        """
        if self._rows:
            queries.append(connection, self._rows)
