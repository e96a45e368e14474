"""What they serve, in our terms: a variation by name, or a split whose weights add up."""

from __future__ import annotations

from pennon.compat.launchdarkly import model as theirs
from pennon.compat.launchdarkly.names import DEFAULT_KIND, bucketed_by, checked_seed
from pennon.compat.launchdarkly.variations import Names
from pennon.compat.launchdarkly.weights import complete
from pennon.errors import Refused
from pennon.model.flag import Serve, WeightedVariation


def import_serve(serve: theirs.Serve, names: Names, experiment: str, path: str) -> Serve:
    """
    Return *serve* in our terms; *experiment* is the key that an experiment gets. Raises Refused.

    What is malformed to them (neither form, or a rollout of nothing) stays malformed to us.
    """
    variation, rollout = theirs.given(serve.variation), theirs.given(serve.rollout)
    if variation is not None:
        return Serve(variation=names[variation])
    if rollout is None:
        return Serve()
    seed, kind = theirs.given(rollout.seed), theirs.given(rollout.context_kind)
    is_experiment = rollout.kind == "experiment"
    by = None if is_experiment else theirs.given(rollout.bucket_by)
    return Serve(
        split=_entries(rollout.variations, names, f"{path}.rollout.variations"),
        by=bucketed_by(by, kind, f"{path}.rollout.bucketBy"),
        kind=kind or DEFAULT_KIND,
        seed=None if seed is None else checked_seed(seed, f"{path}.rollout.seed"),
        experiment=experiment if is_experiment else None,
    )


def _entries(
    entries: tuple[theirs.WeightedVariation, ...], names: Names, path: str
) -> tuple[WeightedVariation, ...]:
    for i, entry in enumerate(entries):
        if entry.weight < 0:
            raise Refused.at(f"{path}[{i}].weight", "expected a weight that is not negative")
    weights = complete([entry.weight for entry in entries])
    return tuple(
        WeightedVariation(
            variation=names[entry.variation], weight=weight, untracked=entry.untracked
        )
        for entry, weight in zip(entries, weights, strict=True)
    )
