"""What each instruction makes of a targeting."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.json import decode, encode

from pennon.errors import BadInput
from pennon.model.strict import Serve
from pennon.origin.flags.apply import apply
from pennon.origin.flags.instructions import FlagInstruction
from pennon.origin.flags.schemas import Targeting
from pennon.origin.flags.words import told

NAMES = st.sampled_from("abc")
KEYS = st.lists(st.sampled_from(["ada", "bob", "cleo", "dan"]), max_size=4)
KINDS = st.sampled_from(["user", "device"])


def a_targeting(**fields: Any) -> Targeting:
    """Return a targeting that serves `a` by default, unless *fields* say otherwise."""
    return decode(
        encode({"enabled": True, "default": {"variation": "a"}, **fields}), type=Targeting
    )


def an_instruction(kind: str, **fields: Any) -> FlagInstruction:
    """Return an instruction as it is read from a request."""
    instruction: FlagInstruction = decode(encode({"kind": kind, **fields}), type=FlagInstruction)
    return instruction


def targets(*entries: tuple[str, str, list[str]]) -> list[dict[str, Any]]:
    """Return targets of variation, kind and keys."""
    return [{"variation": one, "kind": kind, "keys": keys} for one, kind, keys in entries]


def some_rules(*ids: str) -> list[dict[str, Any]]:
    """Return rules that serve `b` to everyone."""
    return [{"id": id, "serve": {"variation": "b"}} for id in ids]


A_SPLIT = [{"variation": "a", "weight": 90_000}, {"variation": "b", "weight": 10_000}]


class TestTargets:
    def test_are_added_to_the_variations_own(self) -> None:
        """Others of the kind stay; a key that is there already is not there twice."""
        before = a_targeting(targets=targets(("b", "user", ["ada"]), ("b", "device", ["d"])))
        after = apply(before, an_instruction("addTargets", variation="b", keys=["bob", "ada"]))

        expected = targets(("b", "user", ["ada", "bob"]), ("b", "device", ["d"]))
        assert after == a_targeting(targets=expected)

    def test_a_key_has_one_variation(self) -> None:
        """It leaves the one that it had, else that might go on to be served."""
        before = a_targeting(targets=targets(("a", "user", ["ada", "bob"]), ("b", "user", ["x"])))
        after = apply(before, an_instruction("addTargets", variation="b", keys=["ada"]))

        expected = targets(("a", "user", ["bob"]), ("b", "user", ["x", "ada"]))
        assert after == a_targeting(targets=expected)

    def test_what_empties_goes(self) -> None:
        """An entry without keys says nothing."""
        before = a_targeting(targets=targets(("a", "user", ["ada"])))
        after = apply(before, an_instruction("removeTargets", variation="a", keys=["ada", "bob"]))

        assert after == a_targeting()

    def test_are_replaced_for_one_variation_and_kind(self) -> None:
        """All others stay as they are."""
        before = a_targeting(
            targets=targets(("a", "user", ["ada", "bob"]), ("a", "device", ["ada"]))
        )
        after = apply(before, an_instruction("replaceTargets", variation="a", keys=["bob", "cy"]))

        expected = targets(("a", "user", ["bob", "cy"]), ("a", "device", ["ada"]))
        assert after == a_targeting(targets=expected)

    @given(
        st.lists(st.tuples(NAMES, KINDS, KEYS), max_size=4),
        st.sampled_from(["addTargets", "removeTargets", "replaceTargets"]),
        NAMES,
        KINDS,
        KEYS,
    )
    def test_asking_again_changes_nothing(
        self,
        held: list[tuple[str, str, list[str]]],
        kind: str,
        variation: str,
        context_kind: str,
        keys: list[str],
    ) -> None:
        """Whatever was there: what is asked for is a state, not a step."""
        instruction = an_instruction(kind, variation=variation, contextKind=context_kind, keys=keys)
        once = apply(a_targeting(targets=targets(*held)), instruction)

        assert apply(once, instruction) == once
        assert told(once, once) == ()

    @given(st.lists(st.tuples(NAMES, KINDS, KEYS), max_size=4), NAMES, KINDS, KEYS)
    def test_an_added_key_is_served_its_variation(
        self,
        held: list[tuple[str, str, list[str]]],
        variation: str,
        kind: str,
        keys: list[str],
    ) -> None:
        """The first target that holds it is one of the variation."""
        after = apply(
            a_targeting(targets=targets(*held)),
            an_instruction("addTargets", variation=variation, contextKind=kind, keys=keys),
        )
        served = {
            key: next(
                one.variation for one in after.targets if one.kind == kind and key in one.keys
            )
            for key in keys
        }

        assert served == dict.fromkeys(keys, variation)


class TestRules:
    @pytest.mark.parametrize(
        ("where", "order"),
        [({}, "xyn"), ({"before": "x"}, "nxy"), ({"after": "x"}, "xny"), ({"before": "y"}, "xny")],
    )
    def test_are_added_where_it_is_said(self, where: dict[str, str], order: str) -> None:
        """By default at the end, where they take nothing from the others."""
        before = a_targeting(rules=some_rules("x", "y"))
        after = apply(before, an_instruction("addRule", rule=some_rules("n")[0], **where))

        assert after == a_targeting(rules=some_rules(*order))

    def test_change_in_what_is_named(self) -> None:
        """What is left out stays; a name can be taken away."""
        rule = {**some_rules("x")[0], "name": "X", "when": [{"segment": "s"}]}
        after = apply(
            a_targeting(rules=[rule]),
            an_instruction("updateRule", ruleId="x", name=None, serve={"variation": "c"}),
        )

        expected = {"id": "x", "when": [{"segment": "s"}], "serve": {"variation": "c"}}
        assert after == a_targeting(rules=[expected])

    def test_are_removed_by_id(self) -> None:
        """The order of the others stays."""
        after = apply(
            a_targeting(rules=some_rules("x", "y", "z")), an_instruction("removeRule", ruleId="y")
        )

        assert after == a_targeting(rules=some_rules("x", "z"))

    def test_an_order_names_every_rule(self) -> None:
        """One that somebody has added meanwhile is not moved unseen."""
        before = a_targeting(rules=some_rules("x", "y", "new"))

        with pytest.raises(BadInput, match=r"\$\.ruleIds: expected every rule, got none of 'new'"):
            apply(before, an_instruction("reorderRules", ruleIds=["y", "x"]))

    def test_are_reordered(self) -> None:
        """As the ids say."""
        after = apply(
            a_targeting(rules=some_rules("x", "y")),
            an_instruction("reorderRules", ruleIds=["y", "x"]),
        )

        assert after == a_targeting(rules=some_rules("y", "x"))


class TestSplits:
    def test_new_weights_keep_what_decides_who_gets_what(self) -> None:
        """Seed, attribute, kind and experiment stay where they are not named."""
        old = {"split": A_SPLIT, "by": "id", "kind": "device", "seed": 7, "experiment": "e"}
        split = [{"variation": "b", "weight": 100_000}]
        after = apply(a_targeting(default=old), an_instruction("setSplit", split=split))

        assert after == a_targeting(default={**old, "split": split})

    def test_what_is_null_is_taken_away(self) -> None:
        """A seed and an experiment can end."""
        old = {"split": A_SPLIT, "seed": 7, "experiment": "e"}
        after = apply(
            a_targeting(default=old),
            an_instruction("setSplit", split=A_SPLIT, seed=None, experiment=None),
        )

        assert after.default == a_targeting(default={"split": A_SPLIT}).default

    def test_takes_the_place_of_a_variation(self) -> None:
        """In the rule that is named, or by default."""
        before = a_targeting(rules=some_rules("x"))
        after = apply(before, an_instruction("setSplit", ruleId="x", split=A_SPLIT))

        assert after.rules[0].serve.variation is None
        assert after.default == before.default
        assert apply(after, an_instruction("setDefault", variation="b")).default == Serve(
            variation="b"
        )


class TestPrerequisites:
    def test_are_added_or_changed_in_their_place(self) -> None:
        """A flag is required once."""
        before = a_targeting(requires=[{"flag": "x", "is": ["on"]}, {"flag": "y", "is": ["on"]}])
        after = apply(
            before,
            decode(b'{"kind":"addPrerequisite","flag":"x","is":["off"]}', type=FlagInstruction),
        )

        assert [(one.flag, one.is_) for one in after.requires] == [("x", ("off",)), ("y", ("on",))]

    def test_are_removed(self) -> None:
        """By the flag that is required."""
        before = a_targeting(requires=[{"flag": "x", "is": ["on"]}])

        assert apply(before, an_instruction("removePrerequisite", flag="x")) == a_targeting()


class TestWords:
    @pytest.mark.parametrize(
        ("before", "after", "sentences"),
        [
            ({}, {"enabled": False}, ["turned off"]),
            ({"off": "a"}, {}, ["serves the caller's default while off"]),
            ({}, {"track": "experiments"}, ["sends experiments' exposures as events"]),
            ({}, {"default": {"split": A_SPLIT}}, ["serves 90 % a, 10 % b by default"]),
            (
                {"targets": targets(("a", "user", ["ada"]))},
                {"targets": targets(("b", "user", ["ada"]), ("b", "device", ["x", "y"]))},
                ["removed 1 key from a", "added 1 key to b", "added 2 device keys to b"],
            ),
            (
                {"requires": [{"flag": "x", "is": ["on"]}]},
                {"requires": [{"flag": "y", "is": ["on", "beta"]}]},
                ["no longer requires x", "requires y to serve on or beta"],
            ),
            (
                {"rules": some_rules("x", "y")},
                {"rules": some_rules("z", "y")},
                ["removed the rule x", "added the rule z, which serves b"],
            ),
            (
                {"rules": some_rules("x", "y")},
                {"rules": some_rules("y", "x")},
                ["reordered the rules"],
            ),
            (
                {"rules": some_rules("x")},
                {
                    "rules": [
                        {
                            "id": "x",
                            "name": "X",
                            "when": [{"segment": "s"}],
                            "serve": {"variation": "c"},
                        }
                    ]
                },
                [
                    "renamed the rule x to X",
                    "changed the conditions of the rule X",
                    "serves c by the rule X",
                ],
            ),
        ],
        ids=lambda value: value[0] if isinstance(value, list) else "",
    )
    def test_say_what_is_different(
        self, before: dict[str, Any], after: dict[str, Any], sentences: list[str]
    ) -> None:
        """A sentence each, in the order of evaluation."""
        assert told(a_targeting(**before), a_targeting(**after)) == tuple(sentences)

    def test_true_is_not_one(self) -> None:
        """As JSON has it, though not as Python has it."""

        def on(value: object) -> Targeting:
            clause = {"attribute": "x", "op": "in", "values": [value]}
            return a_targeting(rules=[{**some_rules("r")[0], "when": [clause]}])

        assert told(on(1), on(True)) == ("changed the conditions of the rule r",)
