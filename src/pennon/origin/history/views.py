"""A datafile as what is answered, and a version as it is written in a path."""

from __future__ import annotations

import re
from typing import Final

from msgspec import Raw

from pennon.errors import NotFound
from pennon.model.codec import format_digest
from pennon.model.messages import ItemKind, Snapshot
from pennon.origin.history.schemas import DatafileContent, DatafileView

_VERSION: Final = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)


def datafile_view(snapshot: Snapshot) -> DatafileView:
    """Return *snapshot* as its envelope, items byte for byte."""
    return DatafileView(
        datafile=DatafileContent(
            environment=snapshot.environment,
            epoch=snapshot.position.epoch,
            version=snapshot.position.version,
            digest=format_digest(snapshot.digest),
            flags=_items(snapshot, "flag"),
            segments=_items(snapshot, "segment"),
        ),
        shrink_allowed=snapshot.shrink_allowed,
        committed_at=snapshot.committed_at,
    )


def version_number(text: str) -> int:
    """Return the version that a part of a path names. Raises NotFound."""
    if not _VERSION.fullmatch(text):
        raise NotFound("version", text)
    return int(text)


def _items(snapshot: Snapshot, wanted: ItemKind) -> dict[str, Raw]:
    return {key: Raw(data) for (kind, key), data in snapshot.items.items() if kind == wanted}
