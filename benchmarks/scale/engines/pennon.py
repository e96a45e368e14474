"""Pennon: a datafile, then deltas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import msgspec

from benchmarks.evaluate.engines import pennon
from benchmarks.scale.flags import ATTRIBUTES, KEY, Clause, Shape
from pennon.evaluation.evaluate import evaluate
from pennon.evaluation.ruleset import Ruleset
from pennon.model.codec import decode_change, make_change
from pennon.model.context import Context
from pennon.model.position import Position

_POSITION = Position("1763812800000-9f3a01c2", 2)


class Loaded:
    """A ruleset and the context that asks."""

    def __init__(self, data: bytes) -> None:
        self._ruleset = Ruleset.from_datafile(data)
        self._context = Context({"user": {"key": KEY, **ATTRIBUTES}})

    def ask(self, key: str) -> object:
        return evaluate(self._ruleset, key, self._context).value

    def change(self, data: bytes) -> None:
        change = decode_change("flag_update", data)
        self._ruleset.set_flag(change.key, change.item, change.position.version)


load = Loaded


def encode(shapes: Sequence[Shape]) -> bytes:
    return msgspec.json.encode({"flags": {shape.key: _flag(shape, 1) for shape in shapes}})


def encode_change(shapes: Sequence[Shape], index: int) -> bytes:
    shape = replace(shapes[index], enabled=True)
    item = msgspec.json.encode(_flag(shape, 2))
    return make_change("shop/production", _POSITION, "flag", shape.key, item, 0).data


def _flag(shape: Shape, version: int) -> dict[str, Any]:
    return pennon.flag(
        shape.key,
        version=version,
        enabled=shape.enabled,
        rules=[
            {"id": f"r{index}", "when": [_clause(clause) for clause in rule], "serve": _serve(100)}
            for index, rule in enumerate(shape.rules)
        ],
        default=_serve(shape.share),
    )


def _clause(clause: Clause) -> dict[str, Any]:
    if clause.above is not None:
        return {"attribute": clause.attribute, "op": "greaterThan", "values": [clause.above]}
    return {"attribute": clause.attribute, "op": "in", "values": clause.values}


def _serve(share: int) -> dict[str, Any]:
    if share in (0, 100):
        return {"variation": "on" if share else "off"}
    weights = {"on": share * 1000, "off": (100 - share) * 1000}
    return {"split": [{"variation": name, "weight": weights[name]} for name in weights]}
