"""The `Idempotency-Key`: its form, and what it stands for."""

from __future__ import annotations

import pytest
from msgspec import Struct

from pennon.errors import BadInput
from pennon.web.idempotency import LONGEST, fingerprint_of, id_of, key_in


class Account(Struct):
    """Something to create that has a secret."""

    name: str
    password: str


class TestKey:
    def test_may_be_quoted(self) -> None:
        """The draft has a structured field's string; most clients send it bare."""
        assert key_in(['"8e03978e-40d5"']) == key_in(["8e03978e-40d5"]) == "8e03978e-40d5"

    def test_may_be_left_out(self) -> None:
        """Then nothing is promised."""
        assert key_in([]) is None

    @pytest.mark.parametrize(
        "sent",
        [[""], ['""'], ['"a'], ['a"'], ["a b"], ["ä"], ["a\0"], ["k" * (LONGEST + 1)], ["a", "b"]],
    )
    def test_is_visible_ascii_of_a_bounded_length(self, sent: list[str]) -> None:
        """And stands in one header."""
        with pytest.raises(BadInput, match="Idempotency-Key"):
            key_in(sent)

    def test_belongs_to_who_asks_and_to_the_address(self) -> None:
        """Where one part ends and the next begins is part of it."""
        ids = {id_of("ada", "/a", "1"), id_of("bob", "/a", "1"), id_of("ada", "/a1", "")}

        assert len(ids) == 3


class TestFingerprint:
    def test_is_of_what_is_said(self) -> None:
        """Not of how it was written."""
        account = Account("ada", "one")

        assert fingerprint_of(account, ()) == fingerprint_of(Account("ada", "one"), ())
        assert fingerprint_of(account, ()) != fingerprint_of(Account("bob", "one"), ())

    def test_holds_no_secret(self) -> None:
        """Whoever steals the database could try passwords on it."""
        one, two = Account("ada", "one"), Account("ada", "two")

        assert fingerprint_of(one, ["password"]) == fingerprint_of(two, ["password"])
