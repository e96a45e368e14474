from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from pennon.evaluation.bucketing import choose, digest, threshold, thresholds
from pennon.evaluation.text import encode_text
from tests.conformance.cases import read

_CASES = read("bucketing.json")


def _first_60_bits(digest: bytes) -> int:
    return int.from_bytes(digest[:8], "big") >> 4


def _prefix(case: Mapping[str, Any]) -> bytes:
    return encode_text(case["prefix"] + ".")


@pytest.mark.parametrize("case", _CASES["hashes"], ids=lambda case: case["name"])
def test_a_value_hashes_as_the_case_says(case: Mapping[str, Any]) -> None:
    """The first 60 bits of the digest are n, and nothing is hashed that does not bucket."""
    hashed = digest(_prefix(case), case["value"])

    assert _first_60_bits(hashed) == int(case["n"])
    assert (hashed.hex()[:15] or None) == case["hex"]


@pytest.mark.parametrize("case", _CASES["thresholds"], ids=lambda case: str(case["weight"]))
def test_a_weight_has_its_threshold(case: Mapping[str, Any]) -> None:
    """The threshold's own n is the smallest that is not below it."""
    assert _first_60_bits(threshold(case["weight"])) == int(case["n"])


@pytest.mark.parametrize("case", _CASES["choices"], ids=lambda case: str(case["weights"])[:40])
def test_a_split_chooses_as_the_case_says(case: Mapping[str, Any]) -> None:
    """The chosen entry is the first whose threshold lies above."""
    hashed = digest(_prefix(case), case["value"])

    assert choose(thresholds(case["weights"]), hashed) == case["index"]
