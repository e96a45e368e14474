"""A quick run of the fuzz with a fixed seed, and proof that it would find what is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.fuzz import sdk, typescript
from tests.fuzz.__main__ import main
from tests.fuzz.comparison import disagreements
from tests.fuzz.evaluators import Evaluator, Explained, Interpreted, OursInPython
from tests.fuzz.mutants import CHANGES, Mutant
from tests.fuzz.round_trip import RoundTrip
from tests.fuzz.run import Tally, a_case, conformance_case, fuzz, shrink
from tests.fuzz.sdk import Sdk
from tests.fuzz.typescript import OursInTypeScript

SEED = 20_261_122
PAIRS = 4_000


@pytest.fixture(scope="module")
def typescript_evaluator() -> Iterator[Evaluator]:
    """Return our evaluator in TypeScript, for as long as the module runs."""
    if missing := typescript.missing():
        pytest.skip(missing)
    with OursInTypeScript() as evaluator:
        yield evaluator


@pytest.fixture
def sdk_evaluator() -> Evaluator:
    """Return the official SDK's evaluator."""
    if missing := sdk.missing():
        pytest.skip(missing)
    return Sdk()


def _run(*others: Evaluator) -> Tally:
    return fuzz([OursInPython(), *others], SEED, lambda tally: tally.pairs < PAIRS)


class TestAgreement:
    def test_python_and_typescript(self, typescript_evaluator: Evaluator) -> None:
        """Both languages give the same detail, to its last member."""

        assert _run(typescript_evaluator).found == []

    @pytest.mark.parametrize("other", [Interpreted(), Explained()], ids=lambda it: it.name)
    def test_all_that_evaluates_in_python(self, other: Evaluator) -> None:
        """Generated functions, the interpreter and explanations give the same detail."""

        assert _run(other).found == []

    def test_python_and_the_sdk(self, sdk_evaluator: Evaluator) -> None:
        """An SDK that is given the exported flags serves everybody what we serve."""

        assert _run(sdk_evaluator).found == []

    def test_there_and_back(self) -> None:
        """What is exported and imported again serves everybody what it did."""

        assert _run(RoundTrip()).found == []


class TestGeneration:
    def test_a_seed_repeats_its_cases(self) -> None:
        """A case is known by its seed and number alone."""

        assert a_case(3, 14) == a_case(3, 14)
        assert a_case(3, 14) != a_case(3, 15)

    def test_every_reason_and_error_occurs(self) -> None:
        """Comparing what never happens would prove nothing."""
        seen = set()
        for number in range(60):
            environment, questions = a_case(SEED, number)
            for answer in OursInPython().answers(environment, questions):
                assert answer is not None
                seen.add(answer.get("errorCode") or answer["reason"])
                seen.update(name for name in ("split", "inExperiment") if answer.get(name))

        assert seen >= {
            "OFF",
            "PREREQUISITE_FAILED",
            "TARGET_MATCH",
            "RULE_MATCH",
            "FALLTHROUGH",
            "FLAG_NOT_FOUND",
            "PARSE_ERROR",
            "TARGETING_KEY_MISSING",
            "INVALID_CONTEXT",
            "split",
            "inExperiment",
        }

    def test_chains_end_on_both_sides_of_their_limits(self) -> None:
        """Among chains near the limits some are in error, and not all."""
        seen = Counter(
            answer["reason"]
            for environment, questions in (a_case(SEED, 16 * number) for number in range(4))
            for answer in OursInPython().answers(environment, questions)
            if answer is not None and environment.near_limits
        )

        assert min(seen["ERROR"], seen["PREREQUISITE_FAILED"], seen["FALLTHROUGH"]) > 10

    def test_the_sdk_is_asked_most_of_the_time(self, sdk_evaluator: Evaluator) -> None:
        """Refusals and guards leave out less than a third of what is not made to be ours alone."""
        asked = left_out = 0
        for number in range(60):
            environment, questions = a_case(SEED, number)
            if environment.near_limits:
                continue
            for answer in sdk_evaluator.answers(environment, questions):
                asked += answer is not None
                left_out += answer is None

        assert asked > 2 * left_out


class TestMutants:
    @pytest.mark.parametrize("name", CHANGES)
    def test_a_wrong_rule_is_found(self, name: str) -> None:
        """Each rule of evaluation that is got wrong shows within a few thousand pairs."""
        mutant = Mutant(name, OursInPython(), CHANGES[name])

        assert fuzz(
            [OursInPython(), mutant],
            SEED,
            lambda tally: not tally.found and tally.pairs < 20_000,
        ).found

    @pytest.mark.parametrize("name", ["no seed", "before is after"])
    def test_the_sdk_finds_it_too(self, name: str, sdk_evaluator: Evaluator) -> None:
        """The SDK is a judge of its own, not an echo of ours."""
        mutant = Mutant(name, OursInPython(), CHANGES[name])

        assert fuzz(
            [mutant, sdk_evaluator], SEED, lambda tally: not tally.found and tally.pairs < 20_000
        ).found


class TestShrinking:
    def test_a_found_case_becomes_small(self) -> None:
        """One flag with hardly a rule is left of it, and still shows the fault."""
        mutant = Mutant("before", OursInPython(), CHANGES["before is after"])
        evaluators: list[Evaluator] = [OursInPython(), mutant]
        found = fuzz(evaluators, SEED, lambda tally: not tally.found).found[0]
        small = shrink(found, evaluators)

        assert len(small.environment.flags) == 1
        assert disagreements(evaluators, small.environment, [small.question])
        [flag] = conformance_case(small)["flags"].values()
        assert len(flag["rules"]) <= 2


class TestCommand:
    def test_it_says_what_it_compared(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Seed, pairs and disagreements; its exit code is 0 where there are none."""

        assert main(["--seed", "7", "--count", "50", "--without-sdk"]) == 0
        assert "seed 7: " in capsys.readouterr().out
