from __future__ import annotations

from typing import Any

import pytest

from pennon.errors import Fault
from pennon.evaluation.validate import (
    faults_of_flag,
    faults_of_segment,
)
from pennon.model.flag import Serve, Variation
from pennon.model.segment import External
from tests.builders.flags import (
    a_clause,
    a_flag,
    a_rule,
    a_segment,
    a_segment_rule,
    a_target,
    in_segment,
    members,
    requiring,
    serving,
    splitting,
)


def paths(faults: list[Fault]) -> list[str]:
    return [fault.path for fault in faults]


def faults_of_value(type: str, value: Any) -> list[Fault]:
    variations = (Variation(name="on", value=value),)
    return faults_of_flag(a_flag(type=type, variations=variations, off=None, default=serving("on")))


class TestFlag:
    def test_an_ordinary_flag_has_no_faults(self) -> None:
        """What the builders make is right, and so is a flag with everything in it."""
        flag = a_flag(
            requires=(requiring("g"),),
            targets=(a_target("on", "ada"), a_target("off", "acme", kind="organization")),
            rules=(
                a_rule(a_clause("plan", "in", "pro"), in_segment(), id="r1"),
                a_rule(id="r2", serve=splitting(("on", 1), ("off", 99_999), seed=61)),
            ),
        )

        assert faults_of_flag(a_flag()) == []
        assert faults_of_flag(flag) == []

    def test_all_faults_are_found_at_once(self) -> None:
        """An admin hears of every mistake together, each with its path."""
        flag = a_flag(
            off="gone",
            targets=(a_target("gone", ""),),
            rules=(a_rule(a_clause("//", "nope", 1), serve="gone"),),
            default=Serve(),
        )

        assert paths(faults_of_flag(flag, "$.flag")) == [
            "$.flag.off",
            "$.flag.targets[0].variation",
            "$.flag.targets[0].keys[0]",
            "$.flag.rules[0].when[0].attribute",
            "$.flag.rules[0].when[0].op",
            "$.flag.rules[0].serve.variation",
            "$.flag.default",
        ]

    def test_a_fault_says_what_was_expected(self) -> None:
        """An unknown variation names those that there are."""
        (fault,) = faults_of_flag(a_flag(off="gone"))

        assert str(fault) == "$.off: expected one of 'off', 'on', got 'gone'"

    def test_names_of_variations_are_unique_and_not_empty(self) -> None:
        """The second of a name is the fault."""
        names = ("on", "off", "on", "")
        variations = tuple(Variation(name=name, value=True) for name in names)

        assert paths(faults_of_flag(a_flag(variations=variations))) == [
            "$.variations[2].name",
            "$.variations[3].name",
        ]

    def test_a_flag_has_a_variation(self) -> None:
        """Without one there is nothing to serve."""
        flag = a_flag(variations=(), off=None, default=serving("on"))

        assert "$.variations" in paths(faults_of_flag(flag))

    def test_variations_are_at_most_256_kib(self) -> None:
        """They travel to every edge."""
        (fault,) = faults_of_value("string", "x" * 262_144)

        assert fault.path == "$.variations"
        assert "262144 bytes" in fault.message

    def test_ids_of_rules_are_unique_and_not_empty(self) -> None:
        """They are what an answer and an experiment refer to."""
        rules = (a_rule(id="a"), a_rule(id=""), a_rule(id="a"))

        assert paths(faults_of_flag(a_flag(rules=rules))) == ["$.rules[1].id", "$.rules[2].id"]

    def test_a_prerequisite_lists_a_variation(self) -> None:
        """An empty list can never hold."""
        flag = a_flag(requires=(requiring("g"),))
        empty = a_flag(requires=(type(flag.requires[0])(flag="g", is_=()),))

        assert paths(faults_of_flag(empty)) == ["$.requires[0].is"]

    def test_a_kind_is_a_name(self) -> None:
        """`multi` and `kind` are taken, and a kind has no spaces."""
        targets = tuple(a_target("on", "x", kind=kind) for kind in ("multi", "kind", "a b", ""))

        assert paths(faults_of_flag(a_flag(targets=targets))) == [
            f"$.targets[{index}].kind" for index in range(4)
        ]

    def test_there_is_an_end_to_everything(self) -> None:
        """Sizes are bounded, so that one flag cannot fill an edge."""
        flag = a_flag(
            requires=tuple(requiring("g") for _ in range(51)),
            targets=(a_target("on", *map(str, range(50_001))),),
            rules=tuple(a_rule(id=str(index)) for index in range(501)),
        )

        assert paths(faults_of_flag(flag)) == ["$.requires", "$.targets[0].keys", "$.rules"]


