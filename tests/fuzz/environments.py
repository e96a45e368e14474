"""Generated environments: flags and segments that use one another, as a datafile holds them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from tests.fuzz.chance import Chance
from tests.fuzz.conditions import Conditions, Json
from tests.fuzz.damage import damaged

KEYS: Final = ("ada", "bob", "Ada", "", "é", "42")
_SALTS: Final = ("salt", "", "0123456789abcdef0123456789abcdef", "sälz", "a.b")


@dataclass(frozen=True, slots=True)
class Environment:
    """
    The flags and segments of a datafile, as JSON.

    `memberships` answers for external segments: by segment, by context key, ``"in"``, ``"out"``
    or ``"unlisted"``. What it does not hold is unanswered. `near_limits` says that things chain
    about as deep as they may, which is a rule of ours alone.
    """

    flags: dict[str, Any]
    segments: dict[str, Any]
    memberships: dict[str, dict[str, str]] = field(default_factory=dict)
    near_limits: bool = False


def an_environment(chance: Chance) -> Environment:
    """Return some flags and segments; now and then one of them fits no schema."""
    segment_keys = [f"s{i}" for i in range(chance.number(0, 4))]
    flag_keys = [f"f{i}" for i in range(chance.number(2, 7))]
    segments = {
        key: _segment(chance, key, _known(chance, segment_keys, i))
        for i, key in enumerate(segment_keys)
    }
    flags: dict[str, Any] = {}
    for i, key in enumerate(flag_keys):
        flags[key] = _Flags(chance, segment_keys).flag(key, _known(chance, flag_keys, i))
    if chance.strays(0.15):
        victims = flags if chance.happens(0.7) or not segments else segments
        key = chance.one(list(victims))
        victims[key] = damaged(victims[key], chance)
    return Environment(flags, segments, _memberships(chance, segments))


def _memberships(chance: Chance, segments: dict[str, Any]) -> dict[str, dict[str, str]]:
    external = [key for key, segment in segments.items() if "external" in segment]
    return {
        segment: {
            key: chance.one(("in", "out", "unlisted")) for key in chance.subset(KEYS, 0, len(KEYS))
        }
        for segment in external
        if chance.happens(0.7)
    }


def _known(chance: Chance, keys: list[str], index: int) -> list[str]:
    """Return the keys that an item may use: those before it, and rarely any, for the cycles."""
    return keys if chance.strays(0.08) else keys[:index]


def _segment(chance: Chance, key: str, others: list[str]) -> Json:
    conditions = Conditions(chance, others)

    def members() -> Json:
        return {"kind": conditions.kind(), "keys": chance.subset(KEYS, 0, 3)}

    def rule() -> Json:
        made: Json = {"id": f"r{chance.number(0, 9)}", "when": conditions.when()}
        if chance.happens(0.4):
            made["weight"] = chance.one((0, 1, 20_000, 50_000, 99_999, 100_000))
            made["kind"] = conditions.kind()
        if chance.happens(0.2):
            made["by"] = conditions.reference()
        return made

    made: Json = {
        "key": key,
        "version": chance.number(0, 5),
        "salt": chance.one(_SALTS),
        "include": chance.some(0, 2, members),
        "exclude": chance.some(0, 2, members),
        "rules": chance.some(0, 3, rule),
    }
    if chance.strays(0.1):
        made["external"] = {"kind": conditions.kind()}
    return made


class _Flags:
    def __init__(self, chance: Chance, segments: list[str]) -> None:
        self._chance = chance
        self._conditions = Conditions(chance, segments)
        self._names: list[str] = []

    def flag(self, key: str, others: list[str]) -> Json:
        chance = self._chance
        values: list[Any] = chance.one(
            ([True, False], ["a", "b", "c"], [1, 2], [1.5, 2], [None, {"a": [1]}, "x", 0], ["only"])
        )
        self._names = [f"v{i}" for i in range(len(values))]
        variations = [
            {"name": name, "value": value} for name, value in zip(self._names, values, strict=True)
        ]
        if chance.happens(0.02):
            variations.append({"name": "v0", "value": "again"})
        return {
            "key": key,
            "type": "json",
            "version": chance.number(0, 9),
            "enabled": chance.happens(0.9),
            "variations": variations,
            "off": None if chance.happens(0.15) else self._name(),
            "requires": self._requires(others) if chance.happens(0.4) else [],
            "targets": chance.some(1, 5, self._target) if chance.happens(0.4) else [],
            "rules": [self._rule(i) for i in range(chance.number(0, 5))],
            "default": self._serve(),
            "salt": chance.one(_SALTS),
            **({"needs": ["gate"]} if chance.strays(0.03) else {}),
        }

    def _name(self) -> str:
        return "gone" if self._chance.happens(0.01) else self._chance.one(self._names)

    def _requires(self, others: list[str]) -> list[Json]:
        return self._chance.some(1, 2, lambda: self._required(others)) if others else []

    def _required(self, others: list[str]) -> Json:
        chance = self._chance
        flag = "missing" if chance.happens(0.02) else chance.one(others)
        names = chance.subset(("v0", "v1", "v2"), 2, 3) if chance.strays(0.2) else None
        return {"flag": flag, "is": names or [chance.one(("v0", "v0", "v1", "v1", "v2"))]}

    def _target(self) -> Json:
        keys = self._chance.subset(KEYS, 0, 4)
        return {"variation": self._name(), "kind": self._conditions.kind(), "keys": keys}

    def _rule(self, index: int) -> Json:
        return {"id": f"rule-{index}", "when": self._conditions.when(), "serve": self._serve()}

    def _serve(self) -> Json:
        chance = self._chance
        if chance.happens(0.01):
            return chance.one(({}, {"split": []}, {"variation": "v0", "split": []}))
        if chance.happens(0.6):
            return {"variation": self._name()}
        serve: Json = {"split": self._split()}
        if chance.happens(0.3):
            serve["by"] = self._conditions.reference()
        if chance.happens(0.3):
            serve["kind"] = self._conditions.kind()
        if chance.happens(0.3):
            serve["seed"] = chance.one((61, 1, -7, 2**53 - 1, 0 if chance.strays(0.3) else 5))
        if chance.happens(0.3):
            serve["experiment"] = "exp"
        return serve

    def _split(self) -> list[Json]:
        chance = self._chance
        weights = chance.one(
            (
                [50_000, 50_000],
                [100_000],
                [0, 100_000],
                [100_000, 0],
                [0, 33_333, 0, 66_667],
                [1, 99_998, 1],
                [20_000, 30_000, 50_000],
                [10_000, 20_000],
                [70_000, 70_000, 70_000],
                [0, 0],
                [5_000, 0],
            )
        )
        return [
            {
                "variation": self._name(),
                "weight": weight,
                **({"untracked": True} if chance.happens(0.2) else {}),
            }
            for weight in weights
        ]
