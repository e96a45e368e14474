"""Puts documents together to one configuration, with every fault that they have. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Final

from pennon.cli.config_layout import FOLDERS, KINDS, Kind, kind_of
from pennon.cli.config_parsed import steps_of
from pennon.cli.config_sources import Source
from pennon.errors import Fault
from pennon.model.checking import faults_of, path_to
from pennon.origin.configuration.schemas import (
    EnvironmentConfiguration,
    FlagConfiguration,
    ProjectConfiguration,
    SegmentConfiguration,
)
from pennon.origin.schemas import ItemKey, Slug

_KEYS: Final[dict[Kind, Any]] = {"project": Slug, "segment": ItemKey, "flag": ItemKey}
_ENVIRONMENTS: Final = dict[Slug, EnvironmentConfiguration]
_TYPES: Final[dict[Kind, Any]] = {"segment": SegmentConfiguration, "flag": FlagConfiguration}


@dataclass(slots=True)
class Assembly:
    """What the documents say together. `project` is the key of the one that they are of."""

    project: str | None = None
    configuration: dict[str, Any] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    sources: dict[tuple[str, str], Source] = field(default_factory=dict)

    def told(self, fault: Fault) -> str:
        """Return a fault of the origin as a line about the file that it is in, if it is in one."""
        steps = steps_of(fault.path)[1:]
        if len(steps) >= 2 and (source := self.sources.get((str(steps[0]), str(steps[1])))):
            return source.told(Fault(_path(steps[2:]), fault.message))
        source = self.sources.get(("project", ""))
        if steps[:1] == ("environments",) and source:
            return source.told(Fault(_path(steps), fault.message))
        return f"{_path(steps).removeprefix('$').removeprefix('.')}: {fault.message}".lstrip(": ")


def assembled(sources: Iterable[Source]) -> Assembly:
    """Return what *sources* say, and a line for each fault of their form and their shape."""
    found = Assembly()
    for source in sources:
        found.faults += map(source.told, _take(source, found))
    return found


def _take(source: Source, found: Assembly) -> Iterator[Fault]:
    yield from source.parsed.faults
    value = source.parsed.value
    kind = kind_of(value)
    if kind is None:
        yield Fault("$", _unknown(value))
        return
    key, body = value[kind], {name: one for name, one in value.items() if name != kind}
    wrong = faults_of(key, _KEYS[kind], f"$.{kind}")
    yield from wrong
    members = "project" if kind == "project" else FOLDERS[kind]
    if kind == "project":
        environments = body.pop("environments", {})
        yield from faults_of(body, ProjectConfiguration)
        yield from faults_of(environments, _ENVIRONMENTS, "$.environments")
        found.project = key
        found.configuration |= {"project": body, "environments": environments}
    else:
        yield from faults_of(body, _TYPES[kind])
    place = (members, "" if kind == "project" or wrong else key)
    if earlier := found.sources.get(place):
        if not wrong:
            yield Fault(f"$.{kind}", f"the {kind} {key!r} is in {earlier.file} already")
        return
    found.sources[place] = source
    if kind != "project" and not wrong:
        found.configuration.setdefault(members, {})[key] = body


def _unknown(value: object) -> str:
    close = [
        (name, match[0])
        for name in (value if isinstance(value, dict) else ())
        if (match := get_close_matches(name, KINDS, n=1))
    ]
    hint = f"; did you mean {close[0][1]!r} by {close[0][0]!r}?" if len(close) == 1 else ""
    return f"expected exactly one of the fields 'project', 'segment' and 'flag', with a key{hint}"


def _path(steps: tuple[str | int, ...]) -> str:
    path = "$"
    for step in steps:
        path = path_to(path, step)
    return path
