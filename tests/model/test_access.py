"""Keys: recognised without a look-up, stored as their hash alone."""

from __future__ import annotations

import hashlib
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pennon.model.access import format_key, hash_key, kind_of_key, mask_key

KINDS = ["server", "client", "mobile", "relay", "admin"]
SECRETS = st.binary(min_size=32, max_size=32)


class TestForm:
    @given(st.sampled_from(KINDS), SECRETS)
    def test_kind(self, kind: str, secret: bytes) -> None:
        """A key says its kind, and only its alphabet needs no escaping anywhere."""
        key = format_key(kind, secret)

        assert kind_of_key(key) == kind
        assert set(key) <= {*string.ascii_letters, *string.digits, "_"}
        assert len(key) == 57

    @given(st.lists(SECRETS, min_size=2, max_size=2, unique=True))
    def test_every_bit_counts(self, secrets: list[bytes]) -> None:
        """Two secrets never give one key."""
        one, two = (format_key("server", secret) for secret in secrets)

        assert one != two

    @given(SECRETS, st.data())
    def test_typo(self, secret: bytes, data: st.DataObject) -> None:
        """Every one-character typo is refused."""
        key = format_key("relay", secret)
        place = data.draw(st.integers(0, len(key) - 1))
        typo = data.draw(st.characters().filter(lambda one: one != key[place]))

        assert kind_of_key(key[:place] + typo + key[place + 1 :]) is None

    @given(SECRETS, st.data())
    def test_missing_or_added(self, secret: bytes, data: st.DataObject) -> None:
        """A character too few or too many is refused."""
        key = format_key("server", secret)
        place = data.draw(st.integers(0, len(key) - 1))

        assert kind_of_key(key[:place] + key[place + 1 :]) is None
        assert kind_of_key(key[:place] + "x" + key[place:]) is None

    @pytest.mark.parametrize("text", ["", "pnn_srv_", "Bearer x", "pnn_srv_" + "\udc80" * 49])
    def test_no_key(self, text: str) -> None:
        """Anything else is no key, also what is no text."""
        assert kind_of_key(text) is None


class TestSecrecy:
    @given(SECRETS)
    def test_hash(self, secret: bytes) -> None:
        """A key is stored as the hex of its SHA-256."""
        key = format_key("server", secret)

        assert hash_key(key) == hashlib.sha256(key.encode()).hexdigest()

    @given(SECRETS)
    def test_mask(self, secret: bytes) -> None:
        """A mask shows the kind and too little to guess the rest."""
        key = format_key("client", secret)

        assert mask_key(key) == f"pnn_cli_…{key[-4:]}"

    @pytest.mark.parametrize("text", ["", "hunter2", "pnn_srv_typo"])
    def test_mask_of_something_else(self, text: str) -> None:
        """What is no key may be another's secret, and is not shown at all."""
        assert mask_key(text) == "(not a key)"
