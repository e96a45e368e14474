"""Whole flags in their terms."""

from __future__ import annotations

from typing import Any

import pytest

from pennon.model.flag import ClientSide, Prerequisite, Serve, Variation, WeightedVariation
from tests.builders.flags import (
    a_clause,
    a_flag,
    a_rule,
    a_target,
    requiring,
    serving,
    splitting,
)
from tests.builders.launchdarkly import Json, exported_flag, refusal


class TestForm:
    def test_every_array_is_written_even_when_empty(self) -> None:
        """Older SDKs are not tolerant; only optional scalars are left out."""

        assert exported_flag(a_flag(off=None)) == {
            "key": "f",
            "version": 1,
            "deleted": False,
            "on": True,
            "variations": [True, False],
            "fallthrough": {"variation": 1},
            "prerequisites": [],
            "targets": [],
            "contextTargets": [],
            "rules": [],
            "salt": "salt",
            "trackEvents": False,
            "trackEventsFallthrough": False,
            "clientSide": False,
            "clientSideAvailability": {"usingMobileKey": False, "usingEnvironmentId": False},
        }

    def test_visibility_is_told_in_both_ways(self) -> None:
        """The older member is for older readers."""
        flag = exported_flag(a_flag(client_side=ClientSide(web=True)))

        assert flag["clientSide"] is True
        assert flag["clientSideAvailability"] == {
            "usingMobileKey": False,
            "usingEnvironmentId": True,
        }

    def test_tracking_all_is_kept(self) -> None:
        """Experiments are tracked there by themselves."""

        assert exported_flag(a_flag(track="all"))["trackEvents"] is True

    def test_variations_become_indices(self) -> None:
        """Of two with one name only the first is ever served."""
        names = ("a", "b", "a")
        flag = a_flag(
            variations=tuple(Variation(name=name, value=name) for name in names),
            off="a",
            default=serving("b"),
        )
        found = exported_flag(flag)

        assert (found["offVariation"], found["fallthrough"]) == (0, {"variation": 1})

    def test_a_variation_that_does_not_exist_stays_one(self) -> None:
        """An index past the end is malformed there, in the same place."""

        assert exported_flag(a_flag(off="gone"))["offVariation"] == 2

    @pytest.mark.parametrize(
        "serve", [Serve(), Serve(split=()), Serve(variation="on", split=())], ids=str
    )
    def test_a_serve_of_no_form_stays_one(self, serve: Serve) -> None:
        """Neither a variation nor a rollout is malformed there, in the same place."""

        assert exported_flag(a_flag(default=serve))["fallthrough"] == {}

    def test_what_an_evaluator_must_have_is_refused(self) -> None:
        """They would ignore it."""

        assert refusal(a_flag(needs=("gate",))) == "$.needs: the flag needs gate"


class TestPrerequisites:
    def test_one_name_becomes_an_index_of_the_other_flag(self) -> None:
        """Names that the other flag lacks say nothing."""
        other = a_flag("other")
        flag = a_flag(requires=(requiring("other", "off", "off", "gone"),))

        assert exported_flag(flag, other)["prerequisites"] == [{"key": "other", "variation": 1}]

    def test_several_names_are_refused(self) -> None:
        """A prerequisite there names one variation."""
        flag = a_flag(requires=(requiring("other", "on", "off"),))

        assert refusal(flag, a_flag("other")).startswith("$.requires[0].is: ")

    @pytest.mark.parametrize(
        "required", [Prerequisite(flag="other", is_=()), requiring("other", "gone")]
    )
    def test_no_name_never_holds(self, required: Prerequisite) -> None:
        """The index that the other flag can never serve."""
        flag = a_flag(requires=(required,))

        assert exported_flag(flag, a_flag("other"))["prerequisites"][0]["variation"] == 2


