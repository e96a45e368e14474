"""Rulesets follow the replicas: deltas, snapshots, and what is followed no longer."""

from __future__ import annotations

import gc
import weakref

import pytest

from pennon.edge.rulesets import Rulesets
from pennon.evaluation.entries import FlagEntry, SegmentEntry
from pennon.evaluation.evaluate import evaluate
from pennon.model.codec import encode_item
from pennon.model.flag import Flag
from pennon.model.messages import ItemId
from pennon.model.position import ACCESS
from pennon.model.segment import Segment
from pennon.relay.replicas import Replicas
from tests.builders.flags import a_context, a_flag, a_rule, a_segment, in_segment, members, serving
from tests.builders.relay import SHOP, a_change, a_snapshot


def entries() -> int:
    """Return how many flags and segments there are in all rulesets."""
    return sum(isinstance(each, FlagEntry | SegmentEntry) for each in gc.get_objects())


class Following:
    """Rulesets over replicas that take what they are given."""

    def __init__(self) -> None:
        self.replicas = Replicas()
        self.rulesets = Rulesets(self.replicas)

    def load(self, version: int, *flags: Flag) -> None:
        held: dict[ItemId, bytes] = {("flag", flag.key): encode_item(flag) for flag in flags}
        self.replicas.open(SHOP).replace(a_snapshot(version, held, shrink_allowed=True))

    def change(self, version: int, item: Flag | Segment) -> None:
        kind = "flag" if isinstance(item, Flag) else "segment"
        self.replicas.open(SHOP).apply(
            a_change(version, item.key, encode_item(item), kind=kind)  # type: ignore[arg-type]
        )

    def serves(self, key: str = "f") -> str | None:
        """Return the variation that a flag serves, None when there is none."""
        ruleset = self.rulesets.get(SHOP)
        assert ruleset is not None
        return evaluate(ruleset, key, a_context("ada")).variation


class TestFollowing:
    def test_snapshot(self) -> None:
        """A whole environment is compiled when it comes."""
        following = Following()
        assert following.rulesets.get(SHOP) is None

        following.load(1, a_flag())

        assert following.serves() == "off"

    def test_delta(self) -> None:
        """A change recompiles the flag that it names, and no other."""
        following = Following()
        following.load(1, a_flag(), a_flag("other"))
        ruleset = following.rulesets.get(SHOP)
        assert ruleset is not None
        other = ruleset.flags["other"]
        following.change(2, a_flag(default=serving("on")))

        assert following.serves() == "on"
        assert ruleset.flags["other"] is other
        assert ruleset.version == 2

    def test_deletion(self) -> None:
        """A flag that was deleted serves nothing."""
        following = Following()
        following.load(1, a_flag())
        following.replicas.open(SHOP).apply(a_change(2, "f", None))

        assert following.serves() is None

    def test_segment(self) -> None:
        """A change of a segment changes the flags that use it."""
        following = Following()
        following.load(1, a_flag(rules=(a_rule(in_segment("s")),)))
        assert following.serves() == "off"

        following.change(2, a_segment("s", include=(members("ada"),)))

        assert following.serves() == "on"

    def test_replaced(self) -> None:
        """A later snapshot takes the place of all that was compiled."""
        following = Following()
        following.load(1, a_flag(), a_flag("gone"))
        following.load(9, a_flag(default=serving("on")))

        assert following.serves() == "on"
        assert following.serves("gone") is None

    def test_malformed(self) -> None:
        """A flag that cannot be read serves an error, and hides no other."""
        following = Following()
        following.load(1, a_flag(), a_flag("other"))
        following.replicas.open(SHOP).apply(a_change(2, "f", b'{"key":'))

        assert following.serves() is None
        assert following.serves("other") == "off"

    def test_access(self) -> None:
        """Nobody evaluates `$access`."""
        following = Following()
        following.replicas.open(ACCESS).replace(a_snapshot(1, environment=ACCESS))

        assert following.rulesets.get(ACCESS) is None


class TestForgetting:
    def test_followed_no_longer(self) -> None:
        """What the node follows no longer serves nothing."""
        following = Following()
        following.load(1, a_flag())
        following.replicas.keep(frozenset())

        assert following.rulesets.get(SHOP) is None

    @pytest.mark.parametrize("version", [1, 7])
    def test_comes_back(self, version: int) -> None:
        """What comes back is what came back, and not what was."""
        following = Following()
        following.load(5, a_flag())
        following.replicas.keep(frozenset())
        following.load(version, a_flag(default=serving("on")))

        assert following.serves() == "on"


class TestMemory:
    def test_given_back_at_once(self) -> None:
        """What is followed no longer leaves nothing for the garbage collector, asked for or not."""
        following = Following()
        items = (
            a_flag("asked", rules=(a_rule(in_segment("s")),)),
            a_flag("never"),
            a_segment("s", include=(members("ada"),)),
        )
        held: dict[ItemId, bytes] = {
            ("segment" if item.key == "s" else "flag", item.key): encode_item(item)
            for item in items
        }
        before = entries()
        gc.disable()
        try:
            following.replicas.open(SHOP).replace(a_snapshot(1, held))
            ruleset = following.rulesets.get(SHOP)
            assert ruleset is not None
            evaluate(ruleset, "asked", a_context())
            del ruleset
            replica = weakref.ref(following.replicas.open(SHOP))
            assert entries() == before + 3
            following.replicas.keep(frozenset())

            assert replica() is None
            assert entries() == before
        finally:
            gc.enable()
