"""
The other model, as its SDKs read it: flags and segments in JSON.

Variations are indices, clauses are ANDed and know no `or`, weights are out of 100,000.
Every array and boolean is written even when empty or false, because some SDKs insist on it;
only an optional scalar is left out (UNSET). Where one is read, null stands for absent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET, Struct, UnsetType

from pennon.errors import BadInput
from pennon.model.codec import fault_of

Json = dict[str, Any]
T = TypeVar("T", bound=Struct)
V = TypeVar("V")


class Theirs(Struct, frozen=True, rename="camel", kw_only=True, gc=False):
    """The base: camelCase, unknown fields ignored."""


class Clause(Theirs, frozen=True, kw_only=True):
    """One test. `attribute` is empty for `segmentMatch`, but must be there."""

    attribute: str
    op: str
    values: tuple[Any, ...] = ()
    negate: bool = False
    context_kind: str | UnsetType | None = UNSET


class WeightedVariation(Theirs, frozen=True, kw_only=True):
    """A share of a rollout."""

    variation: int
    weight: int
    untracked: bool = False


class Rollout(Theirs, frozen=True, kw_only=True):
    """A split; an ``"experiment"`` always buckets by key."""

    variations: tuple[WeightedVariation, ...] = ()
    kind: str = "rollout"
    context_kind: str | UnsetType | None = UNSET
    bucket_by: str | UnsetType | None = UNSET
    seed: int | UnsetType | None = UNSET


class Serve(Theirs, frozen=True, kw_only=True):
    """A variation or a rollout; with both the variation wins, with neither it is malformed."""

    variation: int | UnsetType | None = UNSET
    rollout: Rollout | UnsetType | None = UNSET


class Rule(Serve, frozen=True, kw_only=True):
    """Clauses, all of which must match, and what is served then."""

    id: str = ""
    clauses: tuple[Clause, ...] = ()
    track_events: bool = False


class Target(Theirs, frozen=True, kw_only=True):
    """Keys of one kind; a user entry of `contextTargets` points into `targets`."""

    variation: int
    values: tuple[str, ...] = ()
    context_kind: str | UnsetType | None = UNSET


class Prerequisite(Theirs, frozen=True, kw_only=True):
    """Another flag, and the index that it must serve."""

    key: str
    variation: int


class Availability(Theirs, frozen=True, kw_only=True):
    """Which client-side SDKs may see the flag."""

    using_mobile_key: bool = False
    using_environment_id: bool = False


class Flag(Theirs, frozen=True, kw_only=True):
    """A flag."""

    key: str
    version: int
    deleted: bool = False
    on: bool = False
    variations: tuple[Any, ...] = ()
    off_variation: int | UnsetType | None = UNSET
    fallthrough: Serve = Serve()
    prerequisites: tuple[Prerequisite, ...] = ()
    targets: tuple[Target, ...] = ()
    context_targets: tuple[Target, ...] = ()
    rules: tuple[Rule, ...] = ()
    salt: str = ""
    track_events: bool = False
    track_events_fallthrough: bool = False
    client_side: bool = False
    client_side_availability: Availability | UnsetType | None = UNSET


class Members(Theirs, frozen=True, kw_only=True):
    """Keys of one kind in a segment."""

    values: tuple[str, ...] = ()
    context_kind: str | UnsetType | None = UNSET


class SegmentRule(Theirs, frozen=True, kw_only=True):
    """Clauses, all of which must match, and an optional share of those who match."""

    id: str = ""
    clauses: tuple[Clause, ...] = ()
    weight: int | UnsetType | None = UNSET
    bucket_by: str | UnsetType | None = UNSET
    rollout_context_kind: str | UnsetType | None = UNSET


class Segment(Theirs, frozen=True, kw_only=True):
    """A segment; an `unbounded` one keeps its members in the customer's own store."""

    key: str
    version: int
    deleted: bool = False
    included: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    included_contexts: tuple[Members, ...] = ()
    excluded_contexts: tuple[Members, ...] = ()
    rules: tuple[SegmentRule, ...] = ()
    salt: str = ""
    unbounded: bool = False


def given(value: V | UnsetType | None) -> V | None:
    """Return an optional field's value; null and absent are both None."""
    return None if isinstance(value, UnsetType) else value


def to_json(item: Flag | Segment) -> Json:
    """Return *item* as JSON: dicts and lists."""
    return msgspec.json.decode(msgspec.json.encode(item), type=Json)


def from_json(data: Mapping[str, Any], type: type[T]) -> T:
    """Read *data*. Raises BadInput with the path of the first fault."""
    try:
        return msgspec.convert(data, type)
    except msgspec.ValidationError as error:
        raise BadInput([fault_of(error, type)]) from None
