"""What is imported serves everybody what the SDK serves that reads the original."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pennon.compat.launchdarkly import import_environment
from tests.fuzz import sdk
from tests.fuzz.chance import Chance
from tests.fuzz.comparison import agree
from tests.fuzz.conversion import export
from tests.fuzz.environments import Environment
from tests.fuzz.evaluators import Answer, OursInPython, Question
from tests.fuzz.guards import Diverges, for_sdk
from tests.fuzz.loosening import Loosener
from tests.fuzz.run import a_case
from tests.fuzz.sdk import SdkEvaluator

pytestmark = pytest.mark.skipif(sdk.missing() is not None, reason=str(sdk.missing()))


class TestImport:
    @given(seed=st.integers(0, 10**9))
    @settings(max_examples=60, deadline=None)
    def test_nobody_is_moved(self, seed: int) -> None:
        """Flags as others write them: kinds left out, weights that do not add up, and so on."""
        different = [
            (question, wanted, found)
            for question, wanted, found in _answers(seed)
            if not agree(wanted, found)
        ]

        assert different == []


def _answers(seed: int) -> Iterator[tuple[Question, Answer, Answer]]:
    """Yield questions with the SDK's answer and ours, where both can be asked."""
    environment, questions = a_case(seed, 0)
    exported = export(environment)
    if exported is None:
        return
    # Where a looser clause closes a cycle of segments, the import refuses it.
    loosener = Loosener(Chance(f"{seed}:loosened"), sorted(exported.segments))
    flags = {key: loosener.flag(flag) for key, flag in exported.flags.items()}
    segments = {key: loosener.segment(it) for key, it in exported.segments.items()}
    imported = import_environment(flags, segments)
    theirs = SdkEvaluator(flags, segments)
    ours = Environment(msgspec.to_builtins(imported.flags), msgspec.to_builtins(imported.segments))
    readable = [it for it in questions if it.flag in imported.flags and _is_readable(it)]
    for question, answer in zip(readable, OursInPython().answers(ours, readable), strict=True):
        assert answer is not None
        yield question, theirs.answer(question.flag, for_sdk(question.context)), answer


def _is_readable(question: Question) -> bool:
    try:
        for_sdk(question.context)
    except Diverges:
        return False
    return True
