"""`eppo-server-sdk`: it takes whole configurations only, so any change is one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import eppo_client

from benchmarks.evaluate.engines import eppo
from benchmarks.scale.flags import ATTRIBUTES, KEY, Clause, Shape


class Loaded:
    """A client and the attributes that ask."""

    def __init__(self, data: bytes) -> None:
        self._client = eppo.client(data)
        self._attributes = dict(ATTRIBUTES)

    def ask(self, key: str) -> object:
        return self._client.get_boolean_assignment(key, KEY, self._attributes, False)

    def change(self, data: bytes) -> None:
        self._client.set_configuration(eppo_client.Configuration(flags_configuration=data))


load = Loaded


def encode(shapes: Sequence[Shape]) -> bytes:
    return eppo.configuration({shape.key: _flag(shape) for shape in shapes})


def encode_change(shapes: Sequence[Shape], index: int) -> bytes:
    changed = list(shapes)
    changed[index] = replace(shapes[index], enabled=True)
    return encode(changed)


def _flag(shape: Shape) -> dict[str, Any]:
    rules = [{"conditions": [_condition(clause) for clause in rule]} for rule in shape.rules]
    matching = [eppo.allocation("rules", rules, [eppo.split("on")])] if rules else []
    default = eppo.allocation("default", [], _splits(shape.share))
    return eppo.flag(shape.key, [*matching, default], enabled=shape.enabled)


def _condition(clause: Clause) -> dict[str, Any]:
    # The key of the one who asks is the attribute `id` here.
    attribute = "id" if clause.attribute == "key" else clause.attribute
    if clause.above is not None:
        return {"attribute": attribute, "operator": "GT", "value": clause.above}
    return {"attribute": attribute, "operator": "ONE_OF", "value": clause.values}


def _splits(share: int) -> list[dict[str, Any]]:
    if share in (0, 100):
        return [eppo.split("on" if share else "off")]
    edge = eppo.SHARDS * share // 100
    return [eppo.split("on", 0, edge), eppo.split("off", edge, eppo.SHARDS)]