class TestValues:
    @pytest.mark.parametrize(
        ("type", "value"),
        [
            ("boolean", True),
            ("string", ""),
            ("integer", 0),
            ("integer", -(2**53 - 1)),
            ("float", 1),
            ("float", 0.5),
            ("json", None),
            ("json", [1, {"a": 2**53 - 1}]),
        ],
    )
    def test_a_value_of_the_type_is_right(self, type: str, value: Any) -> None:
        """A float flag takes integers, a json flag anything."""
        assert faults_of_value(type, value) == []

    @pytest.mark.parametrize(
        ("type", "value"),
        [
            ("boolean", 1),
            ("boolean", "true"),
            ("boolean", None),
            ("string", 1),
            ("string", None),
            ("integer", True),
            ("integer", 1.0),
            ("integer", "1"),
            ("integer", 2**53),
            ("float", True),
            ("float", "1"),
            ("float", float("nan")),
            ("float", float("inf")),
            ("float", 2**53),
            ("json", 2**53),
        ],
    )
    def test_a_value_of_another_type_is_a_fault(self, type: str, value: Any) -> None:
        """Types are strict: a boolean is no number, 1.0 no integer."""
        assert paths(faults_of_value(type, value)) == ["$.variations[0].value"]

    def test_a_number_deep_in_json_has_its_path(self) -> None:
        """An integer that readers would round is found wherever it is."""
        value = {"a": [0, {"b": 2**53}], "c": -(2**53)}

        assert paths(faults_of_value("json", value)) == [
            "$.variations[0].value.a[1].b",
            "$.variations[0].value.c",
        ]


class TestServe:
    @pytest.mark.parametrize(
        "serve",
        [Serve(), Serve(variation="on", split=splitting(("on", 100_000)).split)],
        ids=["neither", "both"],
    )
    def test_exactly_one_form(self, serve: Serve) -> None:
        """One variation, or a split."""
        assert paths(faults_of_flag(a_flag(default=serve))) == ["$.default"]

    @pytest.mark.parametrize(
        ("weights", "total"), [((50_000, 49_999), 99_999), ((100_000, 1), 100_001), ((), 0)]
    )
    def test_weights_sum_to_everybody(self, weights: tuple[int, ...], total: int) -> None:
        """The fault says what they sum to."""
        serve = splitting(*(("on", weight) for weight in weights))
        (fault,) = faults_of_flag(a_flag(default=serve))

        assert fault.path == "$.default.split"
        assert f"got {total}" in fault.message

    def test_a_weight_lies_between_nobody_and_everybody(self) -> None:
        """A negative weight is a fault even where the sum is right."""
        serve = splitting(("on", 100_001), ("off", -1))

        assert paths(faults_of_flag(a_flag(default=serve))) == [
            "$.default.split[0].weight",
            "$.default.split[1].weight",
        ]

    @pytest.mark.parametrize(
        ("change", "path"),
        [
            ({"seed": 0}, "$.default.seed"),
            ({"seed": 2**53}, "$.default.seed"),
            ({"seed": -(2**53)}, "$.default.seed"),
            ({"by": "/a/"}, "$.default.by"),
            ({"by": ""}, "$.default.by"),
            ({"kind": "multi"}, "$.default.kind"),
            ({"experiment": ""}, "$.default.experiment"),
        ],
    )
    def test_what_a_split_is_by(self, change: dict[str, Any], path: str) -> None:
        """Seed, attribute, kind and experiment each have their rule."""
        serve = splitting(("on", 100_000), **change)

        assert paths(faults_of_flag(a_flag(default=serve))) == [path]

    def test_an_experiment_needs_a_split(self) -> None:
        """One variation for all is nothing to compare."""
        serve = Serve(variation="on", experiment="e")

        assert paths(faults_of_flag(a_flag(default=serve))) == ["$.default.experiment"]


class TestSegment:
    def test_an_ordinary_segment_has_no_faults(self) -> None:
        """Lists, rules and weights."""
        rules = (a_segment_rule(a_clause("a", "exists"), weight=50_000),)

        assert faults_of_segment(a_segment(include=(members("ada"),), rules=rules)) == []

    def test_all_faults_are_found_at_once(self) -> None:
        """Each with its path."""
        segment = a_segment(
            include=(members("", kind="multi"),),
            exclude=(members("x" * 1025),),
            rules=(
                a_segment_rule(a_clause("a", "nope"), weight=100_001),
                a_segment_rule(by="//", kind=""),
            ),
            external=External(kind="a b"),
        )

        assert paths(faults_of_segment(segment, "$.s")) == [
            "$.s.include[0].kind",
            "$.s.include[0].keys[0]",
            "$.s.exclude[0].keys[0]",
            "$.s.rules[1].id",
            "$.s.rules[0].when[0].op",
            "$.s.rules[0].weight",
            "$.s.rules[1].by",
            "$.s.rules[1].kind",
            "$.s.external.kind",
            "$.s.external",
        ]
