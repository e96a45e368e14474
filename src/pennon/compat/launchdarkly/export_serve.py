"""What is served, in their terms: an index, or a rollout whose every entry has weight."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET, UnsetType

from pennon.compat.launchdarkly import model as theirs
from pennon.compat.launchdarkly.names import (
    checked_kind,
    checked_reference,
    checked_seed,
    not_the_kind,
)
from pennon.compat.launchdarkly.variations import Indices
from pennon.compat.launchdarkly.weights import complete
from pennon.errors import Refused
from pennon.evaluation.attributes import KEY
from pennon.model.flag import TOTAL_WEIGHT, Serve, WeightedVariation


def export_serve(serve: Serve, indices: Indices, path: str) -> dict[str, Any]:
    """
    Return the fields that say what is served. Raises Refused.

    What is malformed to us (neither form, or both, or an empty split) stays malformed to them.
    """
    if serve.variation is not None and serve.split is None:
        return {"variation": indices[serve.variation]}
    if serve.variation is not None or not serve.split:
        return {}
    is_experiment = serve.experiment is not None
    return {
        "rollout": theirs.Rollout(
            kind="experiment" if is_experiment else "rollout",
            context_kind=checked_kind(serve.kind, f"{path}.kind"),
            variations=_entries(serve.split, indices, f"{path}.split"),
            bucket_by=UNSET if is_experiment else bucket_by(serve.by, f"{path}.by"),
            seed=UNSET if serve.seed is None else checked_seed(serve.seed, f"{path}.seed"),
        )
    }


def bucket_by(by: str, path: str) -> str | UnsetType:
    """Return the attribute to bucket by; the key needs no saying. Raises Refused."""
    return UNSET if checked_reference(by, path) == KEY else not_the_kind(by, path)


def checked_weight(weight: int, path: str) -> int:
    """Return *weight* if their model has it. Raises Refused at *path*."""
    if not 0 <= weight <= TOTAL_WEIGHT:
        raise Refused.at(path, f"expected a weight from 0 to {TOTAL_WEIGHT}")
    return weight


def _entries(
    split: tuple[WeightedVariation, ...], indices: Indices, path: str
) -> tuple[theirs.WeightedVariation, ...]:
    weights = complete(
        [checked_weight(entry.weight, f"{path}[{i}].weight") for i, entry in enumerate(split)]
    )
    # Who lacks the kind gets the first entry, there whatever its weight, here if it has any.
    return tuple(
        theirs.WeightedVariation(
            variation=indices[entry.variation], weight=weight, untracked=entry.untracked
        )
        for entry, weight in zip(split, weights, strict=True)
        if weight > 0
    )
