"""
Flags and segments of the other model as others may write them.

What we export is strict: every kind is named, weights add up, one segment a clause. Here the
rules are bent that their readers do not insist on, so that importing meets the rest.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any, Final

from tests.fuzz.chance import Chance
from tests.fuzz.environments import KEYS

Json = dict[str, Any]

_UNKNOWN: Final = ("between", "exists", "semVerGreaterThanOrEqual")
_OPTIONAL: Final = (
    "deleted",
    "negate",
    "untracked",
    "trackEvents",
    "trackEventsFallthrough",
    "unbounded",
    "clientSide",
    "clientSideAvailability",
)


class Loosener:
    """Loosens items that may use *segments*."""

    def __init__(self, chance: Chance, segments: list[str]) -> None:
        self._chance = chance
        self._segments = segments

    def flag(self, flag: Json) -> Json:
        """Return *flag* with its targets in another form, and all else loosened."""
        loose: Json = self._everywhere(deepcopy(flag))
        if self._chance.happens(0.4):
            indices = range(max(len(flag["variations"]), 1))
            loose["targets"] = self._chance.some(0, 3, lambda: self._target(list(indices)))
            loose["contextTargets"] = self._chance.some(0, 3, lambda: self._target(list(indices)))
            for target in loose["contextTargets"]:
                if self._chance.happens(0.7):
                    target["contextKind"] = self._chance.one(("user", "organization", "device"))
        return loose

    def segment(self, segment: Json) -> Json:
        """Return *segment* loosened."""
        loose: Json = self._everywhere(deepcopy(segment))
        return loose

    def _target(self, indices: list[int]) -> Json:
        return {
            "variation": self._chance.one(indices),
            "values": self._chance.subset(KEYS, 0, 4),
        }

    def _everywhere(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._everywhere(part) for part in value]
        if not isinstance(value, dict):
            return value
        item = {name: self._everywhere(part) for name, part in value.items()}
        return self._loosened(item)

    def _loosened(self, item: Json) -> Json:
        chance = self._chance
        for kind in ("contextKind", "rolloutContextKind"):
            if item.get(kind) == "user" and chance.happens(0.5):
                item[kind] = None
                if chance.happens(0.5):
                    del item[kind]
        for name in _OPTIONAL:
            if item.get(name) is False and chance.happens(0.3):
                del item[name]
        if "op" in item:
            self._loosen_clause(item)
        if "rollout" in item:
            self._loosen_weights(item["rollout"]["variations"])
            if chance.happens(0.05):
                item["variation"] = 0
        return item

    def _loosen_clause(self, clause: Json) -> None:
        chance = self._chance
        if clause["op"] == "segmentMatch":
            if chance.happens(0.3):
                clause["values"] = chance.subset([*self._segments, "missing"], 0, 3)
        elif chance.happens(0.05):
            clause["op"] = chance.one(_UNKNOWN)

    def _loosen_weights(self, entries: list[Json]) -> None:
        # Never to 0: who lacks the kind would get a first entry without weight, there only.
        if self._chance.happens(0.4):
            for entry in entries:
                entry["weight"] = self._chance.one((1, 20_000, 50_000, 99_999, 150_000))
