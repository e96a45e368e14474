"""Why a split or a share chose as it did: the value, its bucket, the range it fell in."""

from __future__ import annotations

from itertools import accumulate
from typing import Final

from pennon.evaluation import plan
from pennon.evaluation.attributes import ABSENT, KEY, Reference, read
from pennon.evaluation.bucketing import BITS, bucket_text, choose, digest
from pennon.evaluation.entries import Kinds
from pennon.evaluation.explain_steps import Bucket, Missing, Served
from pennon.evaluation.explain_values import shown
from pennon.evaluation.interpret import split
from pennon.model.detail import Detail
from pennon.model.flag import TOTAL_WEIGHT, Serve
from pennon.model.segment import SegmentRule

_MOST: Final = 2**BITS - 1


def explain_serve(outcome: plan.Outcome, serve: Serve, kinds: Kinds) -> tuple[Detail, Served]:
    """Return the answer that *outcome* gives, and why; *serve* is what it was made of."""
    if isinstance(outcome, Detail):
        return outcome, Served(variation=outcome.variation, fault=outcome.error_message)
    detail = split(outcome, kinds)
    if detail is outcome.without_key:
        return detail, Served(split=serve, fault=detail.error_message)
    value = read(kinds.get(outcome.kind, ABSENT), outcome.reference)
    entry = choose(outcome.bounds, digest(outcome.prefix, value))
    low, high = _range(serve, entry)
    return detail, Served(
        variation=detail.variation,
        split=serve,
        # An experiment goes by the key whatever `by` says.
        bucket=_bucket(
            outcome, "key" if outcome.reference == KEY else serve.by, kinds, low=low, high=high
        ),
        entry=entry,
        in_experiment=detail.in_experiment,
        fault=detail.error_message,
    )


def explain_share(share: plan.Share, rule: SegmentRule, kinds: Kinds) -> Bucket:
    """Return where the context falls beside the share of a segment's rule."""
    return _bucket(share, rule.by, kinds, low=0.0, high=_fraction(rule.weight or 0))


def lacks(kinds: Kinds, kind: str, reference: Reference) -> Missing | None:
    """Return what is missing where *reference* of *kind* is read."""
    attributes = kinds.get(kind)
    if attributes is None:
        return "kind"
    return "attribute" if read(attributes, reference) is None else None


def _bucket(
    place: plan.Split | plan.Share, by: str, kinds: Kinds, *, low: float, high: float
) -> Bucket:
    value = read(kinds.get(place.kind, ABSENT), place.reference)
    text = bucket_text(value)
    n = int.from_bytes(digest(place.prefix, value)[:8], "big") >> (64 - BITS)
    return Bucket(
        kind=place.kind,
        by=by,
        value=shown(value),
        missing=lacks(kinds, place.kind, place.reference),
        text=None if text is None else shown(place.prefix.decode() + text),
        at=n / _MOST,
        low=low,
        high=high,
    )


def _range(serve: Serve, entry: int) -> tuple[float, float]:
    """Return where an entry begins and ends; what lies past the end is the last one's."""
    weights = accumulate(entry.weight for entry in serve.split or ())
    # A weight below zero takes nothing back.
    ends = [0.0, *accumulate(map(_fraction, weights), max)]
    return ends[entry], 1.0 if entry + 2 == len(ends) else ends[entry + 1]


def _fraction(weight: int) -> float:
    return min(max(weight, 0), TOTAL_WEIGHT) / TOTAL_WEIGHT
