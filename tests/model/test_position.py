"""Where an environment stands."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pennon.errors import BadInput
from pennon.model.position import ACCESS, Position, check_environment, make_epoch
from tests.builders.relay import a_position, an_epoch

MILLISECONDS = st.integers(0, 10**13 - 1)
RANDOM = st.integers(0, 2**32 - 1)


class TestOrder:
    def test_epoch_first(self) -> None:
        """A newer epoch is newer whatever the version; within one, the version decides."""
        assert a_position(101, 1) < a_position(1, 2)
        assert a_position(9, 1) < a_position(10, 1)

    @given(MILLISECONDS, MILLISECONDS, RANDOM, RANDOM)
    def test_epochs_sort_by_time(self, one: int, two: int, first: int, second: int) -> None:
        """Epochs sort as text in the order in which they were made."""
        earlier, later = sorted((one, two))

        assert earlier == later or make_epoch(earlier, first) < make_epoch(later, second)


class TestText:
    @given(MILLISECONDS, RANDOM, st.integers(0, 10**16 - 1))
    def test_round_trip(self, milliseconds: int, random: int, version: int) -> None:
        """What is written is read."""
        position = Position(make_epoch(milliseconds, random), version)

        assert Position.parse(str(position)) == position

    @pytest.mark.parametrize(
        "text",
        [
            "",
            ".",
            "1",
            an_epoch(),
            f"{an_epoch()}.",
            f"{an_epoch()}.-1",
            f"{an_epoch()}.01",
            f"{an_epoch()}.1 ",
            f"{an_epoch()}.1\n",
            f"{an_epoch()}.1.2",
            f"{an_epoch()}.٣",
            f"{an_epoch()}.{10**16}",
            f"{an_epoch().upper()}x.1",
            f"0{an_epoch()}.1",
        ],
    )
    def test_refused(self, text: str) -> None:
        """Anything else is refused at the path that it came from."""
        with pytest.raises(BadInput) as caught:
            Position.parse(text, "?environment")

        assert caught.value.faults[0].path == "?environment"

    @given(st.text(max_size=40))
    def test_any_text(self, text: str) -> None:
        """Whatever the text, it is a position that reads the same, or BadInput."""
        with suppress(BadInput):
            assert str(Position.parse(text)) == text


class TestEnvironments:
    @pytest.mark.parametrize("name", ["shop/production", "a/b", "0-/9-", ACCESS, "a" * 64 + "/b"])
    def test_accepted(self, name: str) -> None:
        """A project and an environment, or the reserved one."""
        assert check_environment(name) == name

    @pytest.mark.parametrize(
        "name",
        [
            "",
            "shop",
            "shop/",
            "/b",
            "a/b/c",
            "A/b",
            "a/..",
            "-a/b",
            "a~b",
            "$other",
            "a/b\n",
            "a" * 65 + "/b",
        ],
    )
    def test_refused(self, name: str) -> None:
        """Anything that could not be a file name in every store is refused."""
        with pytest.raises(BadInput):
            check_environment(name)
