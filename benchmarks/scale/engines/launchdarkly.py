"""`launchdarkly-server-sdk`: its store in memory, filled and patched as its stream does."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ldclient import Context
from ldclient.feature_store import InMemoryFeatureStore
from ldclient.versioned_data_kind import FEATURES

from benchmarks.evaluate.engines import launchdarkly
from benchmarks.scale.flags import ATTRIBUTES, KEY, Clause, Shape


class Loaded:
    """A client and the context that asks."""

    def __init__(self, data: bytes) -> None:
        self._store = InMemoryFeatureStore()  # type: ignore[no-untyped-call]  # it has no types
        self._client = launchdarkly.client(json.loads(data), self._store)
        builder = Context.builder(KEY)
        for name, value in ATTRIBUTES.items():
            builder.set(name, value)
        self._context = builder.build()

    def ask(self, key: str) -> object:
        return self._client.variation(key, self._context, None)

    def change(self, data: bytes) -> None:
        self._store.upsert(FEATURES, json.loads(data)["data"])  # type: ignore[no-untyped-call]


load = Loaded


def encode(shapes: Sequence[Shape]) -> bytes:
    flags = {shape.key: _flag(shape, 1) for shape in shapes}
    return json.dumps({"flags": flags, "segments": {}}).encode()


def encode_change(shapes: Sequence[Shape], index: int) -> bytes:
    shape = replace(shapes[index], enabled=True)
    return json.dumps({"path": f"/flags/{shape.key}", "data": _flag(shape, 2)}).encode()


def _flag(shape: Shape, version: int) -> dict[str, Any]:
    return launchdarkly.flag(
        shape.key,
        version=version,
        on=shape.enabled,
        rules=[
            {"id": f"r{index}", "clauses": [_clause(clause) for clause in rule], "variation": 0}
            for index, rule in enumerate(shape.rules)
        ],
        fallthrough=_serve(shape.share),
    )


def _clause(clause: Clause) -> dict[str, Any]:
    above = clause.above
    return {
        "attribute": clause.attribute,
        "op": "in" if above is None else "greaterThan",
        "values": clause.values if above is None else [above],
        "negate": False,
    }


def _serve(share: int) -> dict[str, Any]:
    if share in (0, 100):
        return {"variation": 0 if share else 1}
    weights = (share * 1000, (100 - share) * 1000)
    entries = [{"variation": index, "weight": weight} for index, weight in enumerate(weights)]
    return {"rollout": {"variations": entries}}
