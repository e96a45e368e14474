"""What was found, in words: pure functions from parts of an explanation to a line of text."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from pennon.evaluation.explain_steps import Bucket, ClauseNode, Missing, Served

_LONGEST = 60


class Line(NamedTuple):
    """A line of a tree: how deep, its mark, its words, and a remark that stands behind them."""

    depth: int
    mark: str
    words: str
    note: str = ""


def mark_of(holds: bool | None) -> str:
    """Return the mark of what held, did not, or could not be resolved."""
    return "!" if holds is None else "✓" if holds else "✗"


def json_text(value: Any, longest: int | None = None) -> str:
    """Return *value* as a line of JSON, cut to *longest* characters."""
    text = msgspec.json.encode(value).decode()
    return text if longest is None or len(text) <= longest else text[: longest - 1] + "…"


def found_phrase(node: ClauseNode) -> str:
    """Return ``it is "DE"``, or what the context lacks."""
    if node.missing is not None:
        # The rule that surprises: "country is not US" says nothing of an unknown country.
        neither = ", so neither this nor its opposite holds" if node.clause.negate else ""
        return missing_phrase(node.missing, node.clause.kind) + neither
    found = f"it is {json_text(node.found, _LONGEST)}"
    if node.unfit is not None:
        return f"{found}, {node.unfit}"
    if len(node.clause.values) > 1 and node.matched and node.matched != (node.found,):
        found += f", as {json_text(node.matched[0], _LONGEST)} says"
    return found


def missing_phrase(missing: Missing, kind: str) -> str:
    """Return ``the context has no organization``, or ``it is not set``."""
    return f"the context has no {kind}" if missing == "kind" else "it is not set"


def key_phrase(kind: str, key: Any, missing: Missing | None) -> str:
    """Return ``the user is "ada"``, or what the context lacks."""
    if missing == "kind":
        return missing_phrase(missing, kind)
    return f"the {kind} has no key" if missing else f"the {kind} is {json_text(key, _LONGEST)}"


def bucket_phrase(bucket: Bucket) -> str:
    """Return ``"ada" is at 34.561 %``, or why it counts as 0 %."""
    if bucket.missing is not None:
        subject = "it" if bucket.missing == "kind" else bucket.by
        what = missing_phrase(bucket.missing, bucket.kind).replace("it is", f"{subject} is")
        return f"{what}, which counts as 0 %"
    value = json_text(bucket.value, _LONGEST)
    if bucket.text is None:
        return f"{value} cannot be hashed, which counts as 0 %"
    return f"{value} is at {percent(bucket.at)}"


def range_phrase(bucket: Bucket) -> str:
    """Return ``20 % to 50 %``."""
    return f"{percent(bucket.low)} to {percent(bucket.high)}"


def percent(fraction: float) -> str:
    """Return ``34.561 %``."""
    return f"{round(100 * fraction, 3):g} %"


def experiment_phrase(served: Served) -> str:
    """Return whether the answer counts in its experiment; nothing where there is none."""
    if served.split is None or served.split.experiment is None:
        return ""
    return f"; {'' if served.in_experiment else 'not '}counted in the experiment"
