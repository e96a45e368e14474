"""Signed checkpoints: written by who has the key, read by who has only its public half."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import json
from sqlalchemy import text

from pennon.errors import Conflict
from pennon.origin.audit.checkpoints import heads_to_sign, read_checkpoints, signed_line
from pennon.origin.audit.links import Checkpoint
from pennon.origin.audit.signing import SigningKey
from tests.builders.api import a_shop
from tests.builders.audit import a_chain, head_of
from tests.builders.origin import NOON

KEY = SigningKey.generate()
KEYS = {KEY.public.id: KEY.public}
HEAD = head_of(a_chain(3))


class TestLine:
    def test_is_read_as_what_was_signed(self) -> None:
        """A head, when it was that, and which key says so."""
        proven, unproven = read_checkpoints([signed_line(HEAD, NOON, KEY)], KEYS)

        assert unproven == []
        assert proven == [
            Checkpoint(chain="shop", sequence=3, hash=HEAD.hash, at=NOON, key=KEY.public.id)
        ]

    def test_is_json_without_blanks(self) -> None:
        """The same head at the same time is the same line, since Ed25519 is deterministic."""
        line = signed_line(HEAD, NOON, KEY)

        assert line == signed_line(HEAD, NOON, KEY)
        assert list(json.decode(line)) == ["chain", "sequence", "hash", "at", "key", "signature"]

    @given(st.data())
    def test_any_byte_altered_proves_nothing(self, data: st.DataObject) -> None:
        """Neither in what was signed nor in the signature."""
        line = bytearray(signed_line(HEAD, NOON, KEY))
        place = data.draw(st.integers(0, len(line) - 2))
        line[place] ^= data.draw(st.integers(1, 255))

        proven, unproven = read_checkpoints([bytes(line)], KEYS)

        assert (proven, len(unproven)) == ([], 1)

    def test_of_another_key_proves_nothing(self) -> None:
        """Anyone can make a key and sign with it."""
        line = signed_line(HEAD, NOON, SigningKey.generate())

        proven, unproven = read_checkpoints([signed_line(HEAD, NOON, KEY), line], KEYS)

        assert len(proven) == 1
        assert [(one.line, one.why.split()[-1]) for one in unproven] == [(2, "given")]


class TestHeads:
    async def test_every_chain_has_one(self, tmp_path: Path) -> None:
        """Also one without records."""
        async with a_shop(tmp_path) as api:
            heads = await api.origin.read(heads_to_sign)

        assert [(head.chain, head.sequence) for head in heads] == [
            ("$installation", 1),
            ("shop", 3),
        ]

    @pytest.mark.parametrize(
        "change", ["hash = 'f'", "sequence = 2", "sequence = 4", "sequence = 0"]
    )
    async def test_one_that_is_not_its_last_records_is_not_signed(
        self, tmp_path: Path, change: str
    ) -> None:
        """The signature would vouch for what is wrong."""
        statement = text(f"UPDATE audit_heads SET {change} WHERE chain = 'shop'")
        async with a_shop(tmp_path) as api:
            await api.origin.database.write(lambda c: c.execute(statement))
            with pytest.raises(Conflict, match="pennon audit verify"):
                await api.origin.read(heads_to_sign)
