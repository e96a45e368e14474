"""Which flags a change can reach."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pennon.evaluation.dependents import Dependents, Item
from pennon.evaluation.evaluate import evaluate
from pennon.evaluation.impact import Impact
from pennon.evaluation.ruleset import Ruleset
from pennon.model.context import Context
from pennon.model.flag import ClientSide, Flag
from pennon.model.segment import Segment
from tests.builders.flags import (
    a_flag,
    a_rule,
    a_ruleset,
    a_segment,
    a_segment_rule,
    in_segment,
    not_,
    requiring,
)
from tests.evaluation import strategies

WEB = ClientSide(web=True)


class Changing:
    """A ruleset that changes, and what that can reach."""

    def __init__(self, *items: Flag | Segment, most: int = 100) -> None:
        self.ruleset = a_ruleset(*items)
        self.impact = Impact(self.ruleset, most=most)

    def set(self, item: Flag | Segment) -> None:
        self.put("flag" if isinstance(item, Flag) else "segment", item.key, item)

    def delete(self, key: str) -> None:
        self.put("flag", key, None)

    def put(self, kind: Any, key: str, item: Any) -> None:
        setter = self.ruleset.set_flag if kind == "flag" else self.ruleset.set_segment
        setter(key, item, self.ruleset.version + 1)
        self.impact.note(Item(kind, key))


class TestDependents:
    def test_through(self) -> None:
        """Prerequisites and segments lead on, through any number of others."""
        ruleset = a_ruleset(
            a_flag("direct", rules=(a_rule(not_(in_segment("inner"))),)),
            a_flag("nested", rules=(a_rule(in_segment("outer")),)),
            a_flag("behind", requires=(requiring("nested"),)),
            a_flag("apart"),
            a_segment("outer", rules=(a_segment_rule(in_segment("inner")),)),
            a_segment("inner"),
        )
        reached = Dependents.of(ruleset).reached_from([Item("segment", "inner")])

        assert reached == {"direct", "nested", "behind"}

    def test_circle(self) -> None:
        """A circle is gone through once."""
        ruleset = a_ruleset(
            a_flag("a", requires=(requiring("b"),)), a_flag("b", requires=(requiring("a"),))
        )

        assert Dependents.of(ruleset).reached_from([Item("flag", "a")]) == {"a", "b"}

    def test_missing(self) -> None:
        """What is not there yet is waited for."""
        ruleset = a_ruleset(a_flag("f", requires=(requiring("later"),)))

        assert Dependents.of(ruleset).reached_from([Item("flag", "later")]) == {"f", "later"}

    @pytest.mark.parametrize("after", [None, b"{", a_flag()])
    def test_uses_no_longer(self, after: Flag | bytes | None) -> None:
        """What a flag does not use any more reaches it no more."""
        ruleset = a_ruleset(a_flag(requires=(requiring("other"),)))
        dependents = Dependents.of(ruleset)
        ruleset.set_flag("f", after, 2)
        dependents.update(Item("flag", "f"), ruleset)

        assert dependents.reached_from([Item("flag", "other")]) == {"other"}


class TestSince:
    def test_later(self) -> None:
        """What changed after a version is told, and nothing that changed before."""
        changing = Changing(a_flag("a"), a_flag("b"))
        changing.set(a_flag("a"))
        changing.set(a_flag("b"))

        assert changing.impact.since(1) == {"a", "b"}
        assert changing.impact.since(2) == {"b"}
        assert changing.impact.since(3) == set()

    def test_again(self) -> None:
        """What changed again counts by its last change, also where it was asked before."""
        changing = Changing(a_flag("a"), a_flag("b"))
        changing.set(a_flag("a"))
        assert changing.impact.since(1) == {"a"}
        changing.set(a_flag("b"))
        changing.set(a_flag("a"))

        assert changing.impact.since(3) == {"a"}
        assert changing.impact.since(1) == {"a", "b"}

    def test_unknown(self) -> None:
        """Before its beginning it knows nothing, and it begins later where much changes."""
        changing = Changing(a_flag("a"), a_flag("b"), most=2)
        early = changing.impact.since(0)
        for key in ("a", "b", "c"):
            changing.set(a_flag(key))

        assert early is None
        assert changing.impact.since(1) is None
        assert changing.impact.since(2) == {"b", "c"}


class TestSeen:
    def test_kinds(self) -> None:
        """Client keys are concerned by what they may see; a server's by all."""
        changing = Changing(a_flag("page", client_side=WEB), a_flag("secret"))
        changing.set(a_flag("secret"))
        changing.set(a_flag("page", client_side=WEB))

        assert changing.impact.seen_since(1, "web") == {"page"}
        assert changing.impact.seen_since(1, "mobile") == set()
        assert changing.impact.seen_since(1, None) == {"page", "secret"}

    def test_behind_what_is_hidden(self) -> None:
        """A hidden flag that changes may be what a visible one requires."""
        changing = Changing(
            a_flag("page", client_side=WEB, requires=(requiring("secret"),)), a_flag("secret")
        )
        changing.set(a_flag("secret"))

        assert changing.impact.seen_since(1, "web") == {"page"}

    def test_hidden_by_now(self) -> None:
        """Who could see a flag must learn that it is hidden or gone; who could not, nothing."""
        changing = Changing(a_flag("a", client_side=WEB), a_flag("b", client_side=WEB))
        changing.set(a_flag("a"))
        changing.delete("b")
        changing.set(a_flag("a"))

        assert changing.impact.seen_since(1, "web") == {"a", "b"}
        assert changing.impact.seen_since(3, "web") == set()

    @settings(max_examples=60)
    @given(
        strategies.environments,
        st.lists(
            st.sampled_from(strategies.KEYS).flatmap(
                lambda key: st.one_of(
                    st.tuples(st.just("flag"), st.just(key), st.none() | strategies.flags(key)),
                    st.tuples(
                        st.just("segment"), st.just(key), st.none() | strategies.segments(key)
                    ),
                )
            ),
            max_size=5,
        ),
        strategies.contexts,
    )
    def test_nothing_is_missed(
        self,
        environment: tuple[dict[str, Flag], dict[str, Segment]],
        changes: Sequence[tuple[str, str, Flag | Segment | None]],
        context: Context,
    ) -> None:
        """Whatever changes, a flag that is not named is answered as at that version."""
        ruleset = Ruleset.of(0, *environment)
        impact = Impact(ruleset)
        answers = [_answers(ruleset, context)]
        for number, (kind, key, item) in enumerate(changes, 1):
            setter: Any = ruleset.set_flag if kind == "flag" else ruleset.set_segment
            setter(key, item, number)
            impact.note(Item(kind, key))  # type: ignore[arg-type]  # one of the two
            answers.append(_answers(ruleset, context))

        for version, before in enumerate(answers):
            affected = impact.since(version)
            assert affected is not None
            for key in set(strategies.KEYS) - affected:
                assert before[key] == answers[-1][key]


def _answers(ruleset: Ruleset, context: Context) -> dict[str, bytes]:
    return {key: msgspec.json.encode(evaluate(ruleset, key, context)) for key in strategies.KEYS}
