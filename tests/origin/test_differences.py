"""What is different between two states, and how it is told."""

from __future__ import annotations

from msgspec import UNSET, json

from pennon.model.codec import decode_flag
from pennon.model.flag import Condition, Flag, Rule, Serve, Target, Variation
from pennon.model.segment import Members, Segment
from pennon.origin.differences import Difference, differences

ON, OFF = Variation(name="on", value=True), Variation(name="off", value=False)


def a_flag(**fields: object) -> Flag:
    """Return a boolean flag that is off and has no rules, unless *fields* say otherwise."""
    base = {"key": "checkout", "type": "boolean", "variations": (OFF, ON)}
    return Flag(**{**base, "default": Serve(variation="on"), **fields})  # type: ignore[arg-type]


def a_rule(id: str, *when: Condition, serve: str = "on") -> Rule:
    """Return a rule that serves one variation."""
    return Rule(id=id, when=when, serve=Serve(variation=serve))


def told(before: object, after: object) -> list[tuple[str, object, object]]:
    """Return each difference as its path, what was there and what is."""
    return [(one.path, one.before, one.after) for one in differences(before, after)]


class TestFields:
    def test_equal_objects_have_no_difference(self) -> None:
        """However often they were written and read."""
        flag = a_flag(rules=(a_rule("one"),))

        assert told(flag, decode_flag(json.encode(flag))) == []

    def test_a_field_at_its_default_has_its_value(self) -> None:
        """It is left out on the wire, and is false all the same."""
        assert told(a_flag(), a_flag(enabled=True)) == [("$.enabled", False, True)]

    def test_fields_have_the_names_that_json_gives_them(self) -> None:
        """A path is one that a reader of the API can follow."""
        after = json.decode(b'{"variation":"on","kind":"device"}', type=Serve)

        assert told(a_flag(), a_flag(default=after)) == [("$.default.kind", "user", "device")]

    def test_true_is_not_one(self) -> None:
        """Types count, as they do to who evaluates."""
        before, after = a_flag(metadata={"a": 1, "b": 1}), a_flag(metadata={"a": True, "b": 1.0})

        assert told(before, after) == [('$.metadata["a"]', 1, True), ('$.metadata["b"]', 1, 1.0)]

    def test_what_comes_or_goes_whole_is_one_difference(self) -> None:
        """There was nothing before it, or is nothing after it."""
        assert told(UNSET, a_flag()) == [("$", UNSET, a_flag())]
        assert told(a_flag(), UNSET) == [("$", a_flag(), UNSET)]


class TestLists:
    def test_a_rule_before_others_is_one_difference(self) -> None:
        """The others are the same, although they moved down."""
        first, second = a_rule("first"), a_rule("second")

        assert told(a_flag(rules=(second,)), a_flag(rules=(first, second))) == [
            ('$.rules["first"]', UNSET, first)
        ]

    def test_a_changed_rule_is_found_where_it_moved_to(self) -> None:
        """What it serves is one difference, its place another."""
        before = a_flag(rules=(a_rule("one"), a_rule("two")))
        after = a_flag(rules=(a_rule("two", serve="off"), a_rule("one")))

        assert told(before, after) == [
            ('$.rules["two"].serve.variation', "on", "off"),
            ("$.rules[*]", ["one", "two"], ["two", "one"]),
        ]

    def test_a_key_among_many_is_one_difference(self) -> None:
        """A segment of ten thousand is not told twice over."""
        keys = tuple(f"user-{n}" for n in range(10_000))
        before = Segment(key="beta", include=(Members(keys=keys),))
        after = Segment(key="beta", include=(Members(keys=(*keys[1:], "ada")),))

        assert told(before, after) == [
            ('$.include["user"].keys["user-0"]', "user-0", UNSET),
            ('$.include["user"].keys["ada"]', UNSET, "ada"),
        ]

    def test_targets_of_two_kinds_are_told_apart(self) -> None:
        """A variation may have targets of each kind."""
        users, devices = Target(variation="on"), Target(variation="on", kind="device")
        after = a_flag(targets=(users, Target(variation="on", kind="device", keys=("tv",))))

        assert told(a_flag(targets=(users, devices)), after) == [
            ('$.targets["on for device"].keys["tv"]', UNSET, "tv")
        ]

    def test_what_has_no_name_goes_by_its_place(self) -> None:
        """As long as there are equally many; else the list is told whole."""
        germany = Condition(attribute="country", op="in", values=("DE", 1))
        austria = Condition(attribute="country", op="in", values=("AT", 1))
        before = a_flag(rules=(a_rule("one", germany),))

        assert told(before, a_flag(rules=(a_rule("one", austria),))) == [
            ('$.rules["one"].when[0].values[0]', "DE", "AT")
        ]
        assert told(before, a_flag(rules=(a_rule("one"),))) == [
            ('$.rules["one"].when', (germany,), ())
        ]

    def test_two_elements_of_one_name_go_by_their_place(self) -> None:
        """A name that is there twice says nothing."""
        before = a_flag(targets=(Target(variation="on"), Target(variation="on")))
        after = a_flag(targets=(Target(variation="on"), Target(variation="on", keys=("ada",))))

        assert told(before, after) == [('$.targets[1].keys["ada"]', UNSET, "ada")]


class TestDifference:
    def test_leaves_out_what_was_not_there(self) -> None:
        """So nothing can be told from null."""
        assert json.encode(Difference(path="$.off", after=None)) == b'{"path":"$.off","after":null}'
