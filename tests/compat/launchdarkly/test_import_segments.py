"""Their segments in our model."""

from __future__ import annotations

from typing import Any

import pytest

from pennon.compat.launchdarkly import import_environment
from pennon.model.segment import Members
from tests.builders.launchdarkly import imported_segment, their_clause, their_segment


class TestMembers:
    def test_users_come_first(self) -> None:
        """Included before excluded, whatever the kind."""
        segment = imported_segment(
            their_segment(
                included=["ada"],
                includedContexts=[{"contextKind": "device", "values": ["d"]}, {"values": ["bob"]}],
                excludedContexts=[{"contextKind": "device", "values": ["e"]}],
            )
        )

        assert segment.include == (
            Members(keys=("ada",)),
            Members(kind="device", keys=("d",)),
            Members(keys=("bob",)),
        )
        assert segment.exclude == (Members(kind="device", keys=("e",)),)

    def test_an_unbounded_segment_is_refused(self) -> None:
        """Its members are in the customer's own store."""
        imported = import_environment({}, {"s": their_segment(unbounded=True)})

        assert list(imported.refused) == [("segment", "s")]
        assert not imported.segments

    def test_a_deleted_segment_is_left_out(self) -> None:
        """It is what is left of one."""
        imported = import_environment({}, {"s": their_segment(deleted=True)})

        assert not imported.segments
        assert not imported.refused


class TestRules:
    @pytest.mark.parametrize(
        ("fields", "expected"),
        [
            ({}, (None, "key", "user")),
            ({"weight": 50_000}, (50_000, "key", "user")),
            ({"weight": 200_000}, (100_000, "key", "user")),
            ({"weight": -1}, (0, "key", "user")),
            ({"weight": 5, "bucketBy": "/a"}, (5, "/~1a", "user")),
            (
                {"weight": 5, "bucketBy": "/a", "rolloutContextKind": "device"},
                (5, "/a", "device"),
            ),
        ],
    )
    def test_a_share_of_those_who_match(
        self, fields: dict[str, Any], expected: tuple[int | None, str, str]
    ) -> None:
        """Weights beyond the ends are the ends; references are literal without a kind."""
        rule = {"id": "r", "clauses": [their_clause("a", "in", 1)], **fields}
        [imported] = imported_segment(their_segment(rules=[rule])).rules

        assert (imported.weight, imported.by, imported.kind) == expected
        assert len(imported.when) == 1
