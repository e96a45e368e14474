"""
How a project lies in a folder: ``pennon.yaml``, and a file for each segment and each flag. Pure.

A document says what it is by its first field, `project`, `segment` or `flag`, which holds the
key. So a file may have any name, and documents may stand in one stream.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Final, Literal

Kind = Literal["project", "segment", "flag"]
Format = Literal["yaml", "json"]

FOLDERS: Final[dict[Kind, str]] = {"project": ".", "segment": "segments", "flag": "flags"}
KINDS: Final[tuple[Kind, ...]] = ("project", "segment", "flag")
_ROOT: Final = "pennon"
_LONGEST: Final = 100
_SAFE: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(?<!\.)", re.ASCII)
_OTHER: Final = re.compile(r"[^a-z0-9._-]")
_RESERVED: Final = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Piece:
    """One document: where it lies below its folder, and what it says."""

    kind: Kind
    key: str
    path: PurePosixPath
    document: dict[str, Any]


def pieces_of(project: str, configuration: Mapping[str, Any], format: Format) -> Iterator[Piece]:
    """Yield the documents of a configuration, the project's own first."""
    whole = dict(configuration.get("project", {}))
    environments = configuration.get("environments", {})
    document = {"project": project, **whole, "environments": environments}
    yield Piece("project", project, PurePosixPath(f"{_ROOT}.{format}"), document)
    kinds: tuple[Kind, Kind] = ("segment", "flag")
    for kind in kinds:
        members = configuration.get(FOLDERS[kind], {})
        taken = Counter(key.casefold() for key in members)
        for key, item in members.items():
            name = file_name(key, shared=taken[key.casefold()] > 1)
            path = PurePosixPath(FOLDERS[kind], f"{name}.{format}")
            yield Piece(kind, key, path, {kind: key, **_type_first(item)})


def file_name(key: str, *, shared: bool = False) -> str:
    """
    Return the name of a thing's file without its ending: its key, wherever that can be one.

    Not every system has names that are hidden, reserved or very long, or two that differ in
    capitals alone, where the key is *shared* but for those. Such a name has a hash of the key.
    Whatever an origin calls a key, its file stays in its folder.
    """
    safe = _SAFE.fullmatch(key) and not _RESERVED.fullmatch(key) and len(key) <= _LONGEST
    if safe and not (shared and key != key.casefold()):
        return key
    stem = _OTHER.sub("_", key.casefold()[:_LONGEST]).strip(".")
    return f"{stem}~{hashlib.sha256(key.encode()).hexdigest()[:8]}"


def kind_of(document: object) -> Kind | None:
    """Return what a document is of, by the one field that tells it; None where none does."""
    found = [kind for kind in KINDS if isinstance(document, dict) and kind in document]
    return found[0] if len(found) == 1 else None


def _type_first(item: Mapping[str, Any]) -> dict[str, Any]:
    return {**({"type": item["type"]} if "type" in item else {}), **item}
