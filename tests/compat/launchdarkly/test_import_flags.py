"""Their flags in our model."""

from __future__ import annotations

from typing import Any

import pytest

from pennon.model.flag import ClientSide, Flag, Serve, Target
from tests.builders.launchdarkly import (
    import_refusal,
    imported_flag,
    their_clause,
    their_flag,
    their_rule,
    their_segment,
)


class TestForm:
    def test_variations_get_readable_names(self) -> None:
        """Their values, where these are short and differ; else numbers."""

        assert [it.name for it in imported_flag(their_flag()).variations] == ["true", "false"]

    @pytest.mark.parametrize(
        ("values", "type", "names"),
        [
            (["a", "b"], "string", ["a", "b"]),
            ([1, 2], "integer", ["1", "2"]),
            ([1, 2.5], "float", ["1", "2.5"]),
            (["a", 1], "json", ["a", "1"]),
            ([{}, None], "json", ["variation 0", "variation 1"]),
            (["a", "a"], "string", ["variation 0", "variation 1"]),
            (["", "a"], "string", ["variation 0", "variation 1"]),
            ([], "json", []),
        ],
    )
    def test_the_type_is_the_narrowest_that_all_values_have(
        self, values: list[Any], type: str, names: list[str]
    ) -> None:
        """A boolean is no integer, and an integer is a float among floats."""
        flag = imported_flag(their_flag(variations=values))

        assert (flag.type, [it.name for it in flag.variations]) == (type, names)

    def test_an_index_past_the_end_is_a_name_that_does_not_exist(self) -> None:
        """What is malformed there is malformed here, in the same place."""
        flag = imported_flag(their_flag(offVariation=7))

        assert flag.off not in {it.name for it in flag.variations}

    def test_no_off_variation(self) -> None:
        """Null and absent are one: the caller's default."""

        assert imported_flag(their_flag(offVariation=None)).off is None

    def test_a_variation_wins_over_a_rollout(self) -> None:
        """Where both are given, as there."""
        fallthrough = {"variation": 0, "rollout": {"variations": []}}

        assert imported_flag(their_flag(fallthrough=fallthrough)).default == Serve(variation="true")

    @pytest.mark.parametrize(
        ("fallthrough", "serve"),
        [({}, Serve()), ({"rollout": {"variations": []}}, Serve(split=()))],
    )
    def test_a_serve_of_no_form_stays_one(self, fallthrough: dict[str, Any], serve: Serve) -> None:
        """Malformed there, malformed here."""

        assert imported_flag(their_flag(fallthrough=fallthrough)).default == serve

    @pytest.mark.parametrize(
        ("fields", "visible"),
        [
            ({}, ClientSide(web=False, mobile=True)),
            ({"clientSide": True}, ClientSide(web=True, mobile=True)),
            (
                {"clientSide": True, "clientSideAvailability": {"usingMobileKey": False}},
                ClientSide(),
            ),
        ],
    )
    def test_flags_older_than_the_choice_are_for_mobile(
        self, fields: dict[str, Any], visible: ClientSide
    ) -> None:
        """The newer member says it all where it is given."""

        assert imported_flag(their_flag(**fields)).client_side == visible

    def test_a_rule_without_an_id_gets_one(self) -> None:
        """Ours have one always."""

        assert imported_flag(their_flag(rules=[their_rule(id="")])).rules[0].id == "rule-0"

    def test_a_deleted_flag_is_left_out(self) -> None:
        """It is what is left of one."""
        flag = their_flag(prerequisites=[{"key": "gone", "variation": 0}])
        imported = imported_flag(flag, {"key": "gone", "version": 3, "deleted": True})

        assert imported.requires[0].flag == "gone"

    def test_what_is_no_flag_is_refused_with_the_path(self) -> None:
        """As it is read, before anything else."""

        assert import_refusal(their_flag(rules=[{"clauses": [{}]}])) == (
            "$.rules[0].clauses[0].attribute: a required field is missing"
        )


class TestPrerequisites:
    def test_an_index_becomes_the_other_flags_name(self) -> None:
        """Of the flag that is required."""
        flag = their_flag(prerequisites=[{"key": "other", "variation": 1}])

        [required] = imported_flag(flag, their_flag("other", variations=["a", "b"])).requires
        assert (required.flag, required.is_) == ("other", ("b",))


