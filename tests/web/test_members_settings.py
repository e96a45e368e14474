"""What a node may be told of external segments."""

from __future__ import annotations

from typing import Any

import pytest

from pennon.errors import BadInput
from pennon.web.evaluating_settings import EvaluatingSettings


class TestMembersSettings:
    @pytest.mark.parametrize(
        ("option", "value"),
        [
            ("members", 999),
            ("members", 10_000_001),
            ("members_seconds", 0.0),
            ("members_seconds", 86_401.0),
            ("members_deadline_ms", -1),
            ("members_deadline_ms", 60_001),
        ],
    )
    def test_bounds(self, option: str, value: Any) -> None:
        """What is out of bounds is refused, and named as it was said."""
        with pytest.raises(BadInput) as refused:
            EvaluatingSettings(**{option: value})

        assert [fault.path for fault in refused.value.faults] == [f"--{option.replace('_', '-')}"]

    def test_no_waiting(self) -> None:
        """Nobody need be waited for."""
        assert EvaluatingSettings(members_deadline_ms=0).members_deadline_ms == 0
