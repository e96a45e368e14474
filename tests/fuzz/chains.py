"""Generated environments with chains about as deep as they may be, and with circles."""

from __future__ import annotations

from typing import Any, Final

from tests.fuzz.chance import Chance
from tests.fuzz.conditions import Json
from tests.fuzz.environments import Environment

_PRO: Final[Json] = {"attribute": "plan", "op": "in", "values": ["pro"]}
_KEYS: Final = ("ada", "bob")


def a_chained_environment(chance: Chance) -> Environment:
    """Return a chain of segments and one of flags, each with short cuts, and rarely with cycles."""
    flags = _Chain(chance, "f")
    segments = _Chain(chance, "s")
    return Environment(
        {key: _flag(chance, key, flags, segments) for key in flags.keys},
        {key: _segment(chance, key, segments) for key in segments.keys},
        near_limits=True,
    )


class _Chain:
    """Keys in a row, each of which leads to the next, and now and then elsewhere."""

    def __init__(self, chance: Chance, letter: str) -> None:
        self._chance = chance
        self.keys = [f"{letter}{i}" for i in range(chance.number(30, 37))]
        self._jumps = chance.one((0.0, 0.1, 0.5))
        self._circles = chance.one((0.0, 0.0, 0.04, 0.2))

    def after(self, key: str) -> list[str]:
        """Return what *key* leads to; the end of the chain may lead to what is missing."""
        chance, place = self._chance, self.keys.index(key)
        further = self.keys[place + 1 : place + 2] or (["missing"] if chance.happens(0.3) else [])
        if chance.happens(self._jumps):
            further.append(chance.one(self.keys[place + 1 :] or ["missing"]))
        if chance.happens(self._circles):
            further.append(chance.one(self.keys))
        return chance.subset(further, len(further), len(further))


def _segment(chance: Chance, key: str, chain: _Chain) -> Json:
    def members() -> list[Json]:
        return [{"keys": [chance.one(_KEYS)]}] if chance.happens(0.03) else []

    def rule(used: str) -> Json:
        when = [_using(chance, used)]
        if chance.happens(0.05):
            when.insert(chance.number(0, 1), _PRO)
        weighs = chance.happens(0.1)
        return {"id": used, "when": when, **({"weight": 50_000} if weighs else {})}

    rules = [rule(used) for used in chain.after(key)]
    if chance.happens(0.05):
        rules.insert(0, {"id": "pro", "when": [_PRO]})
    return {"key": key, "salt": "", "include": members(), "exclude": members(), "rules": rules}


def _flag(chance: Chance, key: str, chain: _Chain, segments: _Chain) -> Json:
    def requiring(used: str) -> Json:
        return {"flag": used, "is": chance.one((["on"], ["off"], ["on", "off"], ["on", "off"]))}

    served = {"variation": chance.one(("on", "off"))}
    rules: list[Any] = []
    if chance.happens(0.15):
        near = segments.keys[: 6 if chance.happens(0.8) else None]
        whens = chance.some(1, 3, lambda: [_using(chance, chance.one(near))])
        rules = [{"id": str(i), "when": when, "serve": served} for i, when in enumerate(whens)]
    return {
        "key": key,
        "type": "boolean",
        "enabled": chance.happens(0.97),
        "variations": [{"name": "on", "value": True}, {"name": "off", "value": False}],
        "off": "off",
        "requires": [requiring(used) for used in chain.after(key)],
        "targets": [{"variation": "on", "keys": ["ada"]}] if chance.happens(0.1) else [],
        "rules": rules,
        "default": {"variation": chance.one(("on", "off"))},
        "salt": "",
    }


def _using(chance: Chance, segment: str) -> Json:
    condition: Json = {"segment": segment}
    match chance.number(0, 9):
        case 0:
            condition["negate"] = True
        case 1:
            condition = {"not": condition}
        case 2:
            condition = {"any": [_PRO, condition]}
        case 3:
            condition = {"all": [condition, {"not": _PRO}]}
    return condition
