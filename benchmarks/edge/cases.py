"""
What is measured: an environment, a context, and the flag that single evaluations ask for.

The flag has fifteen rules of two conditions, and the last one holds; the others are off, ruled,
split and on by turns. Peers are given the same shapes and build them in their own model.
"""

from __future__ import annotations

from hashlib import sha1
from typing import Any, Final

import msgspec
from msgspec import Struct

from pennon.model.access import AccessEnvironment, AccessKey, format_key, hash_key
from pennon.model.codec import digest_of, encode_item
from pennon.model.flag import Condition, Flag, Rule, Serve, Variation, WeightedVariation
from pennon.model.messages import ItemId, Snapshot
from pennon.model.position import ACCESS, Position

SHOP: Final = "shop/production"
RELAY_KEY: Final = format_key("relay", bytes(31) + b"\x01")
SERVER_KEY: Final = format_key("server", bytes(31) + b"\x02")

ASKED: Final = "asked"
FLAGS: Final = 100
"""How many flags a bulk answer tells of."""
CONTEXT: Final[dict[str, Any]] = {
    "targetingKey": "user-1234",
    "country": "fr",
    "plan": "pro",
    "age": 33,
    "device": "phone",
}
BODY: Final = msgspec.json.encode({"context": CONTEXT})

_POSITION: Final = Position("1763812800000-9f3a01c2", 1)
_MISSES: Final = tuple(
    (("country", (f"x{place}", "us")), ("plan", ("pro", "team"))) for place in range(14)
)
_HIT: Final = (("country", ("fr", "be")), ("plan", ("pro", "team")))

Conditions = tuple[tuple[str, tuple[str, ...]], ...]


class Shape(Struct, frozen=True):
    """A boolean flag. Who meets all conditions of a rule gets true, others by *share* percent."""

    key: str
    enabled: bool = True
    rules: tuple[Conditions, ...] = ()
    share: int = 0


def shapes(count: int = FLAGS) -> list[Shape]:
    """Return so many flags, the one that is asked for first."""
    fillers = (
        _filler(number, f"team-{number % 40}.feature-{number}") for number in range(1, count)
    )
    return [Shape(ASKED, rules=(*_MISSES, _HIT)), *fillers]


def shop(count: int = FLAGS) -> Snapshot:
    """Return the environment with *count* flags."""
    return _snapshot(
        SHOP, {("flag", shape.key): encode_item(_flag(shape)) for shape in shapes(count)}
    )


def access() -> Snapshot:
    """Return who may ask: a relay and a server key, both for the shop."""
    keys = [
        AccessKey(hash=hash_key(RELAY_KEY), kind="relay", environments=(SHOP,)),
        AccessKey(hash=hash_key(SERVER_KEY), kind="server", environments=(SHOP,)),
    ]
    items: dict[ItemId, bytes] = {("key", key.hash): encode_item(key) for key in keys}
    items["environment", SHOP] = encode_item(AccessEnvironment(key=SHOP))
    return _snapshot(ACCESS, items)


def _filler(number: int, key: str) -> Shape:
    match number % 4:
        case 0:
            return Shape(key, enabled=False, rules=_MISSES[:3])
        case 1:
            return Shape(key, rules=(*_MISSES[:2], _HIT))
        case 2:
            return Shape(key, share=50)
        case _:
            return Shape(key, share=100)


def _flag(shape: Shape) -> Flag:
    return Flag(
        key=shape.key,
        type="boolean",
        enabled=shape.enabled,
        variations=(Variation(name="off", value=False), Variation(name="on", value=True)),
        off="off",
        rules=tuple(
            Rule(
                id=f"r{place}",
                when=tuple(
                    Condition(attribute=attribute, op="in", values=values)
                    for attribute, values in rule
                ),
                serve=Serve(variation="on"),
            )
            for place, rule in enumerate(shape.rules)
        ),
        default=_default(shape.share),
        salt=sha1(shape.key.encode()).hexdigest()[:20],
    )


def _default(share: int) -> Serve:
    if share in (0, 100):
        return Serve(variation="on" if share else "off")
    weights = {"on": share * 1000, "off": (100 - share) * 1000}
    return Serve(
        split=tuple(WeightedVariation(variation=name, weight=weights[name]) for name in weights)
    )


def _snapshot(environment: str, items: dict[ItemId, bytes]) -> Snapshot:
    return Snapshot(
        environment=environment, position=_POSITION, digest=digest_of(items), items=items
    )
