from __future__ import annotations

from typing import Any

import pytest

from pennon.errors import BadInput
from pennon.evaluation.evaluate import evaluate, evaluate_all
from pennon.evaluation.ruleset import Ruleset
from pennon.model.flag import ClientSide
from tests.builders.flags import (
    a_context,
    a_flag,
    a_rule,
    a_ruleset,
    a_segment,
    as_bytes,
    in_segment,
    members,
    requiring,
    serving,
)


class TestRuleset:
    def test_it_knows_its_flags(self) -> None:
        """Keys in order, and what a protocol needs to know of each."""
        flag = a_flag("a", metadata={"owner": "web"}, client_side=ClientSide(web=True))
        ruleset = a_ruleset(flag, a_flag("b"), version=7)

        assert ruleset.version == 7
        assert ruleset.keys() == list(ruleset) == ["a", "b"]
        assert "a" in ruleset
        assert len(ruleset) == 2
        assert ruleset.flag("a") == flag
        assert ruleset.type_of("a") == "boolean"
        assert ruleset.metadata_of("a") == {"owner": "web"}
        assert ruleset.is_visible("a", "web")
        assert not ruleset.is_visible("a", "mobile")

    def test_it_knows_nothing_of_other_flags(self) -> None:
        """What is not there, or cannot be decoded, has no type and is seen by nobody."""
        ruleset = Ruleset.of(1, {"broken": b"{"}, {})

        for key in ("broken", "missing"):
            assert ruleset.flag(key) is None
            assert ruleset.type_of(key) is None
            assert ruleset.metadata_of(key) == {}
            assert not ruleset.is_visible(key, "web")
        assert ruleset.keys() == ["broken"]

    def test_a_flag_that_cannot_be_decoded_touches_no_other(self) -> None:
        """It answers that it is malformed, and says where."""
        ruleset = Ruleset.of(1, {"f": b'{"key": 1}', "g": as_bytes(a_flag("g"))}, {})

        broken = evaluate(ruleset, "f", a_context())

        assert broken.error_code == "PARSE_ERROR"
        assert broken.error_message is not None
        assert "$.key" in broken.error_message
        assert evaluate(ruleset, "g", a_context()).variation == "off"

    def test_a_delta_is_seen_by_who_uses_the_item(self) -> None:
        """A prerequisite and a segment change, vanish and come back under a flag that stays."""
        uses = a_flag(requires=(requiring("g"),), rules=(a_rule(in_segment()),))
        on = a_flag("g", default=serving("on"))
        ruleset = a_ruleset(uses)

        def served() -> tuple[str, str | None]:
            detail = evaluate(ruleset, "f", a_context("ada"))
            return detail.reason, detail.variation

        assert served() == ("PREREQUISITE_FAILED", "off")
        ruleset.set_flag("g", as_bytes(on), 2)
        assert served() == ("FALLTHROUGH", "off")
        ruleset.set_segment("s", as_bytes(a_segment(include=(members("ada"),))), 3)
        assert served() == ("RULE_MATCH", "on")
        ruleset.set_segment("s", None, 4)
        assert served() == ("FALLTHROUGH", "off")
        ruleset.set_flag("g", None, 5)
        assert served() == ("PREREQUISITE_FAILED", "off")
        assert ruleset.version == 5

    def test_a_flag_that_is_deleted_is_not_found(self) -> None:
        """And one that is set again is."""
        ruleset = a_ruleset(a_flag())

        ruleset.set_flag("f", None, 2)

        assert evaluate(ruleset, "f", a_context()).error_code == "FLAG_NOT_FOUND"
        assert ruleset.keys() == []

    def test_a_datafile_that_is_none_is_refused(self) -> None:
        """A fault of the whole is the caller's; a fault of an item stays with the item."""
        datafiles: list[Any] = [b"{", b"[]", b"{}", {"flags": []}, {"flags": {"f": object()}}]

        for datafile in datafiles:
            with pytest.raises(BadInput):
                Ruleset.from_datafile(datafile)


class TestEvaluateAll:
    def test_client_side_keys_see_what_is_shown_to_them(self) -> None:
        """Nothing when the flag does not say so; malformed flags neither."""
        ruleset = a_ruleset(
            a_flag("none"),
            a_flag("web", client_side=ClientSide(web=True)),
            a_flag("mobile", client_side=ClientSide(mobile=True)),
        )
        ruleset.set_flag("broken", b"{", 2)

        def seen(kind: str | None) -> list[str]:
            details = evaluate_all(ruleset, a_context(), client_side=kind)  # type: ignore[arg-type]
            return [detail.flag for detail in details]

        assert seen("web") == ["web"]
        assert seen("mobile") == ["mobile"]
        assert seen(None) == ["none", "web", "mobile", "broken"]

    def test_one_flag_in_error_does_not_hide_the_others(self) -> None:
        """Each has its own answer."""
        broken = a_flag("broken", default=serving("gone"))
        ruleset = a_ruleset(a_flag("a"), broken, a_flag("b"))

        details = evaluate_all(ruleset, a_context())

        assert [detail.reason for detail in details] == ["FALLTHROUGH", "ERROR", "FALLTHROUGH"]


class TestLargeFlags:
    def test_a_flag_too_large_to_generate_is_interpreted(self) -> None:
        """A thousand rules answer as three do."""
        rules = tuple(a_rule(in_segment(f"s{index}"), id=f"r{index}") for index in range(1000))
        ruleset = a_ruleset(a_flag(rules=rules), a_segment("s900", include=(members("ada"),)))

        detail = evaluate(ruleset, "f", a_context("ada"))

        assert (detail.rule_id, detail.rule_index) == ("r900", 900)
