"""What is different between a project and what is to become of it, a thing at a time. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from msgspec import Struct, json

from pennon.origin.configuration.schemas import Action, Kind, PlannedChange
from pennon.origin.configuration.state import FlagState, SegmentState, State
from pennon.origin.differences import differences
from pennon.origin.schemas import full_name
from pennon.web.permissions import EVERYTHING, Role

_encode: Final = json.Encoder(order="deterministic").encode

DONE: Final[dict[Action, str]] = {
    "create": "created",
    "change": "updated",
    "restore": "unarchived",
    "archive": "archived",
}
"""What the audit log says of each action."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing as it is, None where it is not there yet, and as it shall be."""

    kind: Kind
    key: str
    before: Struct | None
    after: Struct

    @property
    def action(self) -> Action:
        """What is done to it."""
        if self.before is None:
            return "create"
        was, shall = (getattr(one, "archived", False) for one in (self.before, self.after))
        if was == shall:
            return "change"
        return "archive" if shall else "restore"

    @property
    def planned(self) -> PlannedChange:
        """The change as it is answered."""
        diff = () if self.before is None else tuple(differences(self.before, self.after))
        return PlannedChange(kind=self.kind, key=self.key, action=self.action, diff=diff)

    @property
    def shared(self) -> bool:
        """Whether it changes what belongs to the project."""
        if not isinstance(self.after, FlagState | SegmentState):
            return self.kind == "project" or self.before is None
        if not isinstance(self.before, FlagState | SegmentState):
            return True
        return any(
            _encode(getattr(self.before, name)) != _encode(getattr(self.after, name))
            for name in self.after.__struct_fields__
            if name != "environments"
        )

    def retargeted(self) -> list[str]:
        """Return the environments in which it changes what each has for itself."""
        if not isinstance(self.after, FlagState | SegmentState):
            return []
        after: Mapping[str, Struct] = self.after.environments
        before: Mapping[str, Struct] = {}
        if isinstance(self.before, FlagState | SegmentState):
            before = self.before.environments
        started = self.after.started
        return [
            key for key, part in after.items() if _encode(part) != _encode(before.get(key, started))
        ]

    def needs(self, project: str) -> Iterator[tuple[Role, str]]:
        """Yield the roles that it takes, and on what, as the endpoints of each thing have it."""
        match self.kind:
            case "project":
                yield "admin", EVERYTHING if self.before is None else project
            case "environment":
                yield "admin", project if self.before is None else full_name(project, self.key)
            case _:
                if self.shared:
                    yield "editor", project
                yield from (("editor", full_name(project, key)) for key in self.retargeted())


def changes_between(project: str, before: State, after: State) -> list[Change]:
    """Return what is different: the project, its environments, its segments, its flags."""
    assert after.project is not None
    pairs: Sequence[tuple[Kind, Mapping[str, Struct], Mapping[str, Struct]]] = (
        (
            "project",
            {project: before.project} if before.project else {},
            {project: after.project},
        ),
        ("environment", before.environments, after.environments),
        ("segment", before.segments, after.segments),
        ("flag", before.flags, after.flags),
    )
    return [
        Change(kind, key, old.get(key), one)
        for kind, old, new in pairs
        for key, one in sorted(new.items())
        if key not in old or _encode(one) != _encode(old[key])
    ]


def name_of(changes: Iterable[Change]) -> str:
    """Return the name of a plan: a hash of all that it changes, from what and to what."""
    told = [(one.kind, one.key, one.before, one.after) for one in changes]
    return hashlib.sha256(_encode(told)).hexdigest()[:32]
