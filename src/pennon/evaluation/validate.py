"""
What is wrong with a flag or segment before it is written: every fault, each with its path.

Evaluation survives all of these; the admin API refuses them, so that an admin hears of a mistake
when it is made. Both functions expect what has been decoded already: JSON of the wrong shape is
a fault of its own, found by the codec.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from pennon.errors import Fault
from pennon.evaluation.attributes import parse_reference
from pennon.evaluation.numbers import MAX_SAFE_INTEGER
from pennon.evaluation.references import (
    missing_prerequisites,
    missing_segments,
    prerequisite_cycle,
    segment_cycle,
)
from pennon.evaluation.validate_conditions import faults_of_conditions
from pennon.evaluation.validate_values import faults_of_value
from pennon.model.context import KIND
from pennon.model.flag import TOTAL_WEIGHT, Flag, Serve
from pennon.model.segment import Members, Segment

__all__ = [
    "faults_of_flag",
    "faults_of_segment",
    "missing_prerequisites",
    "missing_segments",
    "prerequisite_cycle",
    "segment_cycle",
]

MAX_VARIATIONS_BYTES: Final = 256 * 1024
MAX_VARIATIONS: Final = 200
MAX_RULES: Final = 500
MAX_REQUIRES: Final = 50
MAX_KEYS: Final = 50_000
"""The most keys in one list; a longer one is a segment, or an external segment."""
MAX_KEY_LENGTH: Final = 1024


def faults_of_flag(flag: Flag, path: str = "$") -> list[Fault]:
    """Return every fault of *flag*; *path* is where it stood."""
    return list(_flag(flag, path))


def faults_of_segment(segment: Segment, path: str = "$") -> list[Fault]:
    """Return every fault of *segment*; *path* is where it stood."""
    return list(_segment(segment, path))


def _flag(flag: Flag, path: str) -> Iterable[Fault]:
    names = frozenset(variation.name for variation in flag.variations)
    yield from _variations(flag, f"{path}.variations")
    if flag.off is not None:
        yield from _known(flag.off, names, f"{path}.off")
    yield from _at_most(MAX_REQUIRES, len(flag.requires), "prerequisites", f"{path}.requires")
    for index, required in enumerate(flag.requires):
        if not required.is_:
            yield Fault(f"{path}.requires[{index}].is", "expected at least one variation")
    for index, target in enumerate(flag.targets):
        at = f"{path}.targets[{index}]"
        yield from _known(target.variation, names, f"{at}.variation")
        yield from _kind(target.kind, f"{at}.kind")
        yield from _keys(target.keys, f"{at}.keys")
    yield from _ids([rule.id for rule in flag.rules], f"{path}.rules")
    for index, rule in enumerate(flag.rules):
        yield from faults_of_conditions(rule.when, f"{path}.rules[{index}].when")
        yield from _serve(rule.serve, names, f"{path}.rules[{index}].serve")
    yield from _serve(flag.default, names, f"{path}.default")


def _variations(flag: Flag, path: str) -> Iterable[Fault]:
    if not flag.variations:
        yield Fault(path, "expected at least one variation")
    yield from _at_most(MAX_VARIATIONS, len(flag.variations), "variations", path)
    seen: dict[str, int] = {}
    for index, variation in enumerate(flag.variations):
        at = f"{path}[{index}]"
        first = seen.setdefault(variation.name, index)
        if not variation.name:
            yield Fault(f"{at}.name", "expected a name that is not empty")
        elif first != index:
            yield Fault(f"{at}.name", f"expected a name of its own, got that of {path}[{first}]")
        yield from faults_of_value(variation.value, flag.type, f"{at}.value")
    try:
        size = len(msgspec.json.encode(flag.variations))
    except (TypeError, ValueError, RecursionError):
        yield Fault(path, "expected values that can be written as JSON")
        return
    if size > MAX_VARIATIONS_BYTES:
        yield Fault(path, f"expected at most {MAX_VARIATIONS_BYTES} bytes of JSON, got {size}")


def _ids(ids: list[str], path: str) -> Iterable[Fault]:
    yield from _at_most(MAX_RULES, len(ids), "rules", path)
    seen: dict[str, int] = {}
    for index, id in enumerate(ids):
        first = seen.setdefault(id, index)
        if not id:
            yield Fault(f"{path}[{index}].id", "expected an id that is not empty")
        elif first != index:
            yield Fault(
                f"{path}[{index}].id", f"expected an id of its own, got that of {path}[{first}]"
            )


def _serve(serve: Serve, names: frozenset[str], path: str) -> Iterable[Fault]:
    if (serve.variation is None) is (serve.split is None):
        yield Fault(path, "expected exactly one of `variation` and `split`")
    if serve.variation is not None:
        yield from _known(serve.variation, names, f"{path}.variation")
    if serve.split is not None:
        yield from _split(serve, names, path)
    elif serve.experiment is not None:
        yield Fault(f"{path}.experiment", "expected a split for an experiment")


def _split(serve: Serve, names: frozenset[str], path: str) -> Iterable[Fault]:
    entries = serve.split or ()
    for index, entry in enumerate(entries):
        at = f"{path}.split[{index}]"
        yield from _known(entry.variation, names, f"{at}.variation")
        yield from _weight(entry.weight, f"{at}.weight")
    total = sum(entry.weight for entry in entries)
    if total != TOTAL_WEIGHT:
        yield Fault(f"{path}.split", f"expected weights that sum to {TOTAL_WEIGHT}, got {total}")
    yield from _reference(serve.by, f"{path}.by")
    yield from _kind(serve.kind, f"{path}.kind")
    if serve.seed is not None and not 0 < abs(serve.seed) <= MAX_SAFE_INTEGER:
        yield Fault(
            f"{path}.seed", "expected an integer other than 0 from -(2**53 - 1) to 2**53 - 1"
        )
    if serve.experiment == "":
        yield Fault(f"{path}.experiment", "expected the key of an experiment")


def _segment(segment: Segment, path: str) -> Iterable[Fault]:
    yield from _members(segment.include, f"{path}.include")
    yield from _members(segment.exclude, f"{path}.exclude")
    yield from _ids([rule.id for rule in segment.rules], f"{path}.rules")
    for index, rule in enumerate(segment.rules):
        at = f"{path}.rules[{index}]"
        yield from faults_of_conditions(rule.when, f"{at}.when")
        if rule.weight is not None:
            yield from _weight(rule.weight, f"{at}.weight")
        yield from _reference(rule.by, f"{at}.by")
        yield from _kind(rule.kind, f"{at}.kind")
    if segment.external is not None:
        yield from _kind(segment.external.kind, f"{path}.external.kind")
        if segment.include or segment.exclude:
            yield Fault(f"{path}.external", "expected no lists beside external members")


def _members(members: tuple[Members, ...], path: str) -> Iterable[Fault]:
    for index, entry in enumerate(members):
        yield from _kind(entry.kind, f"{path}[{index}].kind")
        yield from _keys(entry.keys, f"{path}[{index}].keys")


def _keys(keys: tuple[str, ...], path: str) -> Iterable[Fault]:
    yield from _at_most(MAX_KEYS, len(keys), "keys", path)
    for index, key in enumerate(keys):
        if not 0 < len(key) <= MAX_KEY_LENGTH:
            yield Fault(f"{path}[{index}]", f"expected 1 to {MAX_KEY_LENGTH} characters")


def _known(name: str, names: frozenset[str], path: str) -> Iterable[Fault]:
    if name not in names:
        yield Fault(path, f"expected one of {_listed(names)}, got {name!r}")


def _kind(kind: str, path: str) -> Iterable[Fault]:
    if kind in ("kind", "multi") or not KIND.fullmatch(kind):
        yield Fault(path, "expected a kind of letters, digits, '.', '_' or '-'")


def _weight(weight: int, path: str) -> Iterable[Fault]:
    if not 0 <= weight <= TOTAL_WEIGHT:
        yield Fault(path, f"expected a weight from 0 to {TOTAL_WEIGHT}, got {weight}")


def _reference(reference: str, path: str) -> Iterable[Fault]:
    if parse_reference(reference) is None:
        yield Fault(path, "expected an attribute's name, or a path such as '/address/city'")


def _at_most(limit: int, got: int, what: str, path: str) -> Iterable[Fault]:
    if got > limit:
        yield Fault(path, f"expected at most {limit} {what}, got {got}")


def _listed(names: Mapping[str, object] | frozenset[str]) -> str:
    shown = sorted(names)[:10]
    more = "" if len(names) <= 10 else f" and {len(names) - 10} more"
    return (", ".join(repr(name) for name in shown) or "no variations") + more
