"""How a value lies in a bucket."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pennon.errors import BadInput
from pennon.kv.parts import (
    cut,
    decode_head,
    encode_head,
    head_key,
    joined,
    part_keys,
    part_sets,
)
from tests.builders.relay import SHOP, a_position

KEY = re.compile(r"[-/_=.a-zA-Z0-9]+")


class TestCut:
    @given(st.binary(max_size=200), st.integers(1, 50))
    def test_joins_again(self, value: bytes, size: int) -> None:
        """Whatever the size of a part, the parts are the value, and none is larger."""
        head, parts = cut(value, a_position(7), size)

        assert joined(decode_head(encode_head(head)), parts) == value
        assert head.position == a_position(7)
        assert head.parts == len(parts)
        assert all(len(part) <= size for part in parts)

    def test_a_mix_is_not_the_value(self) -> None:
        """Parts of two values, however well they fit, are found out."""
        head, old = cut(b"aabb", a_position(1), 2)
        _, new = cut(b"ccdd", a_position(2), 2)

        assert joined(head, [old[0], new[1]]) is None
        assert joined(head, old[:1]) is None

    @pytest.mark.parametrize("parts", [0, -1, 1_000_000_000])
    def test_a_head_that_asks_too_much(self, parts: int) -> None:
        """Nobody is made to ask for a billion parts."""
        head, _ = cut(b"", a_position(1))
        text = encode_head(head).replace(b'"parts":1', b'"parts":%d' % parts)

        with pytest.raises(BadInput, match="parts"):
            decode_head(text)


class TestKeys:
    @pytest.mark.parametrize("environment", [SHOP, "$access", "a-1/b-2"])
    def test_are_what_nats_takes(self, environment: str) -> None:
        """Every key is made of letters that NATS allows."""
        head, _ = cut(b"x" * 10, a_position(1), 3)

        assert KEY.fullmatch(head_key(environment))
        assert all(KEY.fullmatch(key) for key in part_keys(environment, head))

    def test_other_contents_have_other_keys(self) -> None:
        """Also at the same position, no part is written over by another value's."""
        one, two = (cut(value, a_position(1), 3)[0] for value in (b"1234", b"1235"))

        assert not set(part_keys(SHOP, one)) & set(part_keys(SHOP, two))

    def test_are_gathered_into_sets(self) -> None:
        """The keys of a bucket say which values have parts there; others' keys are no parts."""
        one, two = (cut(b"x" * 10, a_position(version), 3)[0] for version in (1, 2))
        keys = [*part_keys(SHOP, one), *part_keys(SHOP, two), head_key(SHOP), "shop.production"]

        assert {found.position for found in part_sets(SHOP, keys)} == {
            a_position(1),
            a_position(2),
        }
        assert part_sets("shop/staging", keys) == set()
