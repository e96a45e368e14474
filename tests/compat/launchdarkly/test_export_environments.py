"""Segments in their terms, and what refusing one item does to the others."""

from __future__ import annotations

import pytest

from pennon.model.segment import External
from tests.builders.flags import (
    a_clause,
    a_flag,
    a_rule,
    a_segment,
    a_segment_rule,
    in_segment,
    members,
    requiring,
)
from tests.builders.launchdarkly import exported, refusal


class TestSegments:
    def test_every_array_is_written_even_when_empty(self) -> None:
        """And it is never unbounded: SDKs read such members from a store of their own."""

        assert exported(a_segment()).segments["s"] == {
            "key": "s",
            "version": 1,
            "deleted": False,
            "included": [],
            "excluded": [],
            "includedContexts": [],
            "excludedContexts": [],
            "rules": [],
            "salt": "salt",
            "unbounded": False,
        }

    def test_users_have_a_list_of_their_own(self) -> None:
        """Lists of one kind are joined."""
        segment = a_segment(
            include=(members("ada"), members("acme", kind="organization"), members("bob")),
            exclude=(members("x", kind="device"),),
        )
        found = exported(segment).segments["s"]

        assert found["included"] == ["ada", "bob"]
        assert found["includedContexts"] == [{"contextKind": "organization", "values": ["acme"]}]
        assert (found["excluded"], found["excludedContexts"]) == (
            [],
            [{"contextKind": "device", "values": ["x"]}],
        )

    @pytest.mark.parametrize("kind", ["user", "device"])
    def test_a_weight_is_guarded_by_a_clause_on_its_kind(self, kind: str) -> None:
        """Some SDKs let in who lacks the kind, others do not."""
        rule = a_segment_rule(a_clause("plan", "in", "pro"), weight=50_000, by="id", kind=kind)
        [found] = exported(a_segment(rules=(rule,))).segments["s"]["rules"]

        assert found["clauses"][-1] == {
            "contextKind": kind,
            "attribute": "kind",
            "op": "in",
            "values": [kind],
            "negate": False,
        }
        assert (found["weight"], found["bucketBy"], found["rolloutContextKind"]) == (
            50_000,
            "id",
            kind,
        )

    def test_without_a_weight_there_is_nothing_to_guard(self) -> None:
        """And what it would bucket by is never read."""
        rule = a_segment_rule(a_clause("plan", "in", "pro"), by="//")
        [found] = exported(a_segment(rules=(rule,))).segments["s"]["rules"]

        assert len(found["clauses"]) == 1
        assert "weight" not in found

    def test_an_external_segment_is_refused(self) -> None:
        """Its members are not in the datafile."""

        assert refusal(a_segment(external=External())).startswith("$.external: ")


class TestRefusals:
    def test_a_flag_whose_segment_is_refused_is_refused(self) -> None:
        """It would be missing there, and a missing segment contains nobody."""
        flag = a_flag(rules=(a_rule(), a_rule(in_segment("s"))))

        assert refusal(flag, a_segment(external=External())).startswith(
            "$.rules[1].when: it uses the segment 's', which is refused: $.external: "
        )

    def test_a_flag_whose_prerequisite_is_refused_is_refused(self) -> None:
        """It would be missing there, and a missing prerequisite fails."""
        flag = a_flag(requires=(requiring("other", "on"),))

        assert refusal(flag, a_flag("other", needs=("gate",))).startswith(
            "$.requires[0]: it uses the flag 'other', which is refused: $.needs: "
        )

    def test_neighbours_are_not_touched(self) -> None:
        """What does not use it is exported."""
        made = exported(a_flag("good"), a_flag("bad", needs=("gate",)))

        assert list(made.flags) == ["good"]

    def test_what_is_missing_is_missing_there_too(self) -> None:
        """It means the same to both."""
        flag = a_flag(requires=(requiring("gone", "on"),), rules=(a_rule(in_segment("gone")),))

        assert not exported(flag).refused

    def test_cycles_are_refused_with_all_that_lead_to_them(self) -> None:
        """There the whole evaluation fails; here only the flags on the cycle do."""
        made = exported(
            a_flag("a", requires=(requiring("b", "on"),)),
            a_flag("b", requires=(requiring("a", "on"),)),
            a_flag("c", requires=(requiring("a", "on"),)),
            a_flag("d"),
            a_segment("s", rules=(a_segment_rule(in_segment("s")),)),
        )

        assert sorted(made.refused) == [
            ("flag", "a"),
            ("flag", "b"),
            ("flag", "c"),
            ("segment", "s"),
        ]

    @pytest.mark.parametrize(("length", "refused"), [(33, 0), (34, 1)])
    def test_prerequisites_chain_as_deep_as_ours(self, length: int, refused: int) -> None:
        """32 prerequisites below a flag; a longer chain is malformed here only."""
        flags = [
            a_flag(f"f{i}", requires=(requiring(f"f{i - 1}", "on"),) if i else ())
            for i in range(length)
        ]

        assert len(exported(*flags).refused) == refused

    @pytest.mark.parametrize(("length", "refused"), [(32, 0), (33, 1)])
    def test_segments_chain_as_deep_as_ours(self, length: int, refused: int) -> None:
        """32 segments below a flag."""
        segments = [
            a_segment(f"s{i}", rules=(a_segment_rule(in_segment(f"s{i - 1}")),) if i else ())
            for i in range(length)
        ]

        assert len(exported(*segments).refused) == refused
