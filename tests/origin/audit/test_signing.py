"""The key that signs checkpoints."""

from __future__ import annotations

from pathlib import Path

import pytest

from pennon.errors import BadInput
from pennon.origin.audit.signing import FILE, PublicKey, SigningKey, find_key, make_key


class TestSigningKey:
    def test_is_made_once(self, tmp_path: Path) -> None:
        """And is the same ever after."""
        made = make_key(tmp_path / "data")

        again = make_key(tmp_path / "data")
        found = find_key(tmp_path / "data")
        assert found is not None
        assert made.public.text == again.public.text == found.public.text

    def test_belongs_to_its_owner_alone(self, tmp_path: Path) -> None:
        """Nobody else may read it, and nothing else is left behind."""
        make_key(tmp_path)

        assert [path.name for path in tmp_path.iterdir()] == [FILE]
        assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600

    def test_is_not_made_by_looking(self, tmp_path: Path) -> None:
        """Whoever only verifies needs none."""
        assert find_key(tmp_path) is None
        assert list(tmp_path.iterdir()) == []

    def test_a_file_that_is_no_key_is_named(self, tmp_path: Path) -> None:
        """It is not overwritten: what it signed could never be verified again."""
        (tmp_path / FILE).write_text("-----BEGIN")

        with pytest.raises(BadInput, match=FILE):
            make_key(tmp_path)


class TestPublicKey:
    def test_is_written_down_and_read_again(self) -> None:
        """As one word."""
        key = SigningKey.generate()

        read = PublicKey.parse(key.public.text)

        assert read.id == key.public.id
        assert read.has_signed(b"data", key.sign(b"data"))
        assert not read.has_signed(b"date", key.sign(b"data"))

    @pytest.mark.parametrize("text", ["", "ed25519:", "ed25519:é", "ed25519:AAAA", "rsa:AAAA"])
    def test_anything_else_is_refused(self, text: str) -> None:
        """The error says where to get one."""
        with pytest.raises(BadInput, match="pennon audit key"):
            PublicKey.parse(text)
