"""What a node that evaluates may be told of the streams that browsers hold."""

from __future__ import annotations

from typing import Any

import pytest

from pennon.errors import BadInput
from pennon.web.browser_settings import BrowserSettings


class TestFaults:
    @pytest.mark.parametrize(
        ("given", "option"),
        [
            ({"event_streams": -1}, "--event-streams"),
            ({"client_streams": 1_000_001}, "--client-streams"),
            ({"refetch_seconds": -0.1}, "--refetch-seconds"),
            ({"refetch_seconds": 61.0}, "--refetch-seconds"),
        ],
    )
    def test_told(self, given: dict[str, Any], option: str) -> None:
        """What cannot be is told by the option's name."""
        with pytest.raises(BadInput, match=option):
            BrowserSettings(**given)

    def test_none(self) -> None:
        """Nothing of either kind, and all at once, can be."""
        settings = BrowserSettings(event_streams=0, client_streams=0, refetch_seconds=0.0)

        assert (settings.client_streams, settings.refetch_seconds) == (0, 0.0)