class TestTargets:
    def test_users_alone_need_one_list(self) -> None:
        """In order; a key counts where it is first named."""
        flag = a_flag(targets=(a_target("on", "ada", "bob"), a_target("off", "bob", "cy", "cy")))
        found = exported_flag(flag)

        assert found["targets"] == [
            {"variation": 0, "values": ["ada", "bob"]},
            {"variation": 1, "values": ["cy"]},
        ]
        assert found["contextTargets"] == []

    def test_other_kinds_bring_the_second_list(self) -> None:
        """There an entry for users is empty and stands for the one in the first list."""
        flag = a_flag(targets=(a_target("off", "acme", kind="organization"), a_target("on", "ada")))
        found = exported_flag(flag)

        assert found["targets"] == [{"variation": 0, "values": ["ada"]}]
        assert found["contextTargets"] == [
            {"contextKind": "organization", "variation": 1, "values": ["acme"]},
            {"contextKind": "user", "variation": 0, "values": []},
        ]

    def test_one_entry_for_a_kind_and_variation(self) -> None:
        """Keys join the first one, which no key of another kind can notice."""
        flag = a_flag(
            targets=(
                a_target("on", "ada"),
                a_target("off", "bob"),
                a_target("on", "cy"),
                a_target("on", "acme", kind="organization"),
                a_target("on", "dee"),
            )
        )

        assert exported_flag(flag)["targets"] == [
            {"variation": 0, "values": ["ada", "cy", "dee"]},
            {"variation": 1, "values": ["bob"]},
        ]

    def test_overtaking_another_kind_is_refused(self) -> None:
        """A context of both kinds would get another variation."""
        flag = a_flag(
            targets=(
                a_target("on", "ada"),
                a_target("off", "acme", kind="organization"),
                a_target("on", "bob"),
            )
        )

        assert refusal(flag).startswith("$.targets[2]: ")


class TestSplits:
    def _rollout(self, serve: Serve) -> Json:
        rollout: Json = exported_flag(a_flag(default=serve))["fallthrough"]["rollout"]
        return rollout

    def test_the_kind_is_always_written(self) -> None:
        """So that what it buckets by is read as a path where it is one."""

        assert self._rollout(splitting(("on", 50_000), ("off", 50_000), by="/a/b", seed=61)) == {
            "kind": "rollout",
            "contextKind": "user",
            "bucketBy": "/a/b",
            "seed": 61,
            "variations": [
                {"variation": 0, "weight": 50_000, "untracked": False},
                {"variation": 1, "weight": 50_000, "untracked": False},
            ],
        }

    @pytest.mark.parametrize("by", ["key", "/key"])
    def test_the_key_needs_no_saying(self, by: str) -> None:
        """It is what they bucket by."""

        assert "bucketBy" not in self._rollout(splitting(("on", 100_000), by=by))

    @pytest.mark.parametrize(
        ("weights", "written"),
        [
            ([0, 100_000], [(1, 100_000)]),
            ([0, 0], [(1, 100_000)]),
            ([40_000, 0], [(0, 40_000), (1, 60_000)]),
            ([70_000, 70_000], [(0, 70_000), (1, 30_000)]),
        ],
    )
    def test_entries_without_weight_are_dropped(
        self, weights: list[int], written: list[tuple[int, int]]
    ) -> None:
        """Who lacks the kind gets the first entry there, even one without weight."""
        entries = zip(("on", "off"), weights, strict=True)
        found = self._rollout(splitting(*entries))["variations"]

        assert [(it["variation"], it["weight"]) for it in found] == written

    def test_an_experiment_always_buckets_by_key(self) -> None:
        """What else it may say is ignored by both."""
        entry = WeightedVariation(variation="on", weight=100_000, untracked=True)
        found = self._rollout(Serve(split=(entry,), by="//", experiment="e"))

        assert found["kind"] == "experiment"
        assert "bucketBy" not in found
        assert found["variations"][0]["untracked"] is True

    @pytest.mark.parametrize(
        ("changes", "path"),
        [
            ({"seed": 0}, "seed"),
            ({"seed": 2**53}, "seed"),
            ({"by": "/a/"}, "by"),
            ({"by": "kind"}, "by"),
            ({"by": "/kind"}, "by"),
            ({"kind": "multi"}, "kind"),
        ],
    )
    def test_what_is_read_differently_is_refused(self, changes: dict[str, Any], path: str) -> None:
        """Seeds of 0 or beyond 2**53 - 1, invalid paths, the kind's own name."""
        flag = a_flag(rules=(a_rule(a_clause(), serve=splitting(("on", 100_000), **changes)),))

        assert refusal(flag).startswith(f"$.rules[0].serve.{path}: ")

    @pytest.mark.parametrize("weight", [-1, 100_001])
    def test_a_weight_out_of_range_is_refused(self, weight: int) -> None:
        """Their weights go from 0 to 100,000."""

        assert refusal(a_flag(default=splitting(("on", weight)))).startswith(
            "$.default.split[0].weight: "
        )