class TestTargets:
    def _targets(self, **fields: Any) -> list[tuple[str, str, tuple[str, ...]]]:
        flag: Flag = imported_flag(their_flag(**fields))
        return [(it.variation, it.kind, it.keys) for it in flag.targets]

    def test_without_context_targets_all_are_users(self) -> None:
        """In the order of the first list."""
        targets = [{"variation": 1, "values": ["b"]}, {"variation": 0, "values": ["a"]}]

        assert self._targets(targets=targets, contextTargets=[]) == [
            ("false", "user", ("b",)),
            ("true", "user", ("a",)),
        ]

    def test_context_targets_are_walked_and_stand_for_users(self) -> None:
        """An entry for users is the first of its variation in the other list, whatever it holds."""
        found = self._targets(
            targets=[
                {"variation": 0, "values": ["a"]},
                {"variation": 0, "values": ["never"]},
                {"variation": 1, "values": ["unlisted"]},
            ],
            contextTargets=[
                {"contextKind": "device", "variation": 1, "values": ["d"]},
                {"contextKind": "user", "variation": 0, "values": ["ignored"]},
            ],
        )

        assert found == [("false", "device", ("d",)), ("true", "user", ("a",))]

    def test_an_entry_that_stands_for_nothing_goes(self) -> None:
        """There are no users of that variation."""

        assert self._targets(contextTargets=[{"variation": 0, "values": ["a"]}]) == []

    def test_the_result_is_made_of_targets(self) -> None:
        """The plain case, whole."""
        flag = imported_flag(their_flag(targets=[{"variation": 0, "values": ["a"]}]))

        assert flag.targets == (Target(variation="true", keys=("a",)),)


class TestRollouts:
    def _serve(self, *weights: int, **fields: Any) -> Serve:
        entries = [{"variation": i % 2, "weight": weight} for i, weight in enumerate(weights)]
        rollout = {"variations": entries, **fields}
        return imported_flag(their_flag(fallthrough={"rollout": rollout})).default

    @pytest.mark.parametrize(
        ("weights", "imported"),
        [
            ([50_000, 50_000], [50_000, 50_000]),
            ([10_000, 20_000], [10_000, 90_000]),
            ([70_000, 70_000, 70_000], [70_000, 30_000, 0]),
        ],
    )
    def test_weights_are_made_to_add_up(self, weights: list[int], imported: list[int]) -> None:
        """A shortfall goes to the last entry, an excess is cut where the sum passes."""

        assert [it.weight for it in self._serve(*weights).split or ()] == imported

    @pytest.mark.parametrize(
        ("by", "kind", "reference"),
        [
            (None, None, "key"),
            ("", None, "key"),
            ("/a", None, "/~1a"),
            ("/a", "device", "/a"),
        ],
    )
    def test_what_it_buckets_by_reads_like_an_attribute(
        self, by: str | None, kind: str | None, reference: str
    ) -> None:
        """Literal without a kind."""
        serve = self._serve(100_000, bucketBy=by, contextKind=kind)

        assert (serve.by, serve.kind) == (reference, kind or "user")

    def test_an_experiment_is_named_after_its_flag(self) -> None:
        """Theirs has no key; what it says it buckets by counts for nothing."""
        serve = self._serve(100_000, kind="experiment", bucketBy="kind", seed=61)

        assert (serve.experiment, serve.by, serve.seed) == ("f", "key", 61)

    @pytest.mark.parametrize(
        ("fields", "path"),
        [
            ({"seed": 0}, "seed"),
            ({"seed": 2**53}, "seed"),
            ({"bucketBy": "kind"}, "bucketBy"),
            ({"variations": [{"variation": 0, "weight": -1}]}, "variations[0].weight"),
        ],
    )
    def test_what_is_read_differently_is_refused(self, fields: dict[str, Any], path: str) -> None:
        """With the path in their terms."""
        rollout = {"variations": [{"variation": 0, "weight": 100_000}], **fields}
        flag = their_flag(fallthrough={"rollout": rollout})

        assert import_refusal(flag).startswith(f"$.fallthrough.rollout.{path}: ")


class TestRefusals:
    def test_a_flag_whose_segment_is_refused_is_refused(self) -> None:
        """A missing segment would contain nobody."""
        flag = their_flag(rules=[their_rule(their_clause("", "segmentMatch", "s"))])

        assert import_refusal(flag, segments=(their_segment(unbounded=True),)).startswith(
            "$.rules[0].when: it uses the segment 's', which is refused: $.unbounded: "
        )

    def test_a_cycle_is_refused(self) -> None:
        """There the whole evaluation fails; here only the flags on the cycle do."""
        flag = their_flag(prerequisites=[{"key": "f", "variation": 0}])

        assert import_refusal(flag) == "$: it is on a cycle, or leads to one"
