"""Members of external segments, as they travel."""

from __future__ import annotations

import pytest

from pennon.errors import BadInput
from pennon.model.codec import decode, encode_item
from pennon.model.members import (
    LONGEST_KEY,
    MOST_KEYS,
    MembersAnswer,
    MembersQuestion,
    can_be_member,
)
from tests.builders.relay import SHOP, an_epoch


class TestQuestion:
    """What is asked."""

    @pytest.mark.parametrize(
        ("keys", "path"),
        [
            pytest.param((), "$.keys", id="none"),
            pytest.param(("",), "$.keys[0]", id="empty"),
            pytest.param(("ada", "a\0b"), "$.keys[1]", id="null"),
            pytest.param(("a" * (LONGEST_KEY + 1),), "$.keys[0]", id="too long"),
            pytest.param(("ada",) * (MOST_KEYS + 1), "$.keys", id="too many"),
        ],
    )
    def test_bad_keys(self, keys: tuple[str, ...], path: str) -> None:
        """It holds 1 to 1,000 keys of 1 to 1,024 characters, none of them a null."""
        data = encode_item(MembersQuestion(environment=SHOP, keys=keys))

        with pytest.raises(BadInput) as refused:
            decode(data, MembersQuestion)

        assert refused.value.faults[0].path == path

    def test_odd_keys(self) -> None:
        """Any other text is a key."""
        asked = MembersQuestion(environment=SHOP, keys=("é\n", "😀" * LONGEST_KEY, " "))

        assert decode(encode_item(asked), MembersQuestion) == asked

    @pytest.mark.parametrize("key", ["", "\0", "\ud800", "a" * (LONGEST_KEY + 1)])
    def test_no_members(self, key: str) -> None:
        """What can be no member's key is known to be none."""
        assert not can_be_member(key)
        assert can_be_member("é\n")


class TestAnswer:
    """What is answered."""

    def test_on_the_wire(self) -> None:
        """A generation is always named; lists of nobody are not."""
        answer = MembersAnswer(
            environment=SHOP, segment="beta", epoch=an_epoch(), generation=0, in_=("ada",)
        )
        data = encode_item(answer)

        assert decode(data, MembersAnswer) == answer
        assert b'"generation":0,"in":["ada"]' in data
        assert b"out" not in data

    def test_as_of(self) -> None:
        """It is true at the version that it names, or else at its generation."""
        old = MembersAnswer(environment=SHOP, segment="beta", epoch=an_epoch(), generation=7)
        new = MembersAnswer(
            environment=SHOP, segment="beta", epoch=an_epoch(), generation=7, version=9
        )

        assert (old.as_of, new.as_of) == (7, 9)
