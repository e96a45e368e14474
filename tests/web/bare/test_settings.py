"""The settings of the data plane's own server."""

from __future__ import annotations

from typing import Any

import pytest

from pennon.errors import BadInput
from pennon.web.bare.limits import Limits
from pennon.web.bare_settings import BareSettings


class TestBareSettings:
    def test_defaults(self) -> None:
        """A node is told nothing, and has the limits that the server has by itself."""
        assert BareSettings().limits == Limits()

    def test_told(self) -> None:
        """What is said is what holds."""
        told = BareSettings(head_bytes=2048, keep_alive_seconds=5, connections=10)

        assert told.limits == Limits(head_bytes=2048, idle_seconds=5, connections=10)

    @pytest.mark.parametrize(
        ("option", "value"),
        [
            ("--head-bytes", 10),
            ("--body-bytes", 2**40),
            ("--head-seconds", 0),
            ("--body-seconds", float("nan")),
            ("--keep-alive-seconds", 1e9),
            ("--connections", 0),
            ("--connections-per-address", -1),
            ("--proxy-header", "x-real-ip"),
        ],
    )
    def test_faults(self, option: str, value: Any) -> None:
        """What cannot be meant is told at the start."""
        with pytest.raises(BadInput) as caught:
            BareSettings(**{option.removeprefix("--").replace("-", "_"): value})

        assert [fault.path for fault in caught.value.faults] == [option]
